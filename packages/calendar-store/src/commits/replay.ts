/**
 * What a commit does to the index. One of ours says so itself; of any other one, and of merges, the files
 * that differ from its first parent are looked at.
 */
import type { CommitInformation, Difference } from '@riad/store/store';
import type { CollectionKind, Facts, Path } from '@riad/webdav/storage/storage';
import { Draft, noDescription, type SaidOfMember } from '../index/draft.ts';
import type { State, Step } from '../index/state.ts';
import { usualType } from '../layout/content-type.ts';
import {
  type CollectionDescription,
  decodeCollection,
  decodeMember,
  noMetadata,
} from '../layout/descriptions.ts';
import {
  collectionFileOf,
  type FileRole,
  impliedKind,
  keyOf,
  roleOf,
  sidecarOf,
} from '../layout/paths.ts';
import { type RecordedChange, readTrailers } from './recorded-change.ts';

export type Looked = { readonly sizeOctets: number; readonly facts: Facts | undefined };

export type ReplayContext = {
  readonly state: State;
  readonly nextId: () => number;
  readonly content: (blob: string) => Promise<Uint8Array | undefined>;
  readonly differences: (commit: CommitInformation) => Promise<readonly Difference[]>;
  /** What is in a member. */
  readonly look: (blob: string, kind: CollectionKind) => Promise<Looked>;
  /** The same where the commit says the UID: it may be put off, and then has −1 octets. */
  readonly lookLater: (blob: string, kind: CollectionKind) => Promise<Looked>;
  /** A description that cannot be read is passed over. */
  readonly unreadable: (file: string, error: unknown) => void;
};

export async function replay(commit: CommitInformation, context: ReplayContext): Promise<Step> {
  const { revision, parents, author, timeSeconds, trailers } = commit;
  const { changes, user, device, rewritten, erased } = readTrailers(parents[0], trailers);
  const first8 = (rewritten ?? revision).slice(0, 8);
  const step = { revision, first8, user: user ?? author.name, device };
  if (changes !== undefined) {
    const draft = new Draft(context.state, timeSeconds, context.nextId);
    if (await replayRecorded(draft, changes, context)) return draft.step(step);
  }
  const draft = new Draft(context.state, timeSeconds, context.nextId);
  const seen = [...(await context.differences(commit)), ...erased];
  seen.sort((a, b) => (a.path < b.path ? -1 : 1));
  const name = rewritten ?? revision;
  await replayDifferences(draft, seen, { name, timeSeconds }, context);
  return draft.step(step);
}

/** False if the commit says what cannot be, and has to be looked at like any other. */
async function replayRecorded(
  draft: Draft,
  changes: readonly RecordedChange[],
  context: ReplayContext,
): Promise<boolean> {
  for (const change of changes) {
    switch (change.type) {
      case 'put':
      case 'delete': {
        const { collection, name, sequence, uid } = change;
        const key = keyOf(collection);
        const state = draft.collection(key);
        if (state === undefined || state.sequence + 1 !== sequence) return false;
        if (change.type === 'delete') {
          if (draft.member(state, name) === undefined) return false;
          draft.delete(key, name);
          break;
        }
        const contentType = draft.member(state, name)?.contentType ?? usualType(state.kind, name);
        const looked = await context.lookLater(change.blob, state.kind);
        draft.put(key, name, {
          etag: change.blob,
          ...looked,
          contentType,
          uid,
          metadata: undefined,
        });
        break;
      }
      case 'make': {
        if (draft.nextSequence(change.path.slice(0, -1)) !== change.sequence) return false;
        const description = await collectionIn(change.blob, change.path, context);
        if (description === undefined) return false;
        draft.make(change.path, description, change.blob);
        break;
      }
      case 'remove':
        if (draft.nextSequence(change.path.slice(0, -1)) !== change.sequence) return false;
        if (draft.collection(keyOf(change.path)) === undefined) return false;
        draft.remove(change.path);
        break;
      case 'describe': {
        const { collection, name, blob } = change;
        const state = draft.collection(keyOf(collection));
        if (state === undefined) return false;
        if (name === undefined) {
          const description = blob && (await collectionIn(blob, collection, context));
          if (!blob || !description) return false;
          draft.describeCollection(collection, description, blob);
          break;
        }
        if (draft.member(state, name) === undefined) return false;
        const said = await memberIn(blob, [...collection, name], state.kind, context);
        draft.describeMember(state.key, name, said);
        break;
      }
    }
  }
  return true;
}

