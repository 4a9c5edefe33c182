import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieceMs, Turns } from './turns.ts';

/** A loop whose turns are run by hand, with a clock that work moves. */
function loop(): {
  readonly turns: Turns;
  readonly clock: { nowMs: number };
  readonly run: () => Promise<boolean>;
} {
  const clock = { nowMs: 0 };
  const callbacks: (() => void)[] = [];
  const turns = new Turns({
    now: () => clock.nowMs,
    nextTurn: (callback) => callbacks.push(callback),
  });
  const run = async (): Promise<boolean> => {
    assert.ok(callbacks.length <= 1, 'one turn is asked for at a time');
    const callback = callbacks.shift();
    callback?.();
    // All that goes on in this turn.
    await new Promise((resolve) => setImmediate(resolve));
    return callback !== undefined;
  };
  return { turns, clock, run };
}

test('each turn goes to one piece of one work, in the order in which they wait', async () => {
  const { turns, clock, run } = loop();
  const done: string[] = [];
  const work = async (name: string, pieces: number): Promise<void> => {
    for (let piece = 1; piece <= pieces; piece++) {
      await turns.pause();
      clock.nowMs += pieceMs;
      done.push(`${name}${piece}`);
    }
  };
  const all = Promise.all([work('a', 3), work('b', 2), work('c', 1)]);
  const each: number[] = [];
  for (let before = 0; await run(); before = done.length) each.push(done.length - before);
  await all;
  assert.deepEqual(done, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  assert.deepEqual(each, [1, 1, 1, 1, 1, 1]);
});

test('small pieces share a turn until it has lasted for long enough', async () => {
  const { turns, clock, run } = loop();
  let done = 0;
  const all = (async () => {
    for (let piece = 0; piece < 100; piece++) {
      await turns.pause();
      clock.nowMs += pieceMs / 4;
      done++;
    }
  })();
  const each: number[] = [];
  for (let before = 0; await run(); before = done) each.push(done - before);
  await all;
  assert.deepEqual([...new Set(each)], [4]);
});

test('who comes between two turns waits for one', async () => {
  const { turns, clock, run } = loop();
  clock.nowMs = 1000;
  let passed = false;
  void turns.pause().then(() => {
    passed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(passed, false);
  await run();
  assert.equal(passed, true);
});
