/** A slice of the simulation in every run; `npm run campaign -- replication` has ten thousand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { simulateReplication } from './replication-simulation.ts';

const runs = 6;

test(`copies of zones through ${runs} storms (RIAD_SEED=${seed})`, { timeout: 120_000 }, () => {
  const sum = {
    ...{ updates: 0, refusals: 0, transfers: 0, crashes: 0, expiries: 0, looks: 0 },
    ...{ losses: 0, tampered: 0 },
  };
  for (let i = 0; i < runs; i++) {
    const run = simulateReplication((seed + i) >>> 0);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += run[key];
  }
  // What did not happen proves nothing.
  assert.ok(
    Object.values(sum).every((count) => count > 0),
    JSON.stringify(sum),
  );
});
