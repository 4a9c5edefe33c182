/** The machine's file system, through node:fs. */
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Disk, DiskFile, OpenMode } from './disk.ts';

const sync = promisify(fdatasync);
const flags = { read: 'r', write: 'r+', create: 'wx+' } as const;

/** Files are made with mode 0600: nobody but the service has business with them. */
const mode = 0o600;
const folderMode = 0o700;

/** Node has no call for it. */
export type BeginWriting = (descriptor: number, position: number, lengthOctets: number) => void;

export function nodeDisk(beginWriting?: BeginWriting): Disk {
  return {
    open: (path, how) => new NodeFile(path, how, beginWriting),
    list: (folder) => readdirSync(folder).sort(),
    exists: existsSync,
    makeFolder,
    rename: renameSync,
    unlink: unlinkSync,
    syncFolder,
    lock,
  };
}

class NodeFile implements DiskFile {
  readonly #descriptor: number;
  readonly beginWriting?: (position: number, lengthOctets: number) => void;

  constructor(path: string, how: OpenMode, begin: BeginWriting | undefined) {
    const descriptor = openSync(path, flags[how], mode);
    this.#descriptor = descriptor;
    if (begin !== undefined)
      this.beginWriting = (position, lengthOctets) => begin(descriptor, position, lengthOctets);
  }

  sizeOctets(): number {
    return fstatSync(this.#descriptor).size;
  }

  read(position: number, lengthOctets: number): Uint8Array {
    const octets = new Uint8Array(lengthOctets);
    return octets.subarray(0, this.readInto(position, octets));
  }

  readInto(position: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      // One call of Linux moves less than 2 GiB.
      const most = Math.min(into.length - done, 1 << 30);
      const count = readSync(this.#descriptor, into, done, most, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  write(position: number, octets: Uint8Array): void {
    let done = 0;
    while (done < octets.length) {
      done += writeSync(this.#descriptor, octets, done, octets.length - done, position + done);
    }
  }

  sync(): Promise<void> {
    return sync(this.#descriptor);
  }

  syncNow(): void {
    fdatasyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  mkdirSync(path, { mode: folderMode });
  syncFolder(parent);
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const sqliteBusy = 5;

/**
 * Node has no call for locks of the kernel, which end with their process; SQLite holds one while it
 * writes. The file stays empty.
 */
function lock(path: string): (() => void) | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)
      return undefined;
    throw error;
  }
  return () => database.close();
}
