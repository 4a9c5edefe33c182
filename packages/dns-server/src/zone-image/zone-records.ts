/** All records of a hosted zone as plain values, for printing, checking and transfer: not for answering. */
import { node, nodeVersion, nodeVersionFlag, zoneVersion } from './layout.ts';
import { NameTable } from './name-table.ts';
import { firstRrsetWord } from './node-version.ts';
import { RecordBuffer } from './record-buffer.ts';
import { unpackRrset, writtenNameOctet } from './rrset-view.ts';
import type { ZoneRecord } from './zone-commit.ts';
import type { ZoneImage } from './zone-image.ts';

/** Calls `each` with every record of the zone's newest version; the apex's SOA comes first. `zone`: an element of its chain. */
export function forEachRecord(
  image: ZoneImage,
  zone: number,
  each: (record: ZoneRecord) => void,
): void {
  const { words, octets } = image.writer;
  const apex = words[zone * 2 + zoneVersion.apex]!;
  const soa = words[zone * 2 + zoneVersion.soa]!;
  const records = new RecordBuffer();
  const give = (reference: number, found: number): void => {
    const at = writtenNameOctet(words, reference);
    const owner = octets.slice(at, at + (words[reference * 2 + node.info]! & 0xff));
    records.clear();
    unpackRrset(words, octets, found, reference, apex, true, records);
    for (let i = 0; i < records.count; i++) {
      const rdata = records.data.slice(records.spans[i * 2]!, records.spans[i * 2 + 1]!);
      each({ owner, type: records.types[i]!, ttlSeconds: records.ttls[i]!, rdata });
    }
  };
  give(apex, soa);
  new NameTable(image.writer, words[zone * 2 + zoneVersion.names]!).forEach((reference) => {
    const head = words[reference * 2 + node.head]!;
    if (head === 0) return;
    const info = words[head * 2 + nodeVersion.info]!;
    if ((info & nodeVersionFlag.deleted) !== 0) return;
    const first = firstRrsetWord(words, head);
    for (let i = 0; i < (info & 0xffff); i++) {
      const found = words[first + i]!;
      if (found !== soa) give(reference, found);
    }
  });
}

/** Filled and used up within one look. */
const scratch = new RecordBuffer();

/** The SOA of a zone, published or only built. `zone`: an element of its chain. */
export function soaRecord(image: ZoneImage, zone: number): ZoneRecord {
  const { words, octets } = image.writer;
  const apex = words[zone * 2 + zoneVersion.apex]!;
  const at = writtenNameOctet(words, apex);
  const records = scratch;
  records.clear();
  unpackRrset(words, octets, words[zone * 2 + zoneVersion.soa]!, apex, apex, false, records);
  return {
    owner: octets.slice(at, at + (words[apex * 2 + node.info]! & 0xff)),
    type: records.types[0]!,
    ttlSeconds: records.ttls[0]!,
    rdata: records.data.slice(records.spans[0]!, records.spans[1]!),
  };
}
