/** The records of one name as a change leaves them. */
import type { RecordBuffer } from './record-buffer.ts';
import { caselessStart, rdataKey } from './same-rdata.ts';
import type { ZoneRecord } from './zone-commit.ts';

const typeRrsig = 46;

/**
 * Puts into `after` what stays of `before`, and the additions. Gives how many removals were there; whether additions
 * are there already is for who assembles them.
 */
export function changeRecords(
  before: RecordBuffer,
  removals: readonly ZoneRecord[],
  additions: readonly ZoneRecord[],
  after: RecordBuffer,
): number {
  after.clear();
  let count = 0;
  const removed = new Uint8Array(before.count);
  const places = removals.length * before.count > manyPairs ? placesOf(before) : undefined;
  for (const record of removals) {
    const found =
      places === undefined
        ? findRecord(before, record)
        : (places.get(rdataKey(record.type, record.rdata)) ?? -1);
    if (found === -1 || removed[found] === 1) continue;
    removed[found] = 1;
    count++;
  }
  // RFC 2181 §5.2: an added record gives its TTL to the whole RRset.
  const ttls = new Map<number, number>();
  for (const record of additions) ttls.set(record.type, record.ttlSeconds);
  for (let i = 0; i < before.count; i++) {
    if (removed[i] === 1) continue;
    const type = before.types[i]!;
    const ttl = type === typeRrsig ? before.ttls[i]! : (ttls.get(type) ?? before.ttls[i]!);
    after.push(type, ttl, before.data, before.spans[i * 2]!, before.spans[i * 2 + 1]!);
  }
  for (const record of additions) {
    const ttl = record.type === typeRrsig ? record.ttlSeconds : ttls.get(record.type)!;
    after.push(record.type, ttl, record.rdata, 0, record.rdata.length);
  }
  return count;
}

/** So many records of one name are not compared each with each, but looked up. */
const manyPairs = 65_536;

function placesOf(records: RecordBuffer): Map<string, number> {
  const places = new Map<string, number>();
  for (let i = 0; i < records.count; i++) {
    const rdata = records.data.subarray(records.spans[i * 2]!, records.spans[i * 2 + 1]!);
    places.set(rdataKey(records.types[i]!, rdata), i);
  }
  return places;
}

function findRecord(records: RecordBuffer, { type, rdata }: ZoneRecord): number {
  const caseless = caselessStart(type);
  for (let i = 0; i < records.count; i++) {
    if (records.types[i] === type && records.equalRdata(i, rdata, 0, rdata.length, caseless))
      return i;
  }
  return -1;
}
