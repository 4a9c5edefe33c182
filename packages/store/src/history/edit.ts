/** Applies changes to a tree and gives the new one; objects that are made go into a `Staging`. */

import type { Change } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { ObjectId, Staging } from './objects.ts';
import { type RawName, toRaw, writableNamesOf } from './path.ts';
import {
  fileMode,
  folderMode,
  isFile,
  isFolder,
  Tree,
  type TreeEntry,
  type Trees,
} from './tree.ts';

/** What happens below one name: the changes are sorted into a tree of their own first. */
type Node = {
  change: Change | undefined;
  readonly path: string;
  readonly inner: Map<RawName, Node>;
};

/** The id of the new top tree. Throws a RangeError for bad paths, `store.path-conflict` otherwise. */
export function edit(
  staging: Staging,
  trees: Trees,
  top: ObjectId,
  changes: readonly Change[],
): ObjectId {
  const plan: Node = { change: undefined, path: '', inner: new Map() };
  for (const change of changes) {
    let node = plan;
    let path = '';
    for (const name of writableNamesOf(change.path)) {
      path = path === '' ? name : `${path}/${name}`;
      const raw = toRaw(name);
      let next = node.inner.get(raw);
      if (next === undefined) {
        next = { change: undefined, path, inner: new Map() };
        node.inner.set(raw, next);
      }
      node = next;
    }
    if (node.change !== undefined) throw new RangeError(`changes: ${change.path} comes twice`);
    node.change = change;
  }
  return editFolder(staging, trees, trees.get(top), plan).id;
}

function editFolder(
  staging: Staging,
  trees: Trees,
  tree: Tree,
  { inner }: Node,
): { id: ObjectId; empty: boolean } {
  const changed = new Map<RawName, TreeEntry | undefined>();
  for (const [name, node] of inner) {
    changed.set(name, editEntry(staging, trees, tree.get(name), name, node));
  }
  const next = tree.with(changed);
  const id = staging.put('tree', next.content);
  trees.keep(id, next);
  return { id, empty: next.entries.length === 0 };
}

function editEntry(
  staging: Staging,
  trees: Trees,
  entry: TreeEntry | undefined,
  name: RawName,
  node: Node,
): TreeEntry | undefined {
  const { change, path, inner } = node;
  let result = entry;
  if (change !== undefined && 'delete' in change) {
    if (entry !== undefined && isFolder(entry)) throw new StoreError('store.path-conflict', path);
    result = undefined;
  }
  if (inner.size > 0) {
    const puts = [...inner.values()].some(hasPut);
    if (result !== undefined && !isFolder(result)) {
      // Nothing lies below a file, so nothing is there to be deleted.
      if (puts) throw new StoreError('store.path-conflict', path);
    } else if (result !== undefined || puts) {
      const before = result === undefined ? Tree.empty : trees.get(result.id);
      const after = editFolder(staging, trees, before, node);
      // Git knows no empty folders.
      result = after.empty ? undefined : { mode: folderMode, name, id: after.id };
    }
  }
  if (change === undefined || 'delete' in change) return result;
  if (result !== undefined && isFolder(result)) throw new StoreError('store.path-conflict', path);
  const id = staging.put('blob', change.octets.slice());
  return { mode: result !== undefined && isFile(result) ? result.mode : fileMode, name, id };
}

function hasPut({ change, inner }: Node): boolean {
  return (change !== undefined && 'octets' in change) || [...inner.values()].some(hasPut);
}
