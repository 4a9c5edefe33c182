/**
 * Fills the messages of a transfer over one buffer (RFC 5936 §2.2): header and question in each, then
 * as many records as fit. Names are compressed only where the octets are the same to the letter, for a
 * transfer keeps the case of names (RFC 5936 §3.4).
 */
import type { Arena } from '@riad/octets/arena';
import { equalOctets } from '@riad/octets/ascii';
import { markKind, node, nodeFlag, rrset } from '../zone-image/layout.ts';
import { blobOctet, marksWord, writtenNameOctet } from '../zone-image/rrset-view.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeInfo = node.info;
const originalCase = nodeFlag.originalCase;
const rrsetCounts = rrset.counts;
const markKindApex = markKind.apex;
const markKindOwner = markKind.owner;

/** A compression pointer has 14 bits (RFC 1035 §4.1.4). */
const pointerReach = 0x3fff;

export const maxMessageOctets = 65535; // RFC 1035 §4.2.2: the length before it has 16 bits
/** Behind the limit there is room for one record more, which is then taken back. */
const slackOctets: number = 65535 + 4 * 255;

/** What a transfer answers: the parts of the query that come back in its messages. */
export type AnsweredQuery = {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** The question section, one question, as it came. */
  readonly question: Uint8Array;
  /** An OPT record for the first message, in wire form; undefined when the query had none. */
  readonly opt: Uint8Array | undefined;
};

export class MessageFill {
  /** Records in the message so far. */
  records = 0;
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  readonly #apex: number;
  readonly #apexLength: number;
  /** Where the apex stands in the arena as the zone spells it. */
  readonly #apexAt: number;
  readonly #apexName: Uint8Array;
  readonly #query: AnsweredQuery;
  readonly #limit: number;
  readonly #out: Uint8Array = new Uint8Array(maxMessageOctets + slackOctets);
  #first = true;
  /** Octets that the records of this message may reach to. */
  #end = 0;
  #at = 0;
  /** Where the apex stands in the message as the zone spells it, 0 while it does not. */
  #apexPlace = 0;
  /** Where the owner of the record before stands, and whose name it is; 0 where no pointer reaches. */
  #ownerPlace = 0;
  #ownerNode = 0;
  #ownerName: Uint8Array | undefined;
  /** How much of the RRset is written that did not fit. */
  #blobAt = 0;

  /** `limitOctets`: of a message without its signature. `apex`: the zone's apex node. */
  constructor(arena: Arena, apex: number, query: AnsweredQuery, limitOctets: number) {
    this.#octets = arena.octets;
    this.#words = arena.words;
    this.#apex = apex;
    this.#apexLength = arena.words[apex * 2 + nodeInfo]! & 0xff;
    this.#apexAt = writtenNameOctet(arena.words, apex);
    this.#apexName = arena.octets.slice(this.#apexAt, this.#apexAt + this.#apexLength);
    this.#query = query;
    this.#limit = Math.min(limitOctets, maxMessageOctets);
    this.begin();
  }

