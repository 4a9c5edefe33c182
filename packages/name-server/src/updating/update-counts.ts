/** How updates were answered, by RCODE: counted by the thread that answers, read by the one that tells. */

/** RCODEs of the header and of TSIG (RFC 8945 §3). */
const rcodes = 24;

export class UpdateCounts {
  static readonly regionOctets: number = rcodes * Float64Array.BYTES_PER_ELEMENT;

  /** Numbers that never wrap; aligned ones are written and read whole. */
  readonly #counts: Float64Array;

  /** `region`: octet in `buffer` at which `regionOctets` are free and zero; a multiple of 64. */
  constructor(buffer: SharedArrayBuffer, region: number) {
    this.#counts = new Float64Array(buffer, region, rcodes);
  }

  add(rcode: number): void {
    if (rcode < rcodes) this.#counts[rcode]! += 1;
  }

  /** Those there are, by RCODE. */
  *entries(): Generator<[rcode: number, count: number]> {
    for (const [rcode, count] of this.#counts.entries()) if (count > 0) yield [rcode, count];
  }
}
