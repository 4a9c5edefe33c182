/**
 * Takes members out of all history, for who has a right to that. They must be deleted first. The commits stay,
 * with their numbers, names and UIDs, so that clients which have not heard of the deletion still do, and sync
 * states stay good: each commit says what it was called before. What people read of them is gone: octets,
 * properties, summaries. Copies that others have made of the repository are theirs to erase.
 */
import type { GitStore, Rewritten } from '@riad/store/git-options';
import type { CommitInformation, Difference, Revision, Trailer } from '@riad/store/store';
import type { Path } from '@riad/webdav/storage/storage';
import {
  erasedTrailers,
  foreignTrailer,
  isOurKey,
  parentTrailer,
  readTrailers,
  rewrittenTrailer,
} from '../commits/recorded-change.ts';
import type { IndexDatabase } from '../index/index-database.ts';
import { textOf } from '../index/index-database.ts';
import { keyOf, pathOf, sidecarOf, storedPath } from '../layout/paths.ts';

const summaryOfErased = 'erased';

/** Where members stood, and where else the same octets did. */
export function placesOf(index: IndexDatabase, paths: readonly Path[]): Path[] {
  const found = new Map(paths.map((path) => [keyOf(path), path]));
  const others = `
    SELECT DISTINCT other.name, place.key FROM changes AS one
    JOIN collections ON collections.id = one.collection
    JOIN changes AS other ON other.blob = one.blob
    JOIN collections AS place ON place.id = other.collection
    WHERE collections.key = ? AND one.name = ? AND one.type = 'put' AND other.type = 'put'`;
  for (const path of paths) {
    for (const row of index.rows(others, keyOf(path.slice(0, -1)), path.at(-1)!)) {
      const place = [...pathOf(textOf(row, 'key')), textOf(row, 'name')];
      found.set(keyOf(place), place);
    }
  }
  return [...found.values()];
}

/** Commits on our line that put or delete something there. */
function touchedBy(index: IndexDatabase, paths: readonly Path[]): Set<Revision> {
  const touched = new Set<Revision>();
  const sql = `
    SELECT lower(hex(revision)) AS revision FROM changes
    JOIN commits ON number = commit_number JOIN collections ON collections.id = collection
    WHERE key = ? AND name = ?`;
  for (const path of paths) {
    for (const row of index.rows(sql, keyOf(path.slice(0, -1)), path.at(-1)!)) {
      touched.add(textOf(row, 'revision'));
    }
  }
  return touched;
}

/** `places` as `placesOf` gives them; nothing is there any more. */
export async function erase(
  store: GitStore,
  index: IndexDatabase,
  places: readonly Path[],
): Promise<Rewritten> {
  const files = new Set(places.flatMap((path) => [storedPath(path), sidecarOf(path)]));
  const touched = touchedBy(index, places);
  // What commits of others did to these, for it can no longer be seen.
  const foreign = new Map<Revision, readonly Difference[]>();
  for (const revision of touched) {
    const commit = await store.describe(revision);
    const [parent] = commit.parents;
    const { changes, erased } = readTrailers(parent, commit.trailers);
    if (changes !== undefined) continue;
    const differences = await store.differences(parent, revision);
    foreign.set(revision, [...erased, ...differences.filter(({ path }) => files.has(path))]);
  }
  return store.rewrite({
    paths: [...files],
    words: (commit, parent) => wordsOf(commit, parent, touched, foreign.get(commit.revision)),
  });
}

function wordsOf(
  commit: CommitInformation,
  parent: Revision | undefined,
  touched: ReadonlySet<Revision>,
  erased: readonly Difference[] | undefined,
): { message: string; trailers: readonly Trailer[] } | undefined {
  const { revision, parents, message, trailers } = commit;
  const isTouched = touched.has(revision);
  if (parent === parents[0] && !isTouched) return undefined;
  const read = readTrailers(parents[0], trailers);
  const isForeign = read.changes === undefined;
  const kept = trailers.filter(({ key }) => !isOurKey(key) || (!isForeign && !isReplaced(key)));
  return {
    message: isTouched ? summaryOfErased : message,
    trailers: [
      parentTrailer(parent),
      rewrittenTrailer(read.rewritten ?? revision),
      ...(isForeign ? [foreignTrailer, ...erasedTrailers(erased ?? read.erased)] : []),
      ...kept,
    ],
  };
}

function isReplaced(key: string): boolean {
  return key === parentTrailer(undefined).key || key === rewrittenTrailer('').key;
}
