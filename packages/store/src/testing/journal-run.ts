/**
 * A run of the journal that can be played again from its seed, stopped at any operation of the disk,
 * and judged by what is there afterwards.
 */
import assert from 'node:assert/strict';
import { Random } from '@riad/octets/testing/random';
import { type Journal, openJournal } from '../journal/journal.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const segmentOctets = 4096;

/** What must be there after a crash, and what may be. */
export class Expected {
  /** Payload of sequence 1 + index; never more than the last ones are unacknowledged. */
  readonly payloads: Uint8Array[] = [];
  acknowledged = 0;
  /** Before this number nothing needs to be there. */
  retained = 1;
}

function open(disk: SimulatedDisk, random: Random): Journal {
  return openJournal({
    disk,
    folder: 'wal',
    segmentOctets,
    random: (length) => random.octets(length),
  });
}

/** Few octets, the whole of a sector, or more than a segment. */
function payload(random: Random): Uint8Array {
  const length = random.pick([0, 1, 7, 8, 40, 100, 512, 1000, 3000]);
  const large = random.chance(0.08) ? segmentOctets * random.between(1, 3) : 0;
  return random.octets(random.below(length + 1) + large);
}

/** Appends and forgets until `steps` are over or the disk has crashed. */
export async function runJournal(
  disk: SimulatedDisk,
  random: Random,
  expected: Expected,
  steps: number,
): Promise<void> {
  try {
    const journal = open(disk, random);
    const synchronous = random.chance(0.4);
    for (let step = 0; step < steps && !disk.crashed; step++) {
      if (random.chance(0.15)) {
        const from = random.between(expected.retained, journal.nextSequence);
        expected.retained = from;
        journal.retain(from);
      }
      const group = Array.from({ length: random.between(1, 5) }, () => payload(random));
      expected.payloads.push(...group);
      if (synchronous) {
        expected.acknowledged = journal.appendGroupSync(group);
        continue;
      }
      const answers = await Promise.allSettled(group.map((octets) => journal.append(octets)));
      for (const answer of answers) {
        if (answer.status === 'fulfilled') expected.acknowledged = answer.value;
      }
      // Some groups come while the next segment is prepared, and some after that.
      while (random.chance(0.6)) await new Promise((resolve) => setImmediate(resolve));
    }
    await journal.close();
  } catch (error) {
    if (!disk.crashed) throw error;
  }
}

/** Opens what is left, and holds it against what was promised. */
export async function checkJournal(
  disk: SimulatedDisk,
  random: Random,
  expected: Expected,
): Promise<void> {
  await using journal = open(disk, random);
  const found = [...journal.entries()];
  assert.ok(journal.nextSequence > expected.acknowledged, 'an acknowledged payload is missing');
  assert.ok(journal.firstSequence <= Math.max(expected.retained, 1), 'too much was freed');
  assert.equal(found.length, journal.nextSequence - journal.firstSequence);
  for (const [index, entry] of found.entries()) {
    assert.equal(entry.sequence, journal.firstSequence + index);
    assert.deepEqual(entry.payload, expected.payloads[entry.sequence - 1]);
  }
  // What was not acknowledged and is not there never will be.
  expected.payloads.length = journal.nextSequence - 1;
  expected.acknowledged = journal.nextSequence - 1;
}

/** One seed: a run, a crash at each of `crashes` operations, and a crash while recovering from it. */
export async function crashJournal(seed: number, steps: number, crashes: number): Promise<number> {
  const whole = new SimulatedDisk();
  await runJournal(whole, new Random(seed), new Expected(), steps);
  const count = whole.operations;
  const choice = new Random(seed + 1);
  const points =
    crashes >= count
      ? Array.from({ length: count }, (_, index) => index + 1)
      : Array.from({ length: crashes }, () => choice.between(1, count));
  for (const crashAt of points) {
    try {
      await crashOnce(seed, steps, crashAt);
    } catch (error) {
      throw new Error(`seed ${seed}, ${steps} steps, crash at operation ${crashAt}`, {
        cause: error,
      });
    }
  }
  return points.length;
}

async function crashOnce(seed: number, steps: number, crashAt: number): Promise<void> {
  const expected = new Expected();
  const crashing = new SimulatedDisk({ crashAt });
  await runJournal(crashing, new Random(seed), expected, steps);
  const random = new Random(seed ^ crashAt);
  let disk = random.chance(0.8) ? crashing.afterCrash(random) : crashing.afterKill();
  // The machine may stop again while it recovers, more than once.
  for (let again = 0; again < 3; again++) {
    const unlucky = disk.afterKill({ crashAt: random.between(1, 12) });
    try {
      await checkJournal(unlucky, random, expected);
    } catch (error) {
      if (!unlucky.crashed) throw error;
    }
    disk = random.chance(0.8) ? unlucky.afterCrash(random) : unlucky.afterKill();
  }
  await checkJournal(disk, random, expected);
  // And it goes on from there.
  await runJournal(disk, random, expected, 3);
  await checkJournal(disk, random, expected);
}
