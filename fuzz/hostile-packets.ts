/**
 * `npm run campaign -- hostile-packets [--packets=N]`: hostile packets over UDP and TCP against a running
 * Riad, beside BIND, NSD and Knot (interop/dns/hostile); 200,000 unless told otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, seed } from '@riad/octets/testing/random';
import {
  compareReactions,
  maxGrowthMebibytes,
  maxLogLines,
  watched,
  withAll,
} from '../interop/dns/hostile/campaign.ts';
import { missingPeers } from '../interop/peers/all.ts';

const asked = process.argv.find((arg) => arg.startsWith('--packets='));
const wanted = Number(asked?.slice('--packets='.length) ?? 200_000);
const share = 10_000;

if (missingPeers !== false) throw new Error(missingPeers);
process.stdout.write(`seed ${seed}\n`);
const folder = mkdtempSync(join(tmpdir(), 'riad-hostile-'));
try {
  await withAll(folder, async (peers, riad) => {
    let done = 0;
    let judged = 0;
    const excuses = new Map<string, number>();
    const faults: string[] = [];
    const { growthMebibytes, logLines } = await watched(riad, async () => {
      for (let round = 0; done < wanted; round++) {
        // TCP costs five times as much, and differs by the connection alone.
        const road = round % 6 === 5 ? 'tcp' : 'udp';
        const random = new Random((seed + round) >>> 0);
        const count = Math.min(share, wanted - done);
        const outcome = await compareReactions(peers, riad, road, count, random);
        done += outcome.packets;
        judged += outcome.judged;
        for (const [why, times] of outcome.excused)
          excuses.set(why, (excuses.get(why) ?? 0) + times);
        for (const fault of outcome.faults) faults.push(`seed ${seed + round}, ${road}: ${fault}`);
      }
    });
    process.stdout.write(`${done} packets; two peers agree on ${judged}; excused:\n`);
    for (const [why, times] of excuses) process.stdout.write(`  ${times} × ${why}\n`);
    for (const fault of faults.slice(0, 40)) process.stdout.write(`${fault}\n`);
    process.stdout.write(`grew by ${growthMebibytes.toFixed(1)} MiB, logged ${logLines} lines\n`);
    if (faults.length > 0 || growthMebibytes > maxGrowthMebibytes || logLines > maxLogLines)
      process.exitCode = 1;
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
