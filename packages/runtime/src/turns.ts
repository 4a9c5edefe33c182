/**
 * Turns of the event loop for long work: each turn goes to one piece of one work, however many there are, and what
 * has come in meanwhile goes first. Without it, pieces that wait side by side would be done in a row.
 */
export const pieceMs = 2;

export type TurnsOptions = {
  /** Milliseconds of a clock that only goes on. */
  readonly now?: () => number;
  /** Calls back in a turn of its own, after what has come in. */
  readonly nextTurn?: (callback: () => void) => void;
};

export class Turns {
  readonly #now: () => number;
  readonly #nextTurn: (callback: () => void) => void;
  /** Oldest first: as many as there are works, which whoever begins them has to limit. */
  readonly #waiting: (() => void)[] = [];
  #begun: number = Number.NEGATIVE_INFINITY;

  constructor({ now = () => performance.now(), nextTurn = setImmediate }: TurnsOptions = {}) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** Between two pieces, each of them small: it resolves at once until the turn has lasted for long enough. */
  readonly pause = (): Promise<void> => {
    if (this.#now() - this.#begun < pieceMs) return atOnce;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#nextTurn(this.#next);
    });
  };

  readonly #next = (): void => {
    const resolve = this.#waiting.shift();
    if (this.#waiting.length > 0) this.#nextTurn(this.#next);
    this.#begun = this.#now();
    resolve?.();
  };
}

const atOnce: Promise<void> = Promise.resolve();
