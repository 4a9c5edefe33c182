/** Trees as git writes them: `MODE NAME\0` and 20 octets of an id, in the order of the names. */
import { StoreError } from '../store-error.ts';
import { mustGet, type ObjectId, type Objects } from './objects.ts';
import type { RawName } from './path.ts';

export type TreeEntry = { readonly mode: number; readonly name: RawName; readonly id: ObjectId };

export const folderMode = 0o040000;
export const fileMode = 0o100644;
export const emptyTree: ObjectId = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function isFolder({ mode }: TreeEntry): boolean {
  return mode === folderMode;
}

/** Executable or not; links (0o120000) and submodules (0o160000) are no files of ours. */
export function isFile({ mode }: TreeEntry): boolean {
  return (mode & 0o170000) === 0o100000;
}

/** A tree with its octets, so that a change of one id among many copies them and no more. */
export class Tree {
  readonly entries: readonly TreeEntry[];
  readonly content: Uint8Array;
  /** Where each entry's id stands in the content. */
  readonly #ids: readonly number[];

  constructor(entries: readonly TreeEntry[], content: Uint8Array, ids: readonly number[]) {
    this.entries = entries;
    this.content = content;
    this.#ids = ids;
  }

  static readonly empty: Tree = new Tree([], new Uint8Array(0), []);

  /** Entries in git's order. */
  static of(entries: readonly TreeEntry[]): Tree {
    const lengths = entries.map(({ mode, name }) => mode.toString(8).length + name.length + 22);
    const octets = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
    const ids: number[] = [];
    let at = 0;
    for (const { mode, name, id } of entries) {
      at += octets.write(`${mode.toString(8)} ${name}\0`, at, 'latin1');
      ids.push(at);
      at += octets.write(id, at, 'hex');
    }
    return new Tree(entries, octets, ids);
  }

  get(name: RawName): TreeEntry | undefined {
    return this.entries[this.#find(name, fileMode)] ?? this.entries[this.#find(name, folderMode)];
  }

  /** With these entries in place of those of the same names; undefined: without. */
  with(changed: ReadonlyMap<RawName, TreeEntry | undefined>): Tree {
    const replaced = new Map<number, TreeEntry>();
    for (const [name, next] of changed) {
      const before = this.get(name);
      if (before === undefined && next === undefined) continue;
      if (before === undefined || next === undefined || before.mode !== next.mode) {
        return this.#rebuilt(changed);
      }
      replaced.set(this.#find(name, before.mode), next);
    }
    if (replaced.size === 0) return this;
    const entries = this.entries.slice();
    const content = Buffer.from(this.content);
    for (const [index, entry] of replaced) {
      entries[index] = entry;
      content.write(entry.id, this.#ids[index]!, 'hex');
    }
    return new Tree(entries, content, this.#ids);
  }

  #rebuilt(changed: ReadonlyMap<RawName, TreeEntry | undefined>): Tree {
    const kept = this.entries.filter(({ name }) => !changed.has(name));
    const added = [...changed.values()].filter((entry) => entry !== undefined).sort(compareEntries);
    const merged: TreeEntry[] = [];
    let at = 0;
    for (const entry of added) {
      while (at < kept.length && compareEntries(kept[at]!, entry) < 0) merged.push(kept[at++]!);
      merged.push(entry);
    }
    while (at < kept.length) merged.push(kept[at++]!);
    return Tree.of(merged);
  }

  /** Where the entry stands if it is of that kind; −1 otherwise. Folders and files sort differently. */
  #find(name: RawName, mode: number): number {
    const wanted = { mode, name, id: '' };
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareEntries(this.entries[middle]!, wanted);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }
}

/** Trees that were decoded lately, for most commits touch those that the one before has touched. */
export class Trees {
  readonly #objects: Objects;
  readonly #maxEntries: number;
  readonly #decoded = new Map<ObjectId, Tree>();
  #entries = 0;

  constructor(objects: Objects, maxEntries: number = maxCachedEntries) {
    this.#objects = objects;
    this.#maxEntries = maxEntries;
  }

  get(id: ObjectId): Tree {
    const known = this.#decoded.get(id);
    if (known !== undefined) {
      this.#decoded.delete(id);
      this.#decoded.set(id, known); // used last
      return known;
    }
    const tree = id === emptyTree ? Tree.empty : decodeTree(mustGet(this.#objects, id, 'tree'), id);
    this.keep(id, tree);
    return tree;
  }

  keep(id: ObjectId, tree: Tree): void {
    if (this.#decoded.has(id)) return;
    this.#decoded.set(id, tree);
    this.#entries += tree.entries.length + 1;
    for (const [oldest, { entries }] of this.#decoded) {
      if (this.#entries <= this.#maxEntries) break;
      this.#decoded.delete(oldest);
      this.#entries -= entries.length + 1;
    }
  }
}

export const maxCachedEntries = 200_000;

export function decodeTree(content: Uint8Array, id: ObjectId): Tree {
  const octets = Buffer.from(content.buffer, content.byteOffset, content.length);
  const entries: TreeEntry[] = [];
  const ids: number[] = [];
  for (let at = 0; at < octets.length; ) {
    const space = octets.indexOf(0x20, at);
    const zero = space < 0 ? -1 : octets.indexOf(0, space);
    if (zero < 0 || zero + 21 > octets.length) throw new StoreError('store.object', `tree ${id}`);
    entries.push({
      mode: Number.parseInt(octets.toString('latin1', at, space), 8),
      name: octets.toString('latin1', space + 1, zero),
      id: octets.toString('hex', zero + 1, zero + 21),
    });
    ids.push(zero + 1);
    at = zero + 21;
  }
  return new Tree(entries, content, ids);
}

/** Git's order: octet by octet, where a folder's name counts as ending in a slash. */
export function compareEntries(a: TreeEntry, b: TreeEntry): number {
  const left = isFolder(a) ? `${a.name}/` : a.name;
  const right = isFolder(b) ? `${b.name}/` : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}
