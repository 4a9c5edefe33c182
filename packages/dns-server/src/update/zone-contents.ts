/**
 * What stands at a name of a zone: as it is in the image, and as changes that are not published yet
 * will make it. Updates are judged by this, never by a query's way through the zone (RFC 2136 §3.2).
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { nameKey } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { equalOctets } from '@riad/octets/ascii';
import { node, nodeVersion, nodeVersionFlag, zoneVersion } from '../zone-image/layout.ts';
import { firstRrsetWord } from '../zone-image/node-version.ts';
import { RecordBuffer } from '../zone-image/record-buffer.ts';
import { unpackRrset } from '../zone-image/rrset-view.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';

/** Records of one name by `canonicalKey`, in no order. Never written to by who asks for it. */
export type NameContents = ReadonlyMap<string, ZoneRecord>;

export interface ZoneContents {
  /**
   * The records that stand at exactly this name, data below delegations and glue included. `key`: that of
   * `owner`, for who has it already.
   */
  at(owner: Uint8Array, key?: string): NameContents;
}

/**
 * Equal for data of one type that is the same: names in it compare without case, in whatever type (RFC 2136
 * §1.1.1). A commit is stricter: see `rdataKey`.
 */
export function canonicalKey(type: number, rdata: Uint8Array): string {
  // Without a capital there is none to be lowered, wherever its names are.
  if (!hasCapital(rdata)) return `${type} ${rdata.toHex()}`;
  return `${type} ${recordTypeOf(type).canonical(rdata).toHex()}`;
}

function hasCapital(octets: Uint8Array): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i]! >= 0x41 && octets[i]! <= 0x5a) return true;
  return false;
}

/** Names whose contents are kept while a zone is looked at; an update touches few. */
const maxKnownNames = 1024;
/** Filled and used up within one look. */
const scratch = new RecordBuffer();

/** A hosted zone as it was when it was made: not to be used after the zone has changed. `zone`: an element of its chain of versions. */
export class PublishedContents implements ZoneContents {
  readonly #image: ZoneImage;
  readonly #zone: number;
  /** Names that were asked for: the apex is asked for again and again. */
  readonly #known = new Map<string, NameContents>();

  constructor(image: ZoneImage, zone: number) {
    this.#image = image;
    this.#zone = zone;
  }

  at(owner: Uint8Array, key: string = nameKey(owner)): NameContents {
    let contents = this.#known.get(key);
    if (contents === undefined) {
      contents = this.#look(owner);
      if (this.#known.size < maxKnownNames) this.#known.set(key, contents);
    }
    return contents;
  }

  #look(owner: Uint8Array): NameContents {
    const contents = new Map<string, ZoneRecord>();
    const { words, octets } = this.#image.writer;
    const reference = this.#image.namesOf(this.#zone).find(owner, 0);
    const head = reference === 0 ? 0 : words[reference * 2 + node.head]!;
    if (head === 0) return contents;
    const info = words[head * 2 + nodeVersion.info]!;
    if ((info & nodeVersionFlag.deleted) !== 0) return contents;
    const apex = words[this.#zone * 2 + zoneVersion.apex]!;
    const records = scratch;
    records.clear();
    const first = firstRrsetWord(words, head);
    for (let i = 0; i < (info & 0xffff); i++)
      unpackRrset(words, octets, words[first + i]!, reference, apex, true, records);
    for (let i = 0; i < records.count; i++) {
      const type = records.types[i]!;
      const rdata = records.data.slice(records.spans[i * 2]!, records.spans[i * 2 + 1]!);
      const record = { owner, type, ttlSeconds: records.ttls[i]!, rdata };
      contents.set(canonicalKey(type, rdata), record);
    }
    return contents;
  }
}

/** The records of one name while an update works on them. */
export class NameDraft {
  readonly records: Map<string, ZoneRecord>;
  /**
   * How many of each type there are, so that the work does not grow with what is there already. Made when it is
   * asked for: of the apex, which each update changes, it seldom is.
   */
  #counts: Map<number, number> | undefined;
  /** RFC 2181 §5.2: one TTL for all of an RRset; what the newest addition said. */
  #ttls: Map<number, number> | undefined;
  /** Whether every record has the TTL of its RRset. */
  #isSettled = true;

