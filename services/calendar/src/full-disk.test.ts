/** A disk that is really full: a small one, mounted where nobody else sees it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { leastFreeOctets } from '@riad/calendar-store/write/room';
import { judge } from '@riad/store/testing/git';
import { expectStatus, readCalendar, readDifference, xml } from './testing/dav-reading.ts';
import { event, icalendar } from './testing/objects.ts';
import {
  endService,
  type ServiceChild,
  spawnService,
  startedService,
} from './testing/service-child.ts';
import { until } from './testing/until.ts';

const diskMebibytes = 128;
/** What writes may still use. */
const littleOctets = 3 << 20;
/** By then the index has kept a write, or failed to. */
const indexKeptMs = 1000;
const mostAttempts = 20;
const calendar = '/calendars/ann/calendar/';

/** Why it cannot be tried here. */
function missing(): false | string {
  const words = ['-m', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
  const { status, error } = spawnSync('unshare', words);
  return status === 0 && error === undefined
    ? false
    : 'nobody but root may mount a small disk (unshare -m)';
}

/** Text that does not get smaller. */
function noise(octets: number): string {
  const lines: string[] = [];
  for (let length = 0; length < octets; length += 64)
    lines.push(
      `X-NOISE:${Buffer.from(crypto.getRandomValues(new Uint8Array(42))).toString('base64')}\r\n`,
    );
  return lines.join('');
}

const refusal =
  /<D:error[^>]*><D:sufficient-disk-space><\/D:sufficient-disk-space>.*disk of the server is full/s;

type SmallDisk = {
  readonly folder: string;
  readonly service: ServiceChild;
  /** Once more, after the first one has ended. */
  readonly start: () => Promise<ServiceChild>;
  /** The same folder, as the service sees it. */
  readonly inside: string;
  /** An object with so much noise; gives the status. */
  readonly put: (name: string, octets: number) => Promise<number>;
  /** Somebody else's file takes all but what has to be free, and so much. */
  readonly leave: (octets: number) => void;
  /** And another one all there is. */
  readonly fill: () => void;
  /** Takes that one away. */
  readonly makeRoom: () => void;
  readonly clear: () => void;
};

/** The service on a disk of its own. */
async function onSmallDisk(t: TestContext): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'riad-full-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // The disk is there for as long as somebody is who sees it.
  const script = `mount -t tmpfs -o size=${diskMebibytes}m tmpfs "$0" && echo mounted && exec sleep infinity`;
  const words = ['-m', '--propagation', 'private', 'sh', '-c', script, folder];
  const holder = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => endService(holder, 'SIGKILL'));
  await once(holder.stdout, 'data');
  const start = async (): Promise<ServiceChild> => {
    const within = ['nsenter', '-t', String(holder.pid), '-m', '--'];
    const started = await startedService(spawnService(folder, within));
    t.after(() => endService(started.child, 'SIGKILL'));
    return started;
  };
  const service = await start();
  const inside = `/proc/${holder.pid}/root${folder}`;
  const ballast = join(inside, 'ballast');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(inside);
    return bavail * bsize;
  };
  return {
    folder,
    service,
    start,
    inside,
    async put(name, octets) {
      const body = event(name, 'Noise', noise(octets));
      const asking = { headers: icalendar, body };
      const { status, text } = await service.ask('PUT', `${calendar}${name}`, asking);
      if (status === 507) assert.match(text, refusal);
      return status;
    },
    leave(octets) {
      const words = ['-l', String(free() - leastFreeOctets - octets), ballast];
      const { status, stderr } = spawnSync('fallocate', words);
      assert.equal(status, 0, String(stderr));
    },
    fill() {
      spawnSync('sh', ['-c', `cat /dev/zero > "${ballast}.more"`], { stdio: 'ignore' });
      assert.ok(free() < 1 << 20);
    },
    makeRoom: () => rmSync(`${ballast}.more`),
    clear() {
      for (const file of [ballast, `${ballast}.more`]) rmSync(file);
    },
  };
}

