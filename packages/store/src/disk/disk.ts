/**
 * What the store asks of a disk, in few enough words that a simulated one can answer all of them
 * (testing/simulated-disk.ts) and a recorder can stand between (testing/recording-disk.ts).
 *
 * Calls are synchronous, for they end in the page cache; only `sync` has to wait for a device, and
 * comes both ways: `syncNow` is for a thread that has nothing else to do. Errors are Node's, with
 * `code` (`ENOSPC`, `EIO`, `ENOENT`, …).
 */
export type OpenMode =
  /** An existing file, to read. */
  | 'read'
  /** An existing file, to read and write. */
  | 'write'
  /** A new file, to read and write; `EEXIST` if there is one already. */
  | 'create';

export interface DiskFile {
  sizeOctets(): number;
  /** Fewer octets than asked for only where the file ends. */
  read(position: number, lengthOctets: number): Uint8Array;
  /** Fills `into`, and gives how many octets that were: fewer only where the file ends. */
  readInto(position: number, into: Uint8Array): number;
  /** All of them, or an error; what is written is lost in a crash until it has been synced. */
  write(position: number, octets: Uint8Array): void;
  /**
   * The disk may begin with octets that were written: somebody will sync them, and has something to do until then.
   * Nothing is known of them until that sync has succeeded. Not every disk can.
   */
  beginWriting?(position: number, lengthOctets: number): void;
  /** fdatasync: the octets written so far, and the size that is needed to read them. */
  sync(): Promise<void>;
  syncNow(): void;
  close(): void;
}

export interface Disk {
  open(path: string, mode: OpenMode): DiskFile;
  /** Names in a folder, sorted; `ENOENT` without the folder. */
  list(folder: string): string[];
  exists(path: string): boolean;
  /** With its parents, whose entries are synced; nothing if it exists. */
  makeFolder(path: string): void;
  /** Takes the place of what was there. Lost in a crash until the folder has been synced. */
  rename(from: string, to: string): void;
  /** Lost in a crash until the folder has been synced. */
  unlink(path: string): void;
  /** fsync of a folder: entries made, renamed and removed so far. */
  syncFolder(path: string): void;
  /**
   * Keeps the file to this holder, among all processes of the machine, until the result is called or the
   * process ends, however it ends. Undefined if somebody has it.
   */
  lock(path: string): (() => void) | undefined;
}

/** The file whole. */
export function readFile(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, 'read');
  try {
    return file.read(0, file.sizeOctets());
  } finally {
    file.close();
  }
}

/** Takes a file away if it is there. */
export function removeFile(disk: Disk, path: string): void {
  if (disk.exists(path)) disk.unlink(path);
}

/** The `code` of a system call's error, for those that mean something to the caller. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** There is no room: the one failure that mends itself once somebody has tidied up. */
export function isFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

const sqliteFull = 13;
/** SQLITE_IOERR_SHMSIZE: no room for the index of its log. */
const sqliteLogIndexFull = 4874;

/** The same, as SQLite says it. */
export function isDatabaseFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  return error.errcode === sqliteFull || error.errcode === sqliteLogIndexFull;
}
