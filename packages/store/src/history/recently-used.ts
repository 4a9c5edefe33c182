/**
 * Keeps what was used lately, up to a weight in all: two generations, of which the older one is dropped whole.
 * A map from which the oldest entry is taken each time has to walk past all that were taken before.
 */
export class RecentlyUsed<Key, Value> {
  readonly #mostYoung: number;
  readonly #weigh: (value: Value) => number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  #weight = 0;

  constructor(mostWeight: number, weigh: (value: Value) => number) {
    this.#mostYoung = mostWeight / 2;
    this.#weigh = weigh;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: Key, value: Value): void {
    const before = this.#young.get(key);
    if (before !== undefined) this.#weight -= this.#weigh(before);
    this.#weight += this.#weigh(value);
    this.#young.set(key, value);
    if (this.#weight <= this.#mostYoung) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }

  delete(key: Key): void {
    const young = this.#young.get(key);
    if (young !== undefined) this.#weight -= this.#weigh(young);
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
