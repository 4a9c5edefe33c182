/**
 * Brings what another line has done into ours, object by object. What only they have changed is taken if
 * the service finds it in order; what both have changed, the service merges; what cannot be, stays ours.
 */
import type { MergeFunction, ValidateFunction } from '../store.ts';
import type { Edit } from './edit.ts';
import { children, type Layout } from './layout.ts';
import { mustGet, type ObjectId, type Objects } from './objects.ts';
import { fromRaw, type RawName } from './path.ts';
import { folderMode, isFile, isFolder, type TreeEntry, type Trees } from './tree.ts';

export type MergeRules = { readonly merge: MergeFunction; readonly validate: ValidateFunction };

/** A path of which ours was kept, and why. */
export type KeptPath = { readonly path: string; readonly reason: string };

/** What makes ours the merge of both. */
export type Merged = { readonly edits: readonly Edit[]; readonly kept: readonly KeptPath[] };

type Side = TreeEntry | undefined;

/** `base` is the tree both come from; the empty one if there is none. */
export function mergeTrees(
  objects: Objects,
  trees: Trees,
  layout: Layout,
  rules: MergeRules,
  base: ObjectId,
  ours: ObjectId,
  theirs: ObjectId,
): Merged {
  const edits: Edit[] = [];
  const kept: KeptPath[] = [];
  const content = (side: Side): Uint8Array | undefined =>
    side === undefined ? undefined : mustGet(objects, side.id, 'blob').slice();

  const folder = (b: Side, o: Side, t: Side, names: readonly RawName[]): void => {
    const inside = (side: Side): Map<RawName, TreeEntry> =>
      side === undefined ? new Map() : children(trees, layout, trees.get(side.id));
    const [before, mine, other] = [inside(b), inside(o), inside(t)];
    for (const name of new Set([...mine.keys(), ...other.keys()])) {
      const sides = [before, mine, other].map((side) => side.get(name));
      entry(sides[0], sides[1], sides[2], [...names, name]);
    }
  };

  const entry = (b: Side, o: Side, t: Side, names: readonly RawName[]): void => {
    if (same(b, t) || same(o, t)) return;
    const path = names.map(fromRaw).join('/');
    const keep = (reason: string): void => void kept.push({ path, reason });
    const take = (): void =>
      void edits.push({ names, result: t === undefined ? 'delete' : { entry: t } });
    const sides = [b, o, t];
    if (sides.every((side) => side === undefined || isFolder(side))) return folder(b, o, t, names);
    if (same(b, o)) {
      if (o !== undefined && isFolder(o)) return keep('a file has taken the place of a folder');
      if (t !== undefined && isFolder(t)) return keep('a folder has taken the place of a file');
      // Links and submodules, which nobody here reads.
      if (![o, t].every((side) => side === undefined || isFile(side))) return take();
      const fault = rules.validate(path, content(t));
      return fault === undefined ? take() : keep(fault);
    }
    if (!sides.every((side) => side === undefined || isFile(side))) {
      return keep('both sides changed it, and it is no file on one of them');
    }
    const result = rules.merge(path, content(b), content(o), content(t));
    if ('conflict' in result) keep(result.conflict);
    else edits.push({ names, result: 'delete' in result ? 'delete' : { octets: result.octets } });
  };

  const side = (id: ObjectId): TreeEntry => ({ mode: folderMode, name: '', id });
  entry(side(base), side(ours), side(theirs), []);
  return { edits, kept };
}

function same(a: Side, b: Side): boolean {
  return a === b || (a !== undefined && b !== undefined && a.id === b.id && a.mode === b.mode);
}
