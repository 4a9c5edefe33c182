/** Reads the history that commits, trees and blobs make up, wherever they are kept. */

import { atOnce, type Pieces } from '@riad/octets/pieces';
import { nextTurn } from '../next-turn.ts';
import type {
  Change,
  CommitInformation,
  CommitRequest,
  Difference,
  Item,
  LogEntry,
  Precondition,
  Revision,
  StoredFile,
} from '../store.ts';
import { StoreError } from '../store-error.ts';
import { type CommitObject, decodeCommit, encodingCommit } from './commit-object.ts';
import { differences } from './difference.ts';
import { type Edit, editing, editsOf } from './edit.ts';
import { children, find, type Layout } from './layout.ts';
import { mustGet, type ObjectId, type Objects, Staging } from './objects.ts';
import { fromRaw, namesOf, toRaw } from './path.ts';
import { RecentlyUsed } from './recently-used.ts';
import { emptyTree, isFile, isFolder, type TreeEntry, Trees } from './tree.ts';

/** Commits looked at before others have their turn. */
const commitsPerTurn = 64;
const maxCachedCommits = 4096;
/** Changes that are looked at between two pauses. */
const changesOfPiece = 128;

export type Prepared = { readonly revision: Revision; readonly staging: Staging };

export class History {
  readonly objects: Objects;
  readonly trees: Trees;
  readonly layout: Layout;
  readonly #commits = new RecentlyUsed<Revision, CommitObject>(maxCachedCommits, () => 1);
  /** Most commits are built upon the one before. */
  #prepared: { readonly revision: Revision; readonly tree: ObjectId } | undefined;

  constructor(objects: Objects, layout: Layout = 'flat') {
    this.objects = objects;
    this.layout = layout;
    this.trees = new Trees(objects);
  }

  commit(revision: Revision): CommitObject {
    const known = this.#commits.get(revision);
    if (known !== undefined) return known;
    const object = this.objects.get(revision);
    if (object?.type !== 'commit') throw new StoreError('store.not-found', revision);
    const commit = decodeCommit(object.content, revision);
    this.#commits.set(revision, commit);
    return commit;
  }

