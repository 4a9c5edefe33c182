import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { DueQueue } from './due-queue.ts';

test(`gives what is due in order, as a sorted list does (seed ${seed})`, () => {
  const random = new Random(seed);
  const queue = new DueQueue<string>();
  const list = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const item = `i${random.below(200)}`;
    const due = random.below(1000);
    if (random.chance(0.6)) {
      queue.set(item, due);
      list.set(item, due);
    } else if (random.chance(0.5)) {
      assert.equal(queue.delete(item), list.delete(item));
    } else {
      const earliest = Math.min(...list.values());
      assert.equal(queue.next, list.size === 0 ? undefined : earliest);
      const taken = queue.take(due);
      assert.equal(
        taken === undefined ? undefined : list.get(taken),
        earliest <= due ? earliest : undefined,
      );
      if (taken !== undefined) list.delete(taken);
    }
    assert.equal(queue.size, list.size);
  }
});
