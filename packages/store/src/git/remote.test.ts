import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { MergeFunction, Store } from '../store.ts';
import { git, judge } from '../testing/git.ts';
import { serveGit } from '../testing/git-http.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openGitStore } from './git-store.ts';
import type { GitStore, StoreReport } from './git-store-options.ts';
import { openRemote, type Remote, type RemoteOptions, type RemoteReport } from './remote.ts';

const author = { name: 'Ada', email: 'ada@example.org' };
const put = (store: Store, path: string, text: string): Promise<string> =>
  store.commit({
    changes: [{ path, octets: new TextEncoder().encode(text) }],
    author,
    message: `put ${path}`,
  });
const text = async (store: Store, path: string): Promise<string | undefined> => {
  const file = await store.read(path);
  return file && new TextDecoder().decode(file.octets);
};

/** A store, a remote that somebody else has a working copy of, and what was reported. */
class Place {
  readonly folder: string;
  readonly there: string;
  readonly reports: RemoteReport[] = [];
  readonly storeReports: StoreReport[] = [];
  #clones = 0;

  constructor(t: TestContext) {
    this.folder = temporaryFolder(t);
    this.there = join(this.folder, 'there.git');
  }

  makeRemote(): this {
    git(this.folder, 'init', '--quiet', '--bare', '-b', 'main', this.there);
    return this;
  }

  store(merge?: MergeFunction): Promise<GitStore> {
    return openGitStore({
      repository: join(this.folder, 'store.git'),
      journal: join(this.folder, 'wal'),
      segmentOctets: 1 << 16,
      refreshMs: 0,
      report: (report) => this.storeReports.push(report),
      ...(merge === undefined ? {} : { merge }),
    });
  }

  remote(store: GitStore, more: Partial<RemoteOptions> = {}): Remote {
    return openRemote({
      store,
      url: this.there,
      folder: join(this.folder, 'remote'),
      pushIntervalMs: 20,
      pullIntervalMs: 0,
      leastRetryMs: 10,
      mostRetryMs: 40,
      report: (report) => this.reports.push(report),
      ...more,
    });
  }

