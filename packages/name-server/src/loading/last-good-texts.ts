/**
 * The text that each zone in force was made of, kept in the state folder: what a restart serves when
 * the zone's own file is broken or gone, and what an edited file is compared with. Changes that a text
 * does not have are in the journal.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Disk, readFile, removeFile } from '@riad/store/disk';
import {
  isTransferFile,
  readWrittenFileName,
  textFileName,
  writtenFileName,
} from './kept-file-names.ts';
import { replaceFile } from './replace-file.ts';

type Entry = {
  readonly file: string;
  /** Octets and CRC-32: enough to see that two texts differ, not to defend against anybody. */
  readonly octets: number;
  readonly crc32: number;
  /** Each record stands for itself. */
  readonly regular: boolean;
  /** Why changes cannot be written into it, if they cannot. */
  readonly fixed?: string;
  /** It has all that the journal says of the zone up to this number. */
  readonly sequence: number;
  /** Of a text that was read whole. */
  readonly reading?: Reading;
};

/**
 * The journal's record of a text's reading, which is written after the text is kept, and the serial that
 * the zone has from then on. A crash may come in between.
 */
export type Reading = { readonly sequence: number; readonly serial: number };

export type KeptText = {
  readonly octets: Uint8Array;
  readonly regular: boolean;
  readonly fixed?: string | undefined;
  readonly sequence: number;
  readonly reading?: Reading | undefined;
};

/** What becomes of the text before: it goes, or comes back. */
export type ReplacedText = { settle(): void; takeBack(): void };

/** A text that somebody else has written to the folder, durably. */
export type WrittenText = Omit<Entry, 'fixed' | 'reading'>;

export class LastGoodTexts {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #index: string;
  readonly #entries: Map<string, Entry>;
  /** Texts of before a crash that updates were written into; nobody has heard of them. */
  readonly #unheard = new Set<string>();
  /** The index cannot be read: which texts there are is not known. */
  readonly damaged: boolean;

