import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { errorCode, readFile } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { RecordingDisk } from '../testing/recording-disk.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { type Entry, type Journal, maxPayloadOctets, openJournal } from './journal.ts';
import { encodeRecord } from './record.ts';

const folder = 'wal';
const segmentOctets = 4096;
const open = (disk: SimulatedDisk | RecordingDisk): Journal =>
  openJournal({ disk, folder, segmentOctets, random: () => Uint8Array.of(1, 2, 3, 4) });
const octets = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);
const sizes = (journal: Journal, from?: number): [number, number][] =>
  [...journal.entries(from)].map(({ sequence, payload }) => [sequence, payload.length]);

describe('appending', () => {
  test('numbers from 1, and gives back what was put in', async () => {
    const disk = new SimulatedDisk();
    const written: Entry[] = [];
    const random = new Random();
    await using journal = open(disk);
    assert.equal(journal.nextSequence, 1);
    assert.deepEqual([...journal.entries()], []);
    for (const length of [0, 1, 7, 8, 9, 511, 4096, 12_000, 3]) {
      const payload = random.octets(length);
      written.push({ sequence: await journal.append(payload), payload });
    }
    assert.deepEqual([...journal.entries()], written);
    assert.deepEqual(
      written.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    await using again = open(disk.afterKill());
    assert.deepEqual([...again.entries()], written);
    assert.deepEqual([...again.entries(8)], written.slice(7));
    assert.equal(again.nextSequence, 10);
    assert.equal(await again.append(octets(1)), 10);
  });

  test('what queues up during a sync is one group: one write and one sync', async () => {
    const disk = new RecordingDisk(new SimulatedDisk());
    await using journal = open(disk);
    await journal.append(octets(1));
    disk.records.length = 0;
    const first = journal.append(octets(10));
    await Promise.resolve();
    await Promise.resolve(); // under way
    const others = [20, 30, 40].map((length) => journal.append(octets(length)));
    assert.equal(await first, 2);
    assert.deepEqual(await Promise.all(others), [3, 4, 5]);
    assert.deepEqual(
      disk.records.map(({ operation }) => operation),
      ['write', 'sync', 'write', 'sync'],
    );
  });

  test('a group for a thread of its own is one write and one sync', () => {
    const disk = new RecordingDisk(new SimulatedDisk());
    const journal = open(disk);
    assert.equal(journal.appendGroupSync([octets(5)]), 1);
    disk.records.length = 0;
    assert.equal(journal.appendGroupSync([octets(100), octets(0), octets(300)]), 4);
    assert.deepEqual(
      disk.records.map(({ operation }) => operation),
      ['write', 'sync'],
    );
    assert.equal(journal.appendGroupSync([]), 4);
    assert.deepEqual(sizes(journal), [
      [1, 5],
      [2, 100],
      [3, 0],
      [4, 300],
    ]);
  });

  test('what is done meanwhile is done once, between the write and the sync, and knows nothing yet', () => {
    const disk = new RecordingDisk(new SimulatedDisk());
    const journal = open(disk);
    journal.appendGroupSync([octets(5)]);
    disk.records.length = 0;
    const seen: [string[], number][] = [];
    const meanwhile = (): void =>
      void seen.push([disk.records.map(({ operation }) => operation), journal.nextSequence]);
    assert.equal(journal.appendGroupSync([octets(100), octets(300)], meanwhile), 3);
    assert.deepEqual(seen, [[['write'], 2]]);
    assert.equal(disk.records.at(-1)?.operation, 'sync');
  });

  test('both ways of appending at once are a fault of the caller', async () => {
    await using journal = open(new SimulatedDisk());
    const waiting = journal.append(octets(1));
    assert.throws(() => journal.appendGroupSync([octets(1)]), RangeError);
    await waiting;
    assert.throws(() => journal.append(new Uint8Array(maxPayloadOctets + 1)), RangeError);
  });

  test('more than the queue holds is not taken', async () => {
    const disk = new SimulatedDisk();
    await using journal = openJournal({ disk, folder, segmentOctets, maxQueuedOctets: 1000 });
    const first = journal.append(octets(2000)); // nothing waits, so it may be larger than the queue
    await assert.rejects(journal.append(octets(1)), { code: 'journal.overloaded' });
    assert.equal(await first, 1);
  });

  test('closing waits for what was appended', async () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    const waiting = journal.append(octets(5));
    await journal.close();
    assert.equal(await waiting, 1);
    await assert.rejects(journal.append(octets(5)), { code: 'journal.closed' });
    assert.throws(() => journal.appendGroupSync([octets(5)]), { code: 'journal.closed' });
    assert.deepEqual(sizes(open(disk)), [[1, 5]]);
  });

  test('segments are whole pages', () => {
    const disk = new SimulatedDisk();
    for (const segmentOctets of [0, 4095, -4096]) {
      assert.throws(() => openJournal({ disk, folder, segmentOctets }), RangeError);
    }
  });
});

