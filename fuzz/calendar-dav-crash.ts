/**
 * `npm run campaign -- calendar-dav-crash [--seeds=1000]`: requests of clients on a disk that loses, tears and
 * reorders what was not synced; the machine stops before each operation of the disk, and each time all that was
 * acknowledged is found again (services/calendar/src/testing/dav-crash-run.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seed } from '@riad/octets/testing/random';
import { crashDav } from '@riad/service-calendar/testing/dav-crash-run';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' } } });
const seeds = Number(values.seeds);
const sayEvery = 50;

const folder = mkdtempSync(join(tmpdir(), 'riad-campaign-'));
let crashes = 0;
let acknowledged = 0;
try {
  for (let round = 0; round < seeds; round++) {
    const roundSeed = (seed + round) >>> 0;
    try {
      const run = await crashDav(folder, roundSeed, 3 + (round % 12));
      crashes += run.crashes;
      acknowledged += run.acknowledged;
    } catch (error) {
      process.stderr.write(
        `seed ${roundSeed}, ${3 + (round % 12)} steps: after ${round} seeds from ${seed}\n`,
      );
      throw error;
    }
    if (round % sayEvery === sayEvery - 1)
      process.stdout.write(`${round + 1} seeds, ${crashes} crashes, ${acknowledged} requests\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  `${seeds} seeds: ${crashes} crashes lost none of ${acknowledged} acknowledged requests\n`,
);
