/**
 * Makes a pack and its index, and gives both their names when they are durable. Objects are whole,
 * without deltas, deflated already; what one object costs is then the same at any size of the pack.
 */
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Disk, type DiskFile, removeFile } from '../disk/disk.ts';
import type { ObjectId, ObjectType } from '../history/objects.ts';
import { packHeaderOctets } from './pack.ts';
import { encodePackIndex, type IndexedObject } from './pack-index.ts';

const typeNumbers: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
/** Octets gathered before they are written. */
const bufferOctets: number = 1 << 20;

export class PackWriter {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #unfinished: string;
  readonly #file: DiskFile;
  readonly #checksum: Hash = createHash('sha1');
  readonly #objects: IndexedObject[] = [];
  #buffer: Uint8Array[] = [];
  #buffered = 0;
  #written = 0;
  #closed = false;

  /** How many objects there will be stands in the header. `name` tells unfinished ones apart. */
  constructor(disk: Disk, folder: string, name: string, count: number) {
    this.#disk = disk;
    this.#folder = folder;
    // git gc clears away what begins so, once it is two weeks old.
    this.#unfinished = `${folder}/tmp_${name}`;
    for (const ending of ['pack', 'idx']) {
      removeFile(disk, `${this.#unfinished}.${ending}`);
    }
    this.#file = disk.open(`${this.#unfinished}.pack`, 'create');
    const header = Buffer.alloc(packHeaderOctets);
    header.write('PACK', 'latin1');
    header.writeUInt32BE(2, 4);
    header.writeUInt32BE(count, 8);
    this.#push(header);
  }

  /** Octets written so far; close enough to tell when to begin another pack. */
  get sizeOctets(): number {
    return this.#written + this.#buffered;
  }

  add(id: ObjectId, type: ObjectType, sizeOctets: number, deflated: Uint8Array): void {
    const header: number[] = [];
    let size = Math.floor(sizeOctets / 16);
    header.push((typeNumbers[type] << 4) | (sizeOctets % 16) | (size > 0 ? 0x80 : 0));
    while (size > 0) {
      const rest = Math.floor(size / 128);
      header.push((size % 128) | (rest > 0 ? 0x80 : 0));
      size = rest;
    }
    const start = Uint8Array.from(header);
    const offset = this.sizeOctets;
    this.#push(start);
    this.#push(deflated);
    this.#objects.push({ id, offset, crc: crc32(deflated, crc32(start)) });
  }

  /** An entry of another pack that depends on nothing else. */
  copy(id: ObjectId, entry: Uint8Array, crc: number): void {
    const offset = this.sizeOctets;
    this.#push(entry);
    this.#objects.push({ id, offset, crc });
  }

  /** The path without its ending. On an error nothing with a name of its own is left behind. */
  async finish(): Promise<string> {
    try {
      this.#flush();
      const checksum = this.#checksum.digest();
      this.#file.write(this.#written, checksum);
      await this.#file.sync();
      const indexFile = this.#disk.open(`${this.#unfinished}.idx`, 'create');
      try {
        indexFile.write(0, encodePackIndex(this.#objects, checksum));
        await indexFile.sync();
      } finally {
        indexFile.close();
      }
      const path = `${this.#folder}/pack-${checksum.toString('hex')}`;
      // Git looks for indexes: the pack must have its name first.
      this.#disk.rename(`${this.#unfinished}.pack`, `${path}.pack`);
      this.#disk.rename(`${this.#unfinished}.idx`, `${path}.idx`);
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
    for (const ending of ['pack', 'idx']) {
      try {
        this.#disk.unlink(`${this.#unfinished}.${ending}`);
      } catch {
        // Not there, or the disk is out of order; the next writer tries again.
      }
    }
  }

  #close(): void {
    if (!this.#closed) this.#file.close();
    this.#closed = true;
  }

  #push(octets: Uint8Array): void {
    this.#checksum.update(octets);
    this.#buffer.push(octets);
    this.#buffered += octets.length;
    if (this.#buffered >= bufferOctets) this.#flush();
  }

  #flush(): void {
    const octets = Buffer.concat(this.#buffer);
    this.#file.write(this.#written, octets);
    this.#written += octets.length;
    this.#buffer = [];
    this.#buffered = 0;
  }
}
