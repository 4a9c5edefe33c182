/** Replaces a file as a whole: after a crash it is the old one or the new one. */
import { dirname } from 'node:path';
import { type Disk, removeFile } from '@riad/store/disk';
import { nodeDisk } from '@riad/store/node-disk';

/** On disk when it returns. */
export function replaceFile(
  path: string,
  parts: readonly Uint8Array[],
  disk: Disk = nodeDisk(),
): void {
  const temporary = `${path}.new`;
  removeFile(disk, temporary); // a crash has left it
  const file = disk.open(temporary, 'create');
  try {
    let at = 0;
    for (const part of parts) {
      file.write(at, part);
      at += part.length;
    }
    file.syncNow();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  // The new name is on disk only when its folder is.
  disk.syncFolder(dirname(path));
}
