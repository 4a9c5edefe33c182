import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { judge } from '@riad/store/testing/git';
import { openCalendarStorage } from './calendar-storage.ts';
import type { CalendarStorage, CalendarStorageOptions } from './options.ts';
import { describeLine, LiteralStorage } from './testing/literal-storage.ts';
import { assertSame, changesSince, randomRequest } from './testing/storage-run.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

async function open(
  folder: string,
  clock: { nowMs: number },
  more: Partial<CalendarStorageOptions> = {},
): Promise<CalendarStorage> {
  const storage = await openCalendarStorage({
    folder,
    describe: describeLine,
    now: () => clock.nowMs,
    store: { refreshMs: 0, segmentOctets: 1 << 18, leftLockMs: 0 },
    ...more,
  });
  await storage.ready;
  return storage;
}

/** Random requests, with restarts in between, some without the index. */
async function play(t: TestContext, playSeed: number, steps: number): Promise<void> {
  const folder = temporaryFolder(t);
  const random = new Random(playSeed);
  const literal = new LiteralStorage();
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  // What a sync state of a collection stands for: so many entries of the log of that incarnation.
  const states = new Map<
    string,
    { readonly key: string; readonly incarnation: number; readonly entries: number }
  >();
  let storage = await open(folder, clock);
  let conflicts = 0;
  for (let step = 0; step < steps; step++) {
    clock.nowMs += random.below(100_000);
    const request = randomRequest(random, literal, 0.05);
    const result = await storage.write(request);
    const expected = literal.write(request, Math.floor(clock.nowMs / 1000));
    if (result.type === 'conflict') conflicts++;
    assert.deepEqual(result.type === 'conflict' ? result.requirement : undefined, expected);
    if (random.chance(0.1)) {
      await storage.close();
      if (random.chance(0.5)) rmSync(`${folder}/index.db`);
      storage = await open(folder, clock);
    }
    const view = await storage.view();
    for (const [key, { log, incarnation }] of literal.collections) {
      const found = await view.resource(key.split('\0'));
      assert.ok(found?.type === 'collection');
      const before = states.get(found.syncState);
      if (before !== undefined) {
        assert.deepEqual(
          before,
          { key, incarnation, entries: log.length },
          'a sync state that was there before',
        );
      }
      states.set(found.syncState, { key, incarnation, entries: log.length });
    }
    if (random.chance(0.3)) await assertSame(view, literal);
    const [token, known] = random.pick([...states]);
    const now = literal.collections.get(known.key);
    const path = known.key.split('\0');
    const limit = random.pick([1, 2, 7, 1000]);
    const answer = await changesSince(view, path, token, limit);
    if (now?.incarnation !== known.incarnation) assert.equal(answer, 'unknown');
    else {
      assert.ok(answer !== 'unknown');
      assert.deepEqual(answer.changes, literal.changes(path, known.entries));
    }
    if (now !== undefined) {
      const whole = await changesSince(view, path, undefined, limit);
      assert.ok(whole !== 'unknown');
      assert.deepEqual(whole.changes, literal.changes(path, undefined));
    }
  }
  await assertSame(await storage.view(), literal);
  await storage.close();
  assert.ok(conflicts > 0, 'no conflict');
  judge(`${folder}/store.git`);
}

test(`what is written is what is read, whatever is done and however often it is opened (seed ${seed})`, async (t) => {
  for (let round = 0; round < 4; round++) await play(t, seed + round, 150);
});
