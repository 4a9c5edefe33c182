/**
 * What names stand for, as the index says: those that were asked for lately, or written. One request asks for
 * its name several times, and devices of one user for the same names one after the other.
 */
import type { NameState } from './state.ts';

/** Some 500 octets each; a calendar of a busy person has as many. */
export const maxKnownNames = 10_000;

export class KnownNames {
  readonly #most: number;
  /** By collection; `null`: nothing has that name, and never had. */
  readonly #known = new Map<number, Map<string, NameState | null>>();
  #size = 0;

  constructor(most: number = maxKnownNames) {
    this.#most = most;
  }

  /** Undefined: not known here. */
  get(collection: number, name: string): NameState | null | undefined {
    return this.#known.get(collection)?.get(name);
  }

  set(collection: number, name: string, state: NameState | null): void {
    let names = this.#known.get(collection);
    if (names === undefined) {
      names = new Map();
      this.#known.set(collection, names);
    }
    const before = names.size;
    names.set(name, state);
    this.#size += names.size - before;
    if (this.#size > this.#most) this.#forgetOldest();
  }

  forgetCollection(collection: number): void {
    this.#size -= this.#known.get(collection)?.size ?? 0;
    this.#known.delete(collection);
  }

  clear(): void {
    this.#known.clear();
    this.#size = 0;
  }

  /** Of the collection that was first: it goes to the end, so that in the long run all give something. */
  #forgetOldest(): void {
    const [collection, names] = this.#known.entries().next().value!;
    this.#known.delete(collection);
    names.delete(names.keys().next().value!);
    this.#size--;
    if (names.size > 0) this.#known.set(collection, names);
  }
}
