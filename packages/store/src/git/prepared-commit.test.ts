import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editsOf } from '../history/edit.ts';
import { History } from '../history/history.ts';
import type { Change, CommitRequest } from '../store.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { openGitStore } from './git-store.ts';
import type { GitStore } from './git-store-options.ts';
import { elsewhereOctets } from './journal-record.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const author = { name: 'ann', email: 'ann@localhost' };

function open(disk: SimulatedDisk = new SimulatedDisk()): Promise<GitStore> {
  const never = { idleMs: 2 ** 30, oldestMs: 2 ** 30, octets: 2 ** 30 };
  const repository = { repository: 'store.git', journal: 'wal', segmentOctets: 1 << 16 };
  return openGitStore({
    ...repository,
    disk,
    layout: 'trie',
    seal: never,
    refreshMs: 0,
    leftLockMs: 0,
  });
}

const files = (count: number, version: string): Change[] =>
  Array.from({ length: count }, (_, i) => ({
    path: `folder ${i % 3}/${i}`,
    octets: octets(`file ${i} ${version}`),
  }));

function requestOf(changes: readonly Change[]): CommitRequest {
  const trailers = changes.map(({ path }) => ({ key: 'Change', value: path }));
  return { changes, author, message: 'many', trailers, timeSeconds: 1_800_000_000 };
}

test('a commit in pieces is the commit that would have been made at once', async () => {
  await using one = await open();
  await using other = await open();
  let pauses = 0;
  const pause = async (): Promise<void> => void pauses++;
  for (const changes of [
    files(500, '1'),
    [...files(300, '2'), { path: 'large', octets: octets('x'.repeat(elsewhereOctets)) }],
    [
      { path: 'folder 1', deleteFolder: true } as const,
      ...files(10, '3').filter((_, i) => i % 3 !== 1),
    ],
  ]) {
    const prepared = await one.prepare(requestOf(changes), pause);
    assert.equal(one.newest, other.newest, 'nothing has moved yet');
    const revision = await one.commitPrepared(prepared);
    assert.equal(revision, await other.commit(requestOf(changes)));
    assert.equal(one.head, revision);
  }
  assert.ok(pauses > 500);
  for (const store of [one, other]) {
    const read = await store.read('folder 2/299');
    assert.deepEqual(read?.octets, octets('file 299 2'));
  }
});

test('another commit that came first is a conflict, and nothing of it is left', async () => {
  const disk = new SimulatedDisk();
  {
    await using store = await open(disk);
    await store.commit(requestOf(files(5, '0')));
    const prepared = await store.prepare(requestOf(files(200, '1')), async () => {});
    const head = await store.commit(requestOf([{ path: 'folder 0/0', octets: octets('first') }]));
    await assert.rejects(store.commitPrepared(prepared), { code: 'store.conflict' });
    assert.equal(store.newest, head);
    assert.equal((await store.list('folder 1')).length, 2);
  }
  await using again = await open(disk.afterKill());
  assert.equal((await Array.fromAsync(again.log())).length, 2);
  assert.deepEqual((await again.read('folder 0/0'))?.octets, octets('first'));
});

test('what is prepared and not committed is not there after a crash, and what is, is', async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk);
  const first = await store.prepare(requestOf(files(100, '1')), async () => {});
  const revision = await store.commitPrepared(first);
  await store.prepare(requestOf(files(100, '2')), async () => {});
  await using again = await open(disk.afterKill());
  assert.equal(again.head, revision);
  assert.deepEqual((await again.read('folder 0/99'))?.octets, octets('file 99 1'));
  await store.close();
});

test('no piece makes more than some objects, however many there are', () => {
  const objects = new Map();
  const history = new History(objects, 'trie');
  let parents: string[] = [];
  for (const version of ['1', '2']) {
    const edits = editsOf(files(5000, version), 'trie');
    const request = { ...requestOf(files(5000, version)), edits };
    const preparing = history.preparing(request, parents, 1_800_000_000);
    let pieces = 0;
    for (;;) {
      const { done, value } = preparing.next();
      pieces++;
      if (done !== true) continue;
      for (const [id, object] of value.staging.added) objects.set(id, object);
      parents = [value.revision];
      // Blobs and trees: 5,000, and some hundred.
      assert.ok(value.staging.added.size > 5300);
      assert.ok(pieces > value.staging.added.size / 20, `${pieces} pieces`);
      break;
    }
  }
});
