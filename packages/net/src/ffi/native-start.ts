/**
 * Keeps a thread from being terminated while it loads the native library or declares functions of it:
 * termination makes every Node-API call fail, and koffi answers that by aborting the whole process. Calls
 * of functions that are declared already bear it.
 */

/** What the shared word says. */
const outside = 0;
const inside = 1;
const closed = 2;

/** One for each thread; `memory` goes to the thread, which makes its own end from it. */
export class NativeStart {
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#word = new Int32Array(memory);
  }

  /** In the thread: does the work, or ends the thread if it is about to be terminated. */
  perform<T>(work: () => T): T {
    // In a worker thread this ends the thread alone.
    if (Atomics.compareExchange(this.#word, 0, outside, inside) === closed) process.exit();
    try {
      return work();
    } finally {
      Atomics.store(this.#word, 0, outside);
      Atomics.notify(this.#word, 0);
    }
  }

  /** In the thread that is about to terminate it: resolves when that does no harm, for good. */
  async close(): Promise<void> {
    while (Atomics.compareExchange(this.#word, 0, outside, closed) === inside)
      await Atomics.waitAsync(this.#word, 0, inside).value;
  }
}