  constructor(disk: Disk, stateDirectory: string) {
    this.#disk = disk;
    this.folder = join(stateDirectory, 'zones');
    this.#index = join(stateDirectory, 'zones.json');
    disk.makeFolder(this.folder);
    const entries = disk.exists(this.#index) ? readIndex(disk, this.#index) : {};
    this.damaged = entries === undefined;
    this.#entries = new Map(Object.entries(entries ?? {}));
  }

  zones(): string[] {
    return [...this.#entries.keys()];
  }

  read(zone: string): Uint8Array | undefined {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return undefined;
    const path = join(this.folder, entry.file);
    if (!this.#disk.exists(path)) return undefined;
    const octets = readFile(this.#disk, path);
    return octets.length === entry.octets && crc32(octets) === entry.crc32 ? octets : undefined;
  }

  isRegular(zone: string): boolean {
    return this.#entries.get(zone)?.regular ?? false;
  }

  fixedBecause(zone: string): string | undefined {
    return this.#entries.get(zone)?.fixed;
  }

  /** What the text is, without reading it. */
  entryOf(zone: string): Readonly<Entry> | undefined {
    return this.#entries.get(zone);
  }

  /** What of the journal the text has; undefined without a text. */
  sequenceOf(zone: string): number | undefined {
    return this.#entries.get(zone)?.sequence;
  }

  /** Whether some text has a number that the journal has not reached. */
  isAheadOf(lastSequence: number): boolean {
    for (const { sequence, reading } of this.#entries.values())
      if (Math.max(sequence, reading?.sequence ?? 0) > lastSequence) return true;
    return false;
  }

  *readAll(complaints: string[]): Generator<{ zone: string; text: Uint8Array }> {
    for (const zone of this.#entries.keys()) {
      const text = this.read(zone);
      if (text === undefined)
        complaints.push(`the last good text of ${zone} is missing or damaged`);
      else yield { zone, text };
    }
  }

  /**
   * Keeps a text before anything depends on it. After a crash it is this one or the one before, whole.
   * The one before stays on disk until the result says what becomes of it.
   */
  keep(zone: string, { octets, regular, fixed, sequence, reading }: KeptText): ReplacedText {
    const checksum = crc32(octets);
    const file = textFileName(zone, sequence, checksum);
    const before = this.#entries.get(zone);
    if (before?.file !== file) replaceFile(join(this.folder, file), [octets], this.#disk);
    this.#entries.set(zone, {
      file,
      octets: octets.length,
      crc32: checksum,
      regular,
      ...(fixed === undefined ? {} : { fixed }),
      sequence,
      ...(reading === undefined ? {} : { reading }),
    });
    const takeBack = (): void => {
      if (before === undefined) this.#entries.delete(zone);
      else this.#entries.set(zone, before);
      try {
        this.#writeIndex();
        if (before?.file !== file) this.#removeFile(file);
      } catch {
        // The disk has failed before and says so. A restart sees that the text's record is missing.
      }
    };
    try {
      this.#writeIndex();
    } catch (error) {
      takeBack();
      throw error;
    }
    return {
      settle: () => {
        if (before !== undefined && before.file !== file) this.#removeFile(before.file);
      },
      takeBack,
    };
  }

  /** Takes a text that lies in the folder already. */
  take(zone: string, written: WrittenText): void {
    const fixed = this.#entries.get(zone)?.fixed;
    this.#put(zone, fixed === undefined ? written : { ...written, fixed });
  }

  /** Says anew what of the journal a text has, and which record is that of its reading. */
  renumber(zone: string, sequence: number, reading: Reading): void {
    const entry = this.#entries.get(zone);
    if (entry !== undefined) this.#put(zone, { ...entry, sequence, reading });
  }

  forget(zone: string): void {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return;
    this.#entries.delete(zone);
    this.#writeIndex();
    this.#removeFile(entry.file);
  }

  /**
   * Takes away what a crash left behind, but for texts that may have come into their zones' own files:
   * see `takeUnheard`. Only before anything else is written to the folder. `lastSequence`: the journal's.
   */
  removeStrangers(lastSequence: number): void {
    if (this.damaged) return;
    const known = new Set([...this.#entries.values()].map(({ file }) => file));
    for (const file of this.#disk.list(this.folder)) {
      if (known.has(file) || isTransferFile(file)) continue;
      const sequence = readWrittenFileName(file)?.sequence;
      if (sequence !== undefined && sequence <= lastSequence) this.#unheard.add(file);
      else this.#removeFile(file);
    }
  }

  /**
   * A zone's file may be one that updates were written into just before a crash. Then that is what it
   * is, and no edit: it must not take back what came since. To be asked when a file is read; only the
   * first one that is read of a zone can be such.
   */
  takeUnheard(zone: string, octets: Uint8Array): void {
    for (const file of this.#unheard) {
      const { sequence, checksum } = readWrittenFileName(file)!;
      if (writtenFileName(zone, sequence, checksum) !== file) continue;
      this.#unheard.delete(file);
      const entry = this.#entries.get(zone);
      if (entry === undefined || sequence <= entry.sequence || crc32(octets) !== checksum) continue;
      if (Buffer.compare(readFile(this.#disk, join(this.folder, file)), octets) !== 0) continue;
      const { regular } = entry;
      this.take(zone, { file, octets: octets.length, crc32: checksum, regular, sequence });
    }
  }

  #put(zone: string, entry: Entry): void {
    const before = this.#entries.get(zone);
    this.#entries.set(zone, entry);
    this.#writeIndex();
    if (before !== undefined && before.file !== entry.file) this.#removeFile(before.file);
  }

  #removeFile(file: string): void {
    removeFile(this.#disk, join(this.folder, file));
  }

  #writeIndex(): void {
    const text = `${JSON.stringify(Object.fromEntries(this.#entries), null, 1)}\n`;
    replaceFile(this.#index, [new TextEncoder().encode(text)], this.#disk);
  }
}

function readIndex(disk: Disk, path: string): Record<string, Entry> | undefined {
  try {
    const text = new TextDecoder().decode(readFile(disk, path));
    const index = JSON.parse(text) as Record<string, Entry> | null;
    return typeof index === 'object' ? (index ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
