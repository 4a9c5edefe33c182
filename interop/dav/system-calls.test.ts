/** The order of system calls, as the kernel has seen it: no success is sent before the journal is on the disk. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { askOver, password } from '@riad/service-calendar/testing/running-calendar';
import { until } from '@riad/service-calendar/testing/until';
import { freePort } from '../peers/server.ts';
import { peer } from '../peers.ts';
import { parseTrace, type Success, successesOf } from './system-calls.ts';

const strace = peer('strace');
const main = new URL('../../apps/riad/src/main.ts', import.meta.url).pathname;
/** A deliberate defect: `fdatasync` succeeds and does nothing. No file, for a confined service may read none of ours. */
const defect = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  fs.fdatasync = (descriptor, done) => setImmediate(done, null);
  syncBuiltinESMExports();
`)}`;
const traced = [
  ...['read', 'readv', 'recvfrom', 'recvmsg', 'write', 'writev', 'sendto', 'sendmsg'],
  ...['pwrite64', 'pwritev', 'fdatasync', 'fsync'],
].join(',');
const journal = /\/wal\/[^/]*\.journal$/;
const clients = 4;
const xml = { 'content-type': 'application/xml' };

const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

/** Runs `riad run` under strace with requests that write, one after the other and several at once. */
async function tracedRun(t: TestContext, nodeOptions: string = ''): Promise<Success[]> {
  const folder = mkdtempSync(join(tmpdir(), 'riad-strace-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  {
    using accounts = new Accounts(join(folder, 'state', 'accounts', 'accounts.sqlite'));
    await accounts.addUser({ name: 'ann', password });
  }
  const port = await freePort();
  const file = join(folder, 'riad.yaml');
  writeFileSync(
    file,
    `state: ${folder}/state\nservices:\n  calendar: { type: calendar, listen: ["http://127.0.0.1:${port}"] }\n`,
  );
  const trace = join(folder, 'trace');
  const child = spawn(
    strace.file,
    [
      ...['-f', '-yy', '-xx', '-s', '65536', '-qq', '-o', trace, '-e', `trace=${traced}`],
      ...[process.execPath, main, 'run', 'calendar', '--config', file],
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: nodeOptions },
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    await work(child, `http://127.0.0.1:${port}`).catch((cause: unknown) => {
      throw new Error(said, { cause });
    });
  } finally {
    await end(child);
  }
  return successesOf(parseTrace(readFileSync(trace, 'latin1')), journal);
}

async function work(child: ChildProcess, url: string): Promise<void> {
  await until(async () => {
    assert.equal(child.exitCode, null, 'it ends');
    const answer = await askOver(url, 'PROPFIND', '/calendars/ann/', {
      headers: { depth: '0' },
    }).catch(() => undefined);
    return answer?.status === 207;
  }, 'the first answer');
  const change = async (method: string, path: string, asking = {}): Promise<void> => {
    const { status, text } = await askOver(url, method, `/calendars/ann/${path}`, asking);
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${text}`);
  };
  const headers = { 'content-type': 'text/calendar' };
  const put = (name: string, summary: string): Promise<void> =>
    change('PUT', `calendar/${name}`, { headers, body: event(name, summary) });
  await put('a.ics', 'One');
  await put('a.ics', 'Two');
  await change('MKCALENDAR', 'other/');
  const destination = '/calendars/ann/other/a.ics';
  await change('MOVE', 'calendar/a.ics', { headers: { destination } });
  const body =
    '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>New</D:displayname></D:prop></D:set></D:propertyupdate>';
  await change('PROPPATCH', 'other/', { headers: xml, body });
  await change('DELETE', 'other/a.ics');
  await change('DELETE', 'other/');
  const client = async (number: number): Promise<void> => {
    for (let i = 0; i < 10; i++) await put(`c${number}-${i}.ics`, `Number ${i}`);
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
}

/** Strace hands the signal on to nobody, so the service is told: it is the only child. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  for (const pid of readFileSync(children, 'latin1').trim().split(' '))
    if (pid !== '') process.kill(Number(pid), 'SIGTERM');
  await ended;
}

describe('the order of system calls', { skip: strace.missing, timeout: 120_000 }, () => {
  test('each success is sent after a sync of the journal that covers it', async (t) => {
    const successes = await tracedRun(t);
    const methods = new Set(successes.map(({ request }) => request.split(' ')[0]));
    assert.deepEqual(methods, new Set(['PUT', 'MKCALENDAR', 'MOVE', 'PROPPATCH', 'DELETE']));
    assert.equal(successes.length, 7 + clients * 10);
    assert.deepEqual(
      successes.filter(({ fault }) => fault !== undefined),
      [],
    );
  });

  test('and that is found out where the sync is left out', async (t) => {
    const successes = await tracedRun(t, `--import=${defect}`);
    assert.equal(successes.length, 7 + clients * 10);
    const faults = new Set(successes.map(({ fault }) => fault));
    assert.ok(faults.has('the journal was written and not synced'), [...faults].join());
  });
});
