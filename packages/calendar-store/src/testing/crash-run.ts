/**
 * Runs of random requests on a disk that loses what was not synced, crashed at any operation, and recovered with
 * the index that was there or without one. What was acknowledged must be there, in order, with the same sync
 * states.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { Random } from '@riad/octets/testing/random';
import { SimulatedDisk } from '@riad/store/testing/simulated-disk';
import type { WriteRequest } from '@riad/webdav/storage/storage';
import { openCalendarStorage } from '../calendar-storage.ts';
import type { CalendarStorage } from '../options.ts';
import { describeLine, LiteralStorage } from './literal-storage.ts';
import { assertSame, changesSince, randomRequest } from './storage-run.ts';

const nowSeconds = Date.UTC(2026, 0, 1) / 1000;
const never = { idleMs: 2 ** 30, oldestMs: 2 ** 30, octets: 2 ** 30 };

/** Of the requests: those that are taken in pieces. */
const shareOfLong = 0.15;

type Known = {
  readonly key: string;
  readonly incarnation: number;
  readonly entries: number;
  readonly attempts: number;
};

class Expected {
  attempts: WriteRequest[] = [];
  acknowledged = 0;
  /** What sync states stand for. */
  readonly states: Map<string, Known> = new Map();

  literalAfter(attempts: number): LiteralStorage {
    const literal = new LiteralStorage();
    for (const request of this.attempts.slice(0, attempts)) literal.write(request, nowSeconds);
    return literal;
  }
}

function open(disk: SimulatedDisk, indexFile: string): Promise<CalendarStorage> {
  return openCalendarStorage({
    folder: 'state',
    disk,
    indexFile,
    describe: describeLine,
    now: () => nowSeconds * 1000,
    store: { seal: never, refreshMs: 0, leftLockMs: 0, segmentOctets: 16_384, maxPacks: 2 },
  });
}

async function run(
  disk: SimulatedDisk,
  indexFile: string,
  random: Random,
  expected: Expected,
  steps: number,
): Promise<void> {
  let storage: CalendarStorage | undefined;
  try {
    storage = await open(disk, indexFile);
    await storage.ready;
    const literal = expected.literalAfter(Infinity);
    for (let step = 0; step < steps && !disk.crashed; step++) {
      const group: Promise<unknown>[] = [];
      for (let i = random.between(1, 5); i > 0; i--) {
        const request = randomRequest(random, literal, shareOfLong);
        if (request.operations.length === 0 || literal.write(request, nowSeconds)) continue;
        expected.attempts.push(request);
        const number = expected.attempts.length;
        const written = storage.write(request).then((result) => {
          if (result.type === 'written')
            expected.acknowledged = Math.max(expected.acknowledged, number);
          else assert.ok(disk.crashed, JSON.stringify(result));
        });
        group.push(written);
      }
      if (random.chance(0.3)) group.push(storage.store.seal());
      for (const answer of await Promise.allSettled(group)) {
        if (answer.status === 'rejected' && !disk.crashed) throw answer.reason;
      }
      if (!disk.crashed) await note(storage, literal, expected);
    }
    if (random.chance(0.5) && !disk.crashed) await storage.close();
  } catch (error) {
    if (!disk.crashed) throw error;
  }
}

async function note(
  storage: CalendarStorage,
  literal: LiteralStorage,
  expected: Expected,
): Promise<void> {
  const view = await storage.view();
  for (const [key, { incarnation, log }] of literal.collections) {
    const found = await view.resource(key.split('\0'));
    assert.ok(found?.type === 'collection');
    const attempts = expected.attempts.length;
    const known = { key, incarnation, entries: log.length, attempts };
    const before = expected.states.get(found.syncState);
    if (before === undefined) expected.states.set(found.syncState, known);
    else assert.deepEqual({ ...before, attempts }, known);
  }
}

async function check(disk: SimulatedDisk, indexFile: string, expected: Expected): Promise<void> {
  const storage = await open(disk, indexFile);
  await storage.ready;
  const commits = (await Array.fromAsync(storage.store.log())).length;
  assert.ok(commits >= expected.acknowledged, 'an acknowledged write is missing');
  expected.attempts = expected.attempts.slice(0, commits);
  expected.acknowledged = commits;
  const literal = expected.literalAfter(commits);
  const view = await storage.view();
  await assertSame(view, literal);
  for (const [token, { key, incarnation, entries, attempts }] of expected.states) {
    assert.ok(attempts <= commits, 'a state was told that is not there');
    const answer = await changesSince(view, key.split('\0'), token, 5);
    if (literal.collections.get(key)?.incarnation !== incarnation) assert.equal(answer, 'unknown');
    else {
      assert.ok(answer !== 'unknown', token);
      assert.deepEqual(answer.changes, literal.changes(key.split('\0'), entries));
    }
  }
  await storage.close();
}

/** Gives how many crashes there were. `folder` is for indexes, which the simulated disk does not have. */
export async function crashCalendars(
  folder: string,
  seed: number,
  steps: number,
  crashes: number,
): Promise<number> {
  const whole = new SimulatedDisk();
  await run(whole, ':memory:', new Random(seed), new Expected(), steps);
  const choice = new Random(seed + 1);
  const points =
    crashes >= whole.operations
      ? Array.from({ length: whole.operations }, (_, index) => index + 1)
      : Array.from({ length: crashes }, () => choice.between(1, whole.operations));
  for (const crashAt of points) {
    try {
      await crashOnce(`${folder}/${seed}-${crashAt}`, seed, steps, crashAt);
    } catch (cause) {
      throw new Error(`seed ${seed}, ${steps} steps, crash at operation ${crashAt}`, { cause });
    }
  }
  return points.length;
}

async function crashOnce(
  place: string,
  seed: number,
  steps: number,
  crashAt: number,
): Promise<void> {
  const expected = new Expected();
  const crashing = new SimulatedDisk({ crashAt });
  await run(crashing, `${place}.db`, new Random(seed), expected, steps);
  const random = new Random(seed ^ crashAt);
  const disk = random.chance(0.7) ? crashing.afterCrash(random) : crashing.afterKill();
  // The process that has died holds its own; this is what the next one would find.
  for (const ending of ['', '-wal']) {
    if (existsSync(`${place}.db${ending}`))
      copyFileSync(`${place}.db${ending}`, `${place}-after.db${ending}`);
  }
  await check(disk, random.chance(0.5) ? `${place}-after.db` : ':memory:', expected);
  const again = disk.afterKill();
  await run(again, `${place}-after.db`, random, expected, 2);
  await check(again.afterKill(), random.chance(0.5) ? `${place}-last.db` : ':memory:', expected);
  for (const which of ['', '-after', '-last']) {
    for (const ending of ['', '-wal', '-shm'])
      rmSync(`${place}${which}.db${ending}`, { force: true });
  }
}
