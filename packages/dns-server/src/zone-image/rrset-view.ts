/**
 * Takes an RRset out of the image: its records with their RDATA uncompressed and spelled as loaded.
 */
import { markKind, node, nodeFlag, rrset } from './layout.ts';
import type { RecordBuffer } from './record-buffer.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const rrsetBody = rrset.body;
const rrsetCounts = rrset.counts;
const rrsetSizes = rrset.sizes;
const nodeInfo = node.info;
const nodeNameOctet = node.nameOctet;
const nodeFlagOriginalCase = nodeFlag.originalCase;
const markKindBlob = markKind.blob;
const markKindApex = markKind.apex;

/** The word at which the marks of an RRset begin. */
export function marksWord(words: Int32Array, reference: number): number {
  return reference * 2 + rrsetBody + (words[reference * 2 + rrsetCounts]! >>> 16) * 2;
}

/** The octet at which the blob of an RRset begins. */
export function blobOctet(words: Int32Array, reference: number): number {
  const counts = words[reference * 2 + rrsetCounts]!;
  return (reference * 2 + rrsetBody + (counts >>> 16) * 2 + (counts & 0xffff)) * 4;
}

/** The octet at which a node's name stands as it was written. */
export function writtenNameOctet(words: Int32Array, reference: number): number {
  const info = words[reference * 2 + nodeInfo]!;
  const at = reference * 8 + nodeNameOctet;
  return (info & nodeFlagOriginalCase) !== 0 ? at + (info & 0xff) : at;
}

/**
 * Appends the records of an RRset to `out`, and with `signatures` its RRSIGs too (as type 46).
 * `owner` and `apex` are the nodes the RRset was encoded with.
 */
export function unpackRrset(
  words: Int32Array,
  octets: Uint8Array,
  reference: number,
  owner: number,
  apex: number,
  signatures: boolean,
  out: RecordBuffer,
): void {
  const sizes = words[reference * 2 + rrsetSizes]!;
  const dataOctets = sizes & 0xffff;
  const total = signatures ? dataOctets + (sizes >>> 16) : dataOctets;
  const markCount = words[reference * 2 + rrsetCounts]! & 0xffff;
  const marks = marksWord(words, reference);
  const blob = blobOctet(words, reference);
  let mark = 0;
  let at = 0;
  while (at < total) {
    const place = blob + at;
    const type = (octets[place + 2]! << 8) | octets[place + 3]!;
    const ttl =
      ((octets[place + 6]! << 24) |
        (octets[place + 7]! << 16) |
        (octets[place + 8]! << 8) |
        octets[place + 9]!) >>>
      0;
    const end = at + 12 + ((octets[place + 10]! << 8) | octets[place + 11]!);
    at += 12;
    const start = out.open(end - at + 512); // two names of at most 255 octets may be spelled out
    let to = start;
    while (at < end) {
      const next = mark < markCount ? words[marks + mark]! : -1;
      const stop = next !== -1 && (next & 0xffff) < end ? next & 0xffff : end;
      while (at < stop) out.data[to++] = octets[blob + at++]!;
      if (stop < end) {
        to = spellOut(words, octets, next, blob, marks, markCount, owner, apex, out.data, to);
        at += 2;
        mark++;
      }
    }
    out.close(type, ttl, to - start);
  }
}

/** Writes the end of a name that a mark stands for; returns the place behind it. */
export function spellOut(
  words: Int32Array,
  octets: Uint8Array,
  mark: number,
  blob: number,
  marks: number,
  markCount: number,
  owner: number,
  apex: number,
  out: Uint8Array,
  at: number,
): number {
  const kind = (mark >>> 16) & 3;
  let to = at;
  if (kind !== markKindBlob) {
    const reference = kind === markKindApex ? apex : owner;
    const length = words[reference * 2 + nodeInfo]! & 0xff;
    const from = writtenNameOctet(words, reference);
    for (let i = 0; i < length; i++) out[to++] = octets[from + i]!;
    return to;
  }
  // Labels that stand in the blob, up to the root or to a mark of an earlier name.
  let from = mark >>> 18;
  for (;;) {
    const length = octets[blob + from]!;
    if (length >= 0xc0) {
      for (let i = 0; i < markCount; i++) {
        const earlier = words[marks + i]!;
        if ((earlier & 0xffff) === from) {
          return spellOut(words, octets, earlier, blob, marks, markCount, owner, apex, out, to);
        }
      }
    }
    for (let i = 0; i <= length; i++) out[to++] = octets[blob + from++]!;
    if (length === 0) return to;
  }
}
