import assert from 'node:assert/strict';
import { chmodSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import type { MergeFunction, Store, ValidateFunction } from '../store.ts';
import { git, judge } from '../testing/git.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openGitStore } from './git-store.ts';
import type { GitStore, GitStoreOptions, StoreReport } from './git-store-options.ts';

const author = { name: 'Ada', email: 'ada@example.org' };
const put = (store: Store, path: string, text: string): Promise<string> =>
  store.commit({
    changes: [{ path, octets: new TextEncoder().encode(text) }],
    author,
    message: `put ${path}`,
  });
const text = async (store: Store, path: string, at?: string): Promise<string | undefined> => {
  const file = await store.read(path, at);
  return file && new TextDecoder().decode(file.octets);
};

class Place {
  readonly repository: string;
  readonly reports: StoreReport[] = [];
  readonly #folder: string;
  #clones = 0;

  constructor(t: TestContext) {
    this.#folder = temporaryFolder(t);
    this.repository = join(this.#folder, 'store.git');
  }

  open(more: Partial<GitStoreOptions> = {}): Promise<GitStore> {
    return openGitStore({
      repository: this.repository,
      journal: join(this.#folder, 'wal'),
      segmentOctets: 1 << 16,
      refreshMs: 0,
      report: (report) => this.reports.push(report),
      ...more,
    });
  }

  /** Somebody's working copy. */
  clone(): string {
    const folder = join(this.#folder, `clone-${++this.#clones}`);
    git(this.#folder, 'clone', '--quiet', this.repository, folder);
    return folder;
  }
}

function edit(folder: string, files: Readonly<Record<string, string>>, message = 'edit'): string {
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), value);
  }
  git(folder, 'add', '-A');
  git(folder, 'commit', '--quiet', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

describe('what git sees', () => {
  test('every commit, with author, message and trailers, once it is sealed', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    await put(store, 'a/b', '1');
    const trailers = [{ key: 'Riad-Sequence', value: '7' }];
    const changes = [
      { path: 'a/b', delete: true } as const,
      { path: 'c', octets: new Uint8Array(3) },
    ];
    const last = await store.commit({ changes, author, message: 'remove\n\nno reason', trailers });
    await store.seal();
    assert.equal(store.unsealed, 0);
    assert.deepEqual(judge(place.repository), ['remove', 'put a/b']);
    assert.equal(git(place.repository, 'rev-parse', 'main'), last);
    const format = '%an <%ae>|%cn|%B|%(trailers:key=Riad-Sequence,valueonly)';
    assert.equal(
      git(place.repository, 'log', '-1', `--format=${format}`),
      'Ada <ada@example.org>|Ada|remove\n\nno reason\n\nRiad-Sequence: 7\n|7',
    );
  });

  test('without being told, within a second', async (t) => {
    const place = new Place(t);
    await using store = await place.open({ seal: { idleMs: 5 } });
    const revision = await put(store, 'a', '1');
    while (store.unsealed > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(git(place.repository, 'rev-parse', 'main'), revision);
  });
});

describe('repositories that people have made', () => {
  for (const base of ['offset', 'name'])
    test(`loose objects, packs with deltas by ${base}, packed references, tags, links, odd modes`, async (t) => {
      const place = new Place(t);
      git(join(place.repository, '..'), 'init', '--quiet', '-b', 'main', place.repository);
      // Each version replaces one more part of the one before: deltas then build upon deltas.
      const random = new Random();
      const parts = Array.from({ length: 24 }, () =>
        Buffer.from(random.octets(600)).toString('hex'),
      );
      const version = (i: number): string =>
        [...parts.slice(12, 12 + i), ...parts.slice(i, 12)].join('\n');
      edit(place.repository, {
        'zones/long': version(12),
        '.gitattributes': '* -text\n',
        run: '#!/bin/sh\n',
      });
      chmodSync(join(place.repository, 'run'), 0o755);
      edit(place.repository, {}, 'mode');
      for (let i = 0; i < 12; i++)
        edit(place.repository, { 'zones/long': version(i) }, `edit ${i}`);
      git(place.repository, 'config', 'repack.useDeltaBaseOffset', String(base === 'offset'));
      git(place.repository, 'tag', '-a', '-m', 'a tag', 'v1', 'HEAD~3');
      git(place.repository, 'branch', 'other', 'HEAD~4');
      git(place.repository, 'gc', '--quiet', '--aggressive');
      const packs = globSync(join(place.repository, '.git/objects/pack/*.idx'));
      assert.match(git(place.repository, 'verify-pack', '-v', ...packs), /chain length = [3-9]/);
      symlinkSync('run', join(place.repository, 'link'));
      const head = edit(place.repository, { loose: 'yes' });

      await using store = await place.open();
      assert.equal(store.directory, join(place.repository, '.git'));
      assert.equal(store.head, head);
      assert.equal(await text(store, 'loose'), 'yes');
      assert.equal(await store.read('link'), undefined); // it may lead anywhere
      assert.deepEqual(
        (await store.list('')).map(({ kind, name }) => `${kind} ${name}`),
        ['file .gitattributes', 'other link', 'file loose', 'file run', 'folder zones'],
      );
      assert.equal(await text(store, 'zones/long'), version(11));
      const log = await Array.fromAsync(store.log({ path: 'zones/long' }));
      assert.equal(log.length, 13);
      for (const [index, { revision, message }] of log.slice(0, 12).entries()) {
        assert.equal(message, `edit ${11 - index}`);
        assert.equal(await text(store, 'zones/long', revision), version(11 - index));
      }
      assert.equal(await store.resolve('v1'), git(place.repository, 'rev-parse', 'v1^{commit}'));
      assert.equal(await store.resolve('other'), git(place.repository, 'rev-parse', 'other'));

      await store.commit({
        changes: [{ path: 'run', octets: new TextEncoder().encode('#!/bin/true\n') }],
        author,
        message: 'ours',
      });
      await store.seal();
      assert.equal(judge(place.repository).length, 16);
      assert.match(git(place.repository, 'ls-tree', 'main', 'run'), /^100755 blob/);
      assert.match(git(place.repository, 'ls-tree', 'main'), /.gitattributes/);
    });

  test('objects borrowed from another repository', async (t) => {
    const place = new Place(t);
    const other = temporaryFolder(t);
    git(other, 'init', '--quiet', '-b', 'main', '.');
    edit(other, { a: 'borrowed' });
    git(other, 'clone', '--quiet', '--bare', '--shared', '.', place.repository);
    await using store = await place.open();
    assert.equal(await text(store, 'a'), 'borrowed');
    await put(store, 'b', '1');
    await store.seal();
    assert.equal(judge(place.repository).length, 2);
  });

  for (const [why, words, code] of [
    ['names by SHA-256', ['--object-format=sha256'], 'store.sha256'],
  ] as const) {
    test(`${why} are refused in plain words`, async (t) => {
      const place = new Place(t);
      git(join(place.repository, '..'), 'init', '--quiet', '--bare', ...words, place.repository);
      await assert.rejects(place.open(), { code });
    });
  }

  test('a folder with something else in it is not made a repository', async (t) => {
    const place = new Place(t);
    mkdirSync(place.repository);
    writeFileSync(join(place.repository, 'thesis.txt'), '');
    await assert.rejects(place.open(), { code: 'store.repository' });
  });

  test('others may repack while it is open', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    for (let i = 0; i < 10; i++) {
      await put(store, `f${i}`, `${i}`);
      await store.seal();
    }
    const first = (await Array.fromAsync(store.log())).at(-1)!.revision;
    git(place.repository, 'repack', '-a', '-d', '-q');
    git(place.repository, 'pack-refs', '--all');
    assert.equal(await text(store, 'f0', first), '0');
    await put(store, 'g', 'after');
    await store.seal();
    assert.equal(judge(place.repository).length, 11);
  });
});

test('one process has it at a time', async (t) => {
  const place = new Place(t);
  const store = await place.open();
  await assert.rejects(place.open(), { code: 'store.locked' });
  await store.close();
  await (await place.open()).close();
});

test('a journal of another repository is not replayed', async (t) => {
  const place = new Place(t);
  const store = await place.open({ seal: { idleMs: 1e9, oldestMs: 1e9 } });
  await put(store, 'a', '1');
  await store.seal();
  await put(store, 'a', '2');
  await store.close();
  rmSync(place.repository, { recursive: true });
  git(join(place.repository, '..'), 'init', '--quiet', '--bare', '-b', 'main', place.repository);
  // All of it is in the journal still, so this one can be made whole again.
  const again = await place.open();
  assert.equal(await text(again, 'a'), '2');
  await again.close();
  assert.equal(judge(place.repository).length, 2);
});

describe('what others push', () => {
  test('to the branch: a continuation of ours is taken', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    await put(store, 'a', '1');
    await store.seal();
    const clone = place.clone();
    const theirs = edit(clone, { b: '2' });
    git(clone, 'push', '--quiet', 'origin', 'main');
    const moves: string[] = [];
    store.watch(({ revision, origin }) => moves.push(`${origin} ${revision}`));
    await store.refresh();
    assert.equal(store.head, theirs);
    assert.deepEqual(moves, [`merge ${theirs}`]);
    assert.equal(await text(store, 'b'), '2');
    await put(store, 'c', '3');
    await store.seal();
    assert.deepEqual(judge(place.repository), ['put c', 'edit', 'put a']);
  });

  test('to the branch while we have commits that git does not see yet: both are there', async (t) => {
    const place = new Place(t);
    await using store = await place.open({ seal: { idleMs: 1e9, oldestMs: 1e9 } });
    await put(store, 'a', '1');
    await store.seal();
    const clone = place.clone();
    const theirs = edit(clone, { b: '2' });
    const ours = await put(store, 'c', '3');
    git(clone, 'push', '--quiet', 'origin', 'main');
    await store.seal(); // finds it moved, and looks
    await store.refresh();
    await store.seal();
    assert.deepEqual(judge(place.repository), ['Merge main', 'put c', 'put a']);
    assert.deepEqual((await store.describe(store.head!)).parents, [ours, theirs]);
    assert.equal(git(place.repository, 'rev-parse', 'main'), store.head);
    assert.equal(await text(store, 'b'), '2');
    assert.equal(await text(store, 'c'), '3');
  });

  test('to the branch while we are away', async (t) => {
    const place = new Place(t);
    const before = await place.open();
    await put(before, 'a', '1');
    await before.close();
    const clone = place.clone();
    const theirs = edit(clone, { b: '2' });
    git(clone, 'push', '--quiet', 'origin', 'main');
    const store = await place.open();
    assert.equal(store.head, theirs);
    await store.close();
    assert.equal(git(place.repository, 'rev-parse', 'main'), theirs);
  });

  test('a branch that was set back, or deleted, is put where it belongs', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    const first = await put(store, 'a', '1');
    const second = await put(store, 'a', '2');
    await store.seal();
    for (const words of [
      ['update-ref', 'refs/heads/main', first],
      ['update-ref', '-d', 'refs/heads/main'],
    ]) {
      place.reports.length = 0;
      git(place.repository, ...words);
      await store.refresh();
      await store.seal();
      assert.equal(git(place.repository, 'rev-parse', 'main'), second);
      assert.deepEqual(
        place.reports.map(({ type }) => type),
        ['restored'],
      );
    }
  });

  test('a branch that was rewritten: ours stays, theirs is kept', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    await put(store, 'a', '1');
    const ours = await put(store, 'a', '2');
    await store.seal();
    const clone = place.clone();
    git(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
    const theirs = edit(clone, { a: '3' });
    git(clone, 'push', '--quiet', '--force', 'origin', 'main');
    await store.refresh();
    await store.seal();
    assert.equal(await text(store, 'a'), '2');
    const report = place.reports.find((one) => one.type === 'conflict')!;
    assert.deepEqual(
      report.kept.map(({ path }) => path),
      ['a'],
    );
    assert.equal(git(place.repository, 'rev-parse', report.reference), theirs);
    assert.deepEqual((await store.describe(store.head!)).parents, [ours, theirs]);
    judge(place.repository);
  });

  test('a history that has nothing to do with ours is kept beside it', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    const ours = await put(store, 'a', '1');
    await store.seal();
    const clone = place.clone();
    git(clone, 'checkout', '--quiet', '--orphan', 'new');
    const theirs = edit(clone, { z: '9' });
    git(clone, 'push', '--quiet', '--force', 'origin', 'new:main');
    await store.refresh();
    await store.seal();
    assert.equal(store.head, ours);
    assert.equal(git(place.repository, 'rev-parse', 'main'), ours);
    const report = place.reports.find((one) => one.type === 'conflict')!;
    assert.equal(git(place.repository, 'rev-parse', report.reference), theirs);
    // Brought again, as a remote does each minute, it is kept once.
    await store.merge(theirs, 'elsewhere');
    assert.deepEqual([...store.references('refs/heads/conflict/')], [[report.reference, theirs]]);
  });

  test('to the inbox: each is merged, and goes', async (t) => {
    const place = new Place(t);
    await using store = await place.open();
    await put(store, 'a', '1');
    await store.seal();
    const [one, two] = [place.clone(), place.clone()];
    edit(one, { b: '2' }, 'one');
    edit(two, { 'c/d': '3' }, 'two');
    git(one, 'push', '--quiet', 'origin', 'main:inbox/one');
    git(two, 'push', '--quiet', 'origin', 'main:inbox/people/two');
    git(place.repository, 'pack-refs', '--all'); // from there they go, too
    await store.refresh();
    await store.seal();
    assert.deepEqual(judge(place.repository), ['Merge inbox/people/two', 'one', 'put a']);
    assert.equal(await text(store, 'b'), '2');
    assert.equal(await text(store, 'c/d'), '3');
    assert.equal(git(place.repository, 'for-each-ref', 'refs/heads/inbox'), '');
  });

  test('what the service finds wrong is not taken, the rest is', async (t) => {
    const place = new Place(t);
    const seen: string[] = [];
    const validate: ValidateFunction = (path, octets) => {
      seen.push(`${path} ${octets?.length}`);
      return path === 'bad' ? 'no zone' : undefined;
    };
    await using store = await place.open({ validate });
    await put(store, 'bad', 'good so far');
    await put(store, 'gone', '1');
    await store.seal();
    const clone = place.clone();
    rmSync(join(clone, 'gone'));
    const theirs = edit(clone, { bad: 'typo', 'fine/x': '22' });
    git(clone, 'push', '--quiet', 'origin', 'main');
    await store.refresh();
    await store.seal();
    assert.deepEqual(seen.sort(), ['bad 4', 'fine/x 2', 'gone undefined']);
    assert.equal(await text(store, 'bad'), 'good so far');
    assert.equal(await text(store, 'fine/x'), '22');
    assert.equal(await text(store, 'gone'), undefined);
    const report = place.reports.find((one) => one.type === 'conflict')!;
    assert.deepEqual(report.kept, [{ path: 'bad', reason: 'no zone' }]);
    assert.equal(git(place.repository, 'rev-parse', report.reference), theirs);
    const { message } = await store.describe(store.head!);
    assert.equal(message, 'Merge main\n\nKept ours of bad: no zone');
    judge(place.repository);
  });

  test('what both sides changed is merged by the service, or stays ours', async (t) => {
    const place = new Place(t);
    const calls: (string | undefined)[][] = [];
    const merge: MergeFunction = (path, ...sides) => {
      const [base, ours, theirs] = sides.map((side) => side && new TextDecoder().decode(side));
      calls.push([path, base, ours, theirs]);
      if (path === 'lines') return { octets: new TextEncoder().encode(`${ours}${theirs}`) };
      if (path === 'gone') return { delete: true };
      return { conflict: 'no' };
    };
    await using store = await place.open({ merge });
    for (const path of ['lines', 'gone', 'hard', 'same']) await put(store, path, '0');
    await store.seal();
    const clone = place.clone();
    for (const path of ['lines', 'hard', 'same', 'new']) await put(store, path, '1');
    await store.commit({ changes: [{ path: 'gone', delete: true }], author, message: 'gone' });
    edit(clone, { lines: '2', gone: '2', hard: '2', same: '1', new: '2' });
    git(clone, 'push', '--quiet', 'origin', 'main:inbox/x');
    await store.refresh();
    await store.seal();
    assert.deepEqual(
      calls.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
      [
        ['gone', '0', undefined, '2'],
        ['hard', '0', '1', '2'],
        ['lines', '0', '1', '2'],
        ['new', undefined, '1', '2'],
      ],
    );
    const expected = { lines: '12', gone: undefined, hard: '1', same: '1', new: '1' };
    for (const [path, value] of Object.entries(expected))
      assert.equal(await text(store, path), value);
    judge(place.repository);
  });

  test('a lock that a killed process of ours has left is broken, somebody’s is waited for', async (t) => {
    const place = new Place(t);
    const store = await place.open();
    await put(store, 'a', '1');
    await store.seal();
    const lock = join(place.repository, 'refs/heads/main.lock');
    writeFileSync(lock, `${'12'.repeat(20)}\n`);
    const second = await put(store, 'a', '2');
    await assert.rejects(store.seal(), { code: 'store.reference-locked' });
    assert.equal(await text(store, 'a'), '2'); // nobody waits for that but git
    await store.close();
    writeFileSync(lock, `${second}\n`);
    await using again = await place.open({ leftLockMs: 0 });
    assert.ok(place.reports.some(({ type }) => type === 'lock-broken'));
    await again.seal();
    assert.deepEqual(judge(place.repository), ['put a', 'put a']);
  });
});

test('who merges ours into theirs does not make ours the side line', async (t) => {
  const place = new Place(t);
  await using store = await place.open();
  await put(store, 'a', '1');
  await store.seal();
  const clone = place.clone();
  edit(clone, { theirs: '2' }, 'theirs');
  const ours = await put(store, 'b', '3');
  await store.seal();
  git(clone, 'pull', '--quiet', '--no-rebase', '--no-edit');
  git(clone, 'push', '--quiet');
  await store.refresh();
  await store.seal();
  const line = await Array.fromAsync(store.log());
  assert.ok(line.some(({ revision }) => revision === ours));
  assert.equal(await text(store, 'theirs'), '2');
  judge(place.repository);
});
