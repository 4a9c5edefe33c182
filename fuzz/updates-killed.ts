/**
 * `npm run campaign -- updates-killed [--kills=500]`: the running service with a repository, killed at
 * random moments under a stream of updates (services/dns-primary/src/testing/killed-service.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random, seed } from '@riad/octets/testing/random';
import { killService } from '@riad/service-dns-primary/testing/killed-service';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '500' } } });
const kills = Number(values.kills);
/** Kills of one state folder; then a new one begins. */
const killsEach = 50;

process.stdout.write(`seed ${seed}\n`);
let acknowledged = 0;
for (let done = 0; done < kills; done += killsEach) {
  const folder = mkdtempSync(join(tmpdir(), 'riad-killed-'));
  const count = Math.min(killsEach, kills - done);
  const run = await killService(folder, new Random((seed + done) >>> 0), count, (line) =>
    process.stdout.write(`${done} + ${line}\n`),
  ).catch((error: unknown) => {
    process.stderr.write(`what is left lies in ${folder}\n`);
    throw error;
  });
  acknowledged += run.acknowledged;
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  `${kills} kills: ${acknowledged} acknowledged updates, none lost, none twice\n`,
);
