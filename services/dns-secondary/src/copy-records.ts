/**
 * What outlives a restart besides the records of the zones: why each is kept, from whom, and until when it
 * is good. One file, replaced whole; soon after each change, and for many zones not again and again.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecondaryFacts } from '@riad/dns-server/secondary/secondary-zone';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import { encodeUtf8 } from '@riad/octets/utf8';

/** A moment of confirmations that is lost with the process only makes a zone expire earlier. */
export const writeAtMostEveryMs = 1000;
/** Writing takes a small part of the time, however many zones there are. */
const pauseFactor = 20;

export type RecordedPrimary = {
  readonly address: string;
  readonly port: number;
  /** Presentation form. */
  readonly key?: string;
};

export type CopyRecord = {
  /** Why the zone is kept: riad.yaml, the name of a key, NOTIFY, or a catalog. */
  readonly origin: 'configured' | 'key' | 'notify' | 'catalog';
  /** With `notify`: who brought it, and with which key. */
  readonly primaries?: readonly RecordedPrimary[];
  readonly addedBy?: string;
  /** With `catalog`: which, and what it says of the zone. */
  readonly catalog?: string;
  readonly member?: {
    readonly unique: string;
    readonly groups: readonly string[];
    readonly movesTo?: string;
  };
  /** Undefined while there is no copy. */
  readonly facts?: SecondaryFacts;
};

type Content = { readonly format: 1; readonly zones: Readonly<Record<string, CopyRecord>> };

export class CopyRecords {
  readonly #path: string;
  readonly #failed: (error: Error) => void;
  readonly #zones: Map<string, CopyRecord>;
  /** There is a file, and it cannot be read: why zones are here is not known. */
  readonly damaged: boolean;
  #timer: NodeJS.Timeout | undefined;
  #freeAt = Number.NEGATIVE_INFINITY;
  #dirty = false;

  constructor(stateDirectory: string, failed: (error: Error) => void) {
    this.#path = join(stateDirectory, 'secondary.json');
    this.#failed = failed;
    const content = existsSync(this.#path) ? readContent(this.#path) : undefined;
    this.damaged = content === undefined && existsSync(this.#path);
    this.#zones = new Map(Object.entries(content?.zones ?? {}));
  }

  zones(): string[] {
    return [...this.#zones.keys()];
  }

  get(zone: string): CopyRecord | undefined {
    return this.#zones.get(zone);
  }

  put(zone: string, record: CopyRecord): void {
    this.#zones.set(zone, record);
    this.#changed();
  }

  remove(zone: string): void {
    if (this.#zones.delete(zone)) this.#changed();
  }

  /** Writes what is not written yet. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#dirty) this.#write();
  }

  #changed(): void {
    this.#dirty = true;
    if (this.#timer !== undefined) return;
    // Not at once: what happens in one turn is written once.
    const wait = Math.max(0, this.#freeAt - performance.now());
    this.#timer = setTimeout(() => this.#write(), wait);
  }

  #write(): void {
    this.#timer = undefined;
    const begun = performance.now();
    try {
      const content: Content = { format: 1, zones: Object.fromEntries(this.#zones) };
      replaceFile(this.#path, [encodeUtf8(`${JSON.stringify(content, null, 1)}\n`)]);
      this.#dirty = false;
    } catch (error) {
      this.#failed(error as Error);
    }
    const took = performance.now() - begun;
    this.#freeAt = performance.now() + Math.max(writeAtMostEveryMs, took * pauseFactor);
    if (this.#dirty) this.#timer = setTimeout(() => this.#write(), this.#freeAt - begun);
  }
}

function readContent(path: string): Content | undefined {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Content | null;
    return content?.format === 1 && typeof content.zones === 'object' ? content : undefined;
  } catch {
    return undefined;
  }
}
