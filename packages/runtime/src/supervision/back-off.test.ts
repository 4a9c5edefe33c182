import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackOff, nextStart, noFailures } from './back-off.ts';

test('delays double up to half a minute, and after a steady run there is none', () => {
  let state: BackOff = noFailures;
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    const next = nextStart(state, 10, 0.5);
    state = next.state;
    delays.push(next.delayMs);
  }
  assert.deepEqual(delays, [75, 150, 300, 600, 1200, 2400, 4800, 9600, 19200, 22500]);
  assert.deepEqual(nextStart(state, 60_000, 0.5), { state: noFailures, delayMs: 0 });
});

test('half of the delay is chance', () => {
  assert.equal(nextStart({ failures: 20 }, 0, 0).delayMs, 15_000);
  assert.ok(nextStart({ failures: 20 }, 0, 0.999).delayMs < 30_000);
});
