/**
 * Puts an RRset into the form in which it leaves: each record whole, its owner a pointer to the
 * question, and the ends of names in RDATA marked where compression may shorten them. Copying the
 * blob and following the marks is then all there is to writing it into a message.
 *
 * Compressed are only names of the types of RFC 1035 (RFC 3597 §4), and only where the octets are the
 * same to the letter, so that the spelling that was loaded can be given back.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { markKind, node, nodeFlag, rrset } from './layout.ts';

/** The most octets that the records of an RRset, or its signatures, may take: a message has no room for more. */
export const maxRrsetOctets: number = 65535 - 12 - 5; // header, shortest question

/** Names remembered while an RRset is encoded; more only means less compression. */
export const maxRememberedLabels = 96;

const ownerPointer = 0xc00c; // the question begins at octet 12

/** Where names stand in the RDATA of a type: octets before the first, how many, and what they are for. */
type NamePlaces = { skip: number; names: number; compress: boolean; additional: boolean };

const namePlaces = new Map<number, NamePlaces>([
  [2, { skip: 0, names: 1, compress: true, additional: true }], // NS
  [3, { skip: 0, names: 1, compress: true, additional: false }], // MD
  [4, { skip: 0, names: 1, compress: true, additional: false }], // MF
  [5, { skip: 0, names: 1, compress: true, additional: false }], // CNAME
  [6, { skip: 0, names: 2, compress: true, additional: false }], // SOA
  [7, { skip: 0, names: 1, compress: true, additional: false }], // MB
  [8, { skip: 0, names: 1, compress: true, additional: false }], // MG
  [9, { skip: 0, names: 1, compress: true, additional: false }], // MR
  [12, { skip: 0, names: 1, compress: true, additional: false }], // PTR
  [14, { skip: 0, names: 2, compress: true, additional: false }], // MINFO
  [15, { skip: 2, names: 1, compress: true, additional: false }], // MX
]);

/** Records of one RRset, waiting to be encoded: `data` holds their RDATA, uncompressed. */
export type RecordSpans = {
  readonly data: Uint8Array;
  /** Start and end of each record's RDATA in `data`, one pair a record. */
  readonly spans: Int32Array;
  readonly first: number;
  readonly count: number;
};

export class RrsetTooLarge extends Error {
  readonly code = 'rrset.too-large';
  constructor() {
    super('an RRset is too large to fit into any message');
    this.name = 'RrsetTooLarge';
  }
}

export class RrsetEncoder {
  readonly #writer: ArenaWriter;
  readonly #blob = new Uint8Array(maxRrsetOctets);
  readonly #blobView = new DataView(this.#blob.buffer);
  #length = 0;
  readonly #marks = new Int32Array(65536);
  #markCount = 0;
  readonly #additional = new Int32Array(8192);
  #additionalCount = 0;
  // Labels that stand in the blob: place, and where the rest of their name is spelled out.
  readonly #labelPlace = new Int32Array(maxRememberedLabels);
  readonly #labelText = new Int32Array(maxRememberedLabels);
  readonly #labelLength = new Int32Array(maxRememberedLabels);
  #labelCount = 0;

  constructor(writer: ArenaWriter) {
    this.#writer = writer;
  }

