/**
 * Reads the answer records of one message after the other without an object for any of them: a transfer
 * has millions. Owners are decoded into one buffer; RDATA is given where it stands in the message, or
 * with its names uncompressed in another buffer. What a type does not allow is refused, because the
 * image takes RDATA for what its type says.
 */
import { codes as dnsCodes } from '@riad/dns/codes';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';

const headerOctets = 12; // RFC 1035 §4.1.1
const maxNameOctets = 255; // RFC 1035 §2.3.4
/** A name has at most 127 labels, so that more pointers in it lead nowhere. */
const maxPointers = 127;

const typeA = 1;
const typeTxt = 16;
const typeAaaa = 28;
const typeOpt = 41;

/** How RDATA is laid out in which names may be compressed (RFC 3597 §4): octets, names, and what follows. */
type Layout = { readonly skip: number; readonly strings: number; readonly names: number };

const layouts: (Layout | undefined)[] = [];
for (const [type, skip, strings, names] of [
  [2, 0, 0, 1], // NS
  [3, 0, 0, 1], // MD
  [4, 0, 0, 1], // MF
  [5, 0, 0, 1], // CNAME
  [6, 0, 0, 2], // SOA
  [7, 0, 0, 1], // MB
  [8, 0, 0, 1], // MG
  [9, 0, 0, 1], // MR
  [12, 0, 0, 1], // PTR
  [14, 0, 0, 2], // MINFO
  [15, 2, 0, 1], // MX
  [17, 0, 0, 2], // RP
  [18, 2, 0, 1], // AFSDB
  [21, 2, 0, 1], // RT
  [24, 18, 0, 1], // SIG
  [26, 2, 0, 2], // PX
  [30, 0, 0, 1], // NXT
  [33, 6, 0, 1], // SRV
  [35, 4, 3, 1], // NAPTR
] as const) {
  layouts[type] = { skip, strings, names };
}

export class AnswerScanner {
  /** The owner of the present record, in wire form. */
  readonly owner: Uint8Array = new Uint8Array(maxNameOctets + 1);
  ownerLength = 0;
  /** Counts up whenever the owner is not, letter for letter, that of the record before. */
  ownerNumber = 0;
  type = 0;
  recordClass = 0;
  ttlSeconds = 0;
  /** Where the RDATA of the present record stands. */
  rdata: Uint8Array = new Uint8Array(0);
  rdataStart = 0;
  rdataEnd = 0;
  #message: Uint8Array = new Uint8Array(0);
  #at = 0;
  #left = 0;
  /** Octets that the name decoded last has. */
  #nameLength = 0;
  readonly #name = new Uint8Array(maxNameOctets + 1);
  /** RDATA whose names had to be spelled out: 65,535 octets, and pointers that become names. */
  readonly #expanded = new Uint8Array(65535 + 2 * maxNameOctets);

  /** The name decoded last, as a view. */
  get name(): Uint8Array {
    return this.#name.subarray(0, this.#nameLength);
  }

  /** Begins a message that has a header; `records` are still unread behind octet `at`. */
  begin(message: Uint8Array, at: number, records: number): void {
    this.#message = message;
    this.#at = at;
    this.#left = records;
  }

  get at(): number {
    return this.#at;
  }

  /** Reads the next record into the fields; false when there is none. Throws DecodeError. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    const message = this.#message;
    const nameEnd = this.#decodeName(this.#at, this.#name, 0);
    this.#takeOwner();
    const start = nameEnd + 10;
    if (start > message.length)
      this.#fail('octets.short', nameEnd, 'the octets end inside a record');
    this.type = (message[nameEnd]! << 8) | message[nameEnd + 1]!;
    this.recordClass = (message[nameEnd + 2]! << 8) | message[nameEnd + 3]!;
    const ttl =
      (message[nameEnd + 4]! << 24) |
      (message[nameEnd + 5]! << 16) |
      (message[nameEnd + 6]! << 8) |
      message[nameEnd + 7]!;
    this.ttlSeconds = Math.max(ttl, 0); // RFC 2181 §8
    const end = start + ((message[nameEnd + 8]! << 8) | message[nameEnd + 9]!);
    if (end > message.length) this.#fail('octets.short', start, 'the octets end inside RDATA');
    this.#at = end;
    this.#readRdata(start, end);
    return true;
  }

  /** Reads over a name; returns where it ends. */
  skipName(at: number): number {
    return this.#decodeName(at, this.#name, 0);
  }

