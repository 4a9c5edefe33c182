/** Whether another process has changed the file of accounts. It is not looked at each time, for that asks the system. */

/** What other processes have changed counts this much later. */
export const lookEveryMs = 50;

export class ForeignChanges {
  readonly #version: () => number;
  readonly #now: () => number;
  #known: number;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** `version` differs after a change; `now` is monotonic, in milliseconds. */
  constructor(version: () => number, now: () => number) {
    this.#version = version;
    this.#now = now;
    this.#known = version();
  }

  /** Whether there were any since the last time this said so. */
  look(): boolean {
    const now = this.#now();
    if (now - this.#lookedAt < lookEveryMs) return false;
    this.#lookedAt = now;
    const version = this.#version();
    if (version === this.#known) return false;
    this.#known = version;
    return true;
  }
}
