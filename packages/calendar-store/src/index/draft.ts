/**
 * Works out what one commit does to the index, change by change, upon a state. Writes, commits that are
 * replayed and what others have pushed all go through here, so that all of them give the same.
 */
import type { Facts, Metadata, Path } from '@riad/webdav/storage/storage';
import type { CollectionDescription } from '../layout/descriptions.ts';
import { noMetadata } from '../layout/descriptions.ts';
import { type Key, keyOf } from '../layout/paths.ts';
import type { CollectionState, HistoryLine, MemberState, NameState, State, Step } from './state.ts';

export const noDescription = 'none';

export type PutMember = {
  readonly etag: string;
  readonly sizeOctets: number;
  readonly contentType: string;
  readonly facts: Facts | undefined;
  /** Where there are no facts, what the commit says. */
  readonly uid: string | undefined;
  /** Unless given, that of the member it replaces, or none. */
  readonly metadata: { readonly value: Metadata; readonly version: string } | undefined;
};

export type SaidOfMember = {
  readonly contentType: string;
  readonly metadata: Metadata;
  readonly version: string;
};

export class Draft implements State {
  readonly #base: State;
  readonly #timeSeconds: number;
  readonly #nextId: () => number;
  readonly #collections = new Map<Key, CollectionState | undefined>();
  readonly #removed: CollectionState[] = [];
  readonly #names = new Map<number, Map<string, NameState>>();
  readonly #lines: HistoryLine[] = [];
  /** Collections whose sequence this commit moves, or that it makes: they get its digits. */
  readonly #moved = new Set<Key>();
  readonly #made = new Set<Key>();

  constructor(base: State, timeSeconds: number, nextId: () => number) {
    this.#base = base;
    this.#timeSeconds = timeSeconds;
    this.#nextId = nextId;
  }

  collection(key: Key): CollectionState | undefined {
    return this.#collections.has(key) ? this.#collections.get(key) : this.#base.collection(key);
  }

  name(collection: CollectionState, name: string): NameState | undefined {
    return this.#names.get(collection.id)?.get(name) ?? this.#base.name(collection, name);
  }

  member(collection: CollectionState, name: string): MemberState | undefined {
    const state = this.name(collection, name);
    return state?.type === 'member' ? state.member : undefined;
  }

