import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { nodeDisk } from '../disk/node-disk.ts';
import { crashJournal } from '../testing/journal-run.ts';
import { RecordingDisk } from '../testing/recording-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openJournal } from './journal.ts';

test('a crash at any operation of the disk loses nothing that was acknowledged', async () => {
  let crashes = 0;
  for (let round = 0; round < 4; round++) crashes += await crashJournal(seed + round, 9, Infinity);
  assert.ok(crashes > 200, `${crashes} crashes`);
});

test('on a real disk every answer comes after a sync that covers what was written', async (t) => {
  const disk = new RecordingDisk(nodeDisk());
  const random = new Random();
  const options = { disk, folder: `${temporaryFolder(t)}/wal`, segmentOctets: 1 << 16 };
  await using journal = openJournal(options);
  const write = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      await journal.append(random.octets(random.below(3000)));
      disk.note('answer');
    }
  };
  await Promise.all([write(), write(), write(), write()]);
  await journal.append(new Uint8Array(150_000));
  disk.note('answer');

  let answers = 0;
  for (const [index, record] of disk.records.entries()) {
    if (record.operation !== 'note') continue;
    answers++;
    // All of a group are answered in one turn after its sync, so nothing of a segment is open then;
    // the next one may be in preparation, under its temporary name.
    const written = disk.unsynced(index).filter(({ path }) => !path.endsWith('.new'));
    assert.deepEqual(written, [], `answer ${answers}`);
  }
  assert.equal(answers, 161);
  // Each segment got its name, durably, before anything but its preparation was written to it.
  const { records } = disk;
  const renames = records.filter((record) => record.operation === 'rename');
  assert.ok(renames.length > 3, `${renames.length} segments`);
  for (const rename of renames) {
    const at = records.indexOf(rename);
    assert.deepEqual(
      disk.unsynced(at).filter((write) => write.path === rename.path),
      [],
    );
    assert.equal(records[at + 1]?.operation, 'syncFolder');
  }
});