  constructor(before: NameContents) {
    this.records = new Map(before);
  }

  /** Records of this type. */
  count(type: number): number {
    return this.#countsOfTypes().get(type) ?? 0;
  }

  /** Whether there are records of other types than these. */
  hasBeside(types: ReadonlySet<number>): boolean {
    for (const [type, count] of this.#countsOfTypes())
      if (count > 0 && !types.has(type)) return true;
    return false;
  }

  add(record: ZoneRecord): void {
    const key = canonicalKey(record.type, record.rdata);
    if (this.#counts !== undefined && !this.records.has(key)) this.#count(record.type, 1);
    this.records.set(key, record);
    // Each signature says itself what the TTL of its RRset is (RFC 4034 §3.1.4).
    if (record.type === RecordTypeCode.RRSIG) return;
    this.#ttls ??= new Map();
    this.#ttls.set(record.type, record.ttlSeconds);
    this.#isSettled = false;
  }

  remove(type: number, rdata: Uint8Array): void {
    if (this.records.delete(canonicalKey(type, rdata))) this.#count(type, -1);
  }

  removeWhere(goes: (record: ZoneRecord) => boolean): void {
    for (const [key, record] of this.records) {
      if (!goes(record)) continue;
      this.records.delete(key);
      this.#count(record.type, -1);
    }
  }

  /** The records with the TTLs of their RRsets. */
  settled(): NameContents {
    if (this.#isSettled) return this.records;
    for (const [key, record] of this.records) {
      const ttlSeconds = this.#ttls?.get(record.type) ?? record.ttlSeconds;
      if (ttlSeconds !== record.ttlSeconds) this.records.set(key, { ...record, ttlSeconds });
    }
    this.#isSettled = true;
    return this.records;
  }

  #countsOfTypes(): ReadonlyMap<number, number> {
    if (this.#counts === undefined) {
      this.#counts = new Map();
      for (const { type } of this.records.values()) this.#count(type, 1);
    }
    return this.#counts;
  }

  #count(type: number, by: number): void {
    this.#counts?.set(type, (this.#counts.get(type) ?? 0) + by);
  }
}

/** Contents with changes on top; what is below is not touched. */
export class ChangedContents implements ZoneContents {
  readonly #below: ZoneContents;
  readonly #changed = new Map<string, { before: NameContents; draft: NameDraft }>();

  constructor(below: ZoneContents) {
    this.#below = below;
  }

  at(owner: Uint8Array, key: string = nameKey(owner)): NameContents {
    return this.#changed.get(key)?.draft.settled() ?? this.#below.at(owner, key);
  }

  /** The records of a name to be worked on. */
  draftOf(owner: Uint8Array): NameDraft {
    const key = nameKey(owner);
    let change = this.#changed.get(key);
    if (change === undefined) {
      const before = this.#below.at(owner, key);
      change = { before, draft: new NameDraft(before) };
      this.#changed.set(key, change);
    }
    return change.draft;
  }

  /** What differs from below, name by name in the order in which they were touched. A changed TTL is a removal and an addition. */
  differences(): { removals: ZoneRecord[]; additions: ZoneRecord[] } {
    const removals: ZoneRecord[] = [];
    const additions: ZoneRecord[] = [];
    for (const { before, draft } of this.#changed.values()) {
      const after = draft.settled();
      for (const [key, record] of before)
        if (!isSame(after.get(key), record)) removals.push(record);
      for (const [key, record] of after)
        if (!isSame(before.get(key), record)) additions.push(record);
    }
    return { removals, additions };
  }
}

/** Of two records with one key. The spelling of names counts: what is written back is what was sent. */
function isSame(a: ZoneRecord | undefined, b: ZoneRecord): boolean {
  return a === b || (a?.ttlSeconds === b.ttlSeconds && equalOctets(a.rdata, b.rdata));
}
