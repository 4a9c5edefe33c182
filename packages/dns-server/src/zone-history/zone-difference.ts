/**
 * What turned one zone into another that was built whole beside it: by AXFR, or from an edited file. So a
 * secondary can be given the difference although nobody told it to us.
 */
import { node, nodeVersion, nodeVersionFlag, rrset, zoneVersion } from '../zone-image/layout.ts';
import { NameNodes } from '../zone-image/name-nodes.ts';
import { NameTable } from '../zone-image/name-table.ts';
import { firstRrsetWord } from '../zone-image/node-version.ts';
import { RecordBuffer } from '../zone-image/record-buffer.ts';
import { blobOctet, marksWord, unpackRrset, writtenNameOctet } from '../zone-image/rrset-view.ts';
import { rdataKey } from '../zone-image/same-rdata.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import type { ZoneChange } from './zone-change.ts';

const typeSoa = 6;

/**
 * The change from the zone `before` to the zone `after`, both elements of chains in their newest version.
 * Undefined when it has more than `maxRecords` records, or when the serial is not newer (RFC 1982): no
 * secondary could use it then.
 */
export function zoneDifference(
  image: ZoneImage,
  before: number,
  after: number,
  maxRecords: number,
): ZoneChange | undefined {
  const { words } = image.writer;
  const old = new Side(image, before);
  const fresh = new Side(image, after);
  const fromSerial = words[before * 2 + zoneVersion.serial]! >>> 0;
  const toSerial = words[after * 2 + zoneVersion.serial]! >>> 0;
  if (((toSerial - fromSerial) | 0) <= 0) return undefined;
  const removals: ZoneRecord[] = [];
  const additions: ZoneRecord[] = [];
  const tooMany = (): boolean => removals.length + additions.length > maxRecords;
  fresh.names.table.forEach((reference) => {
    if (tooMany() || !fresh.exists(reference)) return;
    const counterpart = old.find(reference);
    if (counterpart !== 0 && old.looksLike(counterpart, reference)) return;
    const come = fresh.records(reference);
    const gone = counterpart === 0 ? new Map<string, ZoneRecord>() : old.records(counterpart);
    for (const [key, record] of come) {
      if (gone.get(key)?.ttlSeconds === record.ttlSeconds) gone.delete(key);
      else additions.push(record);
    }
    removals.push(...gone.values());
  });
  old.names.table.forEach((reference) => {
    if (tooMany() || !old.exists(reference) || fresh.find(reference) !== 0) return;
    removals.push(...old.records(reference).values());
  });
  if (tooMany()) return undefined;
  return { fromSerial, toSerial, removals: soaFirst(removals), additions: soaFirst(additions) };
}

/** The SOA of the zone comes first; one of another name, which hardly makes sense, does not count. */
function soaFirst(records: ZoneRecord[]): ZoneRecord[] {
  const at = records.findIndex(({ type }) => type === typeSoa);
  if (at > 0) records.unshift(...records.splice(at, 1));
  return records;
}

/** One of the two zones. */
class Side {
  readonly names: NameNodes;
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #apex: number;
  readonly #buffer = new RecordBuffer();

  constructor(image: ZoneImage, zone: number) {
    const { writer } = image;
    this.#words = writer.words;
    this.#octets = writer.octets;
    this.#apex = writer.words[zone * 2 + zoneVersion.apex]!;
    const table = new NameTable(writer, writer.words[zone * 2 + zoneVersion.names]!);
    this.names = new NameNodes(writer, table, image.seed, () => {});
  }

  /** Whether the name owns records. */
  exists(reference: number): boolean {
    const version = this.#words[reference * 2 + node.head]!;
    if (version === 0) return false;
    const info = this.#words[version * 2 + nodeVersion.info]!;
    return (info & nodeVersionFlag.deleted) === 0 && (info & 0xffff) > 0;
  }

  /** The node here of the name that a node of the other zone has, if it owns records; else 0. */
  find(reference: number): number {
    const found = this.names.find(this.#octets, reference * 8 + node.nameOctet);
    return found !== 0 && this.exists(found) ? found : 0;
  }

  /** Whether two names own the same, octet for octet and in the same order, as nearly all do. */
  looksLike(mine: number, theirs: number): boolean {
    const words = this.#words;
    const octets = this.#octets;
    const left = words[mine * 2 + node.head]!;
    const right = words[theirs * 2 + node.head]!;
    const count = words[left * 2 + nodeVersion.info]! & 0xffff;
    if (count !== (words[right * 2 + nodeVersion.info]! & 0xffff)) return false;
    const leftFirst = firstRrsetWord(words, left);
    const rightFirst = firstRrsetWord(words, right);
    for (let i = 0; i < count; i++) {
      const a = words[leftFirst + i]!;
      const b = words[rightFirst + i]!;
      if (words[a * 2 + rrset.info] !== words[b * 2 + rrset.info]) return false;
      const sizes = words[a * 2 + rrset.sizes]!;
      if (sizes !== words[b * 2 + rrset.sizes]) return false;
      const markCount = words[a * 2 + rrset.counts]! & 0xffff;
      if (markCount !== (words[b * 2 + rrset.counts]! & 0xffff)) return false;
      const aMarks = marksWord(words, a);
      const bMarks = marksWord(words, b);
      for (let j = 0; j < markCount; j++) {
        if (words[aMarks + j] !== words[bMarks + j]) return false;
      }
      const aBlob = blobOctet(words, a);
      const bBlob = blobOctet(words, b);
      const size = (sizes & 0xffff) + (sizes >>> 16);
      for (let j = 0; j < size; j++) if (octets[aBlob + j] !== octets[bBlob + j]) return false;
    }
    return true;
  }

  /** What a name owns, by type and RDATA. */
  records(reference: number): Map<string, ZoneRecord> {
    const words = this.#words;
    const octets = this.#octets;
    const buffer = this.#buffer;
    buffer.clear();
    const version = words[reference * 2 + node.head]!;
    const count = words[version * 2 + nodeVersion.info]! & 0xffff;
    const first = firstRrsetWord(words, version);
    for (let i = 0; i < count; i++) {
      unpackRrset(words, octets, words[first + i]!, reference, this.#apex, true, buffer);
    }
    const at = writtenNameOctet(words, reference);
    const owner = octets.slice(at, at + (words[reference * 2 + node.info]! & 0xff));
    const records = new Map<string, ZoneRecord>();
    for (let i = 0; i < buffer.count; i++) {
      const rdata = buffer.data.slice(buffer.spans[i * 2]!, buffer.spans[i * 2 + 1]!);
      const type = buffer.types[i]!;
      records.set(rdataKey(type, rdata), { owner, type, ttlSeconds: buffer.ttls[i]!, rdata });
    }
    return records;
  }
}