  /** Somebody changes files and pushes. */
  somebody(files: Readonly<Record<string, string>>, message = 'theirs'): string {
    const clone = join(this.folder, `clone-${++this.#clones}`);
    git(this.folder, 'clone', '--quiet', this.there, clone);
    for (const [path, value] of Object.entries(files)) writeFileSync(join(clone, path), value);
    git(clone, 'add', '-A');
    git(clone, 'commit', '--quiet', '-m', message);
    git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
    return git(clone, 'rev-parse', 'HEAD');
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('what is committed goes there by itself, many commits in one push', async (t) => {
  const place = new Place(t).makeRemote();
  const hook = join(place.there, 'hooks/post-receive');
  mkdirSync(join(place.there, 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\ncat >> pushes\n', { mode: 0o755 });
  await using store = await place.store();
  await using remote = place.remote(store, { pushIntervalMs: 200 });
  await put(store, 'first', '1');
  await until(() => remote.status.current);
  for (let i = 0; i < 30; i++) await put(store, `f${i}`, `${i}`);
  await until(() => remote.status.current);
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  assert.equal(judge(place.there).length, 31);
  const pushes = readFileSync(join(place.there, 'pushes'), 'utf8').trim().split('\n');
  assert.ok(pushes.length <= 4, `${pushes.length} pushes`);
});

test('a remote that is away stops nothing, and gets all when it is back', async (t) => {
  const place = new Place(t);
  await using store = await place.store();
  await using remote = place.remote(store);
  for (let i = 0; i < 5; i++) await put(store, `f${i}`, `${i}`);
  await until(() => remote.status.failures >= 3);
  assert.deepEqual(
    place.reports.map(({ type }) => type),
    ['away'],
  ); // told once
  assert.equal(await text(store, 'f4'), '4');
  await assert.rejects(remote.push(), { name: 'GitError' });
  await assert.rejects(remote.pull(), { name: 'GitError' });
  place.makeRemote();
  await until(() => remote.status.current);
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  assert.equal(remote.status.error, undefined);
  await until(() => place.reports.at(-1)?.type === 'back');
  // And once more, with a history on the other side.
  renameSync(place.there, `${place.there}.away`);
  await put(store, 'later', '1');
  await until(() => remote.status.failures >= 1);
  renameSync(`${place.there}.away`, place.there);
  await until(() => remote.status.current);
  assert.equal(judge(place.there).length, 6);
});

test('an empty store takes what is there; then each side gets what the other has', async (t) => {
  const place = new Place(t).makeRemote();
  const first = place.somebody({ a: '1', b: '1' });
  await using store = await place.store();
  await using remote = place.remote(store);
  await until(() => store.head !== undefined);
  assert.equal(store.head, first);
  await put(store, 'c', '1');
  await until(() => remote.status.current);
  const theirs = place.somebody({ b: '2' });
  await remote.pull();
  assert.equal(store.head, theirs); // a fast-forward
  assert.equal(await text(store, 'b'), '2');
  assert.ok(remote.status.current);
  judge(store.directory);
});

test('both sides changed: merged object by object, ours first, and there as well', async (t) => {
  const place = new Place(t).makeRemote();
  const merge: MergeFunction = (path, _base, ours, theirs) =>
    path === 'zone'
      ? { octets: Buffer.concat([ours ?? Buffer.of(), theirs ?? Buffer.of()]) }
      : { conflict: 'both changed it' };
  await using store = await place.store(merge);
  await put(store, 'zone', '0');
  await put(store, 'hard', '0');
  await using remote = place.remote(store);
  await remote.push();
  const theirs = place.somebody({ zone: 'theirs', hard: 'theirs', more: 'theirs' });
  await put(store, 'zone', 'ours');
  const ours = await put(store, 'hard', 'ours');
  await until(() => remote.status.current);

  assert.equal(await text(store, 'zone'), 'ourstheirs');
  assert.equal(await text(store, 'hard'), 'ours');
  assert.equal(await text(store, 'more'), 'theirs');
  assert.deepEqual((await store.describe(store.head!)).parents, [ours, theirs]);
  const conflict = place.storeReports.find((report) => report.type === 'conflict')!;
  assert.deepEqual(conflict.kept, [{ path: 'hard', reason: 'both changed it' }]);
  assert.match(conflict.reference, /^refs\/heads\/conflict\/\d{8}T\d{6}Z$/);
  await store.seal();
  assert.equal(git(store.directory, 'rev-parse', conflict.reference), theirs);
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  judge(store.directory);
  judge(place.there);
});

test('a remote that was rewritten gets our line back, and what is new there is merged', async (t) => {
  const place = new Place(t).makeRemote();
  await using store = await place.store();
  await put(store, 'a', '1');
  const first = store.head!;
  const second = await put(store, 'b', '1');
  await using remote = place.remote(store);
  await remote.push();
  git(place.there, 'update-ref', 'refs/heads/main', first);
  const theirs = place.somebody({ c: '1' });
  await remote.pull();
  await until(() => remote.status.current);
  assert.deepEqual((await store.describe(store.head!)).parents, [second, theirs]);
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
});

test('a remote that refuses is told apart from one that is away', async (t) => {
  const place = new Place(t).makeRemote();
  mkdirSync(join(place.there, 'hooks'), { recursive: true });
  writeFileSync(join(place.there, 'hooks/pre-receive'), '#!/bin/sh\necho no zone >&2\nexit 1\n', {
    mode: 0o755,
  });
  await using store = await place.store();
  await put(store, 'a', '1');
  await using remote = place.remote(store);
  await until(() => remote.status.failures >= 2);
  assert.deepEqual(
    place.reports.map(({ type }) => type),
    ['refused'],
  );
  assert.match(String(remote.status.error), /no zone/);
  assert.equal(await text(store, 'a'), '1');
});

test('settings and hooks of the store’s repository have no say', async (t) => {
  const place = new Place(t).makeRemote();
  await using store = await place.store();
  const trap = join(place.folder, 'trap');
  git(store.directory, 'config', 'core.sshCommand', `touch ${trap}`);
  git(store.directory, 'config', `url.${trap}.insteadOf`, place.there);
  git(store.directory, 'config', 'credential.helper', `!touch ${trap}`);
  git(store.directory, 'config', 'core.fsmonitor', `touch ${trap}`);
  mkdirSync(join(store.directory, 'hooks'), { recursive: true });
  for (const hook of ['pre-push', 'reference-transaction', 'post-update']) {
    writeFileSync(join(store.directory, 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, {
      mode: 0o755,
    });
  }
  await put(store, 'a', '1');
  await using remote = place.remote(store);
  await remote.push();
  place.somebody({ b: '1' });
  await remote.pull();
  assert.ok(remote.status.current);
  assert.ok(!existsSync(trap));
});

test('a remote that does not answer is given up', async (t) => {
  const place = new Place(t);
  const listening = (await import('node:net')).createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => listening.close());
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as { port: number };
  await using store = await place.store();
  await put(store, 'a', '1');
  await using remote = place.remote(store, {
    url: `http://user:secret@127.0.0.1:${port}/x.git`,
    timeoutMs: 300,
  });
  await assert.rejects(remote.pull(), { message: /no answer within 0.3 s/ });
  assert.equal(remote.status.current, false);
});

test('a token goes to the server, and stands in no argument', async (t) => {
  const place = new Place(t).makeRemote();
  git(place.there, 'config', 'http.receivepack', 'true');
  const token = 'very-secret-0815';
  const seen: string[] = [];
  const { server, port, asked } = await serveGit(place.folder, `riad:${token}`, () => {
    for (const file of globSync('/proc/[0-9]*/cmdline')) {
      try {
        seen.push(readFileSync(file, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended.
      }
    }
  });
  t.after(() => server.close());
  const tokenFile = join(place.folder, 'token');
  writeFileSync(tokenFile, 'outdated\n');
  await using store = await place.store();
  const more = { url: `http://127.0.0.1:${port}/there.git`, tokenFile, user: 'riad' };
  await using remote = place.remote(store, { ...more, leastRetryMs: 1e6, mostRetryMs: 1e6 });
  await put(store, 'a', '1');
  await assert.rejects(remote.push(), { message: /Authentication failed/ });
  writeFileSync(tokenFile, `${token}\n`); // read anew each time
  await remote.push();
  const theirs = place.somebody({ b: '1' });
  await remote.pull();
  assert.equal(store.head, theirs);
  assert.equal(judge(place.there).length, 2);
  assert.ok(asked.some((header) => header.startsWith('Basic')));
  if (process.platform === 'linux') assert.ok(seen.some((line) => line.includes('git')));
  assert.deepEqual(
    seen.filter((line) => line.includes(token)),
    [],
  );
});

test('URLs that would run a program, or give a secret away, are refused', async (t) => {
  const place = new Place(t);
  await using store = await place.store();
  for (const url of [
    '',
    '-oProxyCommand=x',
    'ext::sh -c x',
    'git://h/x',
    'http://example.org/x',
    'a\nb',
  ]) {
    assert.throws(() => place.remote(store, { url }), RangeError, url);
  }
});

/** A file that is to have never been, with the remote following. */
async function forget(store: GitStore, remote: Remote, path: string): Promise<string> {
  const words = (): undefined => undefined;
  return (await remote.replace(() => store.rewrite({ paths: [path], words }))).revision;
}

test('after a purge the branch there is set to the new line, and nothing old is fetched', async (t) => {
  const place = new Place(t).makeRemote();
  await using store = await place.store();
  await put(store, 'a', '1');
  await put(store, 'secret', 'x');
  const { blob } = (await store.read('secret'))!;
  await store.commit({ changes: [{ path: 'secret', delete: true }], author, message: 'gone' });
  await using remote = place.remote(store, { pushIntervalMs: 1e6 });
  await remote.push();
  place.somebody({ theirs: '1' });
  const old = git(place.there, 'rev-parse', 'main');
  const revision = await forget(store, remote, 'secret'); // theirs is merged first
  assert.equal(git(place.there, 'rev-parse', 'main'), revision);
  assert.equal(await text(store, 'theirs'), '1');
  assert.ok(
    place.reports.some((report) => report.type === 'replaced' && report.revision === revision),
  );
  await put(store, 'later', '1');
  await remote.push();
  await remote.pull();
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  assert.equal(await store.content(blob), undefined);
  assert.throws(() => git(store.directory, 'cat-file', '-e', old));
  judge(store.directory);
});

test('a remote that is away refuses a purge; one that goes in the midst of it is set right later', async (t) => {
  const place = new Place(t).makeRemote();
  const store = await place.store();
  await put(store, 'a', '1');
  await put(store, 'secret', 'x');
  const { blob } = (await store.read('secret'))!;
  await store.commit({ changes: [{ path: 'secret', delete: true }], author, message: 'gone' });
  const retries = { leastRetryMs: 1e6, mostRetryMs: 1e6 };
  const remote = place.remote(store, retries);
  await remote.push();
  const old = git(place.there, 'rev-parse', 'main');
  renameSync(place.there, `${place.there}.away`);
  await put(store, 'b', '1');
  await assert.rejects(forget(store, remote, 'secret'), { name: 'GitError' });
  assert.notEqual(await store.content(blob), undefined, 'nothing was done');
  renameSync(`${place.there}.away`, place.there);
  await remote.push();
  const newest = git(place.there, 'rev-parse', 'main');
  const { revision } = await remote.replace(async () => {
    const done = await store.rewrite({ paths: ['secret'], words: () => undefined });
    renameSync(place.there, `${place.there}.away`);
    return done;
  });
  assert.equal(remote.status.current, false);
  await remote.close();
  await store.close();

  // Over a restart; meanwhile somebody has been there.
  renameSync(`${place.there}.away`, place.there);
  const theirs = place.somebody({ theirs: '1' });
  await using again = await place.store();
  await using follower = place.remote(again, retries);
  for (const ask of [() => follower.push(), () => follower.pull()])
    await assert.rejects(ask(), {
      message: new RegExp(`set from ${newest} to ${revision}.*at ${theirs}`),
    });
  assert.equal(git(place.there, 'rev-parse', 'main'), theirs, 'theirs is not lost');
  assert.equal(again.head, revision);
  assert.equal(await again.content(blob), undefined, 'what was erased has not come back');
  git(place.there, 'update-ref', 'refs/heads/main', newest);
  await follower.push();
  assert.equal(git(place.there, 'rev-parse', 'main'), revision);
  assert.equal(follower.status.error, undefined);
  assert.throws(() => git(again.directory, 'cat-file', '-e', old));
});

/** A store whose purge has not got to the remote, which is away then. */
async function leftUndone(place: Place): Promise<{ blob: string; before: string }> {
  await using store = await place.store();
  await put(store, 'a', '1');
  await put(store, 'secret', 'x');
  const { blob } = (await store.read('secret'))!;
  await store.commit({ changes: [{ path: 'secret', delete: true }], author, message: 'gone' });
  await using remote = place.remote(store, { leastRetryMs: 1e6, mostRetryMs: 1e6 });
  await remote.push();
  const before = store.head!;
  await remote.replace(async () => {
    await store.rewrite({ paths: ['secret'], words: () => undefined });
    renameSync(place.there, `${place.there}.away`);
  });
  assert.equal(remote.status.current, false);
  return { blob, before };
}

for (const [what, make] of [
  ['an empty repository', (there) => git('/', 'init', '--quiet', '--bare', '-b', 'main', there)],
  ['the same, moved', (there, old) => renameSync(old, there)],
  ['a copy', (there, old) => git('/', 'clone', '--quiet', '--bare', old, there)],
  [
    'a copy of before what was purged',
    (there, old) => {
      git('/', 'clone', '--quiet', '--bare', old, there);
      git(there, 'update-ref', 'refs/heads/main', 'main~2');
    },
  ],
] as readonly [string, (there: string, old: string) => unknown][]) {
  test(`a purge waits, and another remote is followed: ${what}`, async (t) => {
    const place = new Place(t).makeRemote();
    const { blob, before } = await leftUndone(place);
    const old = place.there;
    const other = join(place.folder, 'other.git');
    make(other, `${old}.away`);
    {
      await using store = await place.store();
      await using remote = place.remote(store, { url: other });
      await remote.pull();
      await remote.push();
      await put(store, 'later', '1');
      await remote.push();
      assert.equal(git(other, 'rev-parse', 'main'), store.head);
      assert.equal(git(other, 'log', '--format=%H', `--find-object=${blob}`), '');
      assert.equal(await store.content(blob), undefined);
      const left = place.reports.filter(({ type }) => type === 'purge-left-undone');
      assert.deepEqual(left, [{ type: 'purge-left-undone', other: `${old}#main`, before }]);
      judge(store.directory);
    }
    // And back to the first, which has the old history still: it is not fetched, but set right.
    if (!existsSync(`${old}.away`)) return;
    renameSync(`${old}.away`, old);
    await using store = await place.store();
    await using remote = place.remote(store);
    await remote.pull();
    await remote.push();
    assert.equal(git(old, 'rev-parse', 'main'), store.head);
    assert.equal(await store.content(blob), undefined);
  });
}

test('a purge waits, and the other remote has moved on: nothing is fetched, nothing of theirs lost', async (t) => {
  const place = new Place(t).makeRemote();
  const { blob } = await leftUndone(place);
  renameSync(`${place.there}.away`, place.there);
  const theirs = place.somebody({ theirs: '1' });
  const other = join(place.folder, 'other.git');
  renameSync(place.there, other);
  await using store = await place.store();
  await using remote = place.remote(store, { url: other, leastRetryMs: 1e6, mostRetryMs: 1e6 });
  for (const ask of [() => remote.pull(), () => remote.push()]) {
    await assert.rejects(ask(), {
      message: new RegExp(`other\\.git is at ${theirs}.*set it to ${store.head}`),
    });
  }
  assert.equal(git(other, 'rev-parse', 'main'), theirs);
  assert.equal(await store.content(blob), undefined);
  git(other, 'update-ref', '-d', 'refs/heads/main');
  await remote.push();
  assert.equal(git(other, 'rev-parse', 'main'), store.head);
});

test('a purge waits, and the remote is begun anew: it gets the new line', async (t) => {
  const place = new Place(t).makeRemote();
  const { blob } = await leftUndone(place);
  place.makeRemote();
  await using store = await place.store();
  await using remote = place.remote(store);
  await remote.push();
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  assert.equal(git(place.there, 'log', '--format=%H', `--find-object=${blob}`), '');
  await using again = place.remote(store);
  await again.pull();
  assert.equal(again.status.error, undefined);
});

test('a note of before there could be several is about the remote that is followed', async (t) => {
  const place = new Place(t).makeRemote();
  const { blob, before } = await leftUndone(place);
  renameSync(`${place.there}.away`, place.there);
  const file = join(place.folder, 'remote', 'replacing');
  writeFileSync(file, `${before}\n`);
  await using store = await place.store();
  await using remote = place.remote(store);
  await remote.pull();
  assert.equal(git(place.there, 'rev-parse', 'main'), store.head);
  assert.equal(await store.content(blob), undefined);
  assert.equal(readFileSync(file, 'utf8'), '');
});

test('work that makes no new history leaves nothing behind', async (t) => {
  const place = new Place(t).makeRemote();
  await using store = await place.store();
  await put(store, 'a', '1');
  await using remote = place.remote(store);
  await assert.rejects(
    remote.replace(() => Promise.reject(new RangeError('it is there'))),
    RangeError,
  );
  assert.equal(remote.status.error, undefined);
  const theirs = place.somebody({ b: '1' });
  await remote.pull();
  assert.equal(store.head, theirs);
});
