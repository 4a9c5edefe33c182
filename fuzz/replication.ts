/**
 * `npm run campaign -- replication [SEEDS]`: primaries and secondaries in virtual time, through crashes, lost
 * disks, moved clocks and bad networks (packages/dns-server/src/testing/replication-simulation.ts); ten
 * thousand seeds unless told otherwise.
 */
import { simulateReplication } from '@riad/dns-server/testing/replication-simulation';
import { seed } from '@riad/octets/testing/random';

const wanted = Number(process.argv[2] ?? 10_000);
const sum: Record<string, number> = {};
for (let i = 0; i < wanted; i++) {
  const own = (seed + i) >>> 0;
  try {
    for (const [key, count] of Object.entries(simulateReplication(own)))
      sum[key] = (sum[key] ?? 0) + count;
  } catch (error) {
    process.stderr.write(`RIAD_SEED=${own} npm run campaign -- replication 1\n`);
    throw error;
  }
}
process.stdout.write(`${wanted} runs: ${JSON.stringify(sum)}\n`);
