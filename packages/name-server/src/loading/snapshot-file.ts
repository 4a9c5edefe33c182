/**
 * The snapshot of the image on disk: a prologue with checksums and the digests of the texts that the
 * zones were made of, the header, the image. A snapshot that is damaged, or whose zones are not those of
 * the last good texts, is not used; the texts are loaded instead.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
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
import type { TextDigests } from './last-good-texts.ts';
import { replaceFile } from './replace-file.ts';

/** The digests of a hundred thousand zones; more is no snapshot of ours. */
export const maxDigestOctets: number = 16 << 20;
const pieceOctets = 256 << 10;

export type Restored =
  | { readonly kind: 'restored'; readonly image: ZoneImage }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly reason: string };

function pathIn(stateDirectory: string): string {
  return join(stateDirectory, 'zones.snapshot');
}

/** False while something waits for readers; then try again later. */
export function writeSnapshot(
  image: ZoneImage,
  stateDirectory: string,
  digests: TextDigests,
): boolean {
  const snapshot = takeSnapshot(image);
  if (snapshot === undefined) return false;
  const digestOctets = new TextEncoder().encode(JSON.stringify(digests));
  // Octets of the digests, CRC of digests and header, CRC of the image, unused.
  const prologue = new Uint32Array([
    digestOctets.length,
    crc32(snapshot.header, crc32(digestOctets)),
    checksum(snapshot.image),
    0,
  ]);
  replaceFile(pathIn(stateDirectory), [
    new Uint8Array(prologue.buffer),
    digestOctets,
    snapshot.header,
    ...snapshot.image,
  ]);
  return true;
}

/**
 * `digests`: those of the last good texts, undefined where those are not known: then any sound snapshot
 * is better than nothing. `capacityOctets`: how much of the region the image may use.
 */
export function readSnapshot(
  arena: Arena,
  capacityOctets: number,
  stateDirectory: string,
  digests: TextDigests | undefined,
): Restored {
  const path = pathIn(stateDirectory);
  if (!existsSync(path)) return { kind: 'absent' };
  const unusable = (reason: string): Restored => ({ kind: 'unusable', reason });
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return unusable((error as Error).message);
  }
  try {
    const prologue = new Uint32Array(4);
    if (!readWhole(fd, new Uint8Array(prologue.buffer))) return unusable('it is cut short');
    const [digestOctets = 0, headCrc, imageCrc] = prologue;
    if (digestOctets > maxDigestOctets) return unusable('it is damaged');
    const texts = new Uint8Array(digestOctets);
    const header = new Uint8Array(snapshotHeaderOctets(arena));
    if (!readWhole(fd, texts) || !readWhole(fd, header)) return unusable('it is cut short');
    if (crc32(header, crc32(texts)) !== headCrc) return unusable('it is damaged');
    const written = JSON.parse(new TextDecoder().decode(texts)) as TextDigests;
    if (digests !== undefined && !sameDigests(written, digests))
      return unusable('zones have changed since');
    const found = readSnapshotHeader(header, capacityOctets);
    if (!found.ok) return unusable(found.reason);
    const image = imageParts(arena, found.usedOctets);
    if (readAndCheck(fd, image) !== imageCrc) return unusable('it is damaged');
    return { kind: 'restored', image: restoreImage(arena, header, capacityOctets) };
  } catch (error) {
    return unusable((error as Error).message); // a disk that does not read
  } finally {
    closeSync(fd);
  }
}

function checksum(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}

/** Reads the parts in pieces that the processor's cache holds, so that the checksum finds them there. */
function readAndCheck(fd: number, parts: readonly Uint8Array[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += pieceOctets) {
      const piece = part.subarray(at, at + pieceOctets);
      if (!readWhole(fd, piece)) return undefined;
      sum = crc32(piece, sum);
    }
  }
  return sum;
}

function readWhole(fd: number, into: Uint8Array): boolean {
  for (let at = 0; at < into.length; ) {
    const read = readSync(fd, into, at, Math.min(into.length - at, 64 << 20), null);
    if (read === 0) return false;
    at += read;
  }
  return true;
}

function sameDigests(a: TextDigests, b: TextDigests): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