describe('what is kept', () => {
  test('whole segments go, the numbers go on, also when nothing is left', async () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    for (let i = 0; i < 20; i++) await journal.append(octets(1000));
    const segments = (): string[] => disk.list(folder).filter((name) => /journal$/.test(name));
    const before = segments().length;
    assert.ok(before >= 6);
    journal.retain(10);
    assert.ok(journal.firstSequence <= 10 && journal.firstSequence > 5);
    assert.deepEqual(sizes(journal, 10).length, 11);
    assert.throws(() => [...journal.entries(1)], RangeError);
    journal.retain(journal.nextSequence);
    assert.ok(segments().length <= 2, segments().join());
    await journal.close();
    const again = open(disk);
    assert.equal(again.nextSequence, 21);
    assert.equal(await again.append(octets(1)), 21);
    await again.close();
  });

  test('freed segments are used again, filled with zeros', async () => {
    const disk = new RecordingDisk(new SimulatedDisk());
    await using journal = open(disk);
    for (let i = 1; i <= 40; i++) {
      await journal.append(octets(1500));
      // Read back past what many earlier uses of the same file have left.
      assert.deepEqual([...journal.entries(i)], [{ sequence: i, payload: octets(1500) }]);
      journal.retain(i + 1);
    }
    const created = disk.records.filter(({ operation }) => operation === 'create').length;
    assert.ok(created <= 5, `${created} files made`);
    assert.equal(journal.nextSequence, 41);
  });

  test('a reader whose segments go ends where they end', async () => {
    await using journal = open(new SimulatedDisk());
    for (let i = 0; i < 20; i++) await journal.append(octets(1000));
    const reader = journal.entries();
    assert.equal(reader.next().value?.sequence, 1);
    journal.retain(20);
    assert.ok([...reader].length < 10);
  });
});

describe('disks that refuse', () => {
  test('a failed write or sync ends all writing until the journal is opened anew', async () => {
    for (const operation of ['write', 'sync'] as const) {
      const disk = new SimulatedDisk();
      const journal = open(disk);
      await journal.append(octets(3));
      disk.fail(operation, /journal/, 'EIO');
      const failing = journal.append(octets(4));
      await Promise.resolve();
      await Promise.resolve();
      const behind = journal.append(octets(5));
      await Promise.all([
        assert.rejects(failing, { code: 'journal.failed' }),
        assert.rejects(behind, { code: 'journal.failed' }),
      ]);
      assert.equal(errorCode(journal.failure?.cause), 'EIO');
      await assert.rejects(journal.append(octets(6)), { code: 'journal.failed' });
      assert.throws(() => journal.appendGroupSync([octets(6)]), { code: 'journal.failed' });
      assert.equal(journal.failure?.code, 'journal.failed');
      assert.deepEqual(sizes(journal), [[1, 3]]); // only what is on disk can be read
      await journal.close();

      const again = open(disk);
      assert.ok(again.nextSequence <= 3);
      const last = await again.append(octets(8));
      await again.close();
      // What was there after opening, whichever it was, is on the disk now.
      const survived = open(disk.afterCrash(new Random()));
      assert.deepEqual(sizes(survived).at(-1), [last, 8]);
      assert.deepEqual(sizes(survived).length, last);
    }
  });

  test('after a failed sync the octets that only the cache has are written once more', async () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    await journal.append(octets(3));
    disk.fail('sync', /./, 'EIO');
    // Longer than a sector, for what is cleared behind it shares its last one.
    await assert.rejects(journal.append(octets(2000)), { code: 'journal.failed' });
    const again = open(disk);
    assert.equal(again.nextSequence, 3);
    for (let i = 0; i < 20; i++) {
      const survived = open(disk.afterCrash(new Random(i)));
      assert.deepEqual(sizes(survived), [
        [1, 3],
        [2, 2000],
      ]);
    }
  });

  test('a full disk refuses what has no room, and nothing else', async () => {
    const disk = new SimulatedDisk({ capacityOctets: 2 * segmentOctets });
    const journal = open(disk);
    await journal.append(octets(3000));
    await assert.rejects(journal.append(octets(9000)), { code: 'journal.full' });
    assert.equal(await journal.append(octets(100)), 2); // there is still room for that
    assert.equal(await journal.append(octets(3000)), 3);
    await assert.rejects(journal.append(octets(3000)), { code: 'journal.full' });
    assert.equal(journal.failure, undefined);
    journal.retain(4); // frees the first segment
    assert.equal(await journal.append(octets(3000)), 4);
    await journal.close();
    assert.equal(open(disk).nextSequence, 5);
  });
});

