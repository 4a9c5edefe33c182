/**
 * The zones that came from other servers, as messages of transfers in the state folder: what a restart
 * without a snapshot makes them of. Messages are kept as they came, each behind its length. Changes that
 * came since are in the journal.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Disk, type DiskFile, readFile, removeFile } from '@riad/store/disk';
import { isTransferFile, newEnd, transferFileName } from './kept-file-names.ts';
import { replaceFile } from './replace-file.ts';

export type KeptTransfer = {
  readonly file: string;
  readonly octets: number;
  /** Enough to see that a disk has changed something, not to defend against anybody. */
  readonly crc32: number;
  /** It has all that the journal says of the zone up to this number. */
  readonly sequence: number;
};

/** Small messages are written together. */
const writeOctets = 256 << 10;

export class KeptTransfers {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #index: string;
  readonly #entries: Map<string, KeptTransfer>;
  /** The index cannot be read: which zones there are is not known. */
  readonly damaged: boolean;
  #next = 1;

  constructor(disk: Disk, stateDirectory: string) {
    this.#disk = disk;
    this.folder = join(stateDirectory, 'zones');
    this.#index = join(stateDirectory, 'transfers.json');
    disk.makeFolder(this.folder);
    const entries = disk.exists(this.#index) ? readIndex(disk, this.#index) : {};
    this.damaged = entries === undefined;
    this.#entries = new Map(Object.entries(entries ?? {}));
    if (!this.damaged) this.#removeStrangers();
  }

  zones(): string[] {
    return [...this.#entries.keys()];
  }

  entryOf(zone: string): KeptTransfer | undefined {
    return this.#entries.get(zone);
  }

  sequenceOf(zone: string): number | undefined {
    return this.#entries.get(zone)?.sequence;
  }

  isAheadOf(lastSequence: number): boolean {
    for (const { sequence } of this.#entries.values()) if (sequence > lastSequence) return true;
    return false;
  }

  /** The messages of a zone in their order; undefined when its file is missing or damaged. */
  read(zone: string): Iterable<Uint8Array> | undefined {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return undefined;
    const path = join(this.folder, entry.file);
    return this.#disk.exists(path) && checksumOf(this.#disk, path, entry.octets) === entry.crc32
      ? messagesOf(this.#disk, path)
      : undefined;
  }

  /** A file for messages that are on their way; nothing refers to it before `keep`. */
  begin(zone: string): TransferFile {
    const number = this.#next++;
    const path = join(this.folder, `${transferFileName(zone, number, 0)}${newEnd}`);
    return new TransferFile(this.#disk, path);
  }

  /**
   * Makes what was written the zone's, durably. The result says what to do with the transfer before:
   * forget it once nothing needs it, or put it back.
   */
  keep(zone: string, written: TransferFile, sequence: number): Replaced {
    const { octets, crc32: checksum } = written.finish();
    const file = transferFileName(zone, sequence, checksum);
    this.#disk.rename(written.path, join(this.folder, file));
    this.#disk.syncFolder(this.folder);
    const before = this.#entries.get(zone);
    this.#put(zone, { file, octets, crc32: checksum, sequence });
    return {
      settle: () => {
        if (before !== undefined && before.file !== file) this.#removeFile(before.file);
      },
      takeBack: () => {
        if (before === undefined) this.#entries.delete(zone);
        else this.#entries.set(zone, before);
        this.#writeIndex();
        if (before?.file !== file) this.#removeFile(file);
      },
    };
  }

  /** Says anew what of the journal a transfer has. */
  renumber(zone: string, sequence: number): void {
    const entry = this.#entries.get(zone);
    if (entry !== undefined) this.#put(zone, { ...entry, sequence });
  }

  forget(zone: string): void {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return;
    this.#entries.delete(zone);
    this.#writeIndex();
    this.#removeFile(entry.file);
  }

  #put(zone: string, entry: KeptTransfer): void {
    this.#entries.set(zone, entry);
    this.#writeIndex();
  }

  #writeIndex(): void {
    const text = `${JSON.stringify(Object.fromEntries(this.#entries), null, 1)}\n`;
    replaceFile(this.#index, [new TextEncoder().encode(text)], this.#disk);
  }

  #removeFile(file: string): void {
    removeFile(this.#disk, join(this.folder, file));
  }

  /** What a crash left behind. */
  #removeStrangers(): void {
    const known = new Set([...this.#entries.values()].map(({ file }) => file));
    for (const file of this.#disk.list(this.folder)) {
      if (isTransferFile(file) && !known.has(file)) this.#removeFile(file);
    }
  }
}

export type Replaced = { settle(): void; takeBack(): void };

/** Messages as they are written. Throws what the disk throws; then `abandon` remains to be called. */
export class TransferFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  #open = true;
  #octets = 0;
  #crc32 = 0;
  #pending: Uint8Array[] = [];
  #pendingOctets = 0;

  constructor(disk: Disk, path: string) {
    this.path = path;
    this.#disk = disk;
    removeFile(disk, path); // a crash has left it
    this.#file = disk.open(path, 'create');
  }

  /** `message` may be used again afterwards. */
  write(message: Uint8Array): void {
    const frame = new Uint8Array(2 + message.length);
    frame[0] = message.length >>> 8;
    frame[1] = message.length & 255;
    frame.set(message, 2);
    this.#pending.push(frame);
    this.#pendingOctets += frame.length;
    if (this.#pendingOctets >= writeOctets) this.#flush();
  }

  /** On disk when it returns. */
  finish(): { readonly octets: number; readonly crc32: number } {
    this.#flush();
    this.#file.syncNow();
    this.#close();
    return { octets: this.#octets, crc32: this.#crc32 };
  }

  abandon(): void {
    if (this.#open) this.#close();
    removeFile(this.#disk, this.path);
  }

  #flush(): void {
    for (const frame of this.#pending) {
      this.#file.write(this.#octets, frame);
      this.#crc32 = crc32(frame, this.#crc32);
      this.#octets += frame.length;
    }
    this.#pending = [];
    this.#pendingOctets = 0;
  }

  #close(): void {
    this.#open = false;
    this.#file.close();
  }
}

/** Undefined for a file of another length. */
function checksumOf(disk: Disk, path: string, octets: number): number | undefined {
  const file = disk.open(path, 'read');
  try {
    const piece = new Uint8Array(writeOctets);
    let sum = 0;
    let read = 0;
    for (;;) {
      const length = file.readInto(read, piece);
      if (length === 0) return read === octets ? sum : undefined;
      sum = crc32(piece.subarray(0, length), sum);
      read += length;
    }
  } finally {
    file.close();
  }
}

/** The checksum is known to be good, so that lengths and messages fit. */
function* messagesOf(disk: Disk, path: string): Generator<Uint8Array> {
  const file = disk.open(path, 'read');
  try {
    let held = Buffer.alloc(0);
    for (let read = 0; ; ) {
      const piece = file.read(read, writeOctets);
      if (piece.length === 0) return;
      read += piece.length;
      held = Buffer.concat([held, piece]);
      let at = 0;
      while (at + 2 <= held.length && at + 2 + held.readUInt16BE(at) <= held.length) {
        const end = at + 2 + held.readUInt16BE(at);
        yield held.subarray(at + 2, end);
        at = end;
      }
      held = held.subarray(at);
    }
  } finally {
    file.close();
  }
}

function readIndex(disk: Disk, path: string): Record<string, KeptTransfer> | undefined {
  try {
    const index = JSON.parse(new TextDecoder().decode(readFile(disk, path))) as Record<
      string,
      KeptTransfer
    > | null;
    return typeof index === 'object' ? (index ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
