/**
 * The snapshot of the image on disk: a prologue with checksums and how far in the journal the zones are,
 * the header, the image. What the journal has since is done once more after a restart. A snapshot that
 * is damaged, or which the journal does not go on from, is not used; the texts are loaded instead.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  imageParts,
  readSnapshotHeader,
  restoreImage,
  snapshotHeaderOctets,
  takeSnapshot,
} from '@riad/dns-server/zone-image/snapshot';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import type { Arena } from '@riad/octets/arena';
import type { Disk, DiskFile } from '@riad/store/disk';
import { replaceFile } from './replace-file.ts';

const formatNumber = 2;
const pieceOctets = 256 << 10;

export type Restored =
  | { readonly kind: 'restored'; readonly image: ZoneImage; readonly sequence: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly reason: string };

function pathIn(stateDirectory: string): string {
  return join(stateDirectory, 'zones.snapshot');
}

/** `sequence`: of the last change in it. False while something waits for readers; then try again later. */
export function writeSnapshot(
  image: ZoneImage,
  disk: Disk,
  stateDirectory: string,
  sequence: number,
): boolean {
  const snapshot = takeSnapshot(image);
  if (snapshot === undefined) return false;
  const place = new Uint32Array([formatNumber, sequence, Math.floor(sequence / 2 ** 32)]);
  const prologue = new Uint32Array([
    ...place,
    crc32(snapshot.header, crc32(new Uint8Array(place.buffer))),
    checksum(snapshot.image),
    0, // unused
  ]);
  const parts = [new Uint8Array(prologue.buffer), snapshot.header, ...snapshot.image];
  replaceFile(pathIn(stateDirectory), parts, disk);
  return true;
}

/**
 * `follows` says whether the journal goes on from a sequence number. `capacityOctets`: how much of the
 * region the image may use.
 */
export function readSnapshot(
  arena: Arena,
  capacityOctets: number,
  disk: Disk,
  stateDirectory: string,
  follows: (sequence: number) => boolean,
): Restored {
  const path = pathIn(stateDirectory);
  if (!disk.exists(path)) return { kind: 'absent' };
  const unusable = (reason: string): Restored => ({ kind: 'unusable', reason });
  let file: DiskFile;
  try {
    file = disk.open(path, 'read');
  } catch (error) {
    return unusable((error as Error).message);
  }
  try {
    const prologue = new Uint32Array(6);
    const start = new Uint8Array(prologue.buffer);
    if (!readWhole(file, 0, start)) return unusable('it is cut short');
    const [format, low = 0, high = 0, headCrc, imageCrc] = prologue;
    if (format !== formatNumber) return unusable('it was written by another version');
    const header = new Uint8Array(snapshotHeaderOctets(arena));
    if (!readWhole(file, start.length, header)) return unusable('it is cut short');
    const place = new Uint8Array(prologue.buffer, 0, 12);
    if (crc32(header, crc32(place)) !== headCrc) return unusable('it is damaged');
    const sequence = high * 2 ** 32 + low;
    if (!follows(sequence)) return unusable('the journal does not go on from it');
    const found = readSnapshotHeader(header, capacityOctets);
    if (!found.ok) return unusable(found.reason);
    const image = imageParts(arena, found.usedOctets);
    if (readAndCheck(file, start.length + header.length, image) !== imageCrc)
      return unusable('it is damaged');
    return { kind: 'restored', image: restoreImage(arena, header, capacityOctets), sequence };
  } catch (error) {
    return unusable((error as Error).message); // a disk that does not read
  } finally {
    file.close();
  }
}

/** A snapshot that is of no use must not seem to be of use later, when the journal has come as far. */
export function removeSnapshot(disk: Disk, stateDirectory: string): void {
  disk.unlink(pathIn(stateDirectory));
  disk.syncFolder(stateDirectory);
}

function checksum(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}

/** Reads the parts in pieces that the processor's cache holds, so that the checksum finds them there. */
function readAndCheck(
  file: DiskFile,
  position: number,
  parts: readonly Uint8Array[],
): number | undefined {
  let from = position;
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += pieceOctets) {
      const piece = part.subarray(at, at + pieceOctets);
      if (!readWhole(file, from, piece)) return undefined;
      from += piece.length;
      sum = crc32(piece, sum);
    }
  }
  return sum;
}

function readWhole(file: DiskFile, position: number, into: Uint8Array): boolean {
  return file.readInto(position, into) === into.length;
}
