import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { IndexDatabase } from './index-database.ts';

function filled(t: TestContext): { readonly file: string; readonly index: IndexDatabase } {
  const file = `${temporaryFolder(t)}/index.db`;
  const index = new IndexDatabase(file);
  t.after(() => index.close());
  index.change(() => add(index, 1, 500));
  index.keep();
  return { file, index };
}

function add(index: IndexDatabase, from: number, count: number): void {
  for (let number = from; number < from + count; number++)
    index.run(
      'INSERT INTO commits VALUES (?, ?, NULL, 0, ?, NULL)',
      number,
      Buffer.alloc(20),
      'x'.repeat(400),
    );
}

const count = (index: IndexDatabase): number =>
  Number(index.row('SELECT count(*) AS n FROM commits')?.['n']);

function isAlone(file: string): boolean {
  const other = new DatabaseSync(file, { readOnly: true });
  try {
    other.prepare('SELECT number FROM state').get();
    return false;
  } catch (error) {
    assert.match((error as Error).message, /locked/);
    return true;
  } finally {
    other.close();
  }
}

test('a snapshot has what was kept, and nothing that comes after it', (t) => {
  const { file, index } = filled(t);
  assert.ok(isAlone(file));
  const snapshot = index.snapshot()!;
  index.change(() => add(index, 1000, 100));
  assert.deepEqual([count(index), count(snapshot)], [600, 500]);
  index.keep();
  assert.equal(count(snapshot), 600);
  snapshot.close();
  index.left();
  index.change(() => add(index, 2000, 1));
  index.keep();
  assert.equal(count(index), 601);
  assert.ok(isAlone(file), 'the next write keeps others out again');
  assert.equal(new IndexDatabase(':memory:').snapshot(), undefined);
});

test('the log is shortened on another thread, while others read and write', async (t) => {
  const { file, index } = filled(t);
  assert.ok(index.logPages > 50, `${index.logPages} pages`);
  const shortened = index.shortenLog();
  index.change(() => add(index, 2000, 1));
  const snapshot = index.snapshot()!;
  assert.equal(count(snapshot), 501);
  await shortened;
  assert.equal(isAlone(file), false, 'one guest is there still');
  snapshot.close();
  index.left();
  assert.ok(index.logPages < 50, `${index.logPages} pages`);
  index.change(() => add(index, 3000, 1));
  index.keep();
  assert.equal(count(index), 502);
  assert.ok(isAlone(file));
});

test('what the thread cannot do is told, and nothing is lost', async (t) => {
  const { file, index } = filled(t);
  const other = new DatabaseSync(':memory:');
  t.after(() => other.close());
  other.exec('CREATE TABLE state (number, revision, complete)');
  const elsewhere = new IndexDatabase(`${file}/no/folder`, other);
  await assert.rejects(elsewhere.shortenLog());
  assert.equal(count(index), 500);
});
