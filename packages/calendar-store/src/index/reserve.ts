/**
 * Room on the disk that is the index's own: a file of zeros, which goes when there is no other room. What was
 * acknowledged is in the journal by then, and has to get into the index for requests to be answered.
 */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** What a quarter of a second of writes puts into the log of the index. */
export const indexReserveOctets: number = 8 << 20;

export class Reserve {
  readonly #file: string;

  /** `file`: the index; nothing is kept for one in memory. */
  constructor(file: string) {
    this.#file = file === ':memory:' ? '' : `${file}.reserve`;
  }

  get isThere(): boolean {
    return this.#file === '' || existsSync(this.#file);
  }

  /** If there is room; a full disk is told by others. */
  make(): void {
    if (this.#file === '' || this.#isWhole()) return;
    try {
      writeFileSync(this.#file, new Uint8Array(indexReserveOctets), { mode: 0o600 });
    } catch {
      rmSync(this.#file, { force: true });
    }
  }

  /** Whether it was there, and the index may be tried again at once. */
  release(): boolean {
    if (this.#file === '' || !existsSync(this.#file)) return false;
    rmSync(this.#file, { force: true });
    return true;
  }

  #isWhole(): boolean {
    return statSync(this.#file, { throwIfNoEntry: false })?.size === indexReserveOctets;
  }
}
