/**
 * A file of the journal, `0000000042.journal`: a header of one sector, then records. It is filled
 * with zeros and durable, name and all, before the first record is written, so that a sync later
 * writes data alone.
 *
 *     0  magic 'RIADJRNL'
 *     8  version, 1
 *    12  salt of this use of the file
 *    16  number of the segment
 *    24  octets of the file
 *    32  CRC-32 of the above
 */
import { crc32 } from 'node:zlib';
import { type Disk, type DiskFile, errorCode } from '../disk/disk.ts';
import { JournalError } from './journal-error.ts';
import { getUint53, setUint53 } from './record.ts';

export const segmentHeaderOctets = 512;
/** One system call writes that many zeros. */
const zeros = new Uint8Array(1 << 20);
const magic = Uint8Array.from('RIADJRNL', (letter) => letter.charCodeAt(0));
const version = 1;
const checkedOctets = 32;

export type SegmentHeader = {
  readonly number: number;
  readonly salt: number;
  readonly sizeOctets: number;
};

/** An unused segment keeps its blocks under such a name, and what has been written so far too. */
export const freeSuffix = '.free';
export const newSuffix = '.new';

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.journal`;
}

/** Undefined for a file that is no segment. */
export function segmentNumber(name: string): number | undefined {
  const match = /^(\d{10})\.journal$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/**
 * Makes a segment out of `reusable`, or of nothing, and gives it its name last. Yields the file
 * whenever it has to be synced, and undefined where others may have their turn.
 */
export function* prepareSegment(
  disk: Disk,
  folder: string,
  header: SegmentHeader,
  reusable: string | undefined,
): Generator<DiskFile | undefined, DiskFile> {
  const unfinished = `${folder}/${reusable ?? `${segmentName(header.number)}${newSuffix}`}`;
  const file = disk.open(unfinished, reusable === undefined ? 'create' : 'write');
  try {
    for (let at = 0; at < header.sizeOctets; at += zeros.length) {
      file.write(at, zeros.subarray(0, Math.min(zeros.length, header.sizeOctets - at)));
      yield undefined;
    }
    file.write(0, encodeHeader(header));
    yield file;
    disk.rename(unfinished, `${folder}/${segmentName(header.number)}`);
    disk.syncFolder(folder);
    return file;
  } catch (error) {
    file.close();
    // Octets that could not be written must not stay where they take the room of others.
    if (errorCode(error) !== undefined) tryUnlink(disk, unfinished);
    throw error;
  }
}

/** Writes zeros up to the end of the file, where a record that was torn may have left something. */
export function clearFrom(file: DiskFile, from: number, sizeOctets: number): void {
  for (let at = from; at < sizeOctets; at += zeros.length) {
    file.write(at, zeros.subarray(0, Math.min(zeros.length, sizeOctets - at)));
  }
  file.syncNow();
}

export function decodeHeader(octets: Uint8Array, name: string): SegmentHeader {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  if (
    octets.length < segmentHeaderOctets ||
    !magic.every((octet, index) => octets[index] === octet) ||
    crc32(octets.subarray(0, checkedOctets)) !== view.getUint32(checkedOctets)
  ) {
    throw new JournalError('journal.segment-header', name);
  }
  if (view.getUint32(8) !== version) throw new JournalError('journal.version', name);
  return { number: getUint53(view, 16), salt: view.getUint32(12), sizeOctets: getUint53(view, 24) };
}

function encodeHeader({ number, salt, sizeOctets }: SegmentHeader): Uint8Array {
  const octets = new Uint8Array(segmentHeaderOctets);
  const view = new DataView(octets.buffer);
  octets.set(magic);
  view.setUint32(8, version);
  view.setUint32(12, salt);
  setUint53(view, 16, number);
  setUint53(view, 24, sizeOctets);
  view.setUint32(checkedOctets, crc32(octets.subarray(0, checkedOctets)));
  return octets;
}

function tryUnlink(disk: Disk, path: string): void {
  try {
    disk.unlink(path);
  } catch {
    // It is tidied away when the journal is opened next.
  }
}
