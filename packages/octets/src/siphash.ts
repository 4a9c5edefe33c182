/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) over octets in place, on 32-bit halves: it allocates
 * nothing, where the platform's keyed hashes make an object and a buffer for each call. Used for DNS
 * cookies (RFC 9018 §4.4), which every query may carry.
 */

/** The key as four little-endian words: k0 low, k0 high, k1 low, k1 high. */
export type SipKey = Int32Array;

export function sipKey(key: Uint8Array): SipKey {
  if (key.length !== 16) throw new RangeError(`key: ${key.length} octets, not 16`);
  return Int32Array.from([0, 4, 8, 12], (at) => littleEndian(key, at));
}

function littleEndian(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}

// The four 64-bit lanes of the state, low and high halves.
let v0l = 0;
let v0h = 0;
let v1l = 0;
let v1h = 0;
let v2l = 0;
let v2h = 0;
let v3l = 0;
let v3h = 0;

/** The carry of `sum = a + b` on 32 bits. */
function carry(sum: number, a: number): number {
  return sum >>> 0 < a >>> 0 ? 1 : 0;
}

function round(): void {
  let low = (v0l + v1l) | 0;
  v0h = (v0h + v1h + carry(low, v0l)) | 0;
  v0l = low;
  let high = (v1h << 13) | (v1l >>> 19);
  v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
  v1h = high ^ v0h;
  high = v0l;
  v0l = v0h;
  v0h = high;
  low = (v2l + v3l) | 0;
  v2h = (v2h + v3h + carry(low, v2l)) | 0;
  v2l = low;
  high = (v3h << 16) | (v3l >>> 16);
  v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
  v3h = high ^ v2h;
  low = (v0l + v3l) | 0;
  v0h = (v0h + v3h + carry(low, v0l)) | 0;
  v0l = low;
  high = (v3h << 21) | (v3l >>> 11);
  v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
  v3h = high ^ v0h;
  low = (v2l + v1l) | 0;
  v2h = (v2h + v1h + carry(low, v2l)) | 0;
  v2l = low;
  high = (v1h << 17) | (v1l >>> 15);
  v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
  v1h = high ^ v2h;
  high = v2l;
  v2l = v2h;
  v2h = high;
}

/** Writes the 8 octets of the hash of `octets[start..end)` to `out[at..)`; they may overlap. */
export function sipHash24(
  key: SipKey,
  octets: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): void {
  v0l = key[0]! ^ 0x70736575;
  v0h = key[1]! ^ 0x736f6d65;
  v1l = key[2]! ^ 0x6e646f6d;
  v1h = key[3]! ^ 0x646f7261;
  v2l = key[0]! ^ 0x6e657261;
  v2h = key[1]! ^ 0x6c796765;
  v3l = key[2]! ^ 0x79746573;
  v3h = key[3]! ^ 0x74656462;
  const length = end - start;
  const whole = start + (length & ~7);
  for (let i = start; i < whole; i += 8) {
    const low = littleEndian(octets, i);
    const high = littleEndian(octets, i + 4);
    v3l ^= low;
    v3h ^= high;
    round();
    round();
    v0l ^= low;
    v0h ^= high;
  }
  let low = 0;
  let high = length << 24;
  for (let i = whole, shift = 0; i < end; i++, shift += 8) {
    if (shift < 32) low |= octets[i]! << shift;
    else high |= octets[i]! << (shift - 32);
  }
  v3l ^= low;
  v3h ^= high;
  round();
  round();
  v0l ^= low;
  v0h ^= high;
  v2l ^= 0xff;
  round();
  round();
  round();
  round();
  low = v0l ^ v1l ^ v2l ^ v3l;
  high = v0h ^ v1h ^ v2h ^ v3h;
  for (let i = 0; i < 4; i++) {
    out[at + i] = low >>> (8 * i);
    out[at + 4 + i] = high >>> (8 * i);
  }
}
