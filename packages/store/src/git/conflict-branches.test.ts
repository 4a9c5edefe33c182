import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitInformation } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { ConflictBranches, conflictFolder } from './conflict-branches.ts';
import { keptIn, keptLines } from './kept-lines.ts';

const time = Date.parse('2026-11-25T10:30:00Z') / 1000;
const reference = `${conflictFolder}20261125T103000Z`;

/** A line of commits, newest first, each a second or more after the one behind it; and branches. */
function line(commits: readonly Partial<CommitInformation>[], branches: Record<string, string>) {
  const asked: string[] = [];
  return {
    asked,
    head: '0',
    references: (prefix: string) =>
      new Map(Object.entries(branches).filter(([name]) => name.startsWith(prefix))),
    describe: async (revision: string): Promise<CommitInformation> => {
      asked.push(revision);
      const commit = commits[Number(revision)];
      if (commit === undefined) throw new StoreError('store.not-found', revision);
      return {
        revision,
        parents: [String(Number(revision) + 1), ...(commit.parents ?? [])],
        author: { name: 'a', email: 'a' },
        timeSeconds: commit.timeSeconds ?? time,
        message: commit.message ?? 'put a',
        trailers: [],
      };
    },
  };
}

test('lines say what was kept, and are read back', () => {
  const kept = [
    { path: 'calendars/ann/work/a b.ics', reason: 'both sides changed it' },
    { path: 'b', reason: 'no zone: line 3' },
  ];
  assert.deepEqual(keptIn(`Merge main\n\n${keptLines(kept)}`), kept);
  assert.deepEqual(keptIn('Merge main'), []);
});

test('what an earlier process left is named at once, and its reason once it is found', async () => {
  const message = 'Merge main\n\nKept ours of a: both sides changed it';
  const store = line([{}, {}, { parents: ['theirs'], message }, {}, {}], { [reference]: 'theirs' });
  const conflicts = new ConflictBranches();
  const sentence = `both sides changed the same; theirs is kept as ${reference}`;
  const recalled = conflicts.recall(store);
  assert.deepEqual(conflicts.complaints(store), [sentence]);
  await recalled;
  assert.deepEqual(conflicts.complaints(store), [`${sentence}: a: both sides changed it`]);
  assert.deepEqual(store.asked, ['0', '1', '2']);
  // Deleted: dealt with.
  assert.deepEqual(conflicts.complaints(line([], {})), []);
});

test('it ends where the conflict came later, and where the line ends or cannot be read', async () => {
  const message = 'Merge main\n\nKept ours of a: b';
  const old = line(
    [{ timeSeconds: time + 5 }, { timeSeconds: time - 3601 }, { parents: ['theirs'], message }],
    { [reference]: 'theirs' },
  );
  await new ConflictBranches().recall(old);
  assert.deepEqual(old.asked, ['0', '1']);
  const unreadable = line([{}], { [reference]: 'theirs' });
  const conflicts = new ConflictBranches();
  await conflicts.recall(unreadable);
  assert.deepEqual(unreadable.asked, ['0', '1']);
  assert.deepEqual(conflicts.waiting(unreadable), [{ reference, kept: [] }]);
  // Nothing is looked for without need.
  const none = line([{}], {});
  await conflicts.recall(none);
  assert.deepEqual(none.asked, []);
});
