/** Trees as git writes them: `MODE NAME\0` and 20 octets of an id, in the order of the names. */
import { StoreError } from '../store-error.ts';
import { mustGet, type ObjectId, type Objects, type Splice } from './objects.ts';
import type { RawName } from './path.ts';
import { RecentlyUsed } from './recently-used.ts';

export type TreeEntry = { readonly mode: number; readonly name: RawName; readonly id: ObjectId };

export const folderMode = 0o040000;
export const fileMode = 0o100644;
export const emptyTree: ObjectId = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const idOctets = 20;

export function isFolder(entry: TreeEntry): boolean {
  return entry.mode === folderMode;
}

/** A tree of names that would be too many for one (layout.ts): `=0` to `=f`. */
export function isBranchName(name: RawName): boolean {
  if (name.length !== 2 || name.charCodeAt(0) !== 0x3d) return false;
  const code = name.charCodeAt(1);
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
}

export function isBranch(entry: TreeEntry): boolean {
  return isFolder(entry) && isBranchName(entry.name);
}

/** Executable or not; links (0o120000) and submodules (0o160000) are no files of ours. */
export function isFile({ mode }: TreeEntry): boolean {
  return (mode & 0o170000) === 0o100000;
}

/** What became of a tree, and how its octets came out of the old ones. */
export type Changed = {
  readonly tree: Tree;
  readonly baseOctets: number;
  readonly splices: readonly Splice[];
};

/** A tree with its octets, so that a change copies them and encodes nothing else. */
export class Tree {
  readonly entries: readonly TreeEntry[];
  readonly content: Buffer;
  /** How many of the entries are called like branches, and are folders. */
  readonly branches: number;
  /** Where each entry's id stands in the content. */
  readonly #ids: readonly number[];
  /** What each entry is sorted by. */
  readonly #keys: readonly string[];

  constructor(
    entries: readonly TreeEntry[],
    content: Buffer,
    ids: readonly number[],
    keys: readonly string[] = entries.map(keyOf),
    branches: number = entries.filter(isBranch).length,
  ) {
    this.branches = branches;
    this.entries = entries;
    this.content = content;
    this.#ids = ids;
    this.#keys = keys;
  }

  static readonly empty: Tree = new Tree([], Buffer.alloc(0), []);

  /** Entries in git's order. */
  static of(entries: readonly TreeEntry[]): Tree {
    const pieces = entries.map(encodeEntry);
    const ids: number[] = [];
    let at = 0;
    for (const { length } of pieces) {
      at += length;
      ids.push(at - idOctets);
    }
    return new Tree(entries, Buffer.concat(pieces), ids);
  }

