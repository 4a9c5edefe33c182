/**
 * `npm run campaign -- updates-killed [--kills=500] [--remote]`: the running service with a repository,
 * killed at random moments under a stream of updates; with a remote, that goes away and comes back
 * meanwhile (services/dns-primary/src/testing/killed-service.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random, seed } from '@riad/octets/testing/random';
import { killService } from '@riad/service-dns-primary/testing/killed-service';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    remote: { type: 'boolean', default: false },
  },
});
const { remote } = values;
const kills = Number(values.kills);
/** Kills of one state folder; then a new one begins. */
const killsEach = 50;

process.stdout.write(`seed ${seed}\n`);
let acknowledged = 0;
for (let done = 0; done < kills; done += killsEach) {
  const folder = mkdtempSync(join(tmpdir(), 'riad-killed-'));
  const count = Math.min(killsEach, kills - done);
  const say = (line: string): void => void process.stdout.write(`${done} + ${line}\n`);
  const random = new Random((seed + done) >>> 0);
  const run = await killService(folder, random, count, { remote, say }).catch((error: unknown) => {
    process.stderr.write(`what is left lies in ${folder}\n`);
    throw error;
  });
  acknowledged += run.acknowledged;
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  `${kills} kills: ${acknowledged} acknowledged updates, none lost, none twice\n`,
);