  #takeOwner(): void {
    const { owner } = this;
    const name = this.#name;
    const length = this.#nameLength;
    let same = length === this.ownerLength;
    for (let i = 0; same && i < length; i++) same = owner[i] === name[i];
    if (same) return;
    this.ownerNumber++;
    for (let i = 0; i < length; i++) owner[i] = name[i]!;
    this.ownerLength = length;
  }

  #readRdata(start: number, end: number): void {
    const message = this.#message;
    this.rdata = message;
    this.rdataStart = start;
    this.rdataEnd = end;
    const { type } = this;
    if (type === typeA || type === typeAaaa) {
      if (end - start !== (type === typeA ? 4 : 16)) this.#fail('rdata.short', start);
      return;
    }
    if (type === typeTxt) {
      let at = start;
      do at += 1 + (at < end ? message[at]! : end);
      while (at < end);
      if (at !== end) this.#fail('rdata.short', start);
      return;
    }
    if (type === typeOpt || (type >= 249 && type <= 255)) this.#fail('rdata.value', start); // RFC 6895 §3.1: no data
    const layout = type < layouts.length ? layouts[type] : undefined;
    if (layout === undefined) {
      recordTypeOf(type).check(new Reader(message, start, end));
      return;
    }
    this.#expand(layout, start, end);
    if (layout.skip > 2 || layout.names > 1) {
      recordTypeOf(type).check(new Reader(this.#expanded, 0, this.rdataEnd));
    } else if (this.#behindNames !== end) this.#fail('rdata.trailing', start);
  }

  #behindNames = 0;

  /** Spells out the names of RDATA. */
  #expand({ skip, strings, names }: Layout, start: number, end: number): void {
    const message = this.#message;
    const out = this.#expanded;
    let at = start + skip;
    for (let i = 0; i < strings && at < end; i++) at += 1 + message[at]!;
    if (at > end) this.#fail('rdata.short', start);
    let to = 0;
    for (let from = start; from < at; from++) out[to++] = message[from]!;
    for (let i = 0; i < names; i++) {
      at = this.#decodeName(at, out, to);
      to += this.#nameLength;
      if (at > end) this.#fail('rdata.short', start);
    }
    this.#behindNames = at;
    while (at < end) out[to++] = message[at++]!;
    if (to > 65535) this.#fail('rdata.value', start);
    this.rdata = out;
    this.rdataStart = 0;
    this.rdataEnd = to;
  }

  /**
   * Decodes the name at `from` to `out[to..)` and returns where it ends in the message. A pointer leads
   * back to before itself (RFC 1035 §4.1.4), so that the work is bounded by the length of a name.
   */
  #decodeName(start: number, out: Uint8Array, outStart: number): number {
    const message = this.#message;
    const end = message.length;
    let from = start;
    let to = outStart;
    let behind = -1;
    let pointers = 0;
    for (;;) {
      if (from >= end) this.#fail('octets.short', start, 'the octets end inside a name');
      const length = message[from]!;
      if (length === 0) {
        out[to++] = 0;
        this.#nameLength = to - outStart;
        return behind === -1 ? from + 1 : behind;
      }
      if (length < 64) {
        if (from + length >= end) this.#fail('octets.short', start, 'the octets end inside a name');
        if (to + length + 2 - outStart > maxNameOctets) this.#fail('name.length', start);
        for (const stop = to + length + 1; to < stop; ) out[to++] = message[from++]!;
        continue;
      }
      if (length < 0xc0) this.#fail('name.label-type', from); // RFC 6891 §5, RFC 2673
      if (from + 1 >= end) this.#fail('octets.short', start, 'the octets end inside a name');
      if (behind === -1) behind = from + 2;
      const target = ((length & 0x3f) << 8) | message[from + 1]!;
      if (target >= from || target < headerOctets || ++pointers > maxPointers) {
        this.#fail('name.pointer', from);
      }
      from = target;
    }
  }

  #fail(code: keyof typeof dnsCodes | 'octets.short', at: number, detail?: string): never {
    throw new DecodeError(code, at, detail ?? dnsCodes[code as keyof typeof dnsCodes]);
  }
}
