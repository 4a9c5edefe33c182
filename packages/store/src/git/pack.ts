/** Reads objects out of a pack (gitformat-pack, version 2), whoever has made it. */
import { inflateSync } from 'node:zlib';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { readFile } from '../disk/disk.ts';
import type { GitObject, ObjectId, ObjectType } from '../history/objects.ts';
import { RecentlyUsed } from '../history/recently-used.ts';
import { StoreError } from '../store-error.ts';
import { applyDelta, maxObjectOctets } from './delta.ts';
import { PackIndex, rawId } from './pack-index.ts';

export const packHeaderOctets = 12;
export const checksumOctets = 20;
export const ofsDelta = 6;
const refDelta = 7;
export const packTypes: readonly (ObjectType | undefined)[] = [
  undefined,
  'commit',
  'tree',
  'blob',
  'tag',
];
/** Git makes chains of 50, and of 250 when told; a loop would have no end. */
export const maxDeltaChain = 4096;

/** Of each pack, for chains of deltas. */
export const maxBaseCacheOctets: number = 2 << 20;
/** Read at once by who reads entry after entry. */
const windowOctets: number = 1 << 16;
const nothing = { start: 0, octets: new Uint8Array(0) };
const maxCachedBaseOctets: number = 1 << 16;

export type PackEntry = {
  readonly type: number;
  readonly sizeOctets: number;
  /** Of a delta: where its base begins, or what it is called. */
  readonly base: number | ObjectId | undefined;
  readonly deflated: Uint8Array;
};

export class Pack {
  /** Without its ending: `…/pack-0123….` */
  readonly path: string;
  readonly index: PackIndex;
  readonly sizeOctets: number;
  readonly #file: DiskFile;
  #window: { readonly start: number; readonly octets: Uint8Array } = nothing;
  #lastOffset = -windowOctets;
  /** What deltas were made upon, by where it begins: who reads one of a chain reads its neighbours next. */
  readonly #bases = new RecentlyUsed<number, GitObject>(
    maxBaseCacheOctets,
    ({ content }) => content.length + 100,
  );

  constructor(disk: Disk, path: string) {
    this.path = path;
    this.index = new PackIndex(readFile(disk, `${path}.idx`), `${path}.idx`);
    this.#file = disk.open(`${path}.pack`, 'read');
    this.sizeOctets = this.#file.sizeOctets();
  }

  /** `other` finds bases that this pack does not have. */
  get(id: Buffer, other: (id: ObjectId) => GitObject | undefined): GitObject | undefined {
    const offset = this.index.offset(id);
    return offset === undefined ? undefined : this.#object(offset, other);
  }

  /** Octets as they stand, to be copied into another pack. */
  read(position: number, lengthOctets: number): Uint8Array {
    return this.#file.read(position, lengthOctets);
  }

  close(): void {
    this.#file.close();
  }

  #object(offset: number, other: (id: ObjectId) => GitObject | undefined): GitObject {
    const deltas: { readonly at: number; readonly octets: Uint8Array }[] = [];
    let at = offset;
    let object: GitObject | undefined;
    while (object === undefined) {
      object = this.#bases.get(at);
      if (object !== undefined) break;
      const entry = this.entry(at);
      const octets = this.#inflate(entry, at);
      const type = packTypes[entry.type];
      if (type !== undefined) {
        object = { type, content: octets };
        break;
      }
      deltas.push({ at, octets });
      if (deltas.length > maxDeltaChain) throw this.#damaged(offset);
      const { base } = entry;
      const inside = typeof base === 'string' ? this.index.offset(rawId(base)) : base;
      if (inside !== undefined) at = inside;
      else {
        object = other(base as ObjectId);
        if (object === undefined) throw this.#damaged(offset);
      }
    }
    if (deltas.length > 0 && object.content.length <= maxCachedBaseOctets) {
      this.#bases.set(at, object);
    }
    for (const { at, octets } of deltas.reverse()) {
      const content = applyDelta(object.content, octets);
      if (content === undefined) throw this.#damaged(offset);
      object = { type: object.type, content };
      if (content.length <= maxCachedBaseOctets) this.#bases.set(at, object);
    }
    return object;
  }

  #entryOctets(offset: number): Uint8Array {
    const packEnd = this.sizeOctets - checksumOctets;
    const end = this.index.end(offset, packEnd);
    if (offset < packHeaderOctets || end <= offset) throw this.#damaged(offset);
    const { start, octets } = this.#window;
    if (offset >= start && end <= start + octets.length) {
      return octets.subarray(offset - start, end - start);
    }
    // Who reads what stands near by is likely to go on, from the front or from the back.
    const near = Math.abs(offset - this.#lastOffset) < windowOctets;
    const backwards = offset < this.#lastOffset;
    this.#lastOffset = offset;
    if (!near || end - offset > windowOctets) return this.#file.read(offset, end - offset);
    const from = backwards ? Math.max(packHeaderOctets, end - windowOctets) : offset;
    const length = Math.min(windowOctets, packEnd - from);
    this.#window = { start: from, octets: this.#file.read(from, length) };
    return this.#window.octets.subarray(offset - from, end - from);
  }

  /** What stands at an offset of the index. */
  entry(offset: number): PackEntry {
    const octets = this.#entryOctets(offset);
    let at = 0;
    const next = (): number => {
      const octet = octets[at++];
      if (octet === undefined) throw this.#damaged(offset);
      return octet;
    };
    let octet = next();
    const type = (octet >> 4) & 7;
    let sizeOctets = octet & 15;
    for (let scale = 16; octet & 0x80; scale *= 128) {
      octet = next();
      sizeOctets += (octet & 0x7f) * scale;
    }
    if (sizeOctets > maxObjectOctets) throw this.#damaged(offset);
    let base: number | ObjectId | undefined;
    if (type === ofsDelta) {
      octet = next();
      let distance = octet & 0x7f;
      while (octet & 0x80) {
        octet = next();
        distance = (distance + 1) * 128 + (octet & 0x7f);
      }
      base = offset - distance;
      if (distance === 0 || base < packHeaderOctets) throw this.#damaged(offset);
    } else if (type === refDelta) {
      base = Buffer.from(octets.buffer, octets.byteOffset + at, 20).toString('hex');
      at += 20;
    } else if (packTypes[type] === undefined) throw this.#damaged(offset);
    return { type, sizeOctets, base, deflated: octets.subarray(at) };
  }

  #inflate({ deflated, sizeOctets }: PackEntry, offset: number): Uint8Array {
    try {
      const octets = inflateSync(deflated, {
        maxOutputLength: sizeOctets + 1,
        chunkSize: sizeOctets + 64,
      });
      if (octets.length === sizeOctets) return octets;
    } catch (cause) {
      throw this.#damaged(offset, cause);
    }
    throw this.#damaged(offset);
  }

  #damaged(offset: number, cause?: unknown): StoreError {
    return new StoreError('store.object', `${this.path}.pack:${offset}`, { cause });
  }
}
