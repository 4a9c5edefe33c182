/**
 * An image as octets that a restart can read back: the used part of the region as it is, with the
 * free lists, behind a header that says whether they fit. References are places, not addresses, so
 * nothing has to be translated. Files, checksums of files and when to write are the caller's.
 *
 * An image can be saved only while nothing waits in limbo: what waits would be lost for ever.
 */
import { type Arena, ArenaWriter, arenaHeader } from '@riad/octets/arena';
import { imageHeader, layoutNumber } from './layout.ts';
import { ZoneImage } from './zone-image.ts';

const magic = 0x5a4e4150; // "ZNAP"
const headerWords = 8;

export type Snapshot = {
  /** To be written before the image. */
  readonly header: Uint8Array;
  /** Views of the image; it must not change until they are written. */
  readonly image: readonly Uint8Array[];
};

/**
 * What an image of `usedOctets` consists of: all of the region's start but the readers' slots, which
 * belong to threads and not to what they read, and change while it is saved or read back.
 */
export function imageParts(arena: Arena, usedOctets: number): readonly Uint8Array[] {
  const { octets } = arena;
  return [
    octets.subarray(0, arenaHeader.readerSlots * 4),
    octets.subarray(arenaHeader.endOctets, usedOctets),
  ];
}

/** What to write; undefined while something waits in limbo. */
export function takeSnapshot(image: ZoneImage): Snapshot | undefined {
  if (!image.reclaim()) return undefined;
  const { writer } = image;
  const lists = writer.saveFreeLists();
  const usedOctets = writer.words[arenaHeader.top]! * 8;
  const header = new Int32Array(headerWords + lists.length);
  header.set([magic, layoutNumber, usedOctets | 0, lists.length, littleEndianMark]);
  header.set(lists, headerWords);
  return { header: new Uint8Array(header.buffer), image: imageParts(image.arena, usedOctets) };
}

/** Octets of the header that `takeSnapshot` makes. */
export function snapshotHeaderOctets(arena: Arena): number {
  return (headerWords + new ArenaWriter(arena).saveFreeLists().length) * 4;
}

/** Why a header does not fit this program and region, or how much of the region the image uses. */
export function readSnapshotHeader(
  header: Uint8Array,
  capacityOctets: number,
):
  | { readonly ok: true; readonly usedOctets: number }
  | { readonly ok: false; readonly reason: string } {
  const words = new Int32Array(header.slice().buffer);
  if (words[0] !== magic || words[4] !== littleEndianMark)
    return { ok: false, reason: 'it is no snapshot of this machine' };
  if (words[1] !== layoutNumber) return { ok: false, reason: 'it was written by another version' };
  const usedOctets = words[2]! >>> 0;
  if (usedOctets > capacityOctets)
    return { ok: false, reason: 'it does not fit into the memory reserved' };
  return { ok: true, usedOctets };
}

/**
 * Makes an image of a region into whose `imageParts` the caller has read the octets behind the header.
 * The capacity belongs to the region and not to the image, and is put right.
 */
export function restoreImage(arena: Arena, header: Uint8Array, capacityOctets: number): ZoneImage {
  const words = new Int32Array(header.slice().buffer);
  const writer = new ArenaWriter(arena);
  writer.restoreFreeLists(words.subarray(headerWords, headerWords + words[3]!));
  writer.put(arenaHeader.capacity, capacityOctets >>> 3);
  if (arena.words[imageHeader.layout] !== layoutNumber)
    throw new RangeError('the image is not of this layout');
  return new ZoneImage(writer);
}

/** Read back as the same number only where octets stand in the same order. */
const littleEndianMark = 0x01020304;
