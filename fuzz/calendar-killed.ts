/**
 * `npm run campaign -- calendar-killed [--rounds=200]`: eight writers in a process that is killed again and
 * again; what it had acknowledged is there each time, with the index or without it, and git finds it in order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killCalendars } from '@riad/calendar-store/testing/killed-run';
import { Random, seed } from '@riad/octets/testing/random';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), 'riad-campaign-'));
try {
  const acknowledged = await killCalendars(folder, new Random(seed), rounds, 2000);
  process.stdout.write(
    `killed ${rounds} times: ${acknowledged} acknowledged writes are all there\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
