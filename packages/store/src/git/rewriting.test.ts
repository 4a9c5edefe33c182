import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { blobId } from '../blob.ts';
import { copyOut, git, judge } from '../testing/git.ts';
import { openSimulated } from '../testing/git-store-run.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openGitStore } from './git-store.ts';

const author = { name: 'Ada', email: '' };
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a file that is to have never been is nowhere on the disk, and all else is as it was', async (t) => {
  const folder = temporaryFolder(t);
  const repository = join(folder, 'store.git');
  const options = {
    repository,
    journal: join(folder, 'wal'),
    layout: 'trie',
    refreshMs: 0,
  } as const;
  const store = await openGitStore(options);
  const secret = 'incompressible-9f8a7c6d5e4b';
  const revisions: string[] = [];
  for (let i = 0; i < 100; i++) {
    const changes = [{ path: `c/${i}`, octets: octets(`${i}`) }];
    if (i === 40) changes.push({ path: 'c/secret', octets: octets(secret) });
    const message = i === 40 ? 'a secret' : `${i}`;
    revisions.push(await store.commit({ changes, author, message }));
    if (i % 30 === 5) await store.seal();
  }
  await store.commit({ changes: [{ path: 'c/secret', delete: true }], author, message: 'gone' });
  const { blob } = (await store.read('c/secret', revisions[50]))!;
  const clone = join(folder, 'clone');
  await store.seal();
  git(folder, 'clone', '--quiet', repository, clone);
  writeFileSync(join(clone, 'theirs'), 'x');
  git(clone, 'add', '-A');
  git(clone, 'commit', '--quiet', '-m', 'theirs');

  const told: string[] = [];
  store.watch(({ origin }) => told.push(origin));
  const { commits, keptBy, revision } = await store.rewrite({
    paths: ['c/secret'],
    words: ({ message, trailers }) =>
      message === 'a secret' ? { message: 'erased', trailers } : undefined,
  });
  assert.equal(commits, 61);
  assert.deepEqual(keptBy, []);
  assert.deepEqual(told, ['rewrite']);
  assert.equal(store.head, revision);
  assert.equal(await store.content(blob), undefined);
  assert.equal(await store.read('c/secret', await store.resolve('head')), undefined);
  assert.equal(
    await store.resolve(revisions[39]!),
    revisions[39],
    'what came before is called the same',
  );
  const subjects = judge(repository).reverse();
  assert.deepEqual(subjects, [
    ...Array.from({ length: 100 }, (_, i) => (i === 40 ? 'erased' : `${i}`)),
    'gone',
  ]);
  assert.throws(() => git(repository, 'cat-file', '-e', blob));
  for (const name of readdirSync(join(folder, 'wal'))) {
    assert.ok(!readFileSync(join(folder, 'wal', name)).includes('secret'), name);
  }
  await store.commit({ changes: [{ path: 'd', octets: octets('more') }], author, message: 'more' });
  await store.close();
  await using again = await openGitStore(options);
  assert.equal((await again.list('c')).length, 100);
  for (let i = 0; i < 100; i++) assert.ok(await again.read(`c/${i}`));
  assert.equal(judge(repository)[0], 'more');
  // Who has a copy of the old history brings it back only by force, and then it is put aside.
  assert.throws(() => git(clone, 'push', '--quiet'));
});

test('a crash leaves the one history or the other, whole', async (t) => {
  const run = async (disk: SimulatedDisk): Promise<void> => {
    try {
      const store = await openSimulated(disk);
      for (let i = 0; i < 6; i++) {
        const changes = [{ path: `c/${i === 2 ? 'secret' : i}`, octets: octets(`${i}`) }];
        await store.commit({ changes, author, message: `${i}` });
        if (i === 3) await store.seal();
      }
      const change = { path: 'c/secret', delete: true } as const;
      await store.commit({ changes: [change], author, message: 'gone' });
      await store.rewrite({ paths: ['c/secret'], words: () => undefined });
      await store.commit({ changes: [], author, message: 'after' });
      await store.close();
    } catch (error) {
      if (!disk.crashed) throw error;
    }
  };
  const whole = new SimulatedDisk();
  await run(whole);
  let erased = 0;
  for (let crashAt = 1; crashAt <= whole.operations; crashAt++) {
    const disk = new SimulatedDisk({ crashAt });
    await run(disk);
    const random = new Random(crashAt);
    const left = random.chance(0.7) ? disk.afterCrash(random) : disk.afterKill();
    const store = await openSimulated(left);
    const log = (await Array.fromAsync(store.log())).map(({ message }) => message).reverse();
    assert.deepEqual(log, ['0', '1', '2', '3', '4', '5', 'gone', 'after'].slice(0, log.length));
    const second = (await Array.fromAsync(store.log())).at(-3)?.revision;
    const there = second !== undefined && (await store.read('c/secret', second)) !== undefined;
    if (second !== undefined && !there) erased++;
    await store.commit({ changes: [], author, message: 'more' });
    await store.close();
    if (crashAt % 9 !== 0) continue;
    const folder = temporaryFolder(t);
    copyOut(left, 'store.git', folder);
    judge(join(folder, 'store.git'));
    if (log.length === 8) {
      assert.throws(() => git(join(folder, 'store.git'), 'cat-file', '-e', blobId(octets('2'))));
    }
  }
  assert.ok(erased > 3, `${erased}`);
});
