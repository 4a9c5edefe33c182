/** The index of a pack, version 2 (gitformat-pack): sorted ids, checksums, and where objects begin. */
import { createHash } from 'node:crypto';
import type { ObjectId } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';

const magic = 0xff744f63;
const version = 2;
const fanoutOctets = 256 * 4;
const headerOctets = 8;
const idOctets = 20;
const trailerOctets = 2 * idOctets;

export type IndexedObject = {
  readonly id: ObjectId;
  readonly offset: number;
  /** CRC-32 of the entry as it stands in the pack. */
  readonly crc: number;
};

export class PackIndex {
  readonly count: number;
  readonly #octets: Buffer;
  readonly #view: DataView;
  /** Where entries begin, in order, and where the last one ends. Made when it is first needed. */
  #starts: Float64Array | undefined;

  constructor(octets: Uint8Array, name: string) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const least = headerOctets + fanoutOctets + trailerOctets;
    const known =
      octets.length >= least &&
      this.#view.getUint32(0) === magic &&
      this.#view.getUint32(4) === version;
    if (!known) throw new StoreError('store.object', name);
    this.count = this.#fanout(255);
    if (octets.length < least + this.count * (idOctets + 8)) {
      throw new StoreError('store.object', name);
    }
  }

  /** Undefined if the pack does not have the object. */
  offset(id: ObjectId): number | undefined {
    const place = this.#place(id);
    return place === undefined ? undefined : this.#offsetAt(place);
  }

  /** Where the entry that begins at `offset` ends; `packEnd` is where the last one does. */
  end(offset: number, packEnd: number): number {
    this.#starts ??= Float64Array.from({ length: this.count }, (_, place) =>
      this.#offsetAt(place),
    ).sort();
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return starts[low] ?? packEnd;
  }

  *objects(): Generator<IndexedObject> {
    for (let place = 0; place < this.count; place++) {
      const at = headerOctets + fanoutOctets + place * idOctets;
      yield {
        id: this.#octets.toString('hex', at, at + idOctets),
        offset: this.#offsetAt(place),
        crc: this.#view.getUint32(this.#checksums + place * 4),
      };
    }
  }

  get #checksums(): number {
    return headerOctets + fanoutOctets + this.count * idOctets;
  }

  #fanout(octet: number): number {
    return this.#view.getUint32(headerOctets + octet * 4);
  }

  #place(id: ObjectId): number | undefined {
    const wanted = Buffer.from(id, 'hex');
    const first = wanted[0]!;
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = headerOctets + fanoutOctets + middle * idOctets;
      const order = this.#octets.compare(wanted, 0, idOctets, at, at + idOctets);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  #offsetAt(place: number): number {
    const offsets = this.#checksums + this.count * 4;
    const short = this.#view.getUint32(offsets + place * 4);
    if (short < 0x80000000) return short;
    const long = offsets + this.count * 4 + (short - 0x80000000) * 8;
    return this.#view.getUint32(long) * 2 ** 32 + this.#view.getUint32(long + 4);
  }
}

/** Objects in any order; `packChecksum` are the last 20 octets of the pack. */
export function encodePackIndex(
  objects: readonly IndexedObject[],
  packChecksum: Uint8Array,
): Uint8Array {
  const sorted = objects.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const long = sorted.filter(({ offset }) => offset >= 0x80000000);
  const octets = Buffer.alloc(
    headerOctets + fanoutOctets + sorted.length * (idOctets + 8) + long.length * 8 + trailerOctets,
  );
  octets.writeUInt32BE(magic, 0);
  octets.writeUInt32BE(version, 4);
  let at = headerOctets;
  let below = 0;
  for (let first = 0; first < 256; first++) {
    while (below < sorted.length && Number.parseInt(sorted[below]!.id.slice(0, 2), 16) <= first)
      below++;
    at = octets.writeUInt32BE(below, at);
  }
  for (const { id } of sorted) at += octets.write(id, at, 'hex');
  for (const { crc } of sorted) at = octets.writeUInt32BE(crc, at);
  let longs = 0;
  for (const { offset } of sorted) {
    at = octets.writeUInt32BE(offset < 0x80000000 ? offset : 0x80000000 + longs++, at);
  }
  for (const { offset } of long) at = octets.writeBigUInt64BE(BigInt(offset), at);
  octets.set(packChecksum, at);
  at += idOctets;
  octets.set(createHash('sha1').update(octets.subarray(0, at)).digest(), at);
  return octets;
}
