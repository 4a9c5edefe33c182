import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLog } from './json-log.ts';
import { limitedLog } from './limited-log.ts';
import { type Fields, type Log, silentLog } from './log.ts';

test('lines said before pino is there keep their time and order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-log-'));
  const file = join(folder, 'log');
  const fd = openSync(file, 'w');
  const log = jsonLog('info', { service: 'names' }, fd);
  log.debug('not said');
  log.info('zone loaded', { zone: 'example.' });
  log.with({ client: '192.0.2.1' }).warn('refused', { error: new RangeError('too long') });
  await log.load();
  log.error('later');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [first, second, third] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(lines.length, 3);
  assert.equal(first?.['event'], 'zone loaded');
  assert.equal(first?.['zone'], 'example.');
  assert.equal(first?.['service'], 'names');
  assert.match(String(first?.['time']), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual((second?.['error'] as { message?: string } | undefined)?.message, 'too long');
  assert.equal(second?.['client'], '192.0.2.1');
  assert.equal(third?.['level'], 'error');
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test('a stranger’s event is said five times in ten seconds, then counted', () => {
  const said: [string, Fields | undefined][] = [];
  const collecting: Log = {
    ...silentLog,
    warn: (event, fields) => void said.push([event, fields]),
  };
  let now = 0;
  const log = limitedLog(collecting, { linesPerWindow: 5, windowSeconds: 10 }, () => now);
  for (let i = 0; i < 1000; i++) log.warn('malformed query', { i });
  assert.equal(said.length, 5);
  log.warn('another event');
  assert.equal(said.length, 6);
  now = 10_000;
  log.warn('malformed query', { i: 1000 });
  assert.deepEqual(said.at(-1), ['malformed query', { i: 1000, suppressed: 995 }]);
});