  inside(collection: CollectionState): readonly CollectionState[] {
    const found = new Map<Key, CollectionState>();
    for (const inner of this.#base.inside(collection)) found.set(inner.key, inner);
    for (const [key, state] of this.#collections) {
      if (state === undefined) found.delete(key);
      else if (keyOf(state.path.slice(0, -1)) === collection.key) found.set(key, state);
    }
    return [...found.values()];
  }

  /** What the next change of a collection’s members will be numbered. */
  nextSequence(path: Path): number {
    const state = this.collection(keyOf(path));
    return state === undefined ? 0 : state.sequence + 1;
  }

  put(collection: Key, name: string, put: PutMember): void {
    const state = this.#existing(collection);
    const before = this.member(state, name);
    const sequence = state.sequence + 1;
    const { etag, sizeOctets, contentType, facts } = put;
    const uid = facts?.uid ?? put.uid;
    const metadata = put.metadata ?? {
      value: before?.metadata ?? noMetadata,
      version: before?.metadataVersion ?? noDescription,
    };
    const member: MemberState = {
      name,
      sequence,
      etag,
      sizeOctets,
      contentType,
      uid,
      component: facts?.component,
      earliestSeconds: facts?.earliestSeconds,
      latestSeconds: facts?.latestSeconds,
      metadata: metadata.value,
      metadataVersion: metadata.version,
      createdSeconds: before?.createdSeconds ?? this.#timeSeconds,
      modifiedSeconds: this.#timeSeconds,
    };
    this.#setName(state, name, { type: 'member', member });
    this.#lines.push({ collection: state.id, sequence, type: 'put', name, uid, blob: etag });
    const count = state.count + (before === undefined ? 1 : 0);
    const octets = state.octets + known(sizeOctets) - known(before?.sizeOctets ?? 0);
    this.#move({ ...state, sequence, count, octets });
  }

  delete(collection: Key, name: string): void {
    const state = this.#existing(collection);
    const before = this.member(state, name);
    if (before === undefined) throw new RangeError(`no member ${name} of ${state.path.join('/')}`);
    const sequence = state.sequence + 1;
    this.#setName(state, name, { type: 'gone', was: 'member', sequence });
    const { uid } = before;
    this.#lines.push({
      collection: state.id,
      sequence,
      type: 'delete',
      name,
      uid,
      blob: undefined,
    });
    const octets = state.octets - known(before.sizeOctets);
    this.#move({ ...state, sequence, count: state.count - 1, octets });
  }

  make(path: Path, description: CollectionDescription, version: string): void {
    const key = keyOf(path);
    const { kind, components, incarnation, createdSeconds, metadata } = description;
    this.#collections.set(key, {
      id: this.#nextId(),
      key,
      path,
      kind,
      components,
      metadata,
      metadataVersion: version,
      incarnation,
      sequence: 0,
      first8: '',
      made8: '',
      createdSeconds,
      modifiedSeconds: this.#timeSeconds,
      count: 0,
      octets: 0,
    });
    this.#moved.add(key);
    this.#made.add(key);
    this.#tellParent(path, 'make', version);
  }

  /** With all that lies in it. */
  remove(path: Path): void {
    this.#drop(this.#existing(keyOf(path)));
    this.#tellParent(path, 'remove', undefined);
  }

  describeCollection(
    path: Path,
    description: Pick<CollectionDescription, 'components' | 'incarnation' | 'metadata'>,
    version: string,
  ): void {
    const state = this.#existing(keyOf(path));
    const { components, incarnation, metadata } = description;
    this.#collections.set(state.key, {
      ...state,
      components,
      incarnation,
      metadata,
      metadataVersion: version,
      modifiedSeconds: this.#timeSeconds,
    });
  }

  describeMember(collection: Key, name: string, said: SaidOfMember): void {
    const state = this.#existing(collection);
    const member = this.member(state, name);
    if (member === undefined) throw new RangeError(`no member ${name} of ${state.path.join('/')}`);
    const { contentType, metadata, version } = said;
    const described = { ...member, contentType, metadata, metadataVersion: version };
    this.#setName(state, name, { type: 'member', member: described });
  }

  /** `first8`: what tokens call the commit. */
  step(commit: Pick<Step, 'revision' | 'first8' | 'user' | 'device'>): Step {
    const { first8 } = commit;
    for (const key of this.#moved) {
      const state = this.#collections.get(key);
      if (state === undefined) continue;
      const made8 = this.#made.has(key) ? first8 : state.made8;
      this.#collections.set(key, { ...state, first8, made8 });
    }
    return {
      ...commit,
      timeSeconds: this.#timeSeconds,
      collections: this.#collections,
      removed: this.#removed,
      names: this.#names,
      lines: this.#lines,
    };
  }

  #existing(key: Key): CollectionState {
    const state = this.collection(key);
    if (state === undefined) throw new RangeError(`no collection ${key.replaceAll('\0', '/')}`);
    return state;
  }

  #setName({ id }: CollectionState, name: string, state: NameState): void {
    const names = this.#names.get(id);
    if (names === undefined) this.#names.set(id, new Map([[name, state]]));
    else names.set(name, state);
  }

  #move(state: CollectionState): void {
    this.#collections.set(state.key, { ...state, modifiedSeconds: this.#timeSeconds });
    this.#moved.add(state.key);
  }

  #tellParent(path: Path, type: 'make' | 'remove', blob: string | undefined): void {
    const parent = this.collection(keyOf(path.slice(0, -1)));
    if (parent === undefined) return;
    const name = path.at(-1)!;
    const sequence = parent.sequence + 1;
    const state: NameState =
      type === 'make'
        ? { type: 'collection', sequence }
        : { type: 'gone', was: 'collection', sequence };
    this.#setName(parent, name, state);
    this.#lines.push({ collection: parent.id, sequence, type, name, uid: undefined, blob });
    this.#move({ ...parent, sequence });
  }

  #drop(state: CollectionState): void {
    for (const inner of this.inside(state)) this.#drop(inner);
    this.#collections.set(state.key, undefined);
    this.#names.delete(state.id);
    // What this commit itself has made need not be kept.
    if (this.#base.collection(state.key)?.id === state.id) this.#removed.push(state);
  }
}

function known(sizeOctets: number): number {
  return Math.max(0, sizeOctets);
}
