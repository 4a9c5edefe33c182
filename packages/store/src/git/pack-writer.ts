/**
 * Makes a pack and its index, and gives both their names when they are durable. Entries come with their
 * content deflated already; what one object costs is then the same at any size of the pack.
 */
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Disk, type DiskFile, removeFile } from '../disk/disk.ts';
import type { ObjectId, ObjectType } from '../history/objects.ts';
import { storeDeflated } from './deflate.ts';
import { ofsDelta, packHeaderOctets } from './pack.ts';
import { PackEntries } from './pack-index.ts';

const typeNumbers: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
/** Octets gathered before they are written. */
const bufferOctets: number = 1 << 20;
/** Type, size and place of a base take no more. */
const maxEntryHeaderOctets = 32;
/** Git's own limit for what it writes; whoever reads the last one reads all. */
export const maxWrittenDeltas = 50;

export class PackWriter {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #name: string;
  readonly #file: DiskFile;
  readonly #checksum: Hash = createHash('sha1');
  readonly #entries: PackEntries;
  /** Where trees stand that others may build upon, and upon how many they build. */
  readonly #bases = new Map<ObjectId, { readonly offset: number; readonly depth: number }>();
  readonly #buffer: Buffer = Buffer.allocUnsafe(bufferOctets);
  #buffered = 0;
  #written = 0;
  #closed = false;

  /** How many objects there will be stands in the header. `name` tells unfinished ones apart. */
  constructor(disk: Disk, folder: string, name: string, count: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#name = name;
    for (const what of ['pack', 'idx'] as const) removeFile(disk, this.#unfinished(what));
    this.#file = disk.open(this.#unfinished('pack'), 'create');
    this.#entries = new PackEntries(count);
    const header = Buffer.alloc(packHeaderOctets);
    header.write('PACK', 'latin1');
    header.writeUInt32BE(2, 4);
    header.writeUInt32BE(count, 8);
    this.push(header);
  }

  /** Octets written so far; close enough to tell when to begin another pack. */
  get sizeOctets(): number {
    return this.#written + this.#buffered;
  }

  /** With `base`, deltas may be made upon it. */
  add(
    id: ObjectId,
    type: ObjectType,
    sizeOctets: number,
    deflated: Uint8Array,
    base: boolean = type === 'tree',
  ): void {
    const offset = this.sizeOctets;
    if (base) this.#bases.set(id, { offset, depth: 0 });
    this.#begin(typeNumbers[type], sizeOctets);
    this.#entry(id, offset, deflated);
  }

  /** Whether one more delta may be made upon an object of this pack. */
  takes(base: ObjectId, most: number = maxWrittenDeltas): boolean {
    const below = this.#bases.get(base);
    return below !== undefined && below.depth < most;
  }

  /** False if there is no such base in this pack, or too many build upon each other already. */
  addDelta(id: ObjectId, base: ObjectId, delta: Uint8Array): boolean {
    const deflated = storeDeflated(delta);
    return deflated !== undefined && this.addDeflatedDelta(id, base, delta.length, deflated);
  }

  addDeflatedDelta(
    id: ObjectId,
    base: ObjectId,
    deltaOctets: number,
    deflated: Uint8Array,
  ): boolean {
    const below = this.#bases.get(base);
    if (below === undefined || below.depth === maxWrittenDeltas) return false;
    const offset = this.sizeOctets;
    this.#bases.set(id, { offset, depth: below.depth + 1 });
    this.#begin(ofsDelta, deltaOctets);
    this.#distance(offset - below.offset);
    this.#entry(id, offset, deflated);
    return true;
  }

  /** Octets of another pack, with entries that are declared by `copied`. */
  push(octets: Uint8Array): void {
    if (this.#buffered + octets.length > bufferOctets) this.#flush();
    if (octets.length > bufferOctets) return this.#write(octets);
    this.#buffer.set(octets, this.#buffered);
    this.#buffered += octets.length;
  }

  /** An entry that has been pushed as it stood elsewhere. */
  copied(id: Buffer, offset: number, crc: number): void {
    this.#entries.add(id, offset, crc);
  }

  /** The path without its ending. On an error nothing with a name of its own is left behind. */
  async finish(): Promise<string> {
    try {
      this.#flush();
      const checksum = this.#checksum.digest();
      this.#file.write(this.#written, checksum);
      await this.#file.sync();
      const indexFile = this.#disk.open(this.#unfinished('idx'), 'create');
      try {
        indexFile.write(0, this.#entries.encode(checksum));
        await indexFile.sync();
      } finally {
        indexFile.close();
      }
      const path = `${this.#folder}/pack-${checksum.toString('hex')}`;
      // Git looks for indexes: the pack must have its name first.
      this.#disk.rename(this.#unfinished('pack'), `${path}.pack`);
      this.#disk.rename(this.#unfinished('idx'), `${path}.idx`);
      this.#disk.syncFolder(this.#folder);
      return path;
    } catch (error) {
      this.abandon();
      throw error;
    } finally {
      this.#close();
    }
  }

  /** Takes away what was written. */
  abandon(): void {
    this.#close();
    for (const what of ['pack', 'idx'] as const) {
      try {
        this.#disk.unlink(this.#unfinished(what));
      } catch {
        // Not there, or the disk is out of order; the next writer tries again.
      }
    }
  }

  /**
   * Git takes whatever ends in `.idx` for an index; `git gc` clears away what begins so, once it is two weeks
   * old.
   */
  #unfinished(what: 'pack' | 'idx'): string {
    return `${this.#folder}/tmp_${what}_${this.#name}`;
  }

  #close(): void {
    if (!this.#closed) this.#file.close();
    this.#closed = true;
  }

  #begin(typeNumber: number, sizeOctets: number): void {
    if (this.#buffered + maxEntryHeaderOctets > bufferOctets) this.#flush();
    let left = Math.floor(sizeOctets / 16);
    this.#octet((typeNumber << 4) | (sizeOctets % 16) | (left > 0 ? 0x80 : 0));
    while (left > 0) {
      const rest = Math.floor(left / 128);
      this.#octet((left % 128) | (rest > 0 ? 0x80 : 0));
      left = rest;
    }
  }

  /** From an entry back to its base (gitformat-pack, "offset encoding"). */
  #distance(distance: number): void {
    const octets = [distance % 128];
    for (let left = Math.floor(distance / 128); left > 0; left = Math.floor(left / 128)) {
      left--;
      octets.push((left % 128) | 0x80);
    }
    for (const octet of octets.reverse()) this.#octet(octet);
  }

  #octet(octet: number): void {
    this.#buffer[this.#buffered++] = octet;
  }

  /** What `#begin` has begun at `offset`. */
  #entry(id: ObjectId, offset: number, deflated: Uint8Array): void {
    // The header is in the buffer still.
    const header = this.#buffer.subarray(offset - this.#written, this.#buffered);
    const crc = crc32(deflated, crc32(header));
    this.push(deflated);
    this.#entries.add(id, offset, crc);
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #write(octets: Uint8Array): void {
    this.#checksum.update(octets);
    this.#file.write(this.#written, octets);
    this.#written += octets.length;
  }
}
