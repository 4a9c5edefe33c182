import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, inTurns, type Pieces } from './pieces.ts';

function* counted(to: number, steps: number[]): Pieces<number> {
  for (let step = 1; step <= to; step++) {
    steps.push(step);
    if (step < to) yield;
  }
  return to;
}

test('at once, it is done when the call ends', () => {
  const steps: number[] = [];
  assert.equal(atOnce(counted(3, steps)), 3);
  assert.deepEqual(steps, [1, 2, 3]);
});

test('in turns, each piece waits for the pause before it', async () => {
  const steps: number[] = [];
  const seen: number[][] = [];
  const pause = async (): Promise<void> => void seen.push([...steps]);
  assert.equal(await inTurns(counted(3, steps), pause), 3);
  assert.deepEqual(seen, [[1], [1, 2]]);
});

test('what a piece throws is thrown either way', async () => {
  function* failing(): Pieces<never> {
    yield;
    throw new RangeError('second piece');
  }
  assert.throws(() => atOnce(failing()), { name: 'RangeError' });
  await assert.rejects(
    inTurns(failing(), async () => {}),
    { message: 'second piece' },
  );
});
