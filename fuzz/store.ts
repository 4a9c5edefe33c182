/**
 * `npm run campaign -- store [--seeds=1000]`: runs of the journal and of the git engine on a disk that
 * loses, tears and reorders what was not synced, each crashed at several of its operations and again
 * while it recovers. Every twentieth repository that is left goes through `git fsck --strict`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seed } from '@riad/octets/testing/random';
import { copyOut, judge } from '@riad/store/testing/git';
import { crashStore } from '@riad/store/testing/git-store-run';
import { crashJournal } from '@riad/store/testing/journal-run';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' } } });
const seeds = Number(values.seeds);
/** Of each run. */
const crashesEach = 5;

const folder = mkdtempSync(join(tmpdir(), 'riad-campaign-'));
let journals = 0;
let stores = 0;
let judged = 0;
try {
  for (let round = 0; round < seeds; round++) {
    const roundSeed = (seed + round) >>> 0;
    try {
      journals += await crashJournal(roundSeed, 4 + (round % 12), crashesEach);
      const left = await crashStore(roundSeed, 3 + (round % 8), crashesEach);
      stores += left.length;
      if (round % 20 === 0) {
        const place = join(folder, String(round));
        copyOut(left[round % left.length]!, 'store.git', place);
        judge(join(place, 'store.git'));
        judged++;
        rmSync(place, { recursive: true });
      }
    } catch (error) {
      process.stderr.write(
        `seed ${roundSeed}: RIAD_SEED=${roundSeed} npm run campaign -- store --seeds=1\n`,
      );
      throw error;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  `${seeds} seeds: ${journals} crashes of the journal and ${stores} of the store lost nothing; git found ${judged} repositories in order\n`,
);
