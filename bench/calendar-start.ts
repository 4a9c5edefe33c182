/**
 * Cold starts of the calendar service: from the start of its process to the first right answer about a week, with
 * its index and without it. Meanwhile it says when to come back, and never a part.
 *
 *   npm run bench -- calendar-start [--events=100000] [--runs=3]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '@riad/net/testing/free-port';
import { type ColdStart, coldStart } from './calendar/cold-start.ts';
import { inWeek } from './calendar/events.ts';
import { authorization, prepareRiad } from './calendar/servers.ts';
import { type Bar, bar, barLine } from './dns-authoritative/report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '3' },
  },
});
const events = Number(values.events);
const runs = Number(values.runs);
const core = 0;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
try {
  const port = await freePort();
  say(`${events} events`);
  const { command, path } = await prepareRiad(folder, port, events);
  const started = { command, port, path, authorization, core };
  const expected = inWeek(events);
  const measure = async (title: string, before: () => void): Promise<ColdStart[]> => {
    const found: ColdStart[] = [];
    for (let run = 0; run < runs; run++) {
      before();
      const one = await coldStart(started, expected);
      say(
        `  ${title}: ${one.rightMs.toFixed(0)} ms, ${one.processorMs} on a processor, ${one.notReady} told to come back, ${mebibytes(one.memoryOctets)} MiB`,
      );
      found.push(one);
    }
    return found;
  };
  // The first start after an import keeps the index it has made.
  await coldStart(started, expected);
  const withIndex = await measure('with its index', () => {});
  const without = await measure('without it', () => {
    for (const ending of ['', '-wal', '-shm'])
      rmSync(join(folder, 'state', 'calendar', `index.db${ending}`), { force: true });
  });
  const median = (all: readonly ColdStart[]): number =>
    all.map(({ rightMs }) => rightMs).sort((a, b) => a - b)[all.length >> 1]!;
  const most = Math.max(...[...withIndex, ...without].map(({ memoryOctets }) => memoryOctets));
  const bars: Bar[] = [
    bar(`with its index: ${median(withIndex).toFixed(0)} ms of 1,000`, median(withIndex), 1000),
    bar(`without it: ${median(without).toFixed(0)} ms of 20,000`, median(without), 20_000),
    bar(`memory: ${mebibytes(most)} MiB of 500 MB`, most, 500e6),
  ];
  for (const one of bars) process.stdout.write(`${barLine(one)}\n`);
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(
    join(results, 'calendar-start.json'),
    `${JSON.stringify({ events, runs, withIndex, without, bars }, null, 2)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function mebibytes(octets: number): string {
  return (octets / 2 ** 20).toFixed(0);
}
process.exit();
