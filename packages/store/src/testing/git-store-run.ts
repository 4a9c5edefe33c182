/** A run of the git engine that can be played again from its seed and stopped anywhere. See journal-run.ts. */
import assert from 'node:assert/strict';
import { Random } from '@riad/octets/testing/random';
import { openGitStore } from '../git/git-store.ts';
import type { GitStore } from '../git/git-store-options.ts';
import type { Change, Revision } from '../store.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const never = { idleMs: 2 ** 30, oldestMs: 2 ** 30, octets: 2 ** 30 };
const author = { name: 'Ada', email: 'ada@example.org' };

export function openSimulated(disk: SimulatedDisk): Promise<GitStore> {
  return openGitStore({
    disk,
    repository: 'store.git',
    journal: 'wal',
    segmentOctets: 8192,
    seal: never,
    refreshMs: 0,
    leftLockMs: 0,
    maxPacks: 2,
    now: () => Date.UTC(2026, 0, 1),
  });
}

type Attempt = { readonly message: string; readonly changes: readonly Change[] };

export class ExpectedStore {
  /** In the order they were made. */
  attempts: Attempt[] = [];
  acknowledged = 0;
  /** Of the attempts that are there. */
  revisions: Revision[] = [];
}

export async function runStore(
  disk: SimulatedDisk,
  random: Random,
  expected: ExpectedStore,
  steps: number,
): Promise<void> {
  try {
    const store = await openSimulated(disk);
    for (let step = 0; step < steps && !disk.crashed; step++) {
      const group = Array.from({ length: random.between(1, 4) }, () => {
        const attempt = makeAttempt(random, expected.attempts.length);
        expected.attempts.push(attempt);
        return store.commit({ ...attempt, author });
      });
      const sealing = random.chance(0.4) ? [store.seal()] : [];
      const answers = await Promise.allSettled([...group, ...sealing]);
      for (const answer of answers.slice(0, group.length)) {
        if (answer.status === 'fulfilled') {
          expected.acknowledged =
            expected.attempts.length - group.length + 1 + answers.indexOf(answer);
        } else if (!disk.crashed) throw answer.reason;
      }
    }
    if (random.chance(0.5)) await store.close();
  } catch (error) {
    if (!disk.crashed) throw error;
  }
}

/** Opens what is left, and holds it against what was promised. */
export async function checkStore(disk: SimulatedDisk, expected: ExpectedStore): Promise<void> {
  await using store = await openSimulated(disk);
  const log = await Array.fromAsync(store.log());
  log.reverse();
  assert.ok(log.length >= expected.acknowledged, 'an acknowledged commit is missing');
  assert.deepEqual(
    log.map(({ message }) => message),
    expected.attempts.slice(0, log.length).map(({ message }) => message),
  );
  const files = new Map<string, Uint8Array>();
  for (const { changes } of expected.attempts.slice(0, log.length)) {
    for (const change of changes) {
      if ('octets' in change) files.set(change.path, change.octets);
      else files.delete(change.path);
    }
  }
  for (const path of paths)
    assert.deepEqual((await store.read(path))?.octets, files.get(path), path);
  expected.attempts = expected.attempts.slice(0, log.length);
  expected.acknowledged = log.length;
}

const paths = ['a', 'b/c', 'b/d', 'e/f/g', 'e/f/h'];

function makeAttempt(random: Random, number: number): Attempt {
  const changes = paths.flatMap((path): Change[] => {
    if (random.chance(0.5)) return [];
    if (random.chance(0.25)) return [{ path, delete: true }];
    const large = random.chance(0.04) ? 9000 : 0;
    return [{ path, octets: random.octets(random.below(60) + large) }];
  });
  return { message: `attempt ${number}`, changes };
}

/** As `crashJournal`. Gives the disks that were left after everything, for git to judge. */
export async function crashStore(
  seed: number,
  steps: number,
  crashes: number,
): Promise<SimulatedDisk[]> {
  const whole = new SimulatedDisk();
  await runStore(whole, new Random(seed), new ExpectedStore(), steps);
  const choice = new Random(seed + 1);
  const points =
    crashes >= whole.operations
      ? Array.from({ length: whole.operations }, (_, index) => index + 1)
      : Array.from({ length: crashes }, () => choice.between(1, whole.operations));
  const left: SimulatedDisk[] = [];
  for (const crashAt of points) {
    try {
      left.push(await crashOnce(seed, steps, crashAt));
    } catch (error) {
      throw new Error(`seed ${seed}, ${steps} steps, crash at operation ${crashAt}`, {
        cause: error,
      });
    }
  }
  return left;
}

async function crashOnce(seed: number, steps: number, crashAt: number): Promise<SimulatedDisk> {
  const expected = new ExpectedStore();
  const crashing = new SimulatedDisk({ crashAt });
  await runStore(crashing, new Random(seed), expected, steps);
  const random = new Random(seed ^ crashAt);
  let disk = random.chance(0.7) ? crashing.afterCrash(random) : crashing.afterKill();
  for (let again = 0; again < 2; again++) {
    const unlucky = disk.afterKill({ crashAt: random.between(1, 25) });
    try {
      await checkStore(unlucky, expected);
    } catch (error) {
      if (!unlucky.crashed) throw error;
    }
    disk = random.chance(0.7) ? unlucky.afterCrash(random) : unlucky.afterKill();
  }
  await checkStore(disk, expected);
  await runStore(disk.afterKill(), random, expected, 2);
  const last = disk.afterKill();
  await checkStore(last, expected);
  return last;
}