  /** Begins a message; what `take` gave is lost. */
  begin(): void {
    const { id, recursionDesired, question, opt } = this.#query;
    const out = this.#out;
    out.fill(0, 0, 12);
    out[0] = id >>> 8;
    out[1] = id;
    out[2] = 0x84 | (recursionDesired ? 1 : 0); // QR, AA; RD as it came (RFC 5936 §2.2.1)
    out[5] = 1;
    out.set(question, 12); // in every message, which RFC 5936 §2.2.2 allows and old secondaries want
    this.#at = 12 + question.length;
    this.#end = this.#limit - (this.#first && opt !== undefined ? opt.length : 0);
    this.#ownerPlace = 0;
    const spelledAlike = equalOctets(question.subarray(0, -4), this.#apexName);
    this.#apexPlace = spelledAlike && this.#apexLength > 1 ? 12 : 0;
    this.records = 0;
  }

  /** The message as far as it is filled: a view, valid until `begin`. */
  take(): Uint8Array {
    const { opt } = this.#query;
    const out = this.#out;
    out[6] = this.records >>> 8;
    out[7] = this.records;
    let length = this.#at;
    if (this.#first && opt !== undefined) {
      out.set(opt, length); // RFC 6891 §6.1.1, RFC 5936 §2.2.5: it need not be in the messages behind
      out[11] = 1;
      length += opt.length;
    }
    this.#first = false;
    return out.subarray(0, length);
  }

  /**
   * Writes the records of an RRset, or of its RRSIGs, that stand between two octets of its blob; after
   * a call that returned false, what is left of them. False: the message is full.
   */
  rrset(owner: number, reference: number, fromOctet: number, endOctet: number): boolean {
    const words = this.#words;
    const octets = this.#octets;
    const out = this.#out;
    const blob = blobOctet(words, reference);
    const markCount = words[reference * 2 + rrsetCounts]! & 0xffff;
    const marks = marksWord(words, reference);
    let at = this.#blobAt === 0 ? fromOctet : this.#blobAt;
    let mark = 0;
    while (mark < markCount && (words[marks + mark]! & 0xffff) < at) mark++;
    while (at < endOctet) {
      const apexPlace = this.#apexPlace;
      const from = blob + at;
      const recordEnd = at + 12 + ((octets[from + 10]! << 8) | octets[from + 11]!);
      let to = this.#nodeName(this.#at, owner);
      if (mark >= markCount || (words[marks + mark]! & 0xffff) >= recordEnd) {
        to = copy(out, to, octets, from + 2, recordEnd - at - 2);
      } else {
        const rdata = copy(out, to, octets, from + 2, 10);
        to = rdata;
        let place = at + 12;
        for (;;) {
          const word = mark < markCount ? words[marks + mark]! : -1;
          const stop = word !== -1 && (word & 0xffff) < recordEnd ? word & 0xffff : recordEnd;
          to = copy(out, to, octets, blob + place, stop - place);
          if (stop === recordEnd) break;
          to = this.#markedName(to, word, blob, marks, markCount, owner);
          place = stop + 2;
          mark++;
        }
        out[rdata - 2] = (to - rdata) >>> 8;
        out[rdata - 1] = to - rdata;
      }
      if (to > this.#end) {
        this.#apexPlace = apexPlace;
        this.#ownerPlace = 0;
        this.#blobAt = at;
        return false;
      }
      this.#at = to;
      this.records++;
      at = recordEnd;
    }
    this.#blobAt = 0;
    return true;
  }

  /** Writes one record of a change, its RDATA without compression. False: the message is full. */
  record(record: ZoneRecord): boolean {
    const { owner, type, ttlSeconds, rdata } = record;
    const out = this.#out;
    const apexPlace = this.#apexPlace;
    let at = this.#name(this.#at, owner);
    out[at] = type >>> 8;
    out[at + 1] = type;
    out[at + 2] = 0;
    out[at + 3] = 1; // class IN
    out[at + 4] = ttlSeconds >>> 24;
    out[at + 5] = ttlSeconds >>> 16;
    out[at + 6] = ttlSeconds >>> 8;
    out[at + 7] = ttlSeconds;
    out[at + 8] = rdata.length >>> 8;
    out[at + 9] = rdata.length;
    at = copy(out, at + 10, rdata, 0, rdata.length);
    if (at > this.#end) {
      this.#apexPlace = apexPlace;
      this.#ownerPlace = 0;
      return false;
    }
    this.#at = at;
    this.records++;
    return true;
  }

  /** Writes the name of a node, as a pointer where it stands already. */
  #nodeName(at: number, reference: number): number {
    const out = this.#out;
    if (this.#ownerPlace !== 0 && this.#ownerNode === reference)
      return point(out, at, this.#ownerPlace);
    const words = this.#words;
    const octets = this.#octets;
    const length = words[reference * 2 + nodeInfo]! & 0xff;
    const from = writtenNameOctet(words, reference);
    this.#ownerNode = reference;
    this.#ownerName = undefined;
    this.#ownerPlace = at <= pointerReach ? at : 0;
    const own = length - this.#apexLength;
    if (!this.#endsInApex(reference, from + own)) return copy(out, at, octets, from, length);
    return this.#apexOnly(copy(out, at, octets, from, own));
  }

  /** Whether a node's name, whose end is at `at`, ends in the apex as the zone spells it. */
  #endsInApex(reference: number, at: number): boolean {
    const words = this.#words;
    const flags = words[reference * 2 + nodeInfo]! | words[this.#apex * 2 + nodeInfo]!;
    if ((flags & originalCase) === 0) return true;
    const octets = this.#octets;
    const apexAt = this.#apexAt;
    for (let i = 0; i < this.#apexLength; i++) {
      if (octets[at + i] !== octets[apexAt + i]) return false;
    }
    return true;
  }

  /** Writes the name at the start of `name`, as a pointer where it stands already. */
  #name(at: number, name: Uint8Array): number {
    const out = this.#out;
    if (
      this.#ownerPlace !== 0 &&
      this.#ownerName !== undefined &&
      (this.#ownerName === name || equalOctets(this.#ownerName, name))
    ) {
      return point(out, at, this.#ownerPlace);
    }
    this.#ownerNode = 0;
    this.#ownerName = name;
    this.#ownerPlace = at <= pointerReach ? at : 0;
    const own = name.length - this.#apexLength;
    let label = 0;
    while (label < own) label += name[label]! + 1;
    const apexName = this.#apexName;
    let ends = label === own;
    for (let i = 0; ends && i < apexName.length; i++) ends = name[own + i] === apexName[i];
    if (!ends) return copy(out, at, name, 0, name.length);
    return this.#apexOnly(copy(out, at, name, 0, own));
  }

  /** Writes the apex, as a pointer where it stands already. */
  #apexOnly(at: number): number {
    if (this.#apexPlace !== 0) return point(this.#out, at, this.#apexPlace);
    // A pointer to the root would be longer than the root.
    if (this.#apexLength > 1 && at <= pointerReach) this.#apexPlace = at;
    return copy(this.#out, at, this.#apexName, 0, this.#apexLength);
  }

  /** Writes the end of a name that a mark stands for. */
  #markedName(
    at: number,
    mark: number,
    blob: number,
    marks: number,
    markCount: number,
    owner: number,
  ): number {
    const kind = (mark >>> 16) & 3;
    if (kind === markKindApex) return this.#apexOnly(at);
    if (kind === markKindOwner) return this.#nodeName(at, owner);
    // Labels that stand in the blob, up to the root or to the mark of an earlier name.
    const words = this.#words;
    const octets = this.#octets;
    let from = blob + (mark >>> 18);
    let to = at;
    for (;;) {
      const length = octets[from]!;
      if (length >= 0xc0) {
        let earlier = 0;
        while (earlier < markCount && (words[marks + earlier]! & 0xffff) !== from - blob) earlier++;
        return this.#markedName(to, words[marks + earlier]!, blob, marks, markCount, owner);
      }
      to = copy(this.#out, to, octets, from, length + 1);
      if (length === 0) return to;
      from += length + 1;
    }
  }
}

function point(out: Uint8Array, at: number, place: number): number {
  out[at] = 0xc0 | (place >>> 8);
  out[at + 1] = place;
  return at + 2;
}

/** Copies short runs octet by octet, since a call costs more than they do; returns the place behind. */
function copy(
  out: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  count: number,
): number {
  if (count > 128) {
    out.set(source.subarray(from, from + count), at);
    return at + count;
  }
  for (let i = 0; i < count; i++) out[at + i] = source[from + i]!;
  return at + count;
}
