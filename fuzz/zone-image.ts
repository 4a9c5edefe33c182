/**
 * `npm run campaign -- zone-image [OPERATIONS]`: random commits watched by readers from between every
 * two stores of the writer (packages/dns-server/src/testing/zone-model.ts), ten million operations
 * unless told otherwise.
 */
import { runZoneModel } from '@riad/dns-server/testing/zone-model';
import { Random, seed } from '@riad/octets/testing/random';

const wanted = Number(process.argv[2] ?? 10_000_000);
const share = 250_000;
let done = 0;
let commits = 0;
let looks = 0;
for (let round = 0; done < wanted; round++) {
  const roundSeed = (seed + round) >>> 0;
  try {
    const run = runZoneModel(
      new Random(roundSeed),
      Math.min(share, wanted - done),
      round % 3 === 2 ? 300 : 40,
    );
    done += run.operations;
    commits += run.commits;
    looks += run.looks;
  } catch (error) {
    process.stderr.write(
      `seed ${roundSeed}: RIAD_SEED=${roundSeed} npm run campaign -- zone-image\n`,
    );
    throw error;
  }
}
process.stdout.write(`${done} operations, ${commits} commits, ${looks} looks: no difference\n`);
