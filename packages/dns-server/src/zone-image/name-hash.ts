/**
 * The hash over names. It is built label by label from the root, so that the hashes of all ancestors
 * fall out of one pass, and is seeded, so that nobody who chooses names can choose their slots.
 * Names are in wire form and folded to lower case. The root hashes to the seed.
 */

/** Adds the label whose `length` octets begin at `at` to the hash of the name it stands before. */
export function hashLabel(hash: number, octets: Uint8Array, at: number, length: number): number {
  let h = hash ^ length;
  for (let i = at, end = at + length; i < end; i++) h = Math.imul(h ^ octets[i]!, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

const starts = new Uint8Array(128);

/** The hash of a whole name in wire form at `at`. */
export function hashName(seed: number, octets: Uint8Array, at: number): number {
  let labels = 0;
  for (let i = at; octets[i] !== 0; i += octets[i]! + 1) starts[labels++] = i - at;
  let h = seed;
  while (labels-- > 0) {
    const place = at + starts[labels]!;
    h = hashLabel(h, octets, place + 1, octets[place]!);
  }
  return h;
}
