/** `riad backup` of services that run, and what they answer when they have been lost and restored. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { formatRecord } from '@riad/dns/presentation';
import { ask } from '@riad/name-server/testing/asking';
import { freePort } from '@riad/net/testing/free-port';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { CollectedOutput } from '../testing/collected-output.ts';
import { run as runBackup } from './backup.ts';
import { run as runKey } from './key.ts';
import { run as runUpdate } from './update.ts';

const main = join(import.meta.dirname, '..', '..', 'riad.mjs');
const folder = mkdtempSync(join(tmpdir(), 'riad-backup-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const deadlineMs = 60_000;

let running: ChildProcess | undefined;
afterEach(end);

async function end(): Promise<void> {
  const child = running;
  running = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

async function until(met: () => Promise<boolean>, what: () => string): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await met().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what()}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

class Site {
  readonly folder: string;
  readonly config: string;
  readonly primary: number;
  readonly secondary: number;
  readonly web: number;
  readonly committed: number;

  private constructor(name: string, ports: readonly number[]) {
    this.folder = join(folder, name);
    this.config = join(this.folder, 'riad.yaml');
    [this.primary, this.secondary, this.web, this.committed] = ports as [
      number,
      number,
      number,
      number,
    ];
    mkdirSync(this.folder);
    writeFileSync(
      this.config,
      `state: ./state
services:
  names:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${this.primary}"]
    zones: { folder: ./zones }
    writeBack: false
    access: { transfer: [127.0.0.1] }
    alsoNotify: [{ address: 127.0.0.1, port: ${this.secondary} }]
  committed:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${this.committed}"]
    zones: { git: ./zones.git }
    access: { update: [127.0.0.1] }
  copies:
    type: dns-secondary
    listen: ["udp+tcp://127.0.0.1:${this.secondary}"]
    zones: [{ name: example.com, primaries: [{ address: 127.0.0.1, port: ${this.primary} }] }]
  calendar:
    type: calendar
    listen: ["http://127.0.0.1:${this.web}"]
`,
    );
  }

  static async make(name: string): Promise<Site> {
    return new Site(name, await Promise.all(Array.from({ length: 4 }, freePort)));
  }

  async start(what: readonly string[] = ['up']): Promise<void> {
    const child = spawn(process.execPath, [main, ...what, '--config', this.config], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] },
    });
    running = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => {
        said += piece.toString();
      });
    const all = ['names', 'committed', 'copies', 'calendar'];
    const wanted = what[0] === 'run' ? all.filter((name) => what.includes(name)) : all;
    const answers = (name: string): boolean =>
      said
        .split('\n')
        .some((line) => line.includes(`"service":"${name}"`) && line.includes('"answering"'));
    await until(
      async () => wanted.every(answers),
      () => said,
    );
    // Its zones come a moment later.
    const port = wanted.includes('names') ? this.primary : this.secondary;
    await until(
      async () => (await this.ask(port, 'example.com', 'SOA')) !== '',
      () => said,
    );
  }

  /** The answer section; what it says of time and size aside. */
  async ask(port: number, name: string, type: string): Promise<string> {
    const { answers } = await ask(port, name, type);
    return answers
      .map((record) => formatRecord(record))
      .sort()
      .join('\n');
  }

  /** What is said of it; rejects unless it was acknowledged. */
  async update(name: string, address: string, key?: string): Promise<string> {
    const output = new CollectedOutput();
    const port = key === undefined ? this.committed : this.primary;
    const options = { server: '127.0.0.1', port: String(port), timeout: '15' };
    const signed = key === undefined ? options : { ...options, key };
    const status = await runUpdate('add', [name, '60', 'A', address], signed, output);
    assert.equal(status, 0, output.errors);
    return output.errors;
  }

  dav(
    method: string,
    path: string,
    secret: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.web}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`ann:${secret}`).toString('base64')}`,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  async backUp(name: string): Promise<string> {
    const output = new CollectedOutput();
    await runBackup('backup', join(folder, name), { config: this.config }, output);
    return output.errors;
  }

  async restore(name: string, overwrite = false): Promise<string> {
    const output = new CollectedOutput();
    const options = { config: this.config, overwrite };
    await runBackup('restore', join(folder, name), options, output);
    return output.errors;
  }
}

const zone = `$TTL 60
@ SOA ns hostmaster 1 3600 900 2419200 300
  NS ns
