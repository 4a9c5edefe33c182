/**
 * Copies RRsets from the image into the message. The form they are kept in is the form they leave in,
 * so this is a copy and a few octets of pointers.
 */
import { markKind, node, rrset } from '../zone-image/layout.ts';
import { blobOctet, marksWord, spellOut } from '../zone-image/rrset-view.ts';
import type { QueryState } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const rrsetSizes = rrset.sizes;
const rrsetCounts = rrset.counts;
const rrsetInfo = rrset.info;
const markKindApex = markKind.apex;
const markKindOwner = markKind.owner;
const nodeInfo = node.info;
const nodeNameOctet = node.nameOctet;

/** A compression pointer has 14 bits (RFC 1035 §4.1.4). */
const pointerReach = 0x3fff;

/** Copies octets within the arena; short runs word by word, since a call costs more than they do. */
export function copyOctets(s: QueryState, to: number, from: number, count: number): void {
  if (count >= 320) {
    s.octets.copyWithin(to, from, from + count);
    return;
  }
  const view = s.view;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    view.setInt32(to + i, view.getInt32(from + i, true), true);
    view.setInt32(to + i + 4, view.getInt32(from + i + 4, true), true);
  }
  const octets = s.octets;
  for (; i < count; i++) octets[to + i] = octets[from + i]!;
}

/**
 * Writes an RRset of the node `ownerNode`, whose owner stands at `owner` in the message (0: it is to be
 * written out), with its RRSIGs if DO was set. Returns how many records were written; 0 if they do not fit,
 * and then nothing was.
 */
export function writeRrset(
  s: QueryState,
  reference: number,
  owner: number,
  ownerNode: number,
): number {
  const { words } = s;
  const sizes = words[reference * 2 + rrsetSizes]!;
  const size = s.dnssecOk ? (sizes & 0xffff) + (sizes >>> 16) : sizes & 0xffff;
  const start = s.at;
  const place = start - s.out;
  const blob = blobOctet(words, reference);
  const markCount = words[reference * 2 + rrsetCounts]! & 0xffff;
  // Far into a long message pointers cannot reach: spell it all out.
  if (markCount !== 0 && (place + size > pointerReach || owner === 0)) {
    return writeSpelledOut(s, reference, owner, ownerNode);
  }
  if (owner === 0) return writeWithOwner(s, ownerNode, blob, size);
  if (start + size > s.limit) return 0;
  copyOctets(s, start, blob, size);
  if (markCount !== 0) {
    const view = s.view;
    const marks = marksWord(words, reference);
    for (let i = 0; i < markCount; i++) {
      const mark = words[marks + i]!;
      const kind = (mark >>> 16) & 3;
      const target =
        kind === markKindApex
          ? s.apexPlace
          : kind === markKindOwner
            ? owner
            : place + (mark >>> 18);
      view.setUint16(start + (mark & 0xffff), 0xc000 | target);
    }
  }
  s.at = start + size;
  const count = words[reference * 2 + rrsetInfo]! >>> 16;
  if (owner === 12 && size === (sizes & 0xffff)) return count;
  return setOwners(s, start, s.at, owner);
}

/** Points the owner of each record between two places of the arena to `owner`; returns how many there are. */
function setOwners(s: QueryState, start: number, end: number, owner: number): number {
  const view = s.view;
  let count = 0;
  for (let at = start; at < end; count++) {
    view.setUint16(at, 0xc000 | owner);
    at += 12 + view.getUint16(at + 10);
  }
  return count;
}

/** Writes an RRset without marks, its owner spelled out before the first record. */
function writeWithOwner(s: QueryState, ownerNode: number, blob: number, size: number): number {
  const start = s.at;
  if (start + size - 2 + ownerOctets(s, ownerNode) > s.limit) return 0;
  const owner = start - s.out;
  const records = writeOwner(s, start, ownerNode);
  copyOctets(s, records, blob + 2, size - 2);
  s.at = records + size - 2;
  if (owner > pointerReach) return writeFarOwners(s, start, ownerNode, blob, size);
  // The first record is whole; the ones behind it point back to its owner.
  const first = 10 + s.view.getUint16(records + 8);
  return 1 + setOwners(s, records + first, s.at, owner);
}

/** Octets that a node's name takes in the message, its end a pointer to the apex. */
function ownerOctets(s: QueryState, reference: number): number {
  const length = s.words[reference * 2 + nodeInfo]! & 0xff;
  const apexLength = s.words[s.apex * 2 + nodeInfo]! & 0xff;
  return apexLength <= 2 ? length : length - apexLength + 2;
}

