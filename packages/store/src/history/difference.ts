/** What a step from one tree to another changes, file by file. */
import type { Difference } from '../store.ts';
import type { Layout } from './layout.ts';
import type { ObjectId } from './objects.ts';
import { fromRaw, type RawName } from './path.ts';
import { emptyTree, isBranch, isFile, isFolder, type TreeEntry, type Trees } from './tree.ts';

type Sides = { before: TreeEntry | undefined; after: TreeEntry | undefined };

/** By path. Looks only into trees that differ. Links and submodules are left out. */
export function differences(
  trees: Trees,
  layout: Layout,
  before: ObjectId,
  after: ObjectId,
): Difference[] {
  const found: Difference[] = [];
  const folder = (left: ObjectId, right: ObjectId, path: string): void => {
    if (left === right) return;
    const names = new Map<RawName, Sides>();
    gather(trees, layout, left, right, names);
    for (const name of [...names.keys()].sort()) {
      const sides = names.get(name)!;
      const inner = path === '' ? fromRaw(name) : `${path}/${fromRaw(name)}`;
      const [from, to] = [fileOf(sides.before), fileOf(sides.after)];
      if (from !== to) found.push({ path: inner, before: from, after: to });
      folder(treeOf(sides.before), treeOf(sides.after), inner);
    }
  };
  folder(before, after, '');
  return found;
}

/** Names that differ between two trees and the branches below them. A name may only have moved. */
function gather(
  trees: Trees,
  layout: Layout,
  left: ObjectId,
  right: ObjectId,
  names: Map<RawName, Sides>,
): void {
  if (left === right) return;
  const [old, now] = [trees.get(left), trees.get(right)];
  const branches = new Set<RawName>();
  const see = (entry: TreeEntry, side: keyof Sides): void => {
    if (layout === 'trie' && isBranch(entry)) {
      branches.add(entry.name);
      return;
    }
    const sides = names.get(entry.name) ?? { before: undefined, after: undefined };
    sides[side] ??= entry; // the outermost is the one
    names.set(entry.name, sides);
  };
  const kept = new Set(now.entries.filter((entry) => same(old.get(entry.name), entry)));
  const gone = new Set([...kept].map(({ name }) => name));
  for (const entry of old.entries) if (!gone.has(entry.name)) see(entry, 'before');
  for (const entry of now.entries) if (!kept.has(entry)) see(entry, 'after');
  for (const branch of branches) {
    gather(trees, layout, treeOf(old.get(branch)), treeOf(now.get(branch)), names);
  }
}

function same(a: TreeEntry | undefined, b: TreeEntry): boolean {
  return a !== undefined && a.id === b.id && a.mode === b.mode;
}

function fileOf(entry: TreeEntry | undefined): ObjectId | undefined {
  return entry !== undefined && isFile(entry) ? entry.id : undefined;
}

function treeOf(entry: TreeEntry | undefined): ObjectId {
  return entry !== undefined && isFolder(entry) ? entry.id : emptyTree;
}
