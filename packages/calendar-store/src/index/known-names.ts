/**
 * What names stand for, as the index says: those that were asked for lately, or written. One request asks for
 * its name several times, and devices of one user for the same names one after the other.
 */
import type { NameState } from './state.ts';

/** Some 500 octets each; a calendar of a busy person has as many. */
export const maxKnownNames = 16_000;

/** By collection; `null`: nothing has that name. */
type Generation = Map<number, Map<string, NameState | null>>;

/** In two generations, of which the older one is dropped whole: nothing has to be taken away one by one. */
export class KnownNames {
  readonly #mostYoung: number;
  #young: Generation = new Map();
  #old: Generation = new Map();
  #count = 0;

  constructor(most: number = maxKnownNames) {
    this.#mostYoung = most / 2;
  }

  /** Undefined: not known here. */
  get(collection: number, name: string): NameState | null | undefined {
    const young = this.#young.get(collection)?.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(collection)?.get(name);
    if (old !== undefined) this.set(collection, name, old);
    return old;
  }

  set(collection: number, name: string, state: NameState | null): void {
    let names = this.#young.get(collection);
    if (names === undefined) {
      names = new Map();
      this.#young.set(collection, names);
    }
    const before = names.size;
    names.set(name, state);
    this.#count += names.size - before;
    if (this.#count < this.#mostYoung) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#count = 0;
  }

  forgetCollection(collection: number): void {
    this.#count -= this.#young.get(collection)?.size ?? 0;
    this.#young.delete(collection);
    this.#old.delete(collection);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#count = 0;
  }
}
