/** The state folder after the machine has stopped at any moment: what was served and acknowledged is there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { recordsOf, sortedLines } from '@riad/dns-server/testing/built-zone';
import { seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
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

test('runs of updates, edits, writing back, snapshots and removals, crashed everywhere', () => {
  let images = 0;
  for (const [round, steps] of [5, 20, 20].entries())
    images += crashZones({ seed: seed + round, steps }).images;
  assert.ok(images > 200, `${images} images`);
});
