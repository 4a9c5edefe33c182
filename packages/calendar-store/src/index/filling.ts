/** Looks into members that an index has by name only, once it has all commits. */
import { nextTurn } from '@riad/store/next-turn';
import type { Store } from '@riad/store/store';
import type { Describe } from '../options.ts';
import type { Collections } from './collections.ts';
import { etagOf, type IndexDatabase, textOf } from './index-database.ts';

/** Of one transaction. */
const membersPerTransaction = 500;

const update = `
UPDATE members SET size = ?, uid = coalesce(?, uid), component = ?, earliest = ?, latest = ?
WHERE collection = ? AND name = ?`;

export async function fillIn(
  database: IndexDatabase,
  collections: Collections,
  store: Store,
  describe: Describe,
  stopped: () => boolean,
): Promise<void> {
  const kinds = new Map([...collections.all()].map(({ id, kind }) => [id, kind]));
  while (!stopped()) {
    // In the order they were written in, in which they lie in packs, too.
    const sql =
      'SELECT collection, name, etag FROM members WHERE size < 0 ORDER BY collection, sequence LIMIT ?';
    const rows = database.rows(sql, membersPerTransaction);
    if (rows.length === 0) break;
    const contents = await Promise.all(rows.map((row) => store.content(etagOf(row), true)));
    database.change(() => {
      for (const [i, row] of rows.entries()) {
        const octets = contents[i];
        const collection = Number(row['collection']);
        const kind = kinds.get(collection) ?? 'folder';
        const facts =
          octets === undefined || kind === 'folder' ? undefined : describe(octets, kind);
        database.run(
          update,
          octets?.length ?? 0,
          facts?.uid ?? null,
          facts?.component ?? null,
          facts?.earliestSeconds ?? null,
          facts?.latestSeconds ?? null,
          collection,
          textOf(row, 'name'),
        );
      }
    });
    await nextTurn();
  }
  database.forgetNames();
  if (stopped()) return;
  database.change(() => {
    const sums =
      'SELECT collection, sum(size) AS octets FROM members WHERE what = 1 GROUP BY collection';
    const octets = new Map(
      database.rows(sums).map((row) => [Number(row['collection']), Number(row['octets'])]),
    );
    for (const state of collections.all()) {
      database.keepCollection({ ...state, octets: octets.get(state.id) ?? 0 });
    }
  });
}