  get(name: RawName): TreeEntry | undefined {
    return this.entries[this.#find(name, false)] ?? this.entries[this.#find(name, true)];
  }

  /** With these entries in place of those of the same names; undefined: without. */
  with(changed: ReadonlyMap<RawName, TreeEntry | undefined>): Changed {
    const edits: { index: number; removed: 0 | 1; entry: TreeEntry | undefined }[] = [];
    for (const [name, next] of changed) {
      const file = this.#find(name, false);
      const before = file >= 0 ? file : this.#find(name, true);
      const old = this.entries[before];
      if (old !== undefined && next !== undefined && isFolder(old) === isFolder(next)) {
        if (old.id === next.id && old.mode === next.mode) continue;
        edits.push({ index: before, removed: 1, entry: next });
        continue;
      }
      if (old !== undefined) edits.push({ index: before, removed: 1, entry: undefined });
      if (next === undefined) continue;
      edits.push({ index: -1 - this.#find(name, isFolder(next)), removed: 0, entry: next });
    }
    if (edits.length === 0) return { tree: this, baseOctets: this.content.length, splices: [] };
    if (edits.length > 1) edits.sort(inOrder);
    return this.#spliced(edits);
  }

  /** The same with one entry, which may replace one of its kind. */
  withOne(next: TreeEntry): Changed {
    const index = this.#find(next.name, isFolder(next));
    if (index < 0) return this.#spliced([{ index: -1 - index, removed: 0, entry: next }]);
    const old = this.entries[index]!;
    const baseOctets = this.content.length;
    if (old.mode !== next.mode) return this.#spliced([{ index, removed: 1, entry: next }]);
    if (old.id === next.id) return { tree: this, baseOctets, splices: [] };
    // Only an id is another one, so that all else stays where it is.
    const entries = this.entries.slice();
    entries[index] = next;
    const content = Buffer.allocUnsafe(baseOctets);
    this.content.copy(content);
    const at = this.#ids[index]!;
    content.write(next.id, at, 'hex');
    const splices = [{ at, removed: idOctets, inserted: content.subarray(at, at + idOctets) }];
    const tree = new Tree(entries, content, this.#ids, this.#keys, this.branches);
    return { tree, baseOctets, splices };
  }

  #spliced(
    edits: readonly { index: number; removed: 0 | 1; entry: TreeEntry | undefined }[],
  ): Changed {
    const entries = this.entries.slice();
    const keys = this.#keys.slice();
    const ids = this.#ids.slice();
    const splices: Splice[] = [];
    let shift = 0;
    let more = 0;
    let branches = this.branches;
    for (const { index, removed, entry } of edits) {
      const start = index === 0 ? 0 : this.#ids[index - 1]! + idOctets;
      const old = removed === 1 ? this.entries[index]! : undefined;
      const to = index + more;
      if (entry !== undefined && old?.mode === entry.mode) {
        const id = this.#ids[index]!;
        splices.push({ at: id, removed: idOctets, inserted: Buffer.from(entry.id, 'hex') });
        entries[to] = entry;
        continue;
      }
      const gone = old === undefined ? 0 : this.#ids[index]! + idOctets - start;
      const inserted = entry === undefined ? nothing : encodeEntry(entry);
      splices.push({ at: start, removed: gone, inserted });
      if (old !== undefined && isBranch(old)) branches--;
      if (entry !== undefined && isBranch(entry)) branches++;
      if (entry === undefined) {
        entries.splice(to, removed);
        keys.splice(to, removed);
        ids.splice(to, removed);
      } else {
        entries.splice(to, removed, entry);
        keys.splice(to, removed, keyOf(entry));
        ids.splice(to, removed, start + shift + inserted.length - idOctets);
      }
      more += (entry === undefined ? 0 : 1) - removed;
      const growth = inserted.length - gone;
      shift += growth;
      // What stands behind it moves; places of later edits are those of the old octets.
      const after = entry === undefined ? to : to + 1;
      for (let i = after; growth !== 0 && i < ids.length; i++) ids[i] = ids[i]! + growth;
    }
    const tree = new Tree(entries, splice(this.content, shift, splices), ids, keys, branches);
    return { tree, baseOctets: this.content.length, splices };
  }

  /**
   * Where the entry stands if it is of that kind; if not, −1 minus the place it would have. Folders and
   * files sort differently.
   */
  #find(name: RawName, folder: boolean): number {
    const wanted = folder ? `${name}/` : name;
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.#keys[middle]!;
      if (key === wanted) return middle;
      if (wanted < key) high = middle;
      else low = middle + 1;
    }
    return -1 - low;
  }
}

const nothing: Buffer = Buffer.alloc(0);

type Placed = { readonly index: number; readonly entry: TreeEntry | undefined };

/** What goes into the same place must be in git's order, too; what goes away there comes last. */
function inOrder(a: Placed & { removed: number }, b: Placed & { removed: number }): number {
  if (a.index !== b.index) return a.index - b.index;
  if (a.removed !== b.removed) return a.removed - b.removed;
  return a.entry === undefined || b.entry === undefined ? 0 : compareEntries(a.entry, b.entry);
}

function splice(old: Buffer, growth: number, splices: readonly Splice[]): Buffer {
  const content = Buffer.allocUnsafe(old.length + growth);
  let from = 0;
  let to = 0;
  for (const { at, removed, inserted } of splices) {
    to += old.copy(content, to, from, at);
    content.set(inserted, to);
    to += inserted.length;
    from = at + removed;
  }
  old.copy(content, to, from);
  return content;
}

function encodeEntry({ mode, name, id }: TreeEntry): Buffer {
  const start = `${mode.toString(8)} ${name}\0`;
  const octets = Buffer.allocUnsafe(start.length + idOctets);
  octets.write(start, 0, 'latin1');
  octets.write(id, start.length, 'hex');
  return octets;
}

/** Trees that were decoded lately, for most commits touch those that the one before has touched. */
export class Trees {
  readonly #objects: Objects;
  readonly #decoded: RecentlyUsed<ObjectId, Tree>;

  constructor(objects: Objects, maxEntries: number = maxCachedEntries) {
    this.#objects = objects;
    this.#decoded = new RecentlyUsed(maxEntries, ({ entries }) => entries.length + 1);
  }

  get(id: ObjectId): Tree {
    const known = this.#decoded.get(id);
    if (known !== undefined) return known;
    const tree = id === emptyTree ? Tree.empty : decodeTree(mustGet(this.#objects, id, 'tree'), id);
    this.#decoded.set(id, tree);
    return tree;
  }

  keep(id: ObjectId, tree: Tree): void {
    this.#decoded.set(id, tree);
  }

  /** A newer one has taken its place, and would otherwise have to wait for it to grow old. */
  supersede(id: ObjectId): void {
    this.#decoded.delete(id);
  }
}

export const maxCachedEntries = 400_000;

export function decodeTree(content: Uint8Array, id: ObjectId): Tree {
  const octets = Buffer.from(content.buffer, content.byteOffset, content.length);
  const entries: TreeEntry[] = [];
  const ids: number[] = [];
  for (let at = 0; at < octets.length; ) {
    const space = octets.indexOf(0x20, at);
    const zero = space < 0 ? -1 : octets.indexOf(0, space);
    if (zero < 0 || zero + 1 + idOctets > octets.length) {
      throw new StoreError('store.object', `tree ${id}`);
    }
    entries.push({
      mode: Number.parseInt(octets.toString('latin1', at, space), 8),
      name: octets.toString('latin1', space + 1, zero),
      id: octets.toString('hex', zero + 1, zero + 1 + idOctets),
    });
    ids.push(zero + 1);
    at = zero + 1 + idOctets;
  }
  return new Tree(entries, octets, ids);
}

/** Git's order: octet by octet, where a folder's name counts as ending in a slash. */
export function compareEntries(a: TreeEntry, b: TreeEntry): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf(entry: TreeEntry): string {
  return isFolder(entry) ? `${entry.name}/` : entry.name;
}
