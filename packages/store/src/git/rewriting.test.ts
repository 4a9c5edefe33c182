import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git, judge } from '../testing/git.ts';
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
