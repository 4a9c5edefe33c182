/**
 * Whether the disk has room for more than the write itself: what is acknowledged has to get into git and into the
 * index afterwards. So writes end while these can still go on.
 */
import { statfsSync } from 'node:fs';

/** A segment of the journal, with as much for a pack and for the log of the index. */
export const leastFreeOctets: number = 32 << 20;

const lookEveryMs = 50;

export class Room {
  readonly #folder: string;
  readonly #freeOctets: () => number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #free = Number.POSITIVE_INFINITY;

  constructor(folder: string, freeOctets: (() => number) | undefined) {
    this.#folder = folder;
    this.#freeOctets = freeOctets ?? (() => freeIn(folder));
  }

  /** What to say if there is too little; undefined otherwise. */
  get shortage(): string | undefined {
    const now = performance.now();
    if (now - this.#lookedAt >= lookEveryMs) {
      this.#lookedAt = now;
      this.#free = this.#freeOctets();
    }
    if (this.#free >= leastFreeOctets) return undefined;
    const mebibytes = (octets: number): number => Math.floor(octets / 2 ** 20);
    return `${mebibytes(this.#free)} MiB are free for ${this.#folder}, and ${mebibytes(leastFreeOctets)} are needed`;
  }
}

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
