/**
 * The zones that came from other servers, as messages of transfers in the state folder: what a restart
 * without a snapshot makes them of. Messages are kept as they came, each behind its length. Changes that
 * came since are in the journal.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { textFileName } from './last-good-texts.ts';
import { replaceFile } from './replace-file.ts';

export type KeptTransfer = {
  readonly file: string;
  readonly octets: number;
  /** Enough to see that a disk has changed something, not to defend against anybody. */
  readonly crc32: number;
  /** It has all that the journal says of the zone up to this number. */
  readonly sequence: number;
};

const fileEnd = '.axfr';
/** Small messages are written together. */
const writeOctets = 256 << 10;

export class KeptTransfers {
  readonly folder: string;
  readonly #index: string;
  readonly #entries: Map<string, KeptTransfer>;
  /** The index cannot be read: which zones there are is not known. */
  readonly damaged: boolean;
  #next = 1;

  constructor(stateDirectory: string) {
    this.folder = join(stateDirectory, 'zones');
    this.#index = join(stateDirectory, 'transfers.json');
    mkdirSync(this.folder, { recursive: true });
    const entries = existsSync(this.#index) ? readIndex(this.#index) : {};
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
    return existsSync(path) && checksumOf(path, entry.octets) === entry.crc32
      ? messagesOf(path)
      : undefined;
  }

  /** A file for messages that are on their way; nothing refers to it before `keep`. */
  begin(zone: string): TransferFile {
    const number = this.#next++;
    const path = join(this.folder, `${textFileName(zone, number, 0)}${fileEnd}.new`);
    return new TransferFile(path);
  }

  /**
   * Makes what was written the zone's, durably. The result says what to do with the transfer before:
   * forget it once nothing needs it, or put it back.
   */
  keep(zone: string, written: TransferFile, sequence: number): Replaced {
    const { octets, crc32: checksum } = written.finish();
    const file = `${textFileName(zone, sequence, checksum)}${fileEnd}`;
    renameSync(written.path, join(this.folder, file));
    syncFolder(this.folder);
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
    replaceFile(this.#index, [new TextEncoder().encode(text)]);
  }

  #removeFile(file: string): void {
    rmSync(join(this.folder, file), { force: true });
  }

  /** What a crash left behind. */
  #removeStrangers(): void {
    const known = new Set([...this.#entries.values()].map(({ file }) => file));
    for (const file of readdirSync(this.folder)) {
      const ours = file.endsWith(fileEnd) || file.endsWith(`${fileEnd}.new`);
      if (ours && !known.has(file)) this.#removeFile(file);
    }
  }
}

export type Replaced = { settle(): void; takeBack(): void };

/** Messages as they are written. Throws what the disk throws; then `abandon` remains to be called. */
export class TransferFile {
  readonly path: string;
  readonly #fd: number;
  #open = true;
  #octets = 0;
  #crc32 = 0;
  #pending: Uint8Array[] = [];
  #pendingOctets = 0;

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'w', 0o600);
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
    fdatasyncSync(this.#fd);
    this.#close();
    return { octets: this.#octets, crc32: this.#crc32 };
  }

  abandon(): void {
    if (this.#open) this.#close();
    rmSync(this.path, { force: true });
  }

  #flush(): void {
    for (const frame of this.#pending) {
      for (let at = 0; at < frame.length; ) at += writeSync(this.#fd, frame, at);
      this.#crc32 = crc32(frame, this.#crc32);
      this.#octets += frame.length;
    }
    this.#pending = [];
    this.#pendingOctets = 0;
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#fd);
  }
}

/** Undefined for a file of another length. */
function checksumOf(path: string, octets: number): number | undefined {
  const fd = openSync(path, 'r');
  try {
    const piece = new Uint8Array(writeOctets);
    let sum = 0;
    let read = 0;
    for (;;) {
      const length = readSync(fd, piece);
      if (length === 0) return read === octets ? sum : undefined;
      sum = crc32(piece.subarray(0, length), sum);
      read += length;
    }
  } finally {
    closeSync(fd);
  }
}

/** The checksum is known to be good, so that lengths and messages fit. */
function* messagesOf(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    let held = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.alloc(writeOctets);
      const length = readSync(fd, piece);
      if (length === 0) return;
      held = Buffer.concat([held, piece.subarray(0, length)]);
      let at = 0;
      while (at + 2 <= held.length && at + 2 + held.readUInt16BE(at) <= held.length) {
        const end = at + 2 + held.readUInt16BE(at);
        yield held.subarray(at + 2, end);
        at = end;
      }
      held = held.subarray(at);
    }
  } finally {
    closeSync(fd);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readIndex(path: string): Record<string, KeptTransfer> | undefined {
  try {
    const index = JSON.parse(readFileSync(path, 'utf8')) as Record<string, KeptTransfer> | null;
    return typeof index === 'object' ? (index ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