  treeOf(revision: Revision | undefined): ObjectId {
    if (revision === undefined) return emptyTree;
    if (this.#prepared?.revision === revision) return this.#prepared.tree;
    return this.commit(revision).tree;
  }

  /** The entry at a path; for `''` the top folder. */
  entry(revision: Revision | undefined, names: readonly string[]): TreeEntry | undefined {
    let entry: TreeEntry = { mode: 0o040000, name: '', id: this.treeOf(revision) };
    for (const name of names) {
      if (!isFolder(entry)) return undefined;
      const next = find(this.trees, this.layout, this.trees.get(entry.id), toRaw(name));
      if (next === undefined) return undefined;
      entry = next;
    }
    return entry;
  }

  read(path: string, at: Revision | undefined): StoredFile | undefined {
    const entry = this.entry(at, namesOf(path));
    if (entry === undefined || !isFile(entry)) return undefined;
    return { octets: Uint8Array.from(mustGet(this.objects, entry.id, 'blob')), blob: entry.id };
  }

  content(blob: string, once = false): Uint8Array | undefined {
    const object = this.objects.get(blob, false, once);
    return object?.type === 'blob' ? object.content : undefined;
  }

  differences(before: Revision | undefined, after: Revision): Difference[] {
    return differences(this.trees, this.layout, this.treeOf(before), this.treeOf(after));
  }

  list(folder: string, at: Revision | undefined): Item[] {
    const entry = this.entry(at, namesOf(folder));
    if (entry === undefined || !isFolder(entry)) return [];
    const inside = children(this.trees, this.layout, this.trees.get(entry.id));
    return [...inside.values()].map((inner) => {
      const name = fromRaw(inner.name);
      if (isFolder(inner)) return { name, kind: 'folder', blob: undefined };
      return isFile(inner)
        ? { name, kind: 'file', blob: inner.id }
        : { name, kind: 'other', blob: undefined };
    });
  }

  describe(revision: Revision): CommitInformation {
    const { parents, author, timeSeconds, message, trailers } = this.commit(revision);
    return { revision, parents, author, timeSeconds, message, trailers };
  }

  async *log(path: string, from: Revision | undefined): AsyncGenerator<LogEntry> {
    const names = namesOf(path);
    let looked = 0;
    let after = from === undefined ? undefined : this.entry(from, names)?.id;
    for (let revision = from; revision !== undefined; ) {
      if (++looked % commitsPerTurn === 0) await nextTurn();
      const [parent] = this.commit(revision).parents;
      const before = parent === undefined ? undefined : this.entry(parent, names)?.id;
      if (names.length === 0 || before !== after) {
        yield { ...this.describe(revision), before, after };
      }
      revision = parent;
      after = before;
    }
  }

  /** The newest commit on our line at that time or before. */
  async at(time: Date, from: Revision | undefined): Promise<Revision | undefined> {
    const seconds = time.getTime() / 1000;
    if (Number.isNaN(seconds)) throw new RangeError('time: no valid date');
    let looked = 0;
    for (let revision = from; revision !== undefined; ) {
      if (++looked % commitsPerTurn === 0) await nextTurn();
      const { timeSeconds, parents } = this.commit(revision);
      if (timeSeconds <= seconds) return revision;
      revision = parents[0];
    }
    return undefined;
  }

  /** The commit on our line whose id begins so. Undefined if there is none, or more than one. */
  async abbreviated(digits: string, from: Revision | undefined): Promise<Revision | undefined> {
    let looked = 0;
    let found: Revision | undefined;
    for (let revision = from; revision !== undefined; [revision] = this.commit(revision).parents) {
      if (++looked % commitsPerTurn === 0) await nextTurn();
      if (!revision.startsWith(digits)) continue;
      if (found !== undefined) return undefined;
      found = revision;
    }
    return found;
  }

  /** `store.conflict` with the first precondition that does not hold. */
  check(preconditions: readonly Precondition[], head: Revision | undefined): void {
    for (const precondition of preconditions) {
      if ('head' in precondition) {
        if (precondition.head === head) continue;
        throw new StoreError('store.conflict', head ?? 'empty store', { precondition });
      }
      const { path } = precondition;
      const entry = this.entry(head, namesOf(path));
      const holds =
        'blob' in precondition
          ? entry !== undefined && isFile(entry) && entry.id === precondition.blob
          : entry === undefined;
      if (!holds) throw new StoreError('store.conflict', path, { precondition });
    }
  }

  /** Makes the commit's objects; nothing of this history changes. `top` is the tree that is edited. */
  prepare(
    request: Omit<CommitRequest, 'changes'> & { readonly edits: readonly Edit[] },
    parents: readonly Revision[],
    timeSeconds: number,
    top: ObjectId = this.treeOf(parents[0]),
  ): Prepared {
    return atOnce(this.preparing(request, parents, timeSeconds, top));
  }

  /** The same in pieces. */
  *preparing(
    request: Omit<CommitRequest, 'changes'> & { readonly edits: readonly Edit[] },
    parents: readonly Revision[],
    timeSeconds: number,
    top: ObjectId = this.treeOf(parents[0]),
  ): Pieces<Prepared> {
    const { edits, author, message, trailers = [] } = request;
    const staging = new Staging(this.objects);
    const tree = yield* editing(staging, this.trees, this.layout, top, edits);
    const commit = yield* encodingCommit({ tree, parents, author, timeSeconds, message, trailers });
    const revision = staging.put('commit', commit);
    this.#prepared = { revision, tree };
    return { revision, staging };
  }

  editsOf(changes: readonly Change[]): Edit[] {
    return editsOf(changes, this.layout);
  }

  *editsInPieces(changes: readonly Change[]): Pieces<Edit[]> {
    const edits: Edit[] = [];
    for (let from = 0; from < changes.length; from += changesOfPiece) {
      if (from > 0) yield;
      edits.push(...this.editsOf(changes.slice(from, from + changesOfPiece)));
    }
    return edits;
  }
}
