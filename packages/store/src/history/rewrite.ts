/**
 * Makes a history in which some files have never been. Commits keep their author and time; ids change from the
 * first one on that had such a file, or whose words change.
 */
import type { CommitInformation, Revision, Trailer } from '../store.ts';
import { encodeCommit } from './commit-object.ts';
import { type Edit, edit } from './edit.ts';
import type { History } from './history.ts';
import type { ObjectId, Staging } from './objects.ts';
import { namesOf, toRaw } from './path.ts';
import { isFile } from './tree.ts';

export type Rewriting = {
  /** Files that are to be gone from every commit. */
  readonly paths: readonly string[];
  /** What a commit says then; `parent` is what its first parent is called now. Undefined: what it says. */
  readonly words: (
    commit: CommitInformation,
    parent: Revision | undefined,
  ) => { readonly message: string; readonly trailers: readonly Trailer[] } | undefined;
};

/** Each commit that leads to `head`, parents first. */
export function* parentsFirst(history: History, head: Revision): Generator<Revision> {
  const done = new Set<Revision>();
  const stack: { readonly revision: Revision; next: number }[] = [{ revision: head, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const parent = history.commit(top.revision).parents[top.next++];
    if (parent === undefined) {
      stack.pop();
      if (!done.has(top.revision)) yield top.revision;
      done.add(top.revision);
    } else if (!done.has(parent)) stack.push({ revision: parent, next: 0 });
  }
}

export class HistoryRewriter {
  readonly #history: History;
  readonly #rewriting: Rewriting;
  readonly #names: readonly (readonly string[])[];
  /** What commits are called now. */
  readonly renamed: Map<Revision, Revision> = new Map();
  readonly #trees = new Map<ObjectId, ObjectId>();

  constructor(history: History, rewriting: Rewriting) {
    this.#history = history;
    this.#rewriting = rewriting;
    this.#names = rewriting.paths.map(namesOf);
  }

  /** Its parents first. New objects go into the staging. */
  rewrite(revision: Revision, staging: Staging): void {
    const commit = this.#history.commit(revision);
    const parents = commit.parents.map((parent) => this.renamed.get(parent)!);
    const tree = this.#tree(revision, commit.tree, staging);
    const { tree: _, ...told } = commit;
    const changed =
      tree !== commit.tree || parents.some((parent, i) => parent !== commit.parents[i]);
    const words = this.#rewriting.words(
      { ...told, revision },
      changed ? parents[0] : commit.parents[0],
    );
    if (!changed && words === undefined) {
      this.renamed.set(revision, revision);
      return;
    }
    const octets = encodeCommit({ ...commit, tree, parents, ...words });
    this.renamed.set(revision, staging.put('commit', octets));
  }

  #tree(revision: Revision, tree: ObjectId, staging: Staging): ObjectId {
    const known = this.#trees.get(tree);
    if (known !== undefined) return known;
    const edits = this.#names.flatMap((names): Edit[] => {
      const entry = this.#history.entry(revision, names);
      return entry === undefined || !isFile(entry)
        ? []
        : [{ names: names.map(toRaw), result: 'delete' }];
    });
    const { trees, layout } = this.#history;
    const result = edits.length === 0 ? tree : edit(staging, trees, layout, tree, edits);
    this.#trees.set(tree, result);
    return result;
  }
}

/** Ids of all that these commits lead to. */
export function reachable(history: History, revisions: readonly Revision[]): Set<ObjectId> {
  const found = new Set<ObjectId>();
  const visitTree = (id: ObjectId): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const entry of history.trees.get(id).entries) {
      if (entry.mode === 0o040000) visitTree(entry.id);
      else if (entry.mode !== 0o160000) found.add(entry.id); // submodules are elsewhere
    }
  };
  for (const head of revisions) {
    for (const revision of parentsFirst(history, head)) {
      if (found.has(revision)) continue;
      found.add(revision);
      visitTree(history.commit(revision).tree);
    }
  }
  return found;
}
