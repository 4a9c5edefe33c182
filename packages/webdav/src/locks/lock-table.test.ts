import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lock, type LockChange, LockTable, maxLocks } from './lock-table.ts';

function lock(token: string, path: readonly string[], more: Partial<Lock> = {}): Lock {
  return {
    token,
    path,
    scope: 'exclusive',
    depth: 'infinity',
    ownerXml: undefined,
    user: 'ann',
    timeoutSeconds: 60,
    expiresSeconds: 1060,
    ...more,
  };
}

const tokens = (locks: readonly Lock[]): string[] => locks.map(({ token }) => token);

test('a lock covers its path, and with depth infinity what is below it', () => {
  const table = new LockTable([
    lock('deep', ['files', 'ann', 'a']),
    lock('shallow', ['files', 'ann'], { depth: 0 }),
  ]);
  assert.deepEqual(tokens(table.covering(['files', 'ann', 'a', 'b'], 1000)), ['deep']);
  assert.deepEqual(tokens(table.covering(['files', 'ann'], 1000)), ['shallow']);
  assert.deepEqual(tokens(table.covering(['files', 'ann', 'ab'], 1000)), []);
  assert.deepEqual(tokens(table.below(['files', 'ann'], 1000)), ['deep', 'shallow']);
});

test('what is kept outlives a restart: every change is told, also that a lock has ended', () => {
  const kept = new Map<string, Lock>();
  const keep = (change: LockChange): void => {
    if (change.type === 'set') kept.set(change.lock.token, change.lock);
    else kept.delete(change.token);
  };
  const table = new LockTable([], keep);
  table.set(lock('1', ['files', 'ann', 'x']), 1000);
  table.set(lock('2', ['files', 'ann', 'y'], { expiresSeconds: 2000 }), 1000);
  const restarted = new LockTable(kept.values(), keep);
  assert.deepEqual(tokens(restarted.covering(['files', 'ann', 'x'], 1059)), ['1']);
  assert.deepEqual(tokens(restarted.covering(['files', 'ann', 'x'], 1060)), []);
  assert.deepEqual([...kept.keys()], ['2']);
  restarted.removeBelow(['files', 'ann'], 1100);
  assert.equal(kept.size, 0);
});

test('there is a most; refreshing one is no new one', () => {
  const table = new LockTable();
  for (let i = 0; i < maxLocks; i++)
    assert.ok(table.set(lock(String(i), ['files', String(i)]), 1000));
  assert.equal(table.set(lock('more', ['files', 'more']), 1000), false);
  assert.equal(table.set(lock('7', ['files', '7'], { expiresSeconds: 5000 }), 1000), true);
  assert.equal(table.set(lock('more', ['files', 'more']), 1100), true); // the others have ended
});
