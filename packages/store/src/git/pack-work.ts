/** What is done to packs while others go on: merged, condensed, or rid of what nothing leads to. */
import { type Disk, removeFile } from '../disk/disk.ts';
import { History } from '../history/history.ts';
import type { ObjectId } from '../history/objects.ts';
import { reachable } from '../history/rewrite.ts';
import type { Revision } from '../store.ts';
import { mergePacks } from './compaction.ts';
import { condensePacks } from './condense.ts';
import { listed, ObjectDatabase } from './object-database.ts';

export type PackWork =
  | { readonly type: 'merge' }
  | { readonly type: 'condense' }
  /** What these do not lead to goes, loose objects too. */
  | { readonly type: 'collect'; readonly revisions: readonly Revision[] };

/** Gives the path of the pack that takes the place of these. */
export async function workOnPacks(
  disk: Disk,
  folder: string,
  paths: readonly string[],
  work: PackWork,
): Promise<string> {
  if (work.type === 'merge') return mergePacks(disk, folder, paths);
  if (work.type === 'condense') return condensePacks(disk, folder, paths);
  const objectsFolder = folder.slice(0, folder.lastIndexOf('/'));
  const objects = new ObjectDatabase(disk, objectsFolder);
  try {
    const kept = reachable(new History(objects), work.revisions);
    const made = await condensePacks(disk, folder, paths, kept);
    removeLoose(disk, objectsFolder, kept);
    return made;
  } finally {
    objects.close();
  }
}

function removeLoose(disk: Disk, folder: string, kept: ReadonlySet<ObjectId>): void {
  for (const start of listed(disk, folder).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const rest of listed(disk, `${folder}/${start}`)) {
      if (!kept.has(`${start}${rest}`)) removeFile(disk, `${folder}/${start}/${rest}`);
    }
    disk.syncFolder(`${folder}/${start}`);
  }
}
