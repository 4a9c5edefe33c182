/**
 * `npm run campaign -- calendar-crash [--seeds=200]`: runs of the storage of calendars on a disk that loses,
 * tears and reorders what was not synced, each crashed at several of its operations, and recovered with its
 * index or without one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashCalendars } from '@riad/calendar-store/testing/crash-run';
import { seed } from '@riad/octets/testing/random';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' } } });
const seeds = Number(values.seeds);
/** Of each run. */
const crashesEach = 5;

const folder = mkdtempSync(join(tmpdir(), 'riad-campaign-'));
let crashes = 0;
try {
  for (let round = 0; round < seeds; round++) {
    const roundSeed = (seed + round) >>> 0;
    try {
      crashes += await crashCalendars(folder, roundSeed, 3 + (round % 12), crashesEach);
    } catch (error) {
      process.stderr.write(
        `seed ${roundSeed}: RIAD_SEED=${roundSeed} npm run campaign -- calendar-crash --seeds=1\n`,
      );
      throw error;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${seeds} seeds: ${crashes} crashes lost no acknowledged write\n`);