ns A 192.0.2.1
`;
const event = (uid: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const sync = (token: string): string =>
  `<D:sync-collection xmlns:D="DAV:"><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`;

/** A bare repository with a zone, as somebody has pushed it. */
function commitZone(repository: string): void {
  const git = (input: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', ['-C', repository, ...args], {
      input,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        ...{ GIT_AUTHOR_NAME: 'ann', GIT_AUTHOR_EMAIL: 'ann@example.org' },
        ...{ GIT_COMMITTER_NAME: 'ann', GIT_COMMITTER_EMAIL: 'ann@example.org' },
      },
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  mkdirSync(repository);
  git('', 'init', '-q', '--bare', '-b', 'main');
  const blob = git(zone, 'hash-object', '-w', '--stdin');
  const tree = git(`100644 blob ${blob}\texample.net\n`, 'mktree');
  git('', 'update-ref', 'refs/heads/main', git('', 'commit-tree', tree, '-m', 'example.net'));
  mkdirSync(join(repository, 'hooks'), { recursive: true });
  writeFileSync(join(repository, 'hooks', 'post-receive'), '#!/bin/sh\n', { mode: 0o755 });
}

describe('backup and restore', { timeout: 120_000 }, () => {
  test('S10 all services, copied while they run, answer the same when they were lost', async () => {
    const site = await Site.make('site');
    mkdirSync(join(site.folder, 'zones'));
    writeFileSync(join(site.folder, 'zones', 'example.com'), zone);
    commitZone(join(site.folder, 'zones.git'));
    // Whoever edits the zones owns them, where root can give them away.
    const editor = process.geteuid?.() === 0 ? 65_534 : process.geteuid!();
    const zoneFile = join(site.folder, 'zones', 'example.com');
    chownSync(zoneFile, editor, process.getegid!());
    const { config } = site;
    let phone: string;
    {
      using accounts = new Accounts(join(site.folder, 'state', 'accounts', 'accounts.sqlite'));
      await accounts.addUser({ name: 'ann', password: 'a long password' });
      phone = accounts.addAppPassword('ann', 'phone');
    }
    const made = new CollectedOutput();
    const keyName = 'laptop._update.example.com';
    await runKey('generate', keyName, { config, service: 'names', form: 'riad' }, made);
    const key = made.text.trim();
    await site.start();
    // Acknowledged, and in the journal alone: the file is not written.
    assert.match(await site.update('new.example.com', '192.0.2.7', key), /1 change taken/);
    const type = { 'content-type': 'text/calendar' };
    const calendar = '/calendars/ann/calendar/';
    await until(
      async () => (await site.dav('PUT', `${calendar}a.ics`, phone, event('a'), type)).status < 300,
      () => 'the calendar answers',
    );
    const report = await (await site.dav('REPORT', calendar, phone, sync(''))).text();
    const token = /<D:sync-token>([^<]+)</.exec(report)![1]!;
    assert.equal((await site.dav('PUT', `${calendar}b.ics`, phone, event('b'), type)).status, 201);
    const questions = [
      ['example.com', 'SOA'],
      ['new.example.com', 'A'],
      ['example.com', 'NS'],
    ] as const;
    const answers = async (port: number): Promise<string[]> => {
      const all: string[] = [];
      for (const [name, what] of questions) all.push(await site.ask(port, name, what));
      return all;
    };
    const expected = await answers(site.primary);
    assert.match(expected[1]!, /192\.0\.2\.7/);
    await until(
      async () => (await answers(site.secondary)).join() === expected.join(),
      () => 'the secondary has the update',
    );
    assert.doesNotMatch(readFileSync(join(site.folder, 'zones', 'example.com'), 'utf8'), /new/);

    await until(
      async () => (await site.ask(site.committed, 'example.net', 'SOA')) !== '',
      () => 'the zone of the repository',
    );
    // Meanwhile another one takes updates, and commits them to its repository.
    let acknowledged = 0;
    let stopping = false;
    const stream = (async () => {
      while (!stopping) {
        await site.update(`host${acknowledged}.example.net`, '192.0.2.9');
        acknowledged++;
      }
    })();
    await until(
      async () => acknowledged > 20,
      () => `${acknowledged} updates`,
    );
    const before = acknowledged;
    const said = await site.backUp('kept');
    const during = acknowledged;
    await until(
      async () => acknowledged > during,
      () => 'updates go on',
    );
    stopping = true;
    await stream;
    assert.match(said, /^names: copied; it stood still for \d+ ms$/m);
    assert.match(said, /^copies: copied; it stood still for \d+ ms$/m);
    assert.match(said, /^committed: .*zones at /m);
    assert.deepEqual(await answers(site.primary), expected, 'it goes on');
    const kept = { cwd: join(folder, 'kept'), encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], kept);
    assert.equal(status, 0, stderr);
    assert.equal(existsSync(join(folder, 'kept', 'names', 'state', 'zones.snapshot')), false);
    await assert.rejects(site.restore('kept'), /runs: stop it first/);

    await end();
    for (const name of ['state', 'zones', 'zones.git'])
      rmSync(join(site.folder, name), { recursive: true, force: true });
    assert.match(await site.restore('kept'), /^names is as it was$/m);

    assert.equal(statSync(zoneFile).uid, editor);

    // The secondary alone: what it has is its own.
    await site.start(['run', 'copies']);
    assert.deepEqual(await answers(site.secondary), expected);
    await end();
    await site.start();
    assert.deepEqual(await answers(site.primary), expected);
    await until(
      async () => (await site.ask(site.committed, 'example.net', 'SOA')) !== '',
      () => 'the zone of the repository',
    );
    // In the copy is all that was acknowledged before it, and nothing is there in part.
    let there = 0;
    while ((await site.ask(site.committed, `host${there}.example.net`, 'A')) !== '') there++;
    assert.ok(there >= before && there <= during + 1, `${before} <= ${there} <= ${during}`);
    assert.equal(await site.ask(site.committed, `host${there + 1}.example.net`, 'A'), '');
    assert.ok(existsSync(join(site.folder, 'zones.git', 'hooks', 'post-receive')));
    assert.match(
      await site.update('new.example.com', '192.0.2.8', key),
      /1 change taken/,
      'the key is good',
    );
    await until(
      async () => (await site.dav('GET', `${calendar}b.ics`, phone)).status === 200,
      () => 'the calendar answers again',
    );
    const changes = await site.dav('REPORT', calendar, phone, sync(token));
    const text = await changes.text();
    assert.equal(changes.status, 207, text);
    assert.match(text, /b\.ics/);
    assert.doesNotMatch(text, /a\.ics/);
    const history = (await (await site.dav('GET', '/api/history', 'a long password')).json()) as {
      entries: { summary: string; device?: string }[];
    };
    assert.ok(history.entries.some(({ device }) => device === 'phone'));
    await end();

    // What is there goes nowhere unless that is said, and then aside.
    await assert.rejects(site.restore('kept'), /--overwrite moves it aside/);
    assert.match(await site.restore('kept', true), /before-restore/);
    assert.ok(readdirSync(site.folder).some((name) => name.startsWith('zones.before-restore-')));
    await site.start(['run', 'names']);
    assert.deepEqual(await answers(site.primary), expected);
    await end();

    // Nothing is written to where a link leads.
    rmSync(join(site.folder, 'zones'), { recursive: true });
    symlinkSync(folder, join(site.folder, 'zones'));
    await assert.rejects(site.restore('kept', true), /zones is a link/);

    // A backup that is not what it was is not restored.
    const file = join(folder, 'kept', 'names', 'folders', 'zones', 'example.com');
    appendFileSync(file, '; one line more\n');
    await assert.rejects(site.restore('kept', true), /zones\/example\.com has changed/);
    writeFileSync(join(folder, 'kept', 'more'), '');
    await assert.rejects(site.restore('kept', true), /more is not in SHA256SUMS/);
    rmSync(join(folder, 'kept', 'SHA256SUMS'));
    await assert.rejects(site.restore('kept', true), /none that was finished/);
  });
});