describe('damage', () => {
  /** Five payloads in groups of their own, two to a segment. */
  async function damaged(damage: (disk: SimulatedDisk) => void): Promise<() => [number, number][]> {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    for (let i = 0; i < 5; i++) await journal.append(octets(1700));
    await journal.close();
    damage(disk);
    return () => sizes(open(disk));
  }
  const overwrite = (disk: SimulatedDisk, name: string, at: number, value: Uint8Array): void => {
    disk.open(`${folder}/${name}`, 'write').write(at, value);
  };

  test('a record torn at the end is cut, and its number is used again', async () => {
    const reopened = await damaged((disk) =>
      overwrite(disk, '0000000003.journal', 600, octets(9, 1)),
    );
    assert.deepEqual(
      reopened().map(([sequence]) => sequence),
      [1, 2, 3, 4],
    );
  });

  for (const [why, name, at] of [
    ['in a segment before the last', '0000000001.journal', 600],
    ['behind which the same segment goes on', '0000000002.journal', 600],
  ] as const) {
    test(`a damaged record ${why} stops everything and says where`, async () => {
      let before: Uint8Array | undefined;
      let disk: SimulatedDisk | undefined;
      const reopened = await damaged((found) => {
        disk = found;
        overwrite(disk, name, at, octets(9, 1));
        before = readFile(disk, `${folder}/${name}`);
      });
      assert.throws(reopened, { code: 'journal.hole', message: new RegExp(`${name}:512`) });
      assert.deepEqual(readFile(disk!, `${folder}/${name}`), before); // for somebody to look at
    });
  }

  test('a missing segment stops everything', async () => {
    const reopened = await damaged((disk) => disk.unlink(`${folder}/0000000002.journal`));
    assert.throws(reopened, { code: 'journal.segment-missing', message: /0000000002/ });
  });

  test('a damaged header stops everything', async () => {
    const reopened = await damaged((disk) => overwrite(disk, '0000000003.journal', 3, octets(1)));
    assert.throws(reopened, { code: 'journal.segment-header' });
  });

  test('what was written behind a torn record does not come back later', async () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    journal.appendGroupSync([octets(100, 1), octets(100, 2)]);
    overwrite(disk, '0000000001.journal', 600, octets(9, 9)); // the first is torn, the second whole
    const again = open(disk);
    assert.deepEqual(sizes(again), []);
    await again.append(octets(100, 3)); // as long as the first: the second would follow it
    await again.close();
    assert.deepEqual([...open(disk).entries()], [{ sequence: 1, payload: octets(100, 3) }]);
  });

  test('names that a killed process has left unsynced are on disk before they are used', async () => {
    for (let crashAt = 1; crashAt < 10; crashAt++) {
      const killed = new SimulatedDisk({ crashAt });
      await (async () => open(killed).append(octets(1)))().catch(() => {});
      const disk = killed.afterKill();
      const journal = open(disk);
      const sequence = await journal.append(octets(2));
      for (let i = 0; i < 20; i++) {
        const survived = open(disk.afterCrash(new Random(i * 7919)));
        assert.equal(survived.nextSequence, sequence + 1, `killed at ${crashAt}`);
      }
    }
  });

  test('a payload that looks like later records is not taken for a hole', async () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    const forged = new Uint8Array(200);
    const part = { sequence: 9, group: 9, begins: true, ends: true, octets: octets(8) };
    encodeRecord(forged, 0, 0, part); // whoever made it does not know the salt
    await journal.append(octets(3));
    await journal.append(forged);
    await journal.close();
    overwrite(disk, '0000000001.journal', 512 + 40 + 8, octets(1)); // tear the record around it
    assert.deepEqual(sizes(open(disk)), [[1, 3]]);
  });
});

test('on a real disk', async (t) => {
  const options = { disk: nodeDisk(), folder: `${temporaryFolder(t)}/a/b`, segmentOctets: 1 << 16 };
  const random = new Random();
  const payloads = Array.from({ length: 300 }, () => random.octets(random.below(2000)));
  {
    await using journal = openJournal(options);
    await Promise.all(payloads.map((payload) => journal.append(payload)));
  }
  {
    await using journal = openJournal(options);
    assert.equal(journal.appendGroupSync([octets(200_000)]), 301);
  }
  await using journal = openJournal(options);
  const found = [...journal.entries()].map(({ payload }) => payload);
  assert.deepEqual(found, [...payloads, octets(200_000)]);
});
