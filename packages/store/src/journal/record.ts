/**
 * One record of the journal: a payload, or the part of one that fits into a segment. Big-endian:
 *
 *      0  magic 'RJr1'
 *      4  CRC-32 (ISO 3309, as in zlib) of all that follows, begun with the segment's salt
 *      8  length of the part in octets
 *     12  bit 0: the payload begins here; bit 1: it ends here
 *     16  sequence number of the payload
 *     24  sequence number with which its group begins
 *     32  the part, then zeros up to a multiple of 8
 *
 * The salt keeps a payload that happens to look like records, and what an earlier use of the
 * segment has left, from being taken for records.
 */
import { crc32 } from 'node:zlib';

export const recordHeaderOctets = 32;
export const recordAlignment = 8;

/** With less than this left, a segment is full and the next one goes on. */
export const leastRecordOctets: number = recordHeaderOctets + recordAlignment;

const magic = 0x524a7231; // 'RJr1'
export const magicOctets: Uint8Array = Uint8Array.of(0x52, 0x4a, 0x72, 0x31);
const begins = 1;
const ends = 2;

export type Part = {
  readonly sequence: number;
  /** Sequence number of the first payload that was written together with this one. */
  readonly group: number;
  readonly begins: boolean;
  readonly ends: boolean;
  readonly octets: Uint8Array;
};

export function recordOctets(partOctets: number): number {
  return recordHeaderOctets + Math.ceil(partOctets / recordAlignment) * recordAlignment;
}

/** Writes at `at` and gives the place after it; `into` is zero there. */
export function encodeRecord(into: Uint8Array, at: number, salt: number, part: Part): number {
  const end = at + recordHeaderOctets + part.octets.length;
  const view = new DataView(into.buffer, into.byteOffset);
  view.setUint32(at, magic);
  view.setUint32(at + 8, part.octets.length);
  view.setUint32(at + 12, (part.begins ? begins : 0) | (part.ends ? ends : 0));
  setUint53(view, at + 16, part.sequence);
  setUint53(view, at + 24, part.group);
  into.set(part.octets, at + recordHeaderOctets);
  view.setUint32(at + 4, crc32(into.subarray(at + 8, end), salt));
  return at + recordOctets(part.octets.length);
}

/** The record at `at`, a view into `segment`; undefined if there is no whole one. */
export function decodeRecord(segment: Uint8Array, at: number, salt: number): Part | undefined {
  if (segment.length - at < recordHeaderOctets) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset);
  if (view.getUint32(at) !== magic) return undefined;
  const length = view.getUint32(at + 8);
  const end = at + recordHeaderOctets + length;
  if (end > segment.length) return undefined;
  if (crc32(segment.subarray(at + 8, end), salt) !== view.getUint32(at + 4)) return undefined;
  const flags = view.getUint32(at + 12);
  return {
    sequence: getUint53(view, at + 16),
    group: getUint53(view, at + 24),
    begins: (flags & begins) !== 0,
    ends: (flags & ends) !== 0,
    octets: segment.subarray(at + recordHeaderOctets, end),
  };
}

export function setUint53(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}

export function getUint53(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
