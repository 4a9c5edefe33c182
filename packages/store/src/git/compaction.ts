/**
 * Makes one pack out of many small ones by copying their entries. Which ones, so that each object is
 * copied a few times in its life: the packs that are left grow by at least a factor of two.
 */
import { type Disk, removeFile } from '../disk/disk.ts';
import type { GitObject, ObjectId } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';
import { deflateObject } from './journal-record.ts';
import { listed } from './object-database.ts';
import { Pack } from './pack.ts';
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
    const places = new Map<ObjectId, { pack: Pack; offset: number; crc: number }>();
    for (const pack of packs) {
      for (const { id, offset, crc } of pack.index.objects()) places.set(id, { pack, offset, crc });
    }
    const find = (id: ObjectId): GitObject | undefined => places.get(id)?.pack.get(id, find);
    const writer = new PackWriter(disk, folder, 'riad_merge', places.size);
    try {
      for (const [id, { pack, offset, crc }] of places) {
        const raw = pack.raw(offset);
        if (raw !== undefined) {
          writer.copy(id, raw, crc);
          continue;
        }
        // A delta of somebody else's: its base may stand elsewhere in the new pack.
        const object = pack.get(id, find);
        if (object === undefined) throw new StoreError('store.object', `${pack.path}.pack: ${id}`);
        const { type, content, deflated } = deflateObject(object);
        writer.add(id, type, content.length, deflated);
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