  /**
   * Encodes one RRset and returns its reference. `owner` and `apex` are nodes. `targetOf` gives the
   * node of a name in RDATA that additional data may hang on, or 0 if it lies outside the zone.
   * Throws RrsetTooLarge or ArenaFull.
   */
  encode(
    owner: number,
    apex: number,
    type: number,
    ttlSeconds: number,
    records: RecordSpans,
    signatureTtlSeconds: number,
    signatures: RecordSpans,
    targetOf: (data: Uint8Array, at: number, length: number) => number,
  ): number {
    this.#length = 0;
    this.#markCount = 0;
    this.#additionalCount = 0;
    this.#labelCount = 0;
    const places = namePlaces.get(type);
    for (let i = 0; i < records.count; i++) {
      const start = records.spans[(records.first + i) * 2]!;
      const end = records.spans[(records.first + i) * 2 + 1]!;
      if (places === undefined) this.#plainRecord(type, ttlSeconds, records.data, start, end);
      else
        this.#recordWithNames(
          owner,
          apex,
          type,
          ttlSeconds,
          records.data,
          start,
          end,
          places,
          targetOf,
        );
    }
    const dataOctets = this.#length;
    for (let i = 0; i < signatures.count; i++) {
      const start = signatures.spans[(signatures.first + i) * 2]!;
      const end = signatures.spans[(signatures.first + i) * 2 + 1]!;
      this.#plainRecord(46, signatureTtlSeconds, signatures.data, start, end);
    }
    return this.#store(type, records.count, ttlSeconds, dataOctets);
  }

  #store(type: number, count: number, ttlSeconds: number, dataOctets: number): number {
    const writer = this.#writer;
    const reference = writer.allocate(
      rrset.body * 4 + this.#additionalCount * 8 + this.#markCount * 4 + this.#length,
    );
    const word = reference * 2;
    writer.put(word + rrset.info, type | (count << 16));
    writer.put(word + rrset.ttlSeconds, ttlSeconds);
    writer.put(word + rrset.sizes, dataOctets | ((this.#length - dataOctets) << 16));
    writer.put(word + rrset.counts, this.#markCount | (this.#additionalCount << 16));
    let at = word + rrset.body;
    for (let i = 0; i < this.#additionalCount * 2; i++) writer.put(at++, this.#additional[i]!);
    for (let i = 0; i < this.#markCount; i++) writer.put(at++, this.#marks[i]!);
    writer.copyIn(at * 4, this.#blob, 0, this.#length);
    return reference;
  }

  #head(type: number, ttlSeconds: number, rdataOctets: number): void {
    const at = this.#length;
    if (at + 12 + rdataOctets > maxRrsetOctets) throw new RrsetTooLarge();
    const view = this.#blobView;
    view.setUint16(at, ownerPointer);
    view.setUint16(at + 2, type);
    view.setUint16(at + 4, 1); // class IN
    view.setUint32(at + 6, ttlSeconds);
    view.setUint16(at + 10, rdataOctets);
    this.#length = at + 12;
  }

  #append(data: Uint8Array, start: number, end: number): void {
    const blob = this.#blob;
    let to = this.#length;
    for (let i = start; i < end; i++) blob[to++] = data[i]!;
    this.#length = to;
  }

  #plainRecord(type: number, ttl: number, data: Uint8Array, start: number, end: number): void {
    this.#head(type, ttl, end - start);
    this.#append(data, start, end);
  }

  #recordWithNames(
    owner: number,
    apex: number,
    type: number,
    ttl: number,
    data: Uint8Array,
    start: number,
    end: number,
    places: NamePlaces,
    targetOf: (data: Uint8Array, at: number, length: number) => number,
  ): void {
    this.#head(type, ttl, end - start); // room for it uncompressed; the length is set below
    const rdata = this.#length;
    let at = start + places.skip;
    this.#append(data, start, at);
    for (let i = 0; i < places.names; i++) {
      const length = nameOctets(data, at);
      const place = this.#length;
      if (places.compress) this.#name(owner, apex, data, at, length);
      else this.#append(data, at, at + length);
      if (places.additional && this.#additionalCount < 4096) {
        const target = targetOf(data, at, length);
        if (target !== 0) {
          this.#additional[this.#additionalCount * 2] = places.compress ? place : 0;
          this.#additional[this.#additionalCount * 2 + 1] = target;
          this.#additionalCount++;
        }
      }
      at += length;
    }
    this.#append(data, at, end);
    this.#blobView.setUint16(rdata - 2, this.#length - rdata);
  }

  /** Writes a name, its longest known end as a mark. */
  #name(owner: number, apex: number, data: Uint8Array, start: number, length: number): void {
    const end = start + length;
    const remembered = this.#labelCount;
    // A wildcard's records leave under other owners than their own.
    const ownerCounts = (this.#writer.words[owner * 2 + node.info]! & nodeFlag.wildcard) === 0;
    for (let at = start; at < end - 1; at += data[at]! + 1) {
      const rest = end - at;
      if (rest > 2 && this.#equalsNode(apex, data, at, rest)) return this.#mark(markKind.apex, 0);
      if (rest > 2 && ownerCounts && this.#equalsNode(owner, data, at, rest))
        return this.#mark(markKind.owner, 0);
      for (let i = 0; i < remembered; i++) {
        if (this.#labelLength[i] === rest && equalOctets(data, this.#labelText[i]!, at, rest)) {
          return this.#mark(markKind.blob, this.#labelPlace[i]!);
        }
      }
      if (this.#labelCount < maxRememberedLabels && this.#length <= 0x3fff) {
        this.#labelPlace[this.#labelCount] = this.#length;
        this.#labelText[this.#labelCount] = at;
        this.#labelLength[this.#labelCount++] = rest;
      }
      this.#append(data, at, at + data[at]! + 1);
    }
    this.#blob[this.#length++] = 0;
  }

  #mark(kind: number, target: number): void {
    // A compression pointer reaches 16383 octets (RFC 1035 §4.1.4), and so does `target` here.
    this.#marks[this.#markCount++] = this.#length | (kind << 16) | (target << 18);
    this.#blob[this.#length] = 0xc0;
    this.#blob[this.#length + 1] = 0;
    this.#length += 2;
  }

  /** Whether a node's name, as it was written, is these octets. */
  #equalsNode(reference: number, data: Uint8Array, at: number, length: number): boolean {
    const { words, octets } = this.#writer;
    const info = words[reference * 2 + node.info]!;
    if ((info & 0xff) !== length) return false;
    let from = reference * 8 + node.nameOctet;
    if ((info & nodeFlag.originalCase) !== 0) from += length;
    for (let i = 0; i < length; i++) if (octets[from + i] !== data[at + i]) return false;
    return true;
  }
}

function equalOctets(data: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (data[a + i] !== data[b + i]) return false;
  return true;
}

/** Octets of the name in wire form at `at`, the root label included. */
export function nameOctets(data: Uint8Array, at: number): number {
  let i = at;
  while (data[i] !== 0) i += data[i]! + 1;
  return i + 1 - at;
}

/** The size in octets of the block that holds an RRset. */
export function rrsetBlockOctets(words: Int32Array, reference: number): number {
  const word = reference * 2;
  const sizes = words[word + rrset.sizes]!;
  const counts = words[word + rrset.counts]!;
  return (
    rrset.body * 4 + (counts >>> 16) * 8 + (counts & 0xffff) * 4 + (sizes & 0xffff) + (sizes >>> 16)
  );
}
