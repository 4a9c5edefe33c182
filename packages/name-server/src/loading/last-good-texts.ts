/**
 * The text that each zone in force was made of, kept in the state folder: what a restart serves when
 * the zone's own file is broken or gone, and what an edited file is compared with. Changes that a text
 * does not have are in the journal.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Disk, readFile } from '@riad/store/disk';
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
};

export type KeptText = {
  readonly octets: Uint8Array;
  readonly regular: boolean;
  readonly fixed?: string | undefined;
  readonly sequence: number;
};

/** A text that somebody else has written to the folder, durably. */
export type WrittenText = Omit<Entry, 'fixed'>;

export class LastGoodTexts {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #index: string;
  readonly #entries: Map<string, Entry>;
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
    for (const { sequence } of this.#entries.values()) if (sequence > lastSequence) return true;
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

  /** Keeps a text before anything depends on it. After a crash it is this one or the one before, whole. */
  keep(zone: string, { octets, regular, fixed, sequence }: KeptText): void {
    const file = textFileName(zone, sequence, crc32(octets));
    if (this.#entries.get(zone)?.file !== file)
      replaceFile(join(this.folder, file), [octets], this.#disk);
    this.#put(zone, {
      file,
      octets: octets.length,
      crc32: crc32(octets),
      regular,
      ...(fixed === undefined ? {} : { fixed }),
      sequence,
    });
  }

  /** Takes a text that lies in the folder already. */
  take(zone: string, written: WrittenText): void {
    const fixed = this.#entries.get(zone)?.fixed;
    this.#put(zone, fixed === undefined ? written : { ...written, fixed });
  }

  /** Says anew what of the journal a text has. */
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

  #put(zone: string, entry: Entry): void {
    const before = this.#entries.get(zone);
    this.#entries.set(zone, entry);
    this.#writeIndex();
    if (before !== undefined && before.file !== entry.file) this.#removeFile(before.file);
  }

  #removeFile(file: string): void {
    const path = join(this.folder, file);
    if (this.#disk.exists(path)) this.#disk.unlink(path);
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

/** Zone names may hold any octet; file names may not. Each text has a name of its own, so that none is written over. */
export function textFileName(zone: string, sequence: number, checksum: number): string {
  const plain = zone.replaceAll(
    /[^a-z0-9._-]/g,
    (character) => `%${character.codePointAt(0)!.toString(16)}%`,
  );
  const name =
    plain.length > 150
      ? `${plain.slice(0, 100)}~${crc32(zone).toString(16)}`
      : plain === '.'
        ? '@'
        : plain;
  return `${name}~${sequence}-${checksum.toString(16)}`;
}
