/**
 * `npm run campaign -- zone-crash [--seeds=200]`: runs of a primary's state folder on a disk that loses,
 * tears and reorders what was not synced. At each operation of the disk, every image that a crash could
 * leave is recovered, with crashes at every operation of the recovery
 * (packages/name-server/src/testing/zone-run.ts).
 */
import { parseArgs } from 'node:util';
import { crashZones } from '@riad/name-server/testing/zone-run';
import { seed } from '@riad/octets/testing/random';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' } } });
const seeds = Number(values.seeds);
/** Of each run: some have everything happen once, others much after much. */
const steps = [6, 12, 40];

let images = 0;
let operations = 0;
for (let round = 0; round < seeds; round++) {
  const roundSeed = (seed + round) >>> 0;
  try {
    const run = crashZones({ seed: roundSeed, steps: steps[roundSeed % steps.length]! });
    images += run.images;
    operations += run.operations;
  } catch (error) {
    process.stderr.write(
      `seed ${roundSeed}: RIAD_SEED=${roundSeed} npm run campaign -- zone-crash --seeds=1\n`,
    );
    throw error;
  }
}
process.stdout.write(
  `${seeds} seeds: ${images} images of ${operations} operations lost nothing, and no serial was given twice\n`,
);