test('a full disk: 507 with a reason, nothing by halves, reads go on, and writes once there is room', {
  skip: missing(),
  timeout: 120_000,
}, async (t) => {
  const { folder, service, inside, put, leave, fill, clear } = await onSmallDisk(t);
  const { ask, child } = service;
  const health = async (wanted: RegExp): Promise<void> => {
    await until(() => {
      child.kill('SIGUSR2');
      const last = service
        .said()
        .split('\n')
        .findLast((line) => line.includes('"health"'));
      return last !== undefined && wanted.test(last);
    }, `health ${wanted}`);
  };

  assert.equal(await put('before.ics', 1000), 201);
  const page = await ask('POST', '/account/devices', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'device=phone',
  });
  const [, phone = ''] = /<code>([a-z2-9-]{24})<\/code>/.exec(page.text) ?? [];
  const first = await readDifference(ask, calendar, '');
  assert.ok(typeof first === 'object');
  // Somebody else's file takes what is left, all but a little, which writes use up.
  const kept = new Set<string>();
  const refused = new Set<string>();
  const putUntil = async (least: number): Promise<void> => {
    for (let number = 0; number < 2000 && refused.size < least; number++) {
      const name = `n${kept.size + refused.size}.ics`;
      const status = await put(name, 100_000);
      if (status === 201) kept.add(name);
      else {
        assert.equal(status, 507, `${name}: ${service.said()}`);
        refused.add(name);
      }
    }
    assert.equal(refused.size, least, 'it is never full');
  };
  leave(littleOctets);
  await putUntil(10);
  assert.ok(kept.size > 10, `${kept.size} were kept`);
  // And then all of it, to the last octet.
  fill();
  await putUntil(20);

  // Nothing of what was refused is there, all of the rest is; and reads go on.
  const difference = await readDifference(ask, calendar, first.token);
  assert.ok(typeof difference === 'object');
  assert.deepEqual(new Set(difference.changed.keys()), kept);
  const read = await readCalendar(ask, calendar);
  assert.deepEqual(new Set(read!.etags.keys()), new Set(['before.ics', ...kept]));
  for (const name of refused) assert.equal((await ask('GET', `${calendar}${name}`)).status, 404);
  for (const name of kept) expectStatus(await ask('GET', `${calendar}${name}`), 200);
  // Of a device, too, though its use cannot be noted.
  expectStatus(await ask('GET', `${calendar}before.ics`, { password: phone }), 200);
  assert.match(service.said(), /"event":"the disk is full"/);
  await health(/the disk is full: changes are refused with 507/);
  const account = await ask('GET', '/account');
  expectStatus(account, 200);
  assert.match(account.text, /role="alert".*The disk of the server is full.*refused \(507\)/);
  // Other requests that write are refused the same way, or done; nothing else is answered.
  const others = [
    await ask('MKCALENDAR', '/calendars/ann/more/'),
    await ask('DELETE', `${calendar}before.ics`, { headers: { 'if-match': '"other"' } }),
    await ask('PROPPATCH', calendar, {
      headers: xml,
      body: '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>New</D:displayname></D:prop></D:set></D:propertyupdate>',
    }),
    await ask('LOCK', `${calendar}before.ics`, {
      headers: xml,
      body: '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>',
    }),
  ];
  assert.ok(
    others.every(({ status }) => status < 500 || status === 507),
    others.map(({ status, text }) => `${status} ${text}`).join('\n'),
  );

  // Room again: no restart.
  clear();
  await until(async () => (await put('after.ics', 1000)) < 300, 'a write');
  for (let number = 0; number < 30; number++)
    assert.equal(await put(`later-${number}.ics`, 20_000), 201);
  await health(/"healthy":true/);
  assert.doesNotMatch((await ask('GET', '/account')).text, /role="alert"/);
  const later = await readDifference(ask, calendar, difference.token);
  assert.ok(typeof later === 'object');
  assert.equal(later.changed.size, 31);

  // What is on the disk, if it stops here.
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  child.kill('SIGSTOP');
  spawnSync('cp', ['-a', `${inside}/.`, copy]);
  await endService(child, 'SIGKILL');
  const again: ServiceChild = await startedService(spawnService(copy));
  t.after(() => endService(again.child, 'SIGKILL'));
  const found = await readCalendar(again.ask, calendar);
  assert.equal(found!.etags.size, 1 + kept.size + 31);
  await until(() => judge(join(copy, 'calendar', 'store.git')).length > 31, 'all in git');
});

test('what was acknowledged just before the disk was full is answered for, and reads go on', {
  skip: missing(),
  timeout: 120_000,
}, async (t) => {
  const { service, put, leave, fill, makeRoom, clear } = await onSmallDisk(t);
  const names: string[] = [];
  leave(24 << 20);
  // The index keeps what it has a moment after a write: the disk has to be full before.
  const failed = (): boolean => service.said().includes('"event":"index failed"');
  for (let attempt = 0; !failed(); attempt++) {
    assert.ok(attempt < mostAttempts, 'the index had room each time');
    if (attempt > 0) makeRoom();
    names.push(`${attempt}.ics`);
    await until(async () => (await put(`${attempt}.ics`, 50_000)) === 201, 'a write');
    fill();
    const end = performance.now() + indexKeptMs;
    while (!failed() && performance.now() < end)
      for (const name of names) expectStatus(await service.ask('GET', `${calendar}${name}`), 200);
  }
  for (let i = 0; i < 20; i++)
    for (const name of names) expectStatus(await service.ask('GET', `${calendar}${name}`), 200);
  assert.equal(await put('d.ics', 1000), 507);
  clear();
  await until(async () => (await put('d.ics', 1000)) === 201, 'a write');
  const { etags } = (await readCalendar(service.ask, calendar))!;
  assert.deepEqual(new Set(etags.keys()), new Set([...names, 'd.ics']));
});

test('who is killed while the disk is full comes back, and reads', {
  skip: missing(),
  timeout: 120_000,
}, async (t) => {
  const { service, start, put, leave, fill } = await onSmallDisk(t);
  leave(24 << 20);
  assert.equal(await put('a.ics', 50_000), 201);
  const before = await readDifference(service.ask, calendar, '');
  fill();
  assert.equal(await put('b.ics', 1000), 507);
  await endService(service.child, 'SIGKILL');
  const again = await start();
  await until(
    async () => (await again.ask('GET', `${calendar}a.ics`)).status === 200,
    'what was acknowledged',
  );
  assert.equal((await again.ask('GET', `${calendar}b.ics`)).status, 404);
  assert.ok(typeof before === 'object');
  const nothing = await readDifference(again.ask, calendar, before.token);
  assert.ok(typeof nothing === 'object');
  assert.equal(nothing.changed.size + nothing.removed.size, 0);
});
