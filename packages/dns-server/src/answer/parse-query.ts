/**
 * Reads a query in place: header, question, and the two records that mean something in one, OPT and
 * TSIG. Every octet is read at most twice and none is trusted. Not here: what to answer.
 */
import { imageHeader } from '../zone-image/layout.ts';
import { hashLabel } from '../zone-image/name-hash.ts';
import { type QueryState, scratchPlace } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const scratchPlaceName = scratchPlace.name;
const imageHeaderSeed = imageHeader.seed;

export const parsed = {
  /** Answer it. */
  query: 0,
  /** FORMERR, and the question cannot be given back. */
  malformedQuestion: 1,
  /** FORMERR, with the question. */
  malformed: 2,
  /** No question, and none is needed: it has a COOKIE (RFC 7873 §5.4) or an EDNS version. */
  withoutQuestion: 3,
} as const;

const typeOpt = 41;
const typeTsig = 250;

/** Reads the octets from `query` to `queryEnd`, which must be at least the 12 of a header. */
export function parseQuery(s: QueryState): number {
  const { view, query } = s;
  s.edns = false;
  s.ednsVersion = 0;
  s.udpPayloadOctets = 512; // RFC 1035 §4.2.1
  s.dnssecOk = false;
  s.cookie = 0;
  s.cookieOctets = 0;
  s.nsid = false;
  s.keepalive = false;
  s.padding = false;
  s.expire = false;
  s.tsig = 0;
  s.nameLength = 0;
  s.type = 0;
  s.klass = 0;
  s.labels = 0;
  const questions = view.getUint16(query + 4);
  if (questions > 1) return parsed.malformedQuestion; // RFC 9619 §4
  let at = query + 12;
  if (questions === 1) {
    at = takeQuestion(s, at);
    if (at === 0) return parsed.malformedQuestion;
  }
  const others = view.getUint16(query + 6) + view.getUint16(query + 8);
  const additional = view.getUint16(query + 10);
  if (others + additional > 0) {
    at = takeRecords(s, at, others, additional);
    if (at === 0) return questions === 1 ? parsed.malformed : parsed.malformedQuestion;
  }
  if (at !== s.queryEnd) return questions === 1 ? parsed.malformed : parsed.malformedQuestion;
  if (questions > 0) return parsed.query;
  // RFC 6891 §6.1.3: a version that is not known here is told so, whatever else may be wrong.
  return s.cookie !== 0 || s.ednsVersion > 0 ? parsed.withoutQuestion : parsed.malformedQuestion;
}

/** Reads the question at `at`; returns the place behind it or 0. */
function takeQuestion(s: QueryState, at: number): number {
  const end = takeName(s, at, s.queryEnd);
  if (end === 0 || end + 4 > s.queryEnd) return 0;
  s.nameLength = end - at;
  s.type = s.view.getUint16(end);
  s.klass = s.view.getUint16(end + 2);
  return end + 4;
}

/**
 * Takes the uncompressed name at `at` as the name to look for: folds it into the scratch space and
 * hashes all its ends. Returns the place behind it, or 0 if it is none. The first name of a message
 * cannot have a pointer, for nothing stands before it (RFC 1035 §4.1.4).
 */
export function takeName(s: QueryState, at: number, end: number): number {
  const { octets, starts } = s;
  const name = s.scratch + scratchPlaceName;
  let labels = 0;
  let i = 0;
  for (;;) {
    if (at + i >= end) return 0;
    const length = octets[at + i]!;
    octets[name + i] = length;
    if (length === 0) break;
    if (length > 63) return 0; // RFC 1035 §2.3.4; pointers too
    const next = i + length + 1;
    if (next > 254 || at + next >= end) return 0; // RFC 1035 §2.3.4: 255 octets with the root
    starts[labels++] = i++;
    for (; i < next; i++) {
      const octet = octets[at + i]!;
      octets[name + i] = (octet - 65) >>> 0 < 26 ? octet | 32 : octet; // RFC 4343 §3
    }
  }
  s.name = name;
  s.labels = labels;
  s.soughtLength = i + 1;
  starts[labels] = i;
  hashEnds(s);
  return at + i + 1;
}

function hashEnds(s: QueryState): void {
  const { octets, starts, hashes, name, labels } = s;
  let hash = s.words[imageHeaderSeed]!;
  hashes[0] = hash;
  for (let depth = 1; depth <= labels; depth++) {
    const start = name + starts[labels - depth]!;
    hash = hashLabel(hash, octets, start + 1, octets[start]!);
    hashes[depth] = hash;
  }
}

/** Reads over `others` records and takes what matters of the `additional` ones; 0 if malformed. */
function takeRecords(s: QueryState, start: number, others: number, additional: number): number {
  const { octets, view, queryEnd } = s;
  let at = start;
  const count = others + additional;
  for (let i = 0; i < count; i++) {
    const record = at;
    at = skipName(octets, at, queryEnd);
    if (at === 0 || at + 10 > queryEnd) return 0;
    const type = view.getUint16(at);
    const rdata = at + 10;
    const end = rdata + view.getUint16(at + 8);
    if (end > queryEnd) return 0;
    if (type === typeOpt) {
      // RFC 6891 §6.1.1: in the additional section, once, owned by the root.
      if (i < others || s.edns || octets[record] !== 0) return 0;
      s.edns = true;
      s.udpPayloadOctets = Math.max(512, view.getUint16(at + 2)); // RFC 6891 §6.2.3
      s.ednsVersion = octets[at + 5]!;
      s.dnssecOk = (octets[at + 6]! & 0x80) !== 0; // RFC 3225 §3
      // RFC 6891 §6.1.3: what another version's options mean nobody knows; the answer is BADVERS.
      if (s.ednsVersion === 0 && !takeOptions(s, rdata, end)) return 0;
    } else if (type === typeTsig) {
      if (i < others || i !== count - 1) return 0; // RFC 8945 §5.1: the last of the additional records
      s.tsig = record;
    }
    at = end;
  }
  return at;
}

/** Reads the options of an OPT record; false if they are malformed. */
function takeOptions(s: QueryState, start: number, end: number): boolean {
  const view = s.view;
  let at = start;
  while (at < end) {
    if (at + 4 > end) return false;
    const code = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const value = at + 4;
    at = value + length;
    if (at > end) return false;
    switch (code) {
      case 3: // NSID
        s.nsid = true;
        break;
      case 9: // EXPIRE
        s.expire = true;
        break;
      case 10: // COOKIE, RFC 7873 §5.2.2: 8 octets, or 16 to 40
        if (length !== 8 && (length < 16 || length > 40)) return false;
        if (s.cookie === 0) {
          s.cookie = value;
          s.cookieOctets = length;
        }
        break;
      case 11: // edns-tcp-keepalive, RFC 7828 §3.2.1: a client sends no value
        s.keepalive = true;
        break;
      case 12: // Padding
        s.padding = true;
        break;
      default: // RFC 6891 §6.1.2: what is not known is ignored
        break;
    }
  }
  return true;
}

/** The place behind the name at `at`, or 0. Pointers are not followed: nobody asks where they lead. */
function skipName(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = octets[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= end ? at + 2 : 0;
    if (length > 63) return 0;
    at += length + 1;
    if (at - start > 254) return 0;
  }
  return 0;
}
