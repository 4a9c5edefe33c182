/** A small file whole, or as it was before: durable when this returns. */
import { dirname } from 'node:path';
import { type Disk, removeFile } from './disk.ts';

export function writeDurably(disk: Disk, path: string, text: string): void {
  removeFile(disk, `${path}.new`);
  const file = disk.open(`${path}.new`, 'create');
  try {
    file.write(0, new TextEncoder().encode(text));
    file.syncNow();
  } finally {
    file.close();
  }
  disk.rename(`${path}.new`, path);
  disk.syncFolder(dirname(path));
}
