/** Stands before a real disk and notes, in order, what it was asked: proof of what is synced when. */
import type { Disk, DiskFile, OpenMode } from '../disk/disk.ts';

export type Write = {
  readonly operation: 'write';
  /** The name it was opened by. */
  readonly path: string;
  /** Stays the same when the file is renamed. */
  readonly file: number;
  readonly position: number;
  readonly lengthOctets: number;
};

export type Recorded =
  | { readonly operation: 'create'; readonly path: string }
  | Write
  /** Noted when it has succeeded; the first `begunAfter` records are from before it began. */
  | {
      readonly operation: 'sync';
      readonly path: string;
      readonly file: number;
      readonly begunAfter: number;
    }
  | { readonly operation: 'syncFolder'; readonly path: string }
  | { readonly operation: 'rename'; readonly path: string; readonly to: string }
  | { readonly operation: 'unlink'; readonly path: string }
  /** What the test puts in: an answer that has gone out, for example. */
  | { readonly operation: 'note'; readonly text: string };

export class RecordingDisk implements Disk {
  readonly records: Recorded[] = [];
  readonly #disk: Disk;
  readonly #files = new Map<string, number>();
  #lastFile = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  note(text: string): void {
    this.records.push({ operation: 'note', text });
  }

  open(path: string, mode: OpenMode): DiskFile {
    const opened = this.#disk.open(path, mode);
    if (mode === 'create') {
      this.#files.delete(path);
      this.records.push({ operation: 'create', path });
    }
    const file = this.#files.get(path) ?? ++this.#lastFile;
    this.#files.set(path, file);
    return {
      sizeOctets: () => opened.sizeOctets(),
      read: (position, lengthOctets) => opened.read(position, lengthOctets),
      readInto: (position, into) => opened.readInto(position, into),
      write: (position, octets) => {
        opened.write(position, octets);
        const lengthOctets = octets.length;
        this.records.push({ operation: 'write', path, file, position, lengthOctets });
      },
      sync: async () => {
        const begunAfter = this.records.length;
        await opened.sync();
        this.records.push({ operation: 'sync', path, file, begunAfter });
      },
      syncNow: () => {
        const begunAfter = this.records.length;
        opened.syncNow();
        this.records.push({ operation: 'sync', path, file, begunAfter });
      },
      close: () => opened.close(),
    };
  }

  list(folder: string): string[] {
    return this.#disk.list(folder);
  }

  exists(path: string): boolean {
    return this.#disk.exists(path);
  }

  makeFolder(path: string): void {
    this.#disk.makeFolder(path);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
    this.records.push({ operation: 'rename', path: from, to });
  }

  unlink(path: string): void {
    this.#disk.unlink(path);
    this.#files.delete(path);
    this.records.push({ operation: 'unlink', path });
  }

  syncFolder(path: string): void {
    this.#disk.syncFolder(path);
    this.records.push({ operation: 'syncFolder', path });
  }

  lock(path: string): (() => void) | undefined {
    return this.#disk.lock(path);
  }

  /** Writes among the first `count` records that no sync among them has covered. */
  unsynced(count: number = this.records.length): Write[] {
    const synced = new Map<number, number>();
    const unsynced: Write[] = [];
    for (const record of this.records.slice(0, count).reverse()) {
      if (record.operation === 'sync') {
        synced.set(record.file, Math.max(record.begunAfter, synced.get(record.file) ?? 0));
      }
      if (record.operation !== 'write') continue;
      if (this.records.indexOf(record) >= (synced.get(record.file) ?? 0)) unsynced.push(record);
    }
    return unsynced.reverse();
  }
}
