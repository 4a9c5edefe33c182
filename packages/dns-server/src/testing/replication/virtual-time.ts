/** Events in virtual time: what is due first happens first, and of what is due at once what was asked first. */

type Event = { readonly at: number; readonly order: number; readonly happen: () => void };

/** Events of one moment. More come only where an engine asks to be called at once again and again. */
export const mostAtOnce = 10_000;
/** Events in all: some hundred times what a run has. */
export const mostEvents = 2_000_000;

export class VirtualTime {
  now = 0;
  happened = 0;
  #atOnce = 0;
  #order = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];

  at(time: number, happen: () => void): void {
    const events = this.#events;
    events.push({ at: Math.max(time, this.now), order: this.#order++, happen });
    for (let i = events.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(events[i]!, events[parent]!)) break;
      swap(events, i, parent);
      i = parent;
    }
  }

  after(milliseconds: number, happen: () => void): void {
    this.at(this.now + milliseconds, happen);
  }

  /** Lets time pass, with all that comes due. Throws RangeError when it would never end. */
  runUntil(end: number): void {
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      this.#removeFirst();
      this.#count(next.at);
      next.happen();
    }
    this.now = end;
  }

  #count(at: number): void {
    this.#atOnce = at === this.now ? this.#atOnce + 1 : 0;
    this.now = at;
    this.happened++;
    if (this.#atOnce > mostAtOnce) throw new RangeError(`time stands still at ${at} ms`);
    if (this.happened > mostEvents) throw new RangeError(`${mostEvents} events by ${at} ms`);
  }

  #removeFirst(): void {
    const events = this.#events;
    const last = events.pop()!;
    if (events.length === 0) return;
    events[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < events.length && before(events[child]!, events[least]!)) least = child;
      if (least === i) return;
      swap(events, i, least);
      i = least;
    }
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(events: Event[], i: number, j: number): void {
  const event = events[i]!;
  events[i] = events[j]!;
  events[j] = event;
}
