/**
 * A bounded reader over octets. Every read names its field, so that an error can say what was being
 * read; `window` bounds a part that carries its own length, and `finish` makes leftovers an error.
 */
import { codes, DecodeError } from './decode-error.ts';

export class Reader {
  readonly source: Uint8Array;
  /** Where the next read begins, counted in `source`. */
  position: number;
  readonly end: number;

  constructor(source: Uint8Array, start: number = 0, end: number = source.length) {
    if (!(start >= 0 && start <= end && end <= source.length)) {
      throw new RangeError(`start ${start} and end ${end} must lie within ${source.length} octets`);
    }
    this.source = source;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  uint8(what: string): number {
    const at = this.take(1, what);
    return this.source[at]!;
  }

  uint16(what: string): number {
    const at = this.take(2, what);
    return (this.source[at]! << 8) | this.source[at + 1]!;
  }

  uint32(what: string): number {
    const at = this.take(4, what);
    const source = this.source;
    return (
      source[at]! * 0x100_0000 +
      ((source[at + 1]! << 16) | (source[at + 2]! << 8) | source[at + 3]!)
    );
  }

  /** 48 bits: exact as a number, for they are fewer than 53. */
  uint48(what: string): number {
    const high = this.uint16(what);
    return high * 0x1_0000_0000 + this.uint32(what);
  }

  /** A view into the source; valid until its buffer is reused. */
  octets(length: number, what: string): Uint8Array {
    const at = this.take(length, what);
    return this.source.subarray(at, at + length);
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    const at = this.position;
    this.position = this.end;
    return this.source.subarray(at, this.end);
  }

  skip(length: number, what: string): void {
    this.take(length, what);
  }

  /** A reader over the next `length` octets; this one goes on behind them. */
  window(length: number, what: string): Reader {
    const at = this.take(length, what);
    return new Reader(this.source, at, at + length);
  }

  finish(what: string): void {
    if (this.position !== this.end) {
      this.fail('octets.trailing', `${codes['octets.trailing']} of ${what}`);
    }
  }

  /** Refuses what was just read, or is about to be: `at` defaults to the position. */
  fail(code: string, detail: string, at: number = this.position): never {
    throw new DecodeError(code, at, detail);
  }

  /** Moves behind `length` octets and returns where they begin. */
  protected take(length: number, what: string): number {
    const at = this.position;
    if (length > this.end - at) this.fail('octets.short', `${codes['octets.short']} ${what}`);
    this.position = at + length;
    return at;
  }
}
