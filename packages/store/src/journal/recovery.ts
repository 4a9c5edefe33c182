/**
 * Reads a journal as a crash may have left it, and makes it fit to be written again.
 *
 * A group is synced before the next one is written, and a segment before the next one is begun. So a
 * crash can only damage the last group: its records are taken up to the first that is not whole, and
 * what lies behind is made zero. A whole record of a later group behind a damaged one cannot come from
 * a crash. Then the disk has lost what was acknowledged, and nothing is touched.
 */
import { type Disk, type DiskFile, readFile } from '../disk/disk.ts';
import { JournalError } from './journal-error.ts';
import {
  decodeRecord,
  leastRecordOctets,
  magicOctets,
  type Part,
  recordAlignment,
  recordOctets,
} from './record.ts';
import {
  clearFrom,
  decodeHeader,
  freeSuffix,
  newSuffix,
  type SegmentHeader,
  segmentHeaderOctets,
  segmentName,
  segmentNumber,
} from './segment.ts';

export type Segment = SegmentHeader & {
  /** Open from the tail on; those before are only read, and opened for that. */
  file: DiskFile | undefined;
  /** Where payloads begin: the first one, and then one about every `placeOctets`. */
  readonly places: Place[];
};

export type Place = { readonly sequence: number; readonly position: number };

const placeOctets = 1 << 16;

export function notePlace({ places }: Segment, place: Place): void {
  const last = places.at(-1);
  if (last === undefined || place.position - last.position >= placeOctets) places.push(place);
}

export type Recovered = {
  /** In order; those behind the tail are empty. At least one holds records, unless none ever did. */
  readonly segments: Segment[];
  readonly free: string[];
  /** The segment that is written next, and where in it. */
  readonly tail: { readonly number: number; readonly position: number };
  readonly nextSequence: number;
};

/** Unused segments are kept if they have the size of those that are made now. */
export function recover(disk: Disk, folder: string, segmentOctets: number): Recovered {
  // Names made by a process that was killed can be read, and need not be on disk.
  disk.syncFolder(folder);
  const names = disk.list(folder);
  for (const name of names.filter((name) => name.endsWith(newSuffix))) {
    disk.unlink(`${folder}/${name}`);
  }
  const free = names.filter((name) => name.endsWith(freeSuffix));
  for (const name of free.splice(0)) {
    if (sizeOctets(disk, `${folder}/${name}`) === segmentOctets) free.push(name);
    else disk.unlink(`${folder}/${name}`);
  }
  const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
  for (const [index, number] of numbers.entries()) {
    const expected = numbers[0]! + index;
    if (number !== expected) {
      throw new JournalError('journal.segment-missing', `${folder}/${segmentName(expected)}`);
    }
  }
  const scan = new Scan(disk, folder);
  try {
    for (const number of numbers) scan.segment(number);
    return { ...scan.repair(), free };
  } catch (error) {
    scan.close();
    throw error;
  }
}

/** Where a payload begins whose end has not come yet, or will be looked for. */
type Start = { readonly index: number; readonly position: number };

