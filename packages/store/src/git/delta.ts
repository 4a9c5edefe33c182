/**
 * Deltas as other gits make them (gitformat-pack, "Deltified representation"): the sizes of base and
 * result, then instructions that copy from the base or insert octets.
 */
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

/** What is held in memory whole. */
export const maxObjectOctets: number = 256 << 20;
