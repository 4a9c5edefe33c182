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

/** `length` octets of the base that stand at `from` there and at `to` in the result. */
export type Copy = { readonly from: number; readonly to: number; readonly length: number };

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
  const writer = new DeltaWriter(maxDeltaOctets(baseOctets, splices), baseOctets, resultOctets);
  let from = 0;
  for (const { at, removed, inserted } of splices) {
    writer.copy(from, at);
    writer.insert(inserted);
    from = at + removed;
  }
  writer.copy(from, baseOctets);
  return writer.delta;
}

/** The same from copies, in the order of their places in the result; what lies between them is inserted. */
export function encodeCopies(
  baseOctets: number,
  result: Uint8Array,
  copies: readonly Copy[],
): Uint8Array {
  const most = 32 + 2 * result.length + 8 * copies.length;
  const writer = new DeltaWriter(most, baseOctets, result.length);
  let done = 0;
  for (const { from, to, length } of copies) {
    writer.insert(result.subarray(done, to));
    writer.copy(from, from + length);
    done = to + length;
  }
  writer.insert(result.subarray(done));
  return writer.delta;
}

class DeltaWriter {
  readonly #octets: Buffer;
  #end = 0;

  constructor(mostOctets: number, baseOctets: number, resultOctets: number) {
    this.#octets = Buffer.allocUnsafe(mostOctets);
    this.#size(baseOctets);
    this.#size(resultOctets);
  }

  get delta(): Uint8Array {
    return this.#octets.subarray(0, this.#end);
  }

  insert(octets: Uint8Array): void {
    for (let done = 0; done < octets.length; done += maxInserted) {
      const part = octets.subarray(done, done + maxInserted);
      this.#octets[this.#end++] = part.length;
      this.#octets.set(part, this.#end);
      this.#end += part.length;
    }
  }

  copy(from: number, to: number): void {
    const octets = this.#octets;
    for (let at = from; at < to; at += maxCopied) {
      const count = Math.min(maxCopied, to - at);
      const instruction = this.#end++;
      let flags = 0x80;
      for (let i = 0, left = at; i < 4; i++, left = Math.floor(left / 256)) {
        if (left % 256 === 0) continue;
        flags |= 1 << i;
        octets[this.#end++] = left % 256;
      }
      for (let i = 0; i < 2; i++) {
        const octet = (count >> (8 * i)) & 255; // none at all for 0x10000
        if (octet === 0) continue;
        flags |= 16 << i;
        octets[this.#end++] = octet;
      }
      octets[instruction] = flags;
    }
  }

  #size(value: number): void {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) {
      this.#octets[this.#end++] = (left % 128) | 0x80;
    }
    this.#octets[this.#end++] = left;
  }
}
