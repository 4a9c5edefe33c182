/** The repository elsewhere, through the whole service: git's own server over HTTP, which goes away and comes back. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { git, judge } from '@riad/store/testing/git';
import { serveGit } from '@riad/store/testing/git-http';
import type { CalendarConfig } from '../config.ts';
import { event, icalendar } from '../testing/objects.ts';
import { RunningCalendar } from '../testing/running-calendar.ts';
import { until } from '../testing/until.ts';

const credentials = { user: 'riad', token: 'very-secret-0815' };
const work = '/calendars/ann/calendar';

/** A forge with one empty repository, and a calendar service that follows it. */
class Forge implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'riad-forge-'));
  readonly there: string = join(this.folder, 'calendars.git');
  #server: Server | undefined;
  #port = 0;
  #clones = 0;

  constructor() {
    git(this.folder, 'init', '--quiet', '--bare', '-b', 'main', this.there);
    git(this.there, 'config', 'http.receivepack', 'true');
  }

  async come(): Promise<void> {
    const { user, token } = credentials;
    const { server, port } = await serveGit(this.folder, `${user}:${token}`, () => {}, this.#port);
    this.#server = server;
    this.#port = port;
  }

  async go(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async service(): Promise<RunningCalendar> {
    const place = mkdtempSync(join(tmpdir(), 'riad-calendar-'));
    writeFileSync(join(place, 'token'), `${credentials.token}\n`);
    writeFileSync(join(place, 'secret'), 'hook secret\n');
    return RunningCalendar.start(
      ['ann', 'bob'],
      {
        remote: this.remote('calendars'),
        hookSecretFile: 'secret',
      },
      { folder: place },
    );
  }

  /** As riad.yaml has it. */
  remote(name: string): NonNullable<CalendarConfig['remote']> {
    const url = `http://127.0.0.1:${this.#port}/${name}.git`;
    return { url, tokenFile: 'token', user: credentials.user, pullSeconds: 0 };
  }

  get head(): string {
    return git(this.there, 'rev-parse', 'main');
  }

  /** The files that are there, by name. */
  names(): string[] {
    const listing = git(this.there, 'ls-tree', '-r', '--name-only', 'main');
    return listing.split('\n').map((path) => path.slice(path.lastIndexOf('/') + 1));
  }

  /** Somebody changes files and pushes; undefined takes one away. */
  somebody(files: Readonly<Record<string, string | undefined>>): string {
    const clone = join(this.folder, `clone-${++this.#clones}`);
    git(this.folder, 'clone', '--quiet', this.there, clone);
    for (const [name, text] of Object.entries(files)) {
      const path = git(clone, 'ls-files', `*${name}`) || `calendars/ann/calendar/${name}`;
      if (text === undefined) rmSync(join(clone, path));
      else writeFileSync(join(clone, path), text);
    }
    git(clone, 'add', '-A');
    git(clone, 'commit', '--quiet', '-m', 'theirs');
    git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
    return git(clone, 'rev-parse', 'HEAD');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.go();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Status = { head: string; remote: { current: boolean; revision?: string } };
const statusOf = (server: RunningCalendar): Status => server.service.status() as Status;
const complaintsOf = (server: RunningCalendar): readonly string[] => {
  const health = server.service.health();
  return health.healthy ? [] : health.complaints;
};
const put = async (server: RunningCalendar, name: string, summary: string): Promise<void> => {
  const { status } = await server.ask('PUT', `${work}/${name}`, {
    headers: icalendar,
    body: event(name, summary),
  });
  assert.ok(status === 201 || status === 204, `${name}: ${status}`);
};
const text = async (server: RunningCalendar, name: string): Promise<string> =>
  (await server.ask('GET', `${work}/${name}`)).text;
/** A forge tells of a push. */
const hook = async (server: RunningCalendar, headers: Record<string, string>): Promise<number> =>
  (await server.ask('POST', '/hooks/git', { user: '', headers, body: '{}' })).status;
const signed = {
  'x-hub-signature-256': `sha256=${createHmac('sha256', 'hook secret').update('{}').digest('hex')}`,
};
const following = async (t: TestContext): Promise<{ forge: Forge; server: RunningCalendar }> => {
  const forge = new Forge();
  t.after(() => forge[Symbol.asyncDispose]());
  await forge.come();
  const server = await forge.service();
  t.after(() => server[Symbol.asyncDispose]());
  return { forge, server };
};

test('U4: writes go on while the remote is away, and arrive there later, over a restart too', async (t) => {
  const { forge, server } = await following(t);
  await put(server, 'a.ics', 'Before');
  await until(() => statusOf(server).remote.current, 'the first push');
  await forge.go();
  for (let i = 0; i < 20; i++) await put(server, `away-${i}.ics`, `Number ${i}`);
  await until(() => !server.service.health().healthy, 'a complaint');
  const health = server.service.health();
  assert.ok(!health.healthy);
  assert.match(
    health.complaints.join(),
    /remote repository http:\/\/127\.0\.0\.1:\d+\/calendars\.git is behind/,
  );
  assert.ok(!health.complaints.join().includes(credentials.token));
  await server.startAgain();
  await put(server, 'after.ics', 'After a restart');
  await forge.come();
  await until(() => statusOf(server).remote.current, 'what was missing there');
  assert.equal(forge.head, statusOf(server).head);
  assert.equal(forge.names().filter((name) => name.endsWith('.ics')).length, 22);
  assert.equal(server.service.health().healthy, true);
  judge(forge.there);
});

test('U5: a foreign push is taken, merged, or reported, and never fatal', async (t) => {
  const { forge, server } = await following(t);
  for (const name of ['a.ics', 'b.ics', 'c.ics']) await put(server, name, 'Ours');
  await until(() => statusOf(server).remote.current, 'the first push');

  // Taken, when the forge says so; whoever does not know the secret is not believed.
  forge.somebody({ 'a.ics': event('a.ics', 'Theirs'), 'new.ics': event('new.ics', 'New') });
  assert.equal(await hook(server, { authorization: 'Bearer guessed' }), 403);
  assert.equal(await hook(server, signed), 204);
  await until(async () => (await text(server, 'a.ics')).includes('SUMMARY:Theirs'), 'their change');
  assert.match(await text(server, 'new.ics'), /SUMMARY:New/);

  // Merged: both sides have moved, each elsewhere. The next push finds it out by itself.
  forge.somebody({ 'b.ics': event('b.ics', 'Theirs too'), 'c.ics': undefined });
  await put(server, 'd.ics', 'Ours');
  await until(async () => (await text(server, 'b.ics')).includes('Theirs too'), 'the merge');
  assert.equal((await server.ask('GET', `${work}/c.ics`)).status, 404);
  await until(() => statusOf(server).remote.current, 'the merge there');
  assert.equal(forge.head, statusOf(server).head);

  // Merged within an object: here its title, there its place.
  forge.somebody({ 'd.ics': event('d.ics', 'Ours', 'LOCATION:There\r\n') });
  await put(server, 'd.ics', 'Title of ours');
  const both = /SUMMARY:Title of ours\r\nLOCATION:There\r\n/;
  await until(async () => both.test(await text(server, 'd.ics')), 'both changes');
  await until(() => statusOf(server).remote.current, 'the merge there');
  assert.deepEqual(complaintsOf(server), []);

  // Reported: both have changed the same, and one is no calendar at all. Ours stays, theirs is kept.
  const theirs = forge.somebody({ 'd.ics': event('d.ics', 'At odds'), 'e.ics': 'no calendar' });
  await put(server, 'd.ics', 'Ours again');
  await until(() => !server.service.health().healthy, 'a complaint');
  const health = server.service.health();
  assert.ok(!health.healthy);
  const told = health.complaints.join('\n');
  assert.match(told, /d\.ics: both sides changed it: SUMMARY/);
  assert.match(told, /e\.ics: /);
  const [kept = ''] = /refs\/heads\/conflict\/\w+/.exec(told) ?? [];
  const repository = join(server.folder, 'calendar', 'store.git');
  assert.equal(git(repository, 'rev-parse', kept), theirs);
  assert.match(await text(server, 'd.ics'), /SUMMARY:Ours again/);
  assert.equal((await server.ask('GET', `${work}/e.ics`)).status, 404);
  await put(server, 'f.ics', 'Goes on');
  await until(() => statusOf(server).remote.current, 'all that is ours');
  assert.equal(forge.head, statusOf(server).head);
  const account = (await server.ask('GET', '/account')).text;
  const branch = kept.slice('refs/heads/'.length);
  assert.match(account, /wait for a decision/);
  assert.match(account, /calendars\/ann\/calendar\/d\.ics<\/code>: both sides changed it/);
  assert.ok(account.includes(`git branch -D ${branch}`));
  assert.doesNotMatch(
    (await server.ask('GET', '/account', { user: 'bob' })).text,
    /decision|d\.ics/,
  );

  // Over a restart it is told as before.
  await server.startAgain();
  await until(() => complaintsOf(server).join('\n').includes(told), 'the same complaint');
  assert.match((await server.ask('GET', '/account')).text, /d\.ics<\/code>: both sides/);
  git(repository, 'update-ref', '-d', kept);
  assert.deepEqual(complaintsOf(server), []);
  assert.doesNotMatch((await server.ask('GET', '/account')).text, /decision/);
  judge(forge.there);
});

/** One object stays, one has been deleted and pushed before: `blob`, in history here and there. */
async function withSecret(
  t: TestContext,
): Promise<{ forge: Forge; server: RunningCalendar; blob: string }> {
  const { forge, server } = await following(t);
  await put(server, 'a.ics', 'Stays');
  await put(server, 'secret.ics', 'Secret-4711');
  const blob = (await server.ask('HEAD', `${work}/secret.ics`)).headers.get('etag')!.slice(1, -1);
  assert.equal((await server.ask('DELETE', `${work}/secret.ics`)).status, 204);
  await until(() => statusOf(server).remote.current, 'the first push');
  return { forge, server, blob };
}

test('what is purged is gone from the remote as well', async (t) => {
  const { forge, server, blob } = await withSecret(t);
  assert.match(git(forge.there, 'cat-file', 'blob', blob), /Secret-4711/);
  const purge = server.service.commands['calendar-purge']!;
  const input = { paths: ['ann/calendar/secret.ics'] };

  await forge.go();
  await assert.rejects(purge(input), { name: 'CommandError', message: /^nothing was erased/ });
  await forge.come();
  const { remote } = (await purge(input)) as { remote: string };
  assert.equal(remote, 'replaced');
  assert.equal(forge.head, statusOf(server).head);
  assert.equal(git(forge.there, 'log', '--format=%H', `--find-object=${blob}`), '');
  await put(server, 'b.ics', 'Later');
  await until(() => statusOf(server).remote.current, 'what came later');
  assert.equal(forge.head, statusOf(server).head);
  const repository = join(server.folder, 'calendar', 'store.git');
  assert.throws(() => git(repository, 'cat-file', '-e', blob));
  judge(repository);
});

test('a purge that the remote refuses, and another remote: that one gets the new history alone', async (t) => {
  const { forge, server, blob } = await withSecret(t);
  git(forge.there, 'config', 'receive.denyNonFastForwards', 'true');
  const purge = server.service.commands['calendar-purge']!;
  const { remote } = (await purge({ paths: ['ann/calendar/secret.ics'] })) as { remote: string };
  assert.equal(remote, 'waits');
  assert.match(complaintsOf(server).join(), /is behind/);

  const other = join(forge.folder, 'other.git');
  git(forge.folder, 'init', '--quiet', '--bare', '-b', 'main', other);
  git(other, 'config', 'http.receivepack', 'true');
  server.config = { ...server.config, remote: forge.remote('other') };
  await server.startAgain();
  await until(() => statusOf(server).remote.current, 'all of it in the other one');
  await put(server, 'b.ics', 'Later');
  await until(() => statusOf(server).remote.current, 'what came later');
  assert.deepEqual(complaintsOf(server), []);
  assert.equal(git(other, 'rev-parse', 'main'), statusOf(server).head);
  assert.throws(() => git(other, 'cat-file', '-e', blob));

  // Back to the first, which lets itself be set right now.
  git(forge.there, 'config', 'receive.denyNonFastForwards', 'false');
  server.config = { ...server.config, remote: forge.remote('calendars') };
  await server.startAgain();
  await until(() => statusOf(server).remote.current, 'the first one set right');
  assert.equal(forge.head, statusOf(server).head);
  assert.equal(git(forge.there, 'log', '--format=%H', `--find-object=${blob}`), '');
  const repository = join(server.folder, 'calendar', 'store.git');
  assert.throws(() => git(repository, 'cat-file', '-e', blob));
  judge(other);
});
