/**
 * Where a name of a folder stands in trees.
 *
 * `flat`: in the folder's own tree. `trie`: a tree has at most 64 names; with one more, all of them go into
 * 16 trees below it, `=0` to `=f`, by the first hexadecimal digit of the name's SHA-1, and so on down by
 * the next ones. A write then touches a few small trees however many names there are. Readers take a name
 * at any depth, for people edit repositories; a writer moves the one it touches, and what is too much for
 * a tree that it writes.
 */
import { hash } from 'node:crypto';
import type { Pieces } from '@riad/octets/pieces';
import type { ObjectId } from './objects.ts';
import type { RawName } from './path.ts';
import {
  type Changed,
  folderMode,
  isBranch,
  isBranchName,
  Tree,
  type TreeEntry,
  type Trees,
} from './tree.ts';

export type Layout = 'flat' | 'trie';

export const maxNamesInTree = 64;
/** SHA-1 has 40 digits; 16^40 trees are enough. */
const maxDigits = 40;

/** Which branch a name belongs to at each depth. */
export function digitsOf(name: RawName): string {
  return hash('sha1', Buffer.from(name, 'latin1'), 'hex');
}

/** Where people have made a name stand twice, the outermost is the one. */
export function find(
  trees: Trees,
  layout: Layout,
  folder: Tree,
  name: RawName,
): TreeEntry | undefined {
  const direct = folder.get(name);
  if (layout === 'flat') return direct;
  if (direct !== undefined && !isBranch(direct)) return direct;
  if (folder.branches === 0) return undefined;
  let tree = folder;
  for (const digit of digitsOf(name)) {
    const next = tree.get(`=${digit}`);
    if (next === undefined || !isBranch(next)) return undefined;
    tree = trees.get(next.id);
    const entry = tree.get(name);
    if (entry !== undefined && !isBranch(entry)) return entry;
  }
  return undefined;
}

/** All that a folder holds, whatever trees it stands in. The outermost of two of the same name is the one. */
export function children(trees: Trees, layout: Layout, folder: Tree): Map<RawName, TreeEntry> {
  const found = new Map<RawName, TreeEntry>();
  const visit = (tree: Tree, depth: number): void => {
    for (const entry of tree.entries) {
      if (layout === 'trie' && isBranch(entry)) continue;
      if (!found.has(entry.name)) found.set(entry.name, entry);
    }
    if (layout === 'flat' || depth === maxDigits) return;
    for (const entry of tree.entries) if (isBranch(entry)) visit(trees.get(entry.id), depth + 1);
  };
  visit(folder, 0);
  return found;
}

/** A name that gets an entry, or loses it. */
export type NameChange = {
  readonly name: RawName;
  readonly entry: TreeEntry | undefined;
  /** Once they are needed. */
  digits?: string;
};

/** Keeps a tree that came out of `before`, and gives its id. */
export type KeepTree = (before: ObjectId | undefined, changed: Changed) => ObjectId;

/** Names that are looked at, and trees that are made, between two pauses. */
const namesOfPiece = 256;
const treesOfPiece = 4;

/** Applies changes of different names to a folder. Gives what the folder's tree is called then. */
export function* applyingToFolder(
  trees: Trees,
  layout: Layout,
  folder: ObjectId | undefined,
  changes: readonly NameChange[],
  keep: KeepTree,
): Pieces<{ id: ObjectId; empty: boolean }> {
  let made = 0;
  const changed = (
    before: ObjectId | undefined,
    tree: Tree,
    entries: ReadonlyMap<RawName, TreeEntry | undefined>,
  ): { id: ObjectId; empty: boolean } => {
    const result = tree.with(entries);
    const empty = result.tree.entries.length === 0;
    return { id: keep(before, result), empty };
  };

  function* apply(
    before: ObjectId | undefined,
    depth: number,
    changes: readonly NameChange[],
  ): Pieces<{ id: ObjectId; empty: boolean }> {
    if (++made % treesOfPiece === 0) yield;
    const tree = before === undefined ? Tree.empty : trees.get(before);
    const here = new Map<RawName, TreeEntry | undefined>();
    const branched = layout === 'trie' && tree.branches > 0;
    if (!branched) {
      let count = tree.entries.length;
      const near = count + changes.length > maxNamesInTree;
      for (const { name, entry } of changes) {
        here.set(name, entry);
        if (near) count += (entry ? 1 : 0) - (tree.get(name) ? 1 : 0);
      }
      const fits = !near || count <= maxNamesInTree || layout === 'flat' || depth === maxDigits;
      if (fits) return changed(before, tree, here);
    }
    here.clear();
    // Each branch with what goes into it, or away from it.
    const below = new Map<string, NameChange[]>();
    const goDown = (change: NameChange): void => {
      change.digits ??= digitsOf(change.name);
      const digit = change.digits[depth]!;
      const there = below.get(digit);
      if (there === undefined) below.set(digit, [change]);
      else there.push(change);
    };
    let looked = 0;
    for (const change of changes) {
      if (++looked % namesOfPiece === 0) yield;
      if (tree.get(change.name) !== undefined) here.set(change.name, undefined);
      goDown(change);
    }
    const names = tree.entries.filter((entry) => !isBranch(entry) && !here.has(entry.name));
    const move = !branched || names.length > maxNamesInTree;
    for (const entry of names) {
      if (!move && !isBranchName(entry.name)) continue;
      here.set(entry.name, undefined);
      goDown({ name: entry.name, entry });
    }
    for (const [digit, changes] of below) {
      const name = `=${digit}`;
      const there = tree.get(name);
      const branch = there !== undefined && isBranch(there) ? there.id : undefined;
      if (branch === undefined && changes.every(({ entry }) => entry === undefined)) continue;
      const { id, empty } = yield* apply(branch, depth + 1, changes);
      here.set(name, empty ? undefined : { mode: folderMode, name, id });
    }
    return changed(before, tree, here);
  }

  return yield* apply(folder, 0, changes);
}

/** Names that a layout keeps for itself cannot be written. */
export function isReserved(layout: Layout, name: string): boolean {
  return layout === 'trie' && isBranchName(name);
}
