/**
 * Deltas (gitformat-pack, "Deltified representation"): the sizes of base and result, then instructions that
 * copy from the base or insert octets.
 */
import type { Splice } from '../history/objects.ts';

/** What is held in memory whole. */
export const maxObjectOctets: number = 256 << 20;
const maxInserted = 127;
/** What git copies at most with one instruction. */
const maxCopied = 0x10000;

/** Undefined for what is no delta of this base. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array | undefined {
  let at = 0;
  const size = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = delta[at++];
      if (octet === undefined || scale > 2 ** 42) return -1;
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) return value;
    }
  };
  if (size() !== base.length) return undefined;
  const length = size();
  if (length < 0 || length > maxObjectOctets) return undefined;
  const result = new Uint8Array(length);
  let done = 0;
  while (at < delta.length) {
    const instruction = delta[at++]!;
    if (instruction === 0) return undefined; // reserved
    if (instruction < 0x80) {
      if (at + instruction > delta.length || done + instruction > length) return undefined;
      result.set(delta.subarray(at, at + instruction), done);
      at += instruction;
      done += instruction;
      continue;
    }
    let offset = 0;
    let count = 0;
    for (let i = 0; i < 4; i++) if (instruction & (1 << i)) offset += delta[at++]! * 2 ** (8 * i);
    for (let i = 0; i < 3; i++) if (instruction & (16 << i)) count += delta[at++]! * 2 ** (8 * i);
    if (count === 0) count = 0x10000;
    // Also refuses NaN, which reading past the end gives.
    if (!(offset + count <= base.length && done + count <= length)) return undefined;
    result.set(base.subarray(offset, offset + count), done);
    done += count;
  }
  return done === length ? result : undefined;
}

/** How long a delta of these splices is at most. */
export function maxDeltaOctets(baseOctets: number, splices: readonly Splice[]): number {
  let length = 16 + 7 * (splices.length + 1 + Math.ceil(baseOctets / maxCopied));
  for (const { inserted } of splices) length += inserted.length + 1 + inserted.length / maxInserted;
  return Math.ceil(length);
}

/** The delta that makes the result out of the base by these splices. */
export function encodeDelta(
  baseOctets: number,
  resultOctets: number,
  splices: readonly Splice[],
): Uint8Array {
  const delta = Buffer.allocUnsafe(maxDeltaOctets(baseOctets, splices));
  let end = 0;
  const size = (value: number): void => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) delta[end++] = (left % 128) | 0x80;
    delta[end++] = left;
  };
  const copy = (from: number, to: number): void => {
    for (let at = from; at < to; at += maxCopied) {
      const count = Math.min(maxCopied, to - at);
      const instruction = end++;
      let flags = 0x80;
      for (let i = 0, left = at; i < 4; i++, left = Math.floor(left / 256)) {
        if (left % 256 === 0) continue;
        flags |= 1 << i;
        delta[end++] = left % 256;
      }
      for (let i = 0; i < 2; i++) {
        const octet = (count >> (8 * i)) & 255; // none at all for 0x10000
        if (octet === 0) continue;
        flags |= 16 << i;
        delta[end++] = octet;
      }
      delta[instruction] = flags;
    }
  };
  size(baseOctets);
  size(resultOctets);
  let from = 0;
  for (const { at, removed, inserted } of splices) {
    copy(from, at);
    for (let done = 0; done < inserted.length; done += maxInserted) {
      const part = inserted.subarray(done, done + maxInserted);
      delta[end++] = part.length;
      delta.set(part, end);
      end += part.length;
    }
    from = at + removed;
  }
  copy(from, baseOctets);
  return delta.subarray(0, end);
}
