/**
 * The text that each zone in force was made of, kept in the state folder: what a restart serves when
 * the zone's own file is broken or gone, and what an edited file is compared with.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceFile } from './replace-file.ts';

/** Octets and CRC-32 of a text: enough to see that two differ, not to defend against anybody. */
type Entry = {
  readonly file: string;
  readonly octets: number;
  readonly crc32: number;
  readonly regular: boolean;
};
export type TextDigests = Readonly<Record<string, string>>;

export class LastGoodTexts {
  readonly #folder: string;
  readonly #index: string;
  readonly #entries: Map<string, Entry>;
  /** The index cannot be read: which texts there are is not known. */
  readonly damaged: boolean;

  constructor(stateDirectory: string) {
    this.#folder = join(stateDirectory, 'zones');
    this.#index = join(stateDirectory, 'zones.json');
    mkdirSync(this.#folder, { recursive: true });
    const entries = existsSync(this.#index) ? readIndex(this.#index) : {};
    this.damaged = entries === undefined;
    this.#entries = new Map(Object.entries(entries ?? {}));
  }

  /** By zone, what identifies its text. */
  digests(): TextDigests {
    return Object.fromEntries(
      [...this.#entries].map(([zone, { octets, crc32 }]) => [zone, `${octets}-${crc32}`]),
    );
  }

  read(zone: string): Uint8Array | undefined {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return undefined;
    const path = join(this.#folder, entry.file);
    if (!existsSync(path)) return undefined;
    const octets = readFileSync(path);
    return octets.length === entry.octets && crc32(octets) === entry.crc32 ? octets : undefined;
  }

  isRegular(zone: string): boolean {
    return this.#entries.get(zone)?.regular ?? false;
  }

  *readAll(complaints: string[]): Generator<{ zone: string; text: Uint8Array }> {
    for (const zone of this.#entries.keys()) {
      const text = this.read(zone);
      if (text === undefined)
        complaints.push(`the last good text of ${zone} is missing or damaged`);
      else yield { zone, text };
    }
  }

  /** Keeps a text before anything depends on it: two files, each replaced whole. */
  keep(zone: string, text: { readonly octets: Uint8Array; readonly regular: boolean }): void {
    const file = fileNameOf(zone);
    replaceFile(join(this.#folder, file), [text.octets]);
    this.#entries.set(zone, {
      file,
      octets: text.octets.length,
      crc32: crc32(text.octets),
      regular: text.regular,
    });
    this.#writeIndex();
  }

  forget(zone: string): void {
    const entry = this.#entries.get(zone);
    if (entry === undefined) return;
    this.#entries.delete(zone);
    this.#writeIndex();
    rmSync(join(this.#folder, entry.file), { force: true });
  }

  #writeIndex(): void {
    replaceFile(this.#index, [
      new TextEncoder().encode(`${JSON.stringify(Object.fromEntries(this.#entries), null, 1)}\n`),
    ]);
  }
}

function readIndex(path: string): Record<string, Entry> | undefined {
  try {
    const index = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Entry> | null;
    return typeof index === 'object' ? (index ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** Zone names may hold any octet; file names may not. */
function fileNameOf(zone: string): string {
  const plain = zone.replaceAll(
    /[^a-z0-9._-]/g,
    (character) => `%${character.codePointAt(0)!.toString(16)}%`,
  );
  return plain.length > 200
    ? `${plain.slice(0, 150)}~${crc32(zone).toString(16)}`
    : plain === '.'
      ? '@'
      : plain;
}