async function replayDifferences(
  draft: Draft,
  differences: readonly Difference[],
  commit: { readonly name: string; readonly timeSeconds: number },
  context: ReplayContext,
): Promise<void> {
  const found = differences
    .map((difference) => ({ ...difference, role: roleOf(difference.path) }))
    .filter((one): one is Difference & { role: FileRole } => one.role !== undefined);
  const touched = new Map<string, Path>();
  let implied = 0;
  /** Folders that nobody has described are what they look like. */
  const imply = (path: Path): void => {
    if (draft.collection(keyOf(path)) !== undefined) return;
    if (path.length > 2) imply(path.slice(0, -1));
    const description: CollectionDescription = {
      kind: impliedKind(path),
      components: undefined,
      incarnation: `${commit.name.slice(0, 16)}${(implied++).toString(16).padStart(4, '0')}`,
      createdSeconds: commit.timeSeconds,
      metadata: noMetadata,
    };
    draft.make(path, description, noDescription);
  };
  const byDepth = found.toSorted((a, b) => a.role.path.length - b.role.path.length);
  for (const { role, after } of byDepth) {
    if (role.type !== 'collection') continue;
    const { path } = role;
    touched.set(keyOf(path), path);
    const state = draft.collection(keyOf(path));
    const description = after && (await collectionIn(after, path, context));
    if (after && description) {
      if (path.length > 2) imply(path.slice(0, -1));
      if (state === undefined) draft.make(path, description, after);
      else draft.describeCollection(path, description, after);
    } else if (state !== undefined) {
      draft.describeCollection(path, { ...state, metadata: noMetadata }, noDescription);
    }
  }
  for (const { role, after } of found) {
    if (role.type !== 'member') continue;
    const [parent, name] = [role.path.slice(0, -1), role.path.at(-1)!];
    const key = keyOf(parent);
    touched.set(key, parent);
    if (after === undefined) {
      const state = draft.collection(key);
      if (state !== undefined && draft.member(state, name) !== undefined) draft.delete(key, name);
      continue;
    }
    imply(parent);
    const state = draft.collection(key)!;
    const contentType = draft.member(state, name)?.contentType ?? usualType(state.kind, name);
    const looked = await context.look(after, state.kind);
    draft.put(key, name, {
      etag: after,
      ...looked,
      contentType,
      uid: undefined,
      metadata: undefined,
    });
  }
  for (const { role, after } of found) {
    if (role.type !== 'sidecar') continue;
    const [parent, name] = [role.path.slice(0, -1), role.path.at(-1)!];
    const state = draft.collection(keyOf(parent));
    if (state === undefined || draft.member(state, name) === undefined) continue;
    draft.describeMember(state.key, name, await memberIn(after, role.path, state.kind, context));
  }
  // Where nothing is left, not even a description, git has no folder any more.
  const deepest = [...touched.values()].sort((a, b) => b.length - a.length);
  for (let path of deepest) {
    for (; path.length >= 2; path = path.slice(0, -1)) {
      const state = draft.collection(keyOf(path));
      if (state === undefined || state.metadataVersion !== noDescription) break;
      if (state.count > 0 || draft.inside(state).length > 0) break;
      draft.remove(path);
    }
  }
}

async function collectionIn(
  blob: string,
  path: Path,
  { content, unreadable }: ReplayContext,
): Promise<CollectionDescription | undefined> {
  const file = collectionFileOf(path);
  const octets = await content(blob);
  if (octets === undefined) return undefined;
  try {
    return decodeCollection(octets, file);
  } catch (error) {
    unreadable(file, error);
    return undefined;
  }
}

async function memberIn(
  blob: string | undefined,
  path: Path,
  kind: CollectionKind,
  { content, unreadable }: ReplayContext,
): Promise<SaidOfMember> {
  const usual = usualType(kind, path.at(-1)!);
  const nothing = { contentType: usual, metadata: noMetadata, version: noDescription };
  const octets = blob === undefined ? undefined : await content(blob);
  if (blob === undefined || octets === undefined) return nothing;
  try {
    const { contentType = usual, metadata } = decodeMember(octets, sidecarOf(path));
    return { contentType, metadata, version: blob };
  } catch (error) {
    unreadable(sidecarOf(path), error);
    return { ...nothing, version: blob };
  }
}
