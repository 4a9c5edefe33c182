/** The state folder after the machine has stopped at any moment: what was served and acknowledged is there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { recordsOf, sortedLines } from '@riad/dns-server/testing/built-zone';
import { seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { DiskFile, OpenMode } from '@riad/store/disk';
import { everyChoice, SimulatedDisk } from '@riad/store/testing/simulated-disk';
import { ZoneProcess } from '../testing/zone-process.ts';
import { crashZones } from '../testing/zone-run.ts';

const zone = 'zone.example.';

/** One record stands there twice, so that the file is read whole whatever is edited. */
function text(serial: number, records: readonly string[]): Uint8Array {
  return encodeUtf8(
    `$TTL 60\n@ SOA ns h ${serial} 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.1\nns A 192.0.2.1\n${records.join('\n')}\n`,
  );
}

const linesOf = (serial: number, records: readonly string[]): string[] => [
  ...new Set(sortedLines(recordsOf(zone, new TextDecoder().decode(text(serial, records))))),
];

/** Adds a record to the zone. */
function update(process: ZoneProcess, record: string): void {
  const [added] = recordsOf(zone, `$TTL 60\n${record}\n`);
  const [result] = process.update([{ zone, records: [{ ...added!, class: RecordClass.IN }] }]);
  assert.equal(result?.rcode, Rcode.NOERROR);
}

describe('a zone with updates that are not in its file yet', () => {
  for (const [what, serial, servedSerial] of [
    ['the old serial', 1, 3],
    ['a newer serial', 9, 9],
  ] as const) {
    test(`edited, with ${what}: after a crash the edit is served, under a newer serial`, () => {
      for (const snapshot of [false, true]) {
        let images = 0;
        let watched = false;
        const files = new Map([[zone, text(1, ['a A 192.0.2.2', 'b A 192.0.2.3'])]]);
        const before = linesOf(2, ['a A 192.0.2.2', 'b A 192.0.2.3', 'u A 192.0.2.4']);
        const after = linesOf(servedSerial, ['a A 192.0.2.5', 'c A 192.0.2.6', 'u A 192.0.2.4']);
        const recover = (disk: SimulatedDisk): void => {
          images++;
          const process = new ZoneProcess({ disk, files });
          const found = process.lines(zone);
          assert.deepEqual(process.state.complaints, []);
          if (found.join() !== before.join()) assert.deepEqual(found, after);
          process.load(zone);
          assert.deepEqual(process.lines(zone), after);
          process.stop();
        };
        const disk = new SimulatedDisk({
          before: (crashing) => {
            if (!watched) return;
            const all = everyChoice(500, (choices) => recover(crashing.crashImage(choices)));
            assert.ok(all, 'every image');
          },
        });
        const process = new ZoneProcess({ disk, files });
        process.load(zone);
        update(process, 'u A 192.0.2.4');
        assert.deepEqual(process.lines(zone), before);
        if (snapshot) process.loading.saveSnapshot();
        files.set(zone, text(serial, ['a A 192.0.2.5', 'c A 192.0.2.6']));
        watched = true;
        const result = process.load(zone);
        assert.deepEqual([result.kind, 'how' in result && result.how], ['served', 'whole']);
        recover(disk.crashImage({ below: (bound) => bound - 1, chance: () => true }));
        assert.deepEqual(process.lines(zone), after);
        process.stop();
        assert.ok(images > 20, `${images} images`);
      }
    });
  }
});

describe('a disk without room', () => {
  /** Room for what is there, and for nothing new: neither for a segment of the journal nor, then, for the list of texts. */
  class FullDisk extends SimulatedDisk {
    full = false;
    #refused = false;

    override open(path: string, mode: OpenMode): DiskFile {
      const isJournal = path.includes('/journal/');
      if (this.full && mode === 'create' && (isJournal || this.#refused)) {
        this.#refused = true;
        throw Object.assign(new Error(`ENOSPC: ${path}`), { code: 'ENOSPC', syscall: 'open' });
      }
      return super.open(path, mode);
    }
  }

  /** Edits until the journal takes no record of it any more, and does not even let the text be taken back. */
  function fill(
    process: ZoneProcess,
    disk: FullDisk,
    files: Map<string, Uint8Array>,
    serial: number = 1,
  ): number {
    disk.full = true;
    for (let i = 0; i < 100; i++) {
      files.set(zone, text(serial === 1 ? 1 : serial + i, [`a A 192.0.2.${i}`]));
      const before = process.lines(zone);
      const result = process.load(zone);
      if (result.kind === 'served') continue;
      assert.equal(result.kind === 'refused' && result.faults[0]?.code, 'journal.full');
      assert.deepEqual(process.lines(zone), before, 'what was served is served');
      return i;
    }
    assert.fail('the journal took all');
  }

  function prepare(): [FullDisk, Map<string, Uint8Array>, ZoneProcess] {
    const disk = new FullDisk();
    const files = new Map([[zone, text(1, ['a A 192.0.2.255'])]]);
    const process = new ZoneProcess({ disk, files });
    process.load(zone);
    update(process, 'u A 192.0.2.4');
    return [disk, files, process];
  }

  test('keeps no later update from being there after a restart', () => {
    const [disk, files, process] = prepare();
    const last = fill(process, disk, files);
    disk.full = false;
    update(process, 'v A 192.0.2.5'); // has the number that the reading would have had
    const serial = process.serial(zone)!;
    process.stop();

    const again = new ZoneProcess({ disk: disk.afterKill(), files });
    assert.deepEqual(again.state.complaints, []);
    const expected = [`a A 192.0.2.${last}`, 'u A 192.0.2.4', 'v A 192.0.2.5'];
    assert.deepEqual(again.lines(zone), linesOf(serial + 1, expected));
    assert.equal(again.load(zone).kind, 'unchanged');
    again.stop();
  });

  for (const [what, serial] of [
    ['raised serial', 1],
    ['reading', 100],
  ] as const) {
    test(`a restart serves, and says that it could not write the ${what}`, () => {
      const [disk, files, process] = prepare();
      const last = fill(process, disk, files, serial);
      const served = serial === 1 ? process.serial(zone)! + 1 : serial + last;
      process.stop();

      const expected = linesOf(served, [`a A 192.0.2.${last}`, 'u A 192.0.2.4']);
      const full = new ZoneProcess({ disk, files });
      const said = serial === 1 ? 'the serial of zone.example.' : 'the reading of zone.example.';
      assert.ok(full.state.complaints[0]?.startsWith(`${said} is not in the journal`));
      assert.deepEqual(full.lines(zone), expected);
      full.stop();
      disk.full = false;
      const roomy = new ZoneProcess({ disk, files });
      assert.deepEqual(roomy.state.complaints, []);
      assert.deepEqual(roomy.lines(zone), expected);
      roomy.stop();
    });
  }
});

test('runs of updates, edits, writing back, snapshots and removals, crashed everywhere', () => {
  let images = 0;
  for (const [round, steps] of [5, 20, 20].entries())
    images += crashZones({ seed: seed + round, steps }).images;
  assert.ok(images > 200, `${images} images`);
});
