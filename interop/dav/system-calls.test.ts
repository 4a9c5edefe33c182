/** The order of system calls, as the kernel has seen it: no success is sent before the journal is on the disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Ask, xml } from '@riad/service-calendar/testing/dav-reading';
import { event, icalendar } from '@riad/service-calendar/testing/objects';
import { peer } from '../peers.ts';
import { RiadRun } from './riad-run.ts';
import { parseTrace, type Success, successesOf } from './system-calls.ts';

const strace = peer('strace');
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
/** Runs the service under strace with requests that write, one after the other and several at once. */
async function tracedRun(t: TestContext, nodeOptions: string = ''): Promise<Success[]> {
  const folder = mkdtempSync(join(tmpdir(), 'riad-strace-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const riad = await RiadRun.prepare(folder);
  const trace = join(folder, 'trace');
  const under = [
    ...[strace.file, '-f', '-yy', '-xx', '-s', '65536', '-qq', '-o', trace],
    ...['-e', `trace=${traced}`],
  ];
  const { pid } = await riad.start({ under, nodeOptions });
  try {
    await work(riad.ask);
  } finally {
    // Strace hands the signal on to nobody, so the service is told: it is the only child.
    await riad.stop(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()));
  }
  return successesOf(parseTrace(readFileSync(trace, 'latin1')), journal);
}

async function work(ask: Ask): Promise<void> {
  const change = async (method: string, path: string, asking = {}): Promise<void> => {
    const { status, text } = await ask(method, `/calendars/ann/${path}`, asking);
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${text}`);
  };
  const put = (name: string, summary: string): Promise<void> =>
    change('PUT', `calendar/${name}`, { headers: icalendar, body: event(name, summary) });
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

/** In some containers nobody may trace. */
const missing =
  strace.missing === false && spawnSync(strace.file, ['-o', '/dev/null', 'true']).status !== 0
    ? 'strace may not trace here'
    : strace.missing;

describe('the order of system calls', { skip: missing, timeout: 120_000 }, () => {
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
