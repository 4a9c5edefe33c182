/**
 * A few updates of a zone that nobody sees, in memory of its own, when a start is over: by them the code of
 * updates is compiled, and who sends the first one need not wait for that: 5 to 11 ms instead of 10 to 20.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { parseName } from '@riad/dns/name';
import type { Sha1 } from '@riad/dns-server/zone-image/denial-index';
import { ZoneBuilder } from '@riad/dns-server/zone-image/zone-builder';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { Arena } from '@riad/octets/arena';
import { encodeJournalRecord } from './journal-record.ts';
import type { UpdateResult } from './loader-messages.ts';
import { ZoneUpdates } from './zone-updates.ts';

const arenaOctets = 1 << 20;
/** The first has code loaded and compiled; by the others the compiler learns what kinds of values come. */
const updates = 3;

const classIn = 1;
/** RFC 2136 §2.5.2: an RRset is deleted. */
const classAny = 255;

/** The results, for tests. */
export function rehearseUpdates(sha1: Sha1): UpdateResult[] {
  const apex = parseName('rehearsal.invalid.'); // RFC 6761 §6.4: nobody has it
  const host = parseName('host.rehearsal.invalid.');
  const image = ZoneImage.create(Arena.reserve(arenaOctets), 1);
  const builder = new ZoneBuilder(image, apex, 4, sha1);
  const times = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
  const soa = Uint8Array.of(...apex, ...apex, ...times);
  const add = (owner: Uint8Array, type: number, rdata: Uint8Array): void =>
    builder.record(owner, owner.length, false, type, classIn, 300, rdata, 0, rdata.length, 0);
  add(apex, RecordTypeCode.SOA, soa);
  add(apex, RecordTypeCode.NS, host);
  add(host, RecordTypeCode.A, Uint8Array.of(192, 0, 2, 1));
  image.publish(apex, builder.finish(image.nextVersion, 0), true);
  const rehearsed = new ZoneUpdates({
    image,
    sha1,
    journal: () => ({
      append: (records) =>
        records.map((record, i) => ({
          sequence: i + 1,
          record,
          payload: encodeJournalRecord(record),
        })),
    }),
    fixedBecause: () => undefined,
    published: () => undefined,
  });
  const address = (last: number): ResourceRecord[] => [
    {
      owner: host,
      type: RecordTypeCode.A,
      class: classAny,
      ttlSeconds: 0,
      rdata: new Uint8Array(0),
    },
    {
      owner: host,
      type: RecordTypeCode.A,
      class: classIn,
      ttlSeconds: 300,
      rdata: Uint8Array.of(192, 0, 2, last),
    },
  ];
  return Array.from({ length: updates }, (_, i) =>
    rehearsed.perform([
      {
        zone: 'rehearsal.invalid.',
        apexName: apex,
        prerequisites: [],
        updates: address(i + 2),
        author: { key: '', address: '', timeSeconds: 0 },
        request: undefined,
      },
    ]),
  ).flat();
}
