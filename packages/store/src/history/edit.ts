/** Applies changes to a tree and gives the new one; objects that are made go into a `Staging`. */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Change } from '../store.ts';
import { StoreError } from '../store-error.ts';
import {
  applyingToFolder,
  find,
  isReserved,
  type KeepTree,
  type Layout,
  type NameChange,
} from './layout.ts';
import type { ObjectId, Staging } from './objects.ts';
import { fromRaw, type RawName, toRaw, writableNamesOf } from './path.ts';
import { keepTree, putFile } from './put-file.ts';
import {
  emptyTree,
  fileMode,
  folderMode,
  isFile,
  isFolder,
  type TreeEntry,
  type Trees,
} from './tree.ts';

/** One file: new octets, an entry that another commit has for it, or its end. */
export type Edit = {
  readonly names: readonly RawName[];
  readonly result:
    | { readonly octets: Uint8Array; readonly overFolder?: boolean }
    | { readonly entry: TreeEntry }
    | 'delete'
    | 'delete-folder';
};

/** RangeError for paths that cannot be written. */
export function editsOf(changes: readonly Change[], layout: Layout): Edit[] {
  return changes.map((change) => {
    const names = writableNamesOf(change.path);
    if (names.some((name) => isReserved(layout, name))) {
      throw new RangeError(`path: ${change.path} has a name that the layout keeps for itself`);
    }
    return { names: names.map(toRaw), result: resultOf(change) };
  });
}

function resultOf(change: Change): Edit['result'] {
  if ('delete' in change) return 'delete';
  if ('deleteFolder' in change) return 'delete-folder';
  const { octets, overFolder = false } = change;
  return { octets, overFolder };
}

/** What happens below one name: the edits are sorted into a tree of their own first. */
type Node = {
  result: Edit['result'] | undefined;
  readonly above: Node | undefined;
  readonly name: RawName;
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
  return atOnce(editing(staging, trees, layout, top, edits));
}

/** The same in pieces. */
export function* editing(
  staging: Staging,
  trees: Trees,
  layout: Layout,
  top: ObjectId,
  edits: readonly Edit[],
): Pieces<ObjectId> {
  const [only] = edits;
  const done = only && edits.length === 1 ? putFile(staging, trees, layout, top, only) : undefined;
  return done ?? (yield* editingAny(staging, trees, layout, top, edits));
}

/** Edits that are sorted, and blobs that are hashed, between two pauses. */
const editsOfPiece = 256;
const blobsOfPiece = 16;

/** The same, whatever the edits are. */
export function* editingAny(
  staging: Staging,
  trees: Trees,
  layout: Layout,
  top: ObjectId,
  edits: readonly Edit[],
): Pieces<ObjectId> {
  let sorted = 0;
  const plan: Node = { result: undefined, above: undefined, name: '', inner: new Map() };
  for (const { names, result } of edits) {
    if (++sorted % editsOfPiece === 0) yield;
    let node = plan;
    for (const name of names) {
      let next = node.inner.get(name);
      if (next === undefined) {
        next = { result: undefined, above: node, name, inner: new Map() };
        node.inner.set(name, next);
      }
      node = next;
    }
    if (node.result !== undefined) throw new RangeError(`changes: ${pathOf(node)} comes twice`);
    node.result = result;
  }
  return (yield* new Editor(staging, trees, layout).folder(top, plan)).id;
}

function pathOf(node: Node): string {
  const { above, name } = node;
  if (above === undefined) return '';
  return above.above === undefined ? fromRaw(name) : `${pathOf(above)}/${fromRaw(name)}`;
}

class Editor {
  readonly #staging: Staging;
  readonly #trees: Trees;
  readonly #layout: Layout;

  constructor(staging: Staging, trees: Trees, layout: Layout) {
    this.#staging = staging;
    this.#trees = trees;
    this.#layout = layout;
  }

  *folder(before: ObjectId | undefined, { inner }: Node): Pieces<{ id: ObjectId; empty: boolean }> {
    const tree = this.#trees.get(before ?? emptyTree);
    const changes: NameChange[] = [];
    for (const [name, node] of inner) {
      const now = find(this.#trees, this.#layout, tree, name);
      changes.push({ name, entry: yield* this.#entry(now, name, node) });
      if (changes.length % blobsOfPiece === 0) yield;
    }
    return yield* applyingToFolder(this.#trees, this.#layout, before, changes, this.#keep);
  }

  readonly #keep: KeepTree = (before, changed) =>
    keepTree(this.#staging, this.#trees, before, changed);

  *#entry(entry: TreeEntry | undefined, name: RawName, node: Node): Pieces<TreeEntry | undefined> {
    const { result, inner } = node;
    let now = entry;
    if (result === 'delete') {
      if (entry !== undefined && isFolder(entry))
        throw new StoreError('store.path-conflict', pathOf(node));
      now = undefined;
    }
    if (result === 'delete-folder' && now !== undefined) {
      if (!isFolder(now)) throw new StoreError('store.path-conflict', pathOf(node));
      now = undefined;
    }
    if (inner.size > 0) {
      const puts = [...inner.values()].some(hasPut);
      if (now !== undefined && !isFolder(now)) {
        // Nothing lies below a file, so nothing is there to be deleted.
        if (puts) throw new StoreError('store.path-conflict', pathOf(node));
      } else if (now !== undefined || puts) {
        const after = yield* this.folder(now?.id, node);
        // Git knows no empty folders.
        now = after.empty ? undefined : { mode: folderMode, name, id: after.id };
      }
    }
    if (result === undefined || typeof result === 'string') return now;
    if (now !== undefined && isFolder(now)) {
      const mayReplace = 'overFolder' in result && result.overFolder === true;
      if (!mayReplace) throw new StoreError('store.path-conflict', pathOf(node));
    }
    if ('entry' in result) return { ...result.entry, name };
    const id = this.#staging.put('blob', result.octets.slice());
    return { mode: now !== undefined && isFile(now) ? now.mode : fileMode, name, id };
  }
}

function hasPut({ result, inner }: Node): boolean {
  return (result !== undefined && typeof result !== 'string') || [...inner.values()].some(hasPut);
}
