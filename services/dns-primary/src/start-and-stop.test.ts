/** Stopping at any moment of the start: no thread is torn down where that would abort the process. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { askData } from '@riad/name-server/testing/asking';
import { House, manyHosts, zoneText } from './testing/running-service.ts';

let house: House;
beforeEach(() => {
  house = new House();
  house.write('example.com', zoneText(1, '192.0.2.1', manyHosts(1000)));
});
afterEach(() => house.remove());

test('when it says that it is up, zones that lie there are answered for', async () => {
  const running = await house.run();
  try {
    assert.equal(await askData(running.port, 'www.example.com', 'A'), '192.0.2.1');
  } finally {
    await running.stop();
  }
});

describe('stopping', { timeout: 120_000 }, () => {
  test('while it starts', async () => {
    let refused = 0;
    for (let round = 0; round < 16; round++) {
      const asked = new AbortController();
      const starting = house.run({}, asked.signal);
      const ended = starting.then(
        (running) => running.stop(),
        (error: unknown) => {
          assert.equal(error, asked.signal.reason);
          refused++;
        },
      );
      await pass(round * 8); // spread over what a start takes
      asked.abort();
      await ended;
    }
    assert.ok(refused > 0, 'no start was interrupted');
  });

  test('at once when it answers', async () => {
    for (let round = 0; round < 5; round++) await (await house.run()).stop();
  });
});
