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
  /** A view of the image; it must not change until it is written. */
  readonly image: Uint8Array;
};

/** What to write; undefined while something waits in limbo. */
export function takeSnapshot(image: ZoneImage): Snapshot | undefined {
  if (!image.reclaim()) return undefined;
  const { writer } = image;
  const lists = writer.saveFreeLists();
  const usedOctets = writer.words[arenaHeader.top]! * 8;
  const header = new Int32Array(headerWords + lists.length);
  header.set([magic, layoutNumber, usedOctets | 0, lists.length, littleEndianMark]);
  header.set(lists, headerWords);
  return { header: new Uint8Array(header.buffer), image: writer.octets.subarray(0, usedOctets) };
}

/** Octets of the header that `takeSnapshot` makes. */
export function snapshotHeaderOctets(arena: Arena): number {
  return (headerWords + new ArenaWriter(arena).saveFreeLists().length) * 4;
}

/** Why a header does not fit this program and region, or the octets of the image that follow it. */
export function readSnapshotHeader(
  header: Uint8Array,
  capacityOctets: number,
):
  | { readonly ok: true; readonly imageOctets: number }
  | { readonly ok: false; readonly reason: string } {
  const words = new Int32Array(header.slice().buffer);
  if (words[0] !== magic || words[4] !== littleEndianMark)
    return { ok: false, reason: 'it is no snapshot of this machine' };
  if (words[1] !== layoutNumber) return { ok: false, reason: 'it was written by another version' };
  const imageOctets = words[2]! >>> 0;
  if (imageOctets > capacityOctets)
    return { ok: false, reason: 'it does not fit into the memory reserved' };
  return { ok: true, imageOctets };
}

/**
 * Makes an image of a region into whose start the caller has read the octets behind the header. What
 * belongs to the region and not to the image is put right: its capacity, and the readers' slots.
 */
export function restoreImage(arena: Arena, header: Uint8Array, capacityOctets: number): ZoneImage {
  const words = new Int32Array(header.slice().buffer);
  const writer = new ArenaWriter(arena);
  writer.restoreFreeLists(words.subarray(headerWords, headerWords + words[3]!));
  writer.put(arenaHeader.capacity, capacityOctets >>> 3);
  for (let slot = 0; slot < arenaHeader.readerSlotCount; slot++) {
    const word = arenaHeader.readerSlots + slot * arenaHeader.readerSlotWords;
    for (let i = 0; i < arenaHeader.readerSlotWords; i++) writer.put(word + i, 0);
  }
  if (arena.words[imageHeader.layout] !== layoutNumber)
    throw new RangeError('the image is not of this layout');
  return new ZoneImage(writer);
}

/** Read back as the same number only where octets stand in the same order. */
const littleEndianMark = 0x01020304;