/** Writes a node's name, its end a pointer to the apex; returns the place behind it. */
function writeOwner(s: QueryState, at: number, reference: number): number {
  const length = s.words[reference * 2 + nodeInfo]! & 0xff;
  const apexLength = s.words[s.apex * 2 + nodeInfo]! & 0xff;
  const name = reference * 8 + nodeNameOctet;
  if (apexLength <= 2) {
    copyOctets(s, at, name, length);
    return at + length;
  }
  copyOctets(s, at, name, length - apexLength);
  s.view.setUint16(at + length - apexLength, 0xc000 | s.apexPlace);
  return at + length - apexLength + 2;
}

/** So far into the message that no pointer reaches the owner: every record gets it in full. */
function writeFarOwners(
  s: QueryState,
  start: number,
  ownerNode: number,
  blob: number,
  size: number,
): number {
  s.at = start;
  const { octets, view } = s;
  let count = 0;
  let to = start;
  for (let from = blob; from < blob + size; count++) {
    const rest = 10 + view.getUint16(from + 10);
    if (to + ownerOctets(s, ownerNode) + rest > s.limit) return 0;
    to = writeOwner(s, to, ownerNode);
    for (let i = 0; i < rest; i++) octets[to++] = octets[from + 2 + i]!;
    from += rest + 2;
  }
  s.at = to;
  return count;
}

/** Writes an RRset record by record without compression in RDATA. */
function writeSpelledOut(
  s: QueryState,
  reference: number,
  owner: number,
  ownerNode: number,
): number {
  const { words, octets, view } = s;
  const sizes = words[reference * 2 + rrsetSizes]!;
  const end = (sizes & 0xffff) + (s.dnssecOk ? sizes >>> 16 : 0);
  const blob = blobOctet(words, reference);
  const marks = marksWord(words, reference);
  const markCount = words[reference * 2 + rrsetCounts]! & 0xffff;
  const start = s.at;
  let to = start;
  let ownerPlace = owner;
  let mark = 0;
  let count = 0;
  for (let at = 0; at < end; count++) {
    const recordEnd = at + 12 + view.getUint16(blob + at + 10);
    // Two names at most, spelled out, besides what stands there.
    if (
      to + 255 + (recordEnd - at) + 510 > s.limit &&
      !fitsSpelledOut(s, to, ownerPlace, ownerNode, reference, at, recordEnd, mark)
    ) {
      s.at = start;
      return 0;
    }
    if (ownerPlace === 0) {
      const place = to - s.out;
      to = writeOwner(s, to, ownerNode);
      if (place <= pointerReach) ownerPlace = place;
    } else {
      view.setUint16(to, 0xc000 | ownerPlace);
      to += 2;
    }
    copyOctets(s, to, blob + at + 2, 10);
    to += 10;
    const rdata = to;
    at += 12;
    while (at < recordEnd) {
      const next = mark < markCount ? words[marks + mark]! : -1;
      const stop = next !== -1 && (next & 0xffff) < recordEnd ? next & 0xffff : recordEnd;
      while (at < stop) octets[to++] = octets[blob + at++]!;
      if (stop < recordEnd) {
        to = spellOut(words, octets, next, blob, marks, markCount, ownerNode, s.apex, octets, to);
        at += 2;
        mark++;
      }
    }
    view.setUint16(rdata - 2, to - rdata);
  }
  s.at = to;
  return count;
}

/** Near the limit the octets of one record are counted exactly, by writing its RDATA to scratch space. */
function fitsSpelledOut(
  s: QueryState,
  to: number,
  ownerPlace: number,
  ownerNode: number,
  reference: number,
  at: number,
  recordEnd: number,
  firstMark: number,
): boolean {
  const { words, octets } = s;
  const blob = blobOctet(words, reference);
  const marks = marksWord(words, reference);
  const markCount = words[reference * 2 + rrsetCounts]! & 0xffff;
  let size = (ownerPlace === 0 ? ownerOctets(s, ownerNode) : 2) + (recordEnd - at) - 2;
  const spare = s.scratch + 1536;
  for (let mark = firstMark; mark < markCount; mark++) {
    const word = words[marks + mark]!;
    if ((word & 0xffff) >= recordEnd) break;
    size +=
      spellOut(words, octets, word, blob, marks, markCount, ownerNode, s.apex, octets, spare) -
      spare -
      2;
  }
  return to + size <= s.limit;
}
