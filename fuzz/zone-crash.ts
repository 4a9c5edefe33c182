/**
 * `npm run campaign -- zone-crash [--seeds=200]`: runs of a primary's state folder on a disk that loses,
 * tears and reorders what was not synced. At each operation of the disk, images that a crash could leave
 * are recovered: all of them in short runs, some of each operation in longer ones
 * (packages/name-server/src/testing/zone-run.ts).
 */
import { parseArgs } from 'node:util';
import { crashZones } from '@riad/name-server/testing/zone-run';
import { seed } from '@riad/octets/testing/random';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' } } });
const seeds = Number(values.seeds);
/** Every fourth run is short, and of each of its operations so many images are recovered; mostly that is all. */
const shortRun = { steps: 6, most: 400 };
const longRun = { steps: 40, most: 3 };

let images = 0;
let operations = 0;
let whole = 0;
for (let round = 0; round < seeds; round++) {
  const roundSeed = (seed + round) >>> 0;
  const isShort = roundSeed % 4 === 0;
  try {
    const run = crashZones({ seed: roundSeed, ...(isShort ? shortRun : longRun) });
    images += run.images;
    operations += run.operations;
    whole += run.whole;
  } catch (error) {
    process.stderr.write(
      `seed ${roundSeed}: RIAD_SEED=${roundSeed} npm run campaign -- zone-crash --seeds=1\n`,
    );
    throw error;
  }
}
process.stdout.write(
  `${seeds} seeds: ${images} images of ${operations} operations (every image of ${whole}) lost nothing, and no serial was given twice\n`,
);
