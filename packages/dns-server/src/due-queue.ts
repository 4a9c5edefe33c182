/**
 * Items by the instant at which each is due: a binary heap that knows where its items are, so that one
 * can be moved or taken out. An item is in it once at most.
 */
import type { Instant } from '@riad/octets/engine';

export class DueQueue<Item> {
  readonly #items: Item[] = [];
  readonly #due: Instant[] = [];
  readonly #places = new Map<Item, number>();

  get size(): number {
    return this.#items.length;
  }

  /** The earliest instant; undefined when the queue is empty. */
  get next(): Instant | undefined {
    return this.#due[0];
  }

  /** Puts an item in, or moves it to another instant. */
  set(item: Item, due: Instant): void {
    let place = this.#places.get(item);
    if (place === undefined) {
      place = this.#items.length;
      this.#items.push(item);
      this.#due.push(due);
    }
    this.#due[place] = due;
    this.#down(this.#up(place, due), item, due);
  }

  delete(item: Item): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop()!;
    const due = this.#due.pop()!;
    if (last !== item) this.#down(this.#up(place, due), last, due);
    return true;
  }

  /** Takes out the earliest item that is due; undefined when none is. */
  take(now: Instant): Item | undefined {
    const due = this.#due[0];
    if (due === undefined || due > now) return undefined;
    const item = this.#items[0]!;
    this.delete(item);
    return item;
  }

  /** Moves what is later out of the way; returns where the item belongs. */
  #up(from: number, due: Instant): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (this.#due[parent]! <= due) break;
      this.#put(place, this.#items[parent]!, this.#due[parent]!);
      place = parent;
    }
    return place;
  }

  #down(from: number, item: Item, due: Instant): void {
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && this.#due[child + 1]! < this.#due[child]!) child++;
      if (this.#due[child]! >= due) break;
      this.#put(place, this.#items[child]!, this.#due[child]!);
      place = child;
    }
    this.#put(place, item, due);
  }

  #put(place: number, item: Item, due: Instant): void {
    this.#items[place] = item;
    this.#due[place] = due;
    this.#places.set(item, place);
  }
}
