/** Applies changes to a tree and gives the new one; objects that are made go into a `Staging`. */
import type { Change } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { findAll, isReserved, type Layout, Placement } from './layout.ts';
import type { ObjectId, Staging } from './objects.ts';
import { fromRaw, type RawName, toRaw, writableNamesOf } from './path.ts';
import {
  fileMode,
  folderMode,
  isFile,
  isFolder,
  Tree,
  type TreeEntry,
  type Trees,
} from './tree.ts';

/** One file: new octets, an entry that another commit has for it, or its end. */
export type Edit = {
  readonly names: readonly RawName[];
  readonly result: { readonly octets: Uint8Array } | { readonly entry: TreeEntry } | 'delete';
};

/** RangeError for paths that cannot be written. */
export function editsOf(changes: readonly Change[], layout: Layout): Edit[] {
  return changes.map((change) => {
    const names = writableNamesOf(change.path);
    if (names.some((name) => isReserved(layout, name))) {
      throw new RangeError(`path: ${change.path} has a name that the layout keeps for itself`);
    }
    const result = 'delete' in change ? 'delete' : { octets: change.octets };
    return { names: names.map(toRaw), result };
  });
}

/** What happens below one name: the edits are sorted into a tree of their own first. */
type Node = {
  result: Edit['result'] | undefined;
  readonly path: string;
  readonly inner: Map<RawName, Node>;
};

/** The id of the new top tree. RangeError for a path that comes twice, or `store.path-conflict`. */
export function edit(
  staging: Staging,
  trees: Trees,
  layout: Layout,
  top: ObjectId,
  edits: readonly Edit[],
): ObjectId {
  const plan: Node = { result: undefined, path: '', inner: new Map() };
  for (const { names, result } of edits) {
    let node = plan;
    for (const name of names) {
      let next = node.inner.get(name);
      if (next === undefined) {
        const path = node.path === '' ? fromRaw(name) : `${node.path}/${fromRaw(name)}`;
        next = { result: undefined, path, inner: new Map() };
        node.inner.set(name, next);
      }
      node = next;
    }
    if (node.result !== undefined) throw new RangeError(`changes: ${node.path} comes twice`);
    node.result = result;
  }
  return new Editor(staging, trees, layout).folder(trees.get(top), plan).id;
}

/** Entries that change in a tree, and in the branches below it. */
type Patch = {
  readonly changed: Map<RawName, TreeEntry | undefined>;
  readonly branches: Map<RawName, Patch>;
};

class Editor {
  readonly #staging: Staging;
  readonly #trees: Trees;
  readonly #layout: Layout;

  constructor(staging: Staging, trees: Trees, layout: Layout) {
    this.#staging = staging;
    this.#trees = trees;
    this.#layout = layout;
  }

  folder(tree: Tree, { inner }: Node): { id: ObjectId; empty: boolean } {
    const top: Patch = { changed: new Map(), branches: new Map() };
    const placement = new Placement(this.#trees, tree);
    for (const [name, node] of inner) {
      const all = [...findAll(this.#trees, this.#layout, tree, name)];
      const [now] = all;
      const next = this.#entry(now?.entry, name, node);
      for (const { below } of all) patchAt(top, below).changed.set(name, undefined);
      if (next === undefined) continue;
      const below = this.#layout === 'flat' ? [] : placement.place(name, now);
      patchAt(top, below).changed.set(name, next);
    }
    return this.#apply(tree, top);
  }

  #apply(tree: Tree, { changed, branches }: Patch): { id: ObjectId; empty: boolean } {
    for (const [name, patch] of branches) {
      const branch = tree.get(name);
      const before = branch === undefined ? Tree.empty : this.#trees.get(branch.id);
      const { id, empty } = this.#apply(before, patch);
      changed.set(name, empty ? undefined : { mode: folderMode, name, id });
    }
    const next = tree.with(changed);
    const id = this.#staging.put('tree', next.content);
    this.#trees.keep(id, next);
    return { id, empty: next.entries.length === 0 };
  }

  #entry(entry: TreeEntry | undefined, name: RawName, node: Node): TreeEntry | undefined {
    const { result, path, inner } = node;
    let now = entry;
    if (result === 'delete') {
      if (entry !== undefined && isFolder(entry)) throw new StoreError('store.path-conflict', path);
      now = undefined;
    }
    if (inner.size > 0) {
      const puts = [...inner.values()].some(hasPut);
      if (now !== undefined && !isFolder(now)) {
        // Nothing lies below a file, so nothing is there to be deleted.
        if (puts) throw new StoreError('store.path-conflict', path);
      } else if (now !== undefined || puts) {
        const before = now === undefined ? Tree.empty : this.#trees.get(now.id);
        const after = this.folder(before, node);
        // Git knows no empty folders.
        now = after.empty ? undefined : { mode: folderMode, name, id: after.id };
      }
    }
    if (result === undefined || result === 'delete') return now;
    if (now !== undefined && isFolder(now)) throw new StoreError('store.path-conflict', path);
    if ('entry' in result) return { ...result.entry, name };
    const id = this.#staging.put('blob', result.octets.slice());
    return { mode: now !== undefined && isFile(now) ? now.mode : fileMode, name, id };
  }
}

function patchAt(top: Patch, below: readonly RawName[]): Patch {
  let patch = top;
  for (const branch of below) {
    let next = patch.branches.get(branch);
    if (next === undefined) {
      next = { changed: new Map(), branches: new Map() };
      patch.branches.set(branch, next);
    }
    patch = next;
  }
  return patch;
}

function hasPut({ result, inner }: Node): boolean {
  return (result !== undefined && result !== 'delete') || [...inner.values()].some(hasPut);
}
