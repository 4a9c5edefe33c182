/**
 * Where a name of a folder stands in trees.
 *
 * `flat`: in the folder's own tree. `trie`: in a tree with at most 64 names of its own; further ones go
 * into 16 trees below it, `=0` to `=f`, by the next hexadecimal digit of the name's SHA-1, and so on down.
 * A write then touches a few small trees however many names there are. Readers take a name at any depth,
 * for people edit repositories; a writer moves the one it touches, and no other.
 */
import { createHash } from 'node:crypto';
import type { RawName } from './path.ts';
import { isFolder, type Tree, type TreeEntry, type Trees } from './tree.ts';

export type Layout = 'flat' | 'trie';

export const maxNamesInTree = 64;
/** SHA-1 has 40 digits; 16^40 trees are enough. */
const digits = 40;

export function isBranch(entry: TreeEntry): boolean {
  return isFolder(entry) && /^=[0-9a-f]$/.test(entry.name);
}

/** The names of the trees below a folder that lead to a name, outermost first. */
export function branches(name: RawName): RawName[] {
  const hash = createHash('sha1').update(Buffer.from(name, 'latin1')).digest('hex');
  return Array.from(hash, (digit) => `=${digit}`);
}

/** An entry of a folder, and the branches it stands below. */
export type Found = { readonly entry: TreeEntry; readonly below: readonly RawName[] };

/**
 * Where a name stands; undefined if nowhere. Where people have made it stand twice, the outermost is the
 * one, and `findAll` gives the others behind it.
 */
export function find(trees: Trees, layout: Layout, folder: Tree, name: RawName): Found | undefined {
  for (const found of findAll(trees, layout, folder, name)) return found;
  return undefined;
}

export function* findAll(
  trees: Trees,
  layout: Layout,
  folder: Tree,
  name: RawName,
): Generator<Found> {
  const direct = folder.get(name);
  if (layout === 'flat') {
    if (direct !== undefined) yield { entry: direct, below: [] };
    return;
  }
  if (direct !== undefined && !isBranch(direct)) yield { entry: direct, below: [] };
  const below: RawName[] = [];
  let tree = folder;
  for (const branch of branches(name)) {
    const next = tree.get(branch);
    if (next === undefined || !isBranch(next)) return;
    below.push(branch);
    tree = trees.get(next.id);
    const entry = tree.get(name);
    if (entry !== undefined && !isBranch(entry)) yield { entry, below: [...below] };
  }
}

/** All that a folder holds, whatever trees it stands in. The first of two of the same name is the one. */
export function children(trees: Trees, layout: Layout, folder: Tree): Map<RawName, Found> {
  const found = new Map<RawName, Found>();
  const visit = (tree: Tree, below: readonly RawName[]): void => {
    for (const entry of tree.entries) {
      if (layout === 'trie' && isBranch(entry)) continue;
      if (!found.has(entry.name)) found.set(entry.name, { entry, below });
    }
    if (layout === 'flat' || below.length === digits) return;
    for (const entry of tree.entries) {
      if (isBranch(entry)) visit(trees.get(entry.id), [...below, entry.name]);
    }
  };
  visit(folder, []);
  return found;
}

/** Finds places for names that are written together, each knowing of those before. */
export class Placement {
  readonly #trees: Trees;
  /** Trees by the branches that lead to them, as they will be. */
  readonly #nodes = new Map<string, { names: number; readonly branches: Set<RawName> }>();
  readonly #folder: Tree;

  constructor(trees: Trees, folder: Tree) {
    this.#trees = trees;
    this.#folder = folder;
  }

  /** The branches below which a name belongs; `now` is where it stands, if it does. */
  place(name: RawName, now: Found | undefined): readonly RawName[] {
    const wanted = branches(name);
    const below: RawName[] = [];
    for (const branch of wanted) {
      const node = this.#node(below);
      const here = now !== undefined && now.below.length === below.length;
      if (!node.branches.has(branch) && node.names - (here ? 1 : 0) < maxNamesInTree) {
        if (!here) node.names++;
        break;
      }
      if (here) node.names--;
      node.branches.add(branch);
      below.push(branch);
    }
    return below;
  }

  #node(below: readonly RawName[]): { names: number; readonly branches: Set<RawName> } {
    const key = below.join('');
    let node = this.#nodes.get(key);
    if (node === undefined) {
      const tree = this.#tree(below);
      const inner = new Set<RawName>();
      for (const entry of tree?.entries ?? []) if (isBranch(entry)) inner.add(entry.name);
      node = { names: (tree?.entries.length ?? 0) - inner.size, branches: inner };
      this.#nodes.set(key, node);
    }
    return node;
  }

  #tree(below: readonly RawName[]): Tree | undefined {
    let tree = this.#folder;
    for (const branch of below) {
      const next = tree.get(branch);
      if (next === undefined || !isBranch(next)) return undefined;
      tree = this.#trees.get(next.id);
    }
    return tree;
  }
}

/** Names that a layout keeps for itself cannot be written. */
export function isReserved(layout: Layout, name: string): boolean {
  return layout === 'trie' && /^=[0-9a-f]$/.test(name);
}
