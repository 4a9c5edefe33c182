/**
 * `npm run campaign -- calendar-service-killed [--kills=500]`: the running service, killed at random moments under
 * the writes of eight clients (services/calendar/src/testing/killed-service.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random, seed } from '@riad/octets/testing/random';
import { killService } from '@riad/service-calendar/testing/killed-service';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '500' } } });
const kills = Number(values.kills);
/** Kills of one state folder; then a new one begins. */
const killsEach = 50;

process.stdout.write(`seed ${seed}\n`);
let acknowledged = 0;
let seenMs = 0;
for (let done = 0; done < kills; done += killsEach) {
  const folder = mkdtempSync(join(tmpdir(), 'riad-killed-'));
  const count = Math.min(killsEach, kills - done);
  const say = (line: string): void => void process.stdout.write(`${done} + ${line}\n`);
  const random = new Random((seed + done) >>> 0);
  const run = await killService(folder, random, count, say).catch((error: unknown) => {
    process.stderr.write(`what is left lies in ${folder}\n`);
    throw error;
  });
  acknowledged += run.acknowledged;
  seenMs = Math.max(seenMs, run.seenMs);
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  `${kills} kills: ${acknowledged} acknowledged writes are all there; git named each within ${seenMs.toFixed()} ms\n`,
);
