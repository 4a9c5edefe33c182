/** Zone files in a folder: replaced whole, with their mode and owner, and never over an edit that was not read. */
import {
  chownSync,
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { exchangeFiles } from '@riad/net/ffi/exchange-files';
import type { TargetText, WriteTarget } from './write-target.ts';

export class FolderTarget implements WriteTarget {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(file: string): Promise<TargetText | undefined> {
    let fd: number;
    try {
      fd = openSync(join(this.#folder, file), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const before = fstatSync(fd);
      const octets = readFileSync(fd);
      return { octets, version: versionOf(before) };
    } finally {
      closeSync(fd);
    }
  }

  async write(file: string, version: string, octets: Uint8Array): Promise<boolean> {
    const path = join(this.#folder, file);
    const temporary = join(this.#folder, `.${file}.new`); // hidden files are no zones
    const present = statSync(path, { throwIfNoEntry: false });
    if (present === undefined || versionOf(present) !== version) return false;
    writeWhole(temporary, octets, present);
    try {
      if (!exchangeFiles(temporary, path)) {
        renameSync(temporary, path);
      } else if (versionOf(statSync(temporary)) !== version) {
        // Somebody has saved the file in this very moment: his stays.
        exchangeFiles(temporary, path);
        return false;
      }
    } finally {
      rmSync(temporary, { force: true });
    }
    syncFolder(this.#folder);
    return true;
  }
}

function versionOf({ size, mtimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ino}`;
}

function writeWhole(path: string, octets: Uint8Array, like: Stats): void {
  rmSync(path, { force: true }); // of a run that was killed
  const fd = openSync(path, 'wx', like.mode & 0o7777);
  try {
    for (let at = 0; at < octets.length; ) at += writeSync(fd, octets, at, octets.length - at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const own = statSync(path);
  if (own.uid !== like.uid || own.gid !== like.gid) {
    try {
      chownSync(path, like.uid, like.gid);
    } catch {
      // Only root may give files away; the folder's owner can read it in any case.
    }
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
