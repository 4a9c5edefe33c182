/**
 * Tells at once, for most ids, that no pack has the object: nearly everything that is about to be written is
 * new, and would be looked for in every pack. One bit for each value that an id may begin with.
 */
import type { ObjectId } from '../history/objects.ts';
import type { PackIndex } from './pack-index.ts';

const leastBits = 20;
/** Of which three quarters would be set with 350 million objects. */
export const maxKnownIdBits = 28;
/** Bits for each object: one in sixteen that is new is looked for in vain. */
const bitsEach = 16;

export class KnownIds {
  #bits = leastBits;
  #words: Uint32Array = new Uint32Array(1 << (leastBits - 5));
  #count = 0;
  #indexes = new Set<PackIndex>();

  /** All indexes there are. Those that have gone stay noted until so much has come that it is made anew. */
  note(indexes: readonly PackIndex[]): void {
    const added = indexes.filter((index) => !this.#indexes.has(index));
    this.#count += added.reduce((sum, { count }) => sum + count, 0);
    const full = this.#count * bitsEach > 2 ** this.#bits && this.#bits < maxKnownIdBits;
    this.#indexes = new Set(indexes);
    if (full) this.#build(indexes);
    else for (const index of added) this.#add(index);
  }

  /** False: surely not. */
  mayHave(id: ObjectId): boolean {
    const key = firstBits(id) >>> (32 - this.#bits);
    return (this.#words[key >>> 5]! & (1 << (key & 31))) !== 0;
  }

  #build(indexes: readonly PackIndex[]): void {
    this.#count = indexes.reduce((sum, { count }) => sum + count, 0);
    // Room for as many again.
    const wanted = Math.ceil(Math.log2(2 * bitsEach * this.#count + 1));
    this.#bits = Math.min(maxKnownIdBits, Math.max(leastBits, wanted));
    this.#words = new Uint32Array(1 << (this.#bits - 5));
    for (const index of indexes) this.#add(index);
  }

  #add(index: PackIndex): void {
    const shift = 32 - this.#bits;
    for (let place = 0; place < index.count; place++) {
      const key = index.startAt(place) >>> shift;
      this.#words[key >>> 5]! |= 1 << (key & 31);
    }
  }
}

/** The first 32 bits, out of eight of the digits 0 to 9 and a to f. */
function firstBits(id: ObjectId): number {
  let bits = 0;
  for (let at = 0; at < 8; at++) {
    const code = id.charCodeAt(at);
    bits = (bits << 4) | (code < 0x3a ? code - 0x30 : code - 0x57);
  }
  return bits;
}
