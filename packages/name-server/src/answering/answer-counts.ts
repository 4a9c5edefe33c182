/** Adds up what the answering threads count in shared memory; their words wrap at 2^32. */
import { countedRcodes, counter, counterWords } from '@riad/dns-server/answer/counters';
import type { Sample } from '@riad/runtime/metrics/declaration';

const rcodeNames = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

export class AnswerCounts {
  readonly #words: Int32Array;
  readonly #places: readonly number[];
  readonly #last: Uint32Array[];
  readonly #totals = new Float64Array(counterWords);

  /** `places`: first word of each thread's counters. */
  constructor(words: Int32Array, places: readonly number[]) {
    this.#words = words;
    this.#places = places;
    this.#last = places.map(() => new Uint32Array(counterWords));
  }

  /** To be called at least once while any counter goes once around (some hours at a million a second). */
  add(): Float64Array {
    this.#places.forEach((place, thread) => {
      const last = this.#last[thread]!;
      for (let i = 0; i < counterWords; i++) {
        const now = this.#words[place + i]! >>> 0;
        this.#totals[i] = this.#totals[i]! + ((now - last[i]!) >>> 0);
        last[i] = now;
      }
    });
    return this.#totals;
  }

  total(index: number): number {
    return this.add()[index]!;
  }

  byRcode(): Sample[] {
    const totals = this.add();
    return Array.from({ length: countedRcodes }, (_, rcode) => ({
      labels: {
        rcode:
          rcode === countedRcodes - 1
            ? 'other'
            : (rcodeNames[rcode] ?? (rcode === 16 ? 'BADVERS' : String(rcode))),
      },
      value: totals[counter.rcodes + rcode]!,
    })).filter(({ value }) => value > 0);
  }
}
