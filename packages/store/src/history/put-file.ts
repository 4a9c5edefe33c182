/**
 * Most commits put one file into a folder that is there. That is a walk down and a walk up, without what several
 * edits of all kinds need (edit.ts); where anything is unusual, they do it.
 */
import type { Edit } from './edit.ts';
import { digitsOf, type Layout, maxNamesInTree } from './layout.ts';
import type { ObjectId, Staging } from './objects.ts';
import type { RawName } from './path.ts';
import {
  type Changed,
  emptyTree,
  fileMode,
  folderMode,
  isFile,
  isFolder,
  type Tree,
  type TreeEntry,
  type Trees,
} from './tree.ts';

/** A tree on the way, and the name in it that the way goes through. */
type Step = { readonly id: ObjectId; readonly tree: Tree; readonly name: RawName };

/** The id of the new top tree; undefined, and nothing is done, unless it is as simple as that. */
export function putFile(
  staging: Staging,
  trees: Trees,
  layout: Layout,
  top: ObjectId,
  { names, result }: Edit,
): ObjectId | undefined {
  if (typeof result === 'string' || 'entry' in result) return undefined;
  const steps: Step[] = [];
  let id = top;
  let there: TreeEntry | undefined;
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    const last = descend(trees, layout, id, name, steps);
    if (last === undefined) return undefined;
    there = last.tree.get(name);
    if (at + 1 < names.length) {
      if (there === undefined || !isFolder(there)) return undefined;
      id = there.id;
    } else if (there === undefined) {
      if (layout === 'trie' && last.tree.entries.length >= maxNamesInTree) return undefined;
    } else if (!isFile(there)) return undefined;
  }
  const blob = staging.put('blob', result.octets.slice());
  let made = blob;
  let mode = there?.mode ?? fileMode;
  for (const { id: before, tree, name } of steps.reverse()) {
    made = keepTree(staging, trees, before, tree.withOne({ mode, name, id: made }));
    mode = folderMode;
  }
  return made;
}

/** Down to the tree of a folder where a name has to stand. Undefined: it may stand elsewhere, too. */
function descend(
  trees: Trees,
  layout: Layout,
  folder: ObjectId,
  name: RawName,
  steps: Step[],
): Step | undefined {
  let id = folder;
  let digits: string | undefined;
  for (let depth = 0; ; depth++) {
    // Nobody has written it, so it cannot be what another one comes out of.
    if (id === emptyTree) return undefined;
    const tree = trees.get(id);
    if (layout === 'flat' || tree.branches === 0) {
      const last = { id, tree, name };
      steps.push(last);
      return last;
    }
    // What people have put beside branches moves when the tree is written.
    if (tree.branches < tree.entries.length) return undefined;
    digits ??= digitsOf(name);
    const branch = `=${digits[depth]}`;
    const next = tree.get(branch);
    if (next === undefined) return undefined;
    steps.push({ id, tree, name: branch });
    id = next.id;
  }
}

/** Keeps a tree that came out of `before`. */
export function keepTree(
  staging: Staging,
  trees: Trees,
  before: ObjectId | undefined,
  { tree, baseOctets, splices }: Changed,
): ObjectId {
  // The empty tree is known to everybody, and kept by nobody who has not written it.
  const isKept = before !== undefined && before !== emptyTree;
  if (isKept && splices.length === 0) return before;
  const from = isKept ? { base: before, baseOctets, splices } : undefined;
  const id = staging.put('tree', tree.content, from);
  trees.keep(id, tree);
  if (from !== undefined) trees.supersede(from.base);
  return id;
}
