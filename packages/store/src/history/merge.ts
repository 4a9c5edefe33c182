/**
 * Brings what another line has done into ours, object by object. What only they have changed is taken if
 * the service finds it in order; what both have changed, the service merges; what cannot be, stays ours.
 */
import type { MergeFunction, ValidateFunction } from '../store.ts';
import { mustGet, type ObjectId, type Staging } from './objects.ts';
import { fromRaw, type RawName } from './path.ts';
import {
  compareEntries,
  fileMode,
  folderMode,
  isFile,
  isFolder,
  Tree,
  type TreeEntry,
  type Trees,
} from './tree.ts';

export type MergeRules = { readonly merge: MergeFunction; readonly validate: ValidateFunction };

/** A path of which ours was kept, and why. */
export type KeptPath = { readonly path: string; readonly reason: string };

export type MergedTree = { readonly tree: ObjectId; readonly kept: readonly KeptPath[] };

type Side = TreeEntry | undefined;

/** `base` is the tree both come from; the empty one if there is none. */
export function mergeTrees(
  staging: Staging,
  trees: Trees,
  rules: MergeRules,
  base: ObjectId,
  ours: ObjectId,
  theirs: ObjectId,
): MergedTree {
  const kept: KeptPath[] = [];
  const content = (side: Side): Uint8Array | undefined =>
    side === undefined ? undefined : mustGet(staging, side.id, 'blob').slice();

  const folder = (b: Side, o: Side, t: Side, path: string): Side => {
    const read = (side: Side): Tree => (side === undefined ? Tree.empty : trees.get(side.id));
    const [before, mine, other] = [read(b), read(o), read(t)];
    const names = new Set<RawName>();
    for (const { entries } of [mine, other]) for (const { name } of entries) names.add(name);
    const merged: TreeEntry[] = [];
    for (const name of names) {
      const inner = path === '' ? fromRaw(name) : `${path}/${fromRaw(name)}`;
      const result = entry(before.get(name), mine.get(name), other.get(name), inner);
      if (result !== undefined) merged.push({ ...result, name });
    }
    if (merged.length === 0) return undefined;
    return {
      mode: folderMode,
      name: '',
      id: staging.put('tree', Tree.of(merged.sort(compareEntries)).content),
    };
  };

  const entry = (b: Side, o: Side, t: Side, path: string): Side => {
    if (same(b, t) || same(o, t)) return o;
    const keep = (reason: string): Side => {
      kept.push({ path, reason });
      return o;
    };
    if ([b, o, t].every((side) => side === undefined || isFolder(side)))
      return folder(b, o, t, path);
    if (same(b, o)) {
      if (o !== undefined && isFolder(o)) return keep('a file has taken the place of a folder');
      if (t !== undefined && isFolder(t)) return keep('a folder has taken the place of a file');
      if (t !== undefined && !isFile(t)) return t; // a link or a submodule, which nobody here reads
      if (t === undefined && o !== undefined && !isFile(o)) return undefined;
      const fault = rules.validate(path, content(t));
      return fault === undefined ? t : keep(fault);
    }
    if (![b, o, t].every((side) => side === undefined || isFile(side))) {
      return keep('both sides changed it, and it is no file on one of them');
    }
    const result = rules.merge(path, content(b), content(o), content(t));
    if ('conflict' in result) return keep(result.conflict);
    if ('delete' in result) return undefined;
    const mode = o?.mode ?? t?.mode ?? fileMode;
    return { mode, name: '', id: staging.put('blob', result.octets.slice()) };
  };

  const side = (id: ObjectId): TreeEntry => ({ mode: folderMode, name: '', id });
  const merged = entry(side(base), side(ours), side(theirs), '');
  return { tree: merged?.id ?? staging.put('tree', new Uint8Array(0)), kept };
}

function same(a: Side, b: Side): boolean {
  return a === b || (a !== undefined && b !== undefined && a.id === b.id && a.mode === b.mode);
}