class Scan {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segments: Segment[] = [];
  /** The payload that is expected; undefined until the first one begins. */
  #next: number | undefined;
  #unfinished: Start | undefined;
  #tail: Start = { index: 0, position: segmentHeaderOctets };
  /** Where the last group begins within the segment of the tail: all that can be unsynced. */
  #group: { readonly sequence: number; readonly index: number; readonly position: number } = {
    sequence: 0,
    index: 0,
    position: segmentHeaderOctets,
  };
  /** Where reading stopped; all behind it must be of the group that was being written. */
  #stopped: Start | undefined;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  segment(number: number): void {
    const path = `${this.#folder}/${segmentName(number)}`;
    const octets = readFile(this.#disk, path);
    const header = decodeHeader(octets, path);
    if (header.number !== number || header.sizeOctets !== octets.length) {
      throw new JournalError('journal.segment-header', path);
    }
    const index = this.#segments.length;
    this.#segments.push({ ...header, file: undefined, places: [] });
    let at = segmentHeaderOctets;
    if (this.#stopped === undefined) {
      at = this.#read(octets, index);
      // Only a segment that is full is followed by another one with records.
      if (octets.length - at >= leastRecordOctets) this.#stopped = { index, position: at };
    }
    if (this.#stopped !== undefined) this.#lookBehind(octets, at, index);
  }

  /** Takes the records that follow each other and gives the place after the last one. */
  #read(octets: Uint8Array, index: number): number {
    const segment = this.#segments[index]!;
    let at = segmentHeaderOctets;
    while (octets.length - at >= leastRecordOctets) {
      const part = decodeRecord(octets, at, segment.salt);
      if (part === undefined) break;
      const after = at + recordOctets(part.octets.length);
      this.#take(part, index, at, after);
      at = after;
    }
    return at;
  }

  #take(part: Part, index: number, at: number, after: number): void {
    const begun = this.#unfinished !== undefined;
    if (this.#next === undefined) {
      // The oldest segments may hold the end of a payload that is not kept any more.
      if (part.begins) this.#next = part.sequence;
      else {
        if (!part.ends) return;
        this.#next = part.sequence + 1;
        this.#tail = { index, position: after };
        return;
      }
    }
    if (part.sequence !== this.#next || part.begins === begun) {
      const { number } = this.#segments[index]!;
      throw new JournalError('journal.sequence', `${this.#folder}/${segmentName(number)}:${at}`);
    }
    if (part.group !== this.#group.sequence || index !== this.#group.index) {
      this.#group = { sequence: part.group, index, position: at };
    }
    if (part.begins) {
      notePlace(this.#segments[index]!, { sequence: part.sequence, position: at });
      this.#unfinished = { index, position: at };
    }
    if (part.ends) {
      this.#unfinished = undefined;
      this.#next = part.sequence + 1;
      this.#tail = { index, position: after };
    }
  }

  /** After a damaged record there may be others of its group, in the same write, and no more. */
  #lookBehind(octets: Uint8Array, from: number, index: number): void {
    const { salt, number } = this.#segments[index]!;
    if (isZero(octets.subarray(from))) return;
    for (const at of recordPlaces(octets, from)) {
      const part = decodeRecord(octets, at, salt);
      if (part === undefined) continue;
      const stopped = this.#stopped!;
      if (index > stopped.index || part.group > (this.#next ?? 1)) {
        const damaged = this.#segments[stopped.index]!.number;
        throw new JournalError(
          'journal.hole',
          `${this.#folder}/${segmentName(damaged)}:${stopped.position} (whole again at ${segmentName(number)}:${at})`,
        );
      }
    }
  }

  /**
   * Takes away what lies behind the tail, last segment first: were the first one taken first, a crash
   * in between would leave whole records behind a gap. Zeros and the last group are written even where
   * they can be read already: after a sync that failed, or a process that was killed, the cache may
   * show octets that never reached the disk.
   */
  repair(): Omit<Recovered, 'free'> {
    const { index: tailIndex, position } = this.#tail;
    for (const segment of this.#segments.splice(tailIndex + 1).reverse()) {
      this.#disk.unlink(`${this.#folder}/${segmentName(segment.number)}`);
      this.#disk.syncFolder(this.#folder);
    }
    const tail = this.#segments[tailIndex];
    if (tail !== undefined) {
      const file = this.#disk.open(`${this.#folder}/${segmentName(tail.number)}`, 'write');
      tail.file = file;
      const from = this.#group.index === tailIndex ? this.#group.position : segmentHeaderOctets;
      if (from < position) file.write(from, file.read(from, position - from));
      clearFrom(file, position, tail.sizeOctets);
      const cut = tail.places.findIndex((place) => place.position >= position);
      if (cut >= 0) tail.places.length = cut;
    }
    return {
      segments: this.#segments,
      tail: { number: this.#segments[tailIndex]?.number ?? 1, position },
      nextSequence: this.#next ?? 1,
    };
  }

  close(): void {
    for (const { file } of this.#segments) file?.close();
  }
}

function sizeOctets(disk: Disk, path: string): number {
  const file = disk.open(path, 'read');
  try {
    return file.sizeOctets();
  } finally {
    file.close();
  }
}

const zeros = new Uint8Array(1 << 16);

function isZero(octets: Uint8Array): boolean {
  for (let at = 0; at < octets.length; at += zeros.length) {
    const piece = octets.subarray(at, at + zeros.length);
    if (Buffer.compare(piece, zeros.subarray(0, piece.length)) !== 0) return false;
  }
  return true;
}

/** Where a record may begin: its first octets stand there, at a multiple of the alignment. */
function* recordPlaces(octets: Uint8Array, from: number): Generator<number> {
  const searched = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  for (let at = searched.indexOf(magicOctets, from); at >= 0; ) {
    if (at % recordAlignment === 0 && octets.length - at >= leastRecordOctets) yield at;
    at = searched.indexOf(magicOctets, at + 1);
  }
}
