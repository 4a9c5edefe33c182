/**
 * Makes one pack out of many small ones by copying them, entry beside entry. Which ones, so that each
 * object is copied a few times in its life: the packs that are left grow by at least a factor of two.
 */
import { type Disk, removeFile } from '../disk/disk.ts';
import type { GitObject, ObjectId } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';
import { deflateObject } from './deflate.ts';
import { listed } from './object-database.ts';
import { checksumOctets, Pack, packHeaderOctets } from './pack.ts';
import { rawId } from './pack-index.ts';
import { fromOldest } from './pack-order.ts';
import { PackWriter } from './pack-writer.ts';

export const maxPacks = 12;
const growth = 2;

export type PackSize = { readonly path: string; readonly sizeOctets: number };

/** Those to be merged, at least two, or none; they may be in any order. */
export function packsToMerge(packs: readonly PackSize[], most: number = maxPacks): string[] {
  if (packs.length <= most) return [];
  const sorted = packs.toSorted((a, b) => a.sizeOctets - b.sizeOctets);
  // From the largest down, packs may stay while each is so much larger than the next.
  let merged = sorted.length;
  while (merged > 1 && (merged === sorted.length || larger(sorted, merged))) merged--;
  let sum = 0;
  for (const { sizeOctets } of sorted.slice(0, merged)) sum += sizeOctets;
  // What is made must be small beside what stays.
  while (merged < sorted.length && sorted[merged]!.sizeOctets < growth * sum) {
    sum += sorted[merged]!.sizeOctets;
    merged++;
  }
  return merged < 2 ? [] : sorted.slice(0, merged).map(({ path }) => path);
}

function larger(sorted: readonly PackSize[], index: number): boolean {
  return sorted[index]!.sizeOctets >= growth * sorted[index - 1]!.sizeOctets;
}

/** Packs that somebody wants to stay as they are, or that mean more than their objects. */
export function isMarked(disk: Disk, path: string): boolean {
  return ['keep', 'mtimes', 'promisor'].some((ending) => disk.exists(`${path}.${ending}`));
}

/** Writes the new pack, durably, and gives its path. The old ones stay. */
export async function mergePacks(
  disk: Disk,
  folder: string,
  paths: readonly string[],
): Promise<string> {
  const packs: Pack[] = [];
  try {
    for (const path of paths) packs.push(new Pack(disk, path));
    const ordered = fromOldest(packs);
    const parts: { readonly pack: Pack; readonly places: readonly number[] }[] = [];
    let count = 0;
    for (const [i, pack] of ordered.entries()) {
      const places = newPlaces(pack, ordered.slice(0, i));
      parts.push({ pack, places });
      count += places.length;
    }
    const find = (id: ObjectId): GitObject | undefined => {
      const raw = rawId(id);
      for (const pack of packs) {
        const object = pack.get(raw, find);
        if (object !== undefined) return object;
      }
      return undefined;
    };
    const writer = new PackWriter(disk, folder, 'riad_merge', count);
    try {
      for (const { pack, places } of parts) {
        if (places.length === pack.index.count) copyWhole(writer, pack);
        else copyObjects(writer, pack, places, find);
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    return await writer.finish();
  } finally {
    for (const pack of packs) pack.close();
  }
}

/** Places in the index of a pack of what none of the others has. */
function newPlaces({ index }: Pack, others: readonly Pack[]): number[] {
  const places: number[] = [];
  for (let place = 0; place < index.count; place++) {
    const id = index.idAt(place);
    if (others.every((other) => other.index.offset(id) === undefined)) places.push(place);
  }
  return places;
}

const copiedOctets: number = 1 << 20;

/** Deltas tell how far back their base begins, which stays the same. */
function copyWhole(writer: PackWriter, pack: Pack): void {
  const { index } = pack;
  const end = pack.sizeOctets - checksumOctets;
  const moved = writer.sizeOctets - packHeaderOctets;
  for (let at = packHeaderOctets; at < end; at += copiedOctets) {
    writer.push(pack.read(at, Math.min(copiedOctets, end - at)));
  }
  for (let place = 0; place < index.count; place++) {
    writer.copied(index.idAt(place), index.offsetAt(place) + moved, index.checksumAt(place));
  }
}

/** Of a pack that shares objects with others, which is one that somebody has pushed: without its deltas. */
function copyObjects(
  writer: PackWriter,
  pack: Pack,
  places: readonly number[],
  find: (id: ObjectId) => GitObject | undefined,
): void {
  for (const place of places) {
    const id = pack.index.idAt(place);
    const object = pack.get(id, find);
    if (object === undefined) throw new StoreError('store.object', `${pack.path}.pack`);
    const { type, content } = object;
    writer.add(id.toString('hex'), type, content.length, deflateObject(object));
  }
}

/** After the new one is durable. The index goes first: without it git does not look for the pack. */
export function removePacks(disk: Disk, folder: string, paths: readonly string[]): void {
  // It would name packs that are gone; git makes it again when it wants one.
  const many = listed(disk, folder).filter((name) => name.startsWith('multi-pack-index'));
  for (const name of many) disk.unlink(`${folder}/${name}`);
  if (many.length > 0) disk.syncFolder(folder);
  for (const path of paths) {
    for (const ending of ['idx', 'rev', 'bitmap', 'pack']) {
      removeFile(disk, `${path}.${ending}`);
    }
  }
  disk.syncFolder(folder);
}
