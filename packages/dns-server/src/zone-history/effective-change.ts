/**
 * What a change does to the zone that is there: an addition that is there already is none, and one with
 * another TTL changes that of all its RRset (RFC 2181 §5.2). Who keeps or passes on changes keeps these,
 * since others take it for a fault when a change does not fit to the letter.
 */
import { node, nodeVersion, nodeVersionFlag, rrset, zoneVersion } from '../zone-image/layout.ts';
import { firstRrsetWord } from '../zone-image/node-version.ts';
import { RecordBuffer } from '../zone-image/record-buffer.ts';
import { unpackRrset } from '../zone-image/rrset-view.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { recordKey, type ZoneChange } from './zone-change.ts';

const typeSoa = 6;
const typeRrsig = 46;

/** An RRset as it is, by `recordKey`. */
type Present = { readonly records: ReadonlyMap<string, ZoneRecord>; adopted: boolean };

/** The same change for the newest version of a hosted zone, given by an element of its chain. */
export function effectiveChange(image: ZoneImage, zone: number, change: ZoneChange): ZoneChange {
  const gone = new Set(change.removals.map(recordKey));
  const come = new Map(change.additions.map((record) => [recordKey(record), record]));
  const removals = [...change.removals];
  const additions: ZoneRecord[] = [];
  const rrsets = new Map<string, Present>();
  for (const [key, record] of come) {
    if (record.type === typeSoa) {
      additions.push(record);
      continue;
    }
    const present = presentOf(image, zone, record, rrsets);
    const same = gone.has(key) ? undefined : present.records.get(key);
    if (same?.ttlSeconds === record.ttlSeconds) continue;
    if (same !== undefined) removals.push(same);
    additions.push(record);
    if (present.adopted || record.type === typeRrsig) continue;
    present.adopted = true;
    for (const [otherKey, other] of present.records) {
      const stays = other.type === record.type && !gone.has(otherKey) && !come.has(otherKey);
      if (!stays || other.ttlSeconds === record.ttlSeconds) continue;
      removals.push(other);
      additions.push({ ...other, ttlSeconds: record.ttlSeconds });
    }
  }
  return { ...change, removals, additions };
}

function presentOf(
  image: ZoneImage,
  zone: number,
  record: ZoneRecord,
  rrsets: Map<string, Present>,
): Present {
  const key = recordKey({
    ...record,
    rdata: record.type === typeRrsig ? record.rdata.subarray(0, 2) : none,
  });
  let present = rrsets.get(key);
  if (present === undefined) {
    const records = ownedBy(image, zone, record);
    present = {
      records: new Map(records.map((other) => [recordKey(other), other])),
      adopted: false,
    };
    rrsets.set(key, present);
  }
  return present;
}

const none = new Uint8Array(0);

/** The RRset that a record would belong to, with its signatures. */
function ownedBy(image: ZoneImage, zone: number, { owner, type, rdata }: ZoneRecord): ZoneRecord[] {
  const { words, octets } = image.writer;
  const reference = image.namesOf(zone).find(owner, 0);
  const version = reference === 0 ? 0 : words[reference * 2 + node.head]!;
  if (version === 0) return [];
  const info = words[version * 2 + nodeVersion.info]!;
  if ((info & nodeVersionFlag.deleted) !== 0) return [];
  const wanted = type === typeRrsig ? (rdata[0]! << 8) | rdata[1]! : type; // RFC 4034 §3.1.1
  const first = firstRrsetWord(words, version);
  for (let i = 0; i < (info & 0xffff); i++) {
    const found = words[first + i]!;
    if ((words[found * 2 + rrset.info]! & 0xffff) !== wanted) continue;
    const records = new RecordBuffer();
    const apex = words[zone * 2 + zoneVersion.apex]!;
    unpackRrset(words, octets, found, reference, apex, true, records);
    return Array.from({ length: records.count }, (_, j) => ({
      owner,
      type: records.types[j]!,
      ttlSeconds: records.ttls[j]!,
      rdata: records.data.slice(records.spans[j * 2]!, records.spans[j * 2 + 1]!),
    }));
  }
  return [];
}
