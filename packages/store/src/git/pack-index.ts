/** The index of a pack, version 2 (gitformat-pack): sorted ids, checksums, and where objects begin. */
import { hash } from 'node:crypto';
import type { ObjectId } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';

const magic = 0xff744f63;
const version = 2;
const fanoutOctets = 256 * 4;
const headerOctets = 8;
export const idOctets = 20;
const trailerOctets = 2 * idOctets;
const longOffset = 0x80000000;

/** Twenty octets of an id, to be looked for in many packs. */
export function rawId(id: ObjectId): Buffer {
  return Buffer.from(id, 'hex');
}

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
  offset(id: Buffer): number | undefined {
    const place = this.#place(id);
    return place === undefined ? undefined : this.offsetAt(place);
  }

  /** Where the entry that begins at `offset` ends; `packEnd` is where the last one does. */
  end(offset: number, packEnd: number): number {
    this.#starts ??= Float64Array.from({ length: this.count }, (_, place) =>
      this.offsetAt(place),
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

  /** Objects by the order of their ids; the octets are lent. */
  idAt(place: number): Buffer {
    const at = headerOctets + fanoutOctets + place * idOctets;
    return this.#octets.subarray(at, at + idOctets);
  }

  /** The first four octets of the id. */
  startAt(place: number): number {
    return this.#view.getUint32(headerOctets + fanoutOctets + place * idOctets);
  }

  offsetAt(place: number): number {
    const offsets = this.#checksums + this.count * 4;
    const short = this.#view.getUint32(offsets + place * 4);
    if (short < longOffset) return short;
    const long = offsets + this.count * 4 + (short - longOffset) * 8;
    return this.#view.getUint32(long) * 2 ** 32 + this.#view.getUint32(long + 4);
  }

  checksumAt(place: number): number {
    return this.#view.getUint32(this.#checksums + place * 4);
  }

  get #checksums(): number {
    return headerOctets + fanoutOctets + this.count * idOctets;
  }

  #fanout(octet: number): number {
    return this.#view.getUint32(headerOctets + octet * 4);
  }

  /** Ids are evenly spread: where one would stand is guessed, a few times over. */
  #place(id: Buffer): number | undefined {
    const view = this.#view;
    const names = headerOctets + fanoutOctets;
    const first = id[0]!;
    const wanted = view32(id);
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first) - 1;
    let lowKey = first * 0x1000000;
    let highKey = lowKey + 0xffffff;
    while (low <= high) {
      const share = (wanted - lowKey) / (highKey - lowKey + 1);
      const middle = low + Math.floor(share * (high - low + 1));
      const at = names + middle * idOctets;
      const key = view.getUint32(at);
      const order = key === wanted ? id.compare(this.#octets, at, at + idOctets) : wanted - key;
      if (order === 0) return middle;
      if (order < 0) {
        high = middle - 1;
        highKey = key;
      } else {
        low = middle + 1;
        lowKey = key;
      }
      if (lowKey > wanted || highKey < wanted) return undefined;
    }
    return undefined;
  }
}

function view32(octets: Uint8Array): number {
  return ((octets[0]! << 24) | (octets[1]! << 16) | (octets[2]! << 8) | octets[3]!) >>> 0;
}

/** What an index will say, without an object for each line. */
export class PackEntries {
  count = 0;
  #ids: Buffer;
  #offsets: Float64Array;
  #checksums: Uint32Array;

  constructor(most: number) {
    this.#ids = Buffer.allocUnsafe(most * idOctets);
    this.#offsets = new Float64Array(most);
    this.#checksums = new Uint32Array(most);
  }

  /** `crc`: CRC-32 of the entry as it stands in the pack. */
  add(id: ObjectId | Buffer, offset: number, crc: number): void {
    const at = this.count * idOctets;
    if (typeof id === 'string') this.#ids.write(id, at, 'hex');
    else id.copy(this.#ids, at);
    this.#offsets[this.count] = offset;
    this.#checksums[this.count] = crc;
    this.count++;
  }

  /** `packChecksum` are the last 20 octets of the pack. */
  encode(packChecksum: Uint8Array): Uint8Array {
    const { count } = this;
    const sorted = this.#sorted();
    let longs = 0;
    for (const place of sorted) if (this.#offsets[place]! >= longOffset) longs++;
    const octets = Buffer.allocUnsafe(
      headerOctets + fanoutOctets + count * (idOctets + 8) + longs * 8 + trailerOctets,
    );
    octets.writeUInt32BE(magic, 0);
    octets.writeUInt32BE(version, 4);
    const names = headerOctets + fanoutOctets;
    const checksums = names + count * idOctets;
    const offsets = checksums + count * 4;
    const longOffsets = offsets + count * 4;
    let below = 0;
    longs = 0;
    for (let first = 0, next = 0; first < 256; first++) {
      for (; next < count && this.#ids[sorted[next]! * idOctets] === first; next++) below++;
      octets.writeUInt32BE(below, headerOctets + first * 4);
    }
    for (let next = 0; next < count; next++) {
      const place = sorted[next]!;
      const from = place * idOctets;
      this.#ids.copy(octets, names + next * idOctets, from, from + idOctets);
      octets.writeUInt32BE(this.#checksums[place]!, checksums + next * 4);
      const offset = this.#offsets[place]!;
      if (offset < longOffset) octets.writeUInt32BE(offset, offsets + next * 4);
      else {
        octets.writeUInt32BE(longOffset + longs, offsets + next * 4);
        octets.writeBigUInt64BE(BigInt(offset), longOffsets + longs * 8);
        longs++;
      }
    }
    const end = longOffsets + longs * 8;
    octets.set(packChecksum, end);
    octets.set(hash('sha1', octets.subarray(0, end + idOctets), 'buffer'), end + idOctets);
    return octets;
  }

  #sorted(): Uint32Array {
    const keys = new Float64Array(this.count);
    for (let place = 0; place < this.count; place++) {
      keys[place] = this.#ids.readUIntBE(place * idOctets, 6);
    }
    const ids = this.#ids;
    return Uint32Array.from(keys.keys()).sort((a, b) => {
      const order = keys[a]! - keys[b]!;
      if (order !== 0) return order;
      const [left, right] = [a * idOctets, b * idOctets];
      return ids.compare(ids, right, right + idOctets, left, left + idOctets);
    });
  }
}
