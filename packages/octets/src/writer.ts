/**
 * Writes octets into a buffer that grows, or into one that is given and does not. No write
 * allocates, except when the buffer grows. `buffer` and `position` are public so that a scanner may
 * write in place after `reserve`; nobody keeps `buffer` over a write, for it may be replaced.
 */
export class Writer {
  buffer: Uint8Array;
  position: number;
  /** The most octets this writer will ever hold; beyond that a write is a RangeError. */
  readonly limitOctets: number;

  constructor(buffer: number | Uint8Array = 512, limitOctets: number = 0x7fff_ffff) {
    this.buffer = typeof buffer === 'number' ? new Uint8Array(buffer) : buffer;
    this.limitOctets = typeof buffer === 'number' ? limitOctets : buffer.length;
    this.position = 0;
  }

  /** Makes sure that `count` more octets fit, so that they may be stored in `buffer` directly. */
  reserve(count: number): void {
    if (this.position + count > this.buffer.length) this.grow(count);
  }

  uint8(value: number): void {
    if (this.position >= this.buffer.length) this.grow(1);
    this.buffer[this.position++] = value;
  }

  uint16(value: number): void {
    if (this.position + 2 > this.buffer.length) this.grow(2);
    const at = this.position;
    this.buffer[at] = value >>> 8;
    this.buffer[at + 1] = value;
    this.position = at + 2;
  }

  uint32(value: number): void {
    if (this.position + 4 > this.buffer.length) this.grow(4);
    const at = this.position;
    const buffer = this.buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
    this.position = at + 4;
  }

  uint48(value: number): void {
    this.uint16(Math.floor(value / 0x1_0000_0000));
    this.uint32(value % 0x1_0000_0000);
  }

  octets(source: Uint8Array, start: number = 0, end: number = source.length): void {
    const count = end - start;
    if (this.position + count > this.buffer.length) this.grow(count);
    if (count > 256) {
      this.buffer.set(source.subarray(start, end), this.position); // worth a view only when long
    } else {
      const buffer = this.buffer;
      for (let from = start, to = this.position; from < end; from++, to++) {
        buffer[to] = source[from]!;
      }
    }
    this.position += count;
  }

  /** Overwrites two octets written earlier, such as a length known only afterwards. */
  patchUint16(at: number, value: number): void {
    if (at < 0 || at + 2 > this.position) throw new RangeError(`nothing is written at ${at}`);
    this.buffer[at] = value >>> 8;
    this.buffer[at + 1] = value;
  }

  /** What is written, as a view; valid until the next write or reset. */
  view(start: number = 0): Uint8Array {
    return this.buffer.subarray(start, this.position);
  }

  /** What is written, as a copy of its own. */
  copy(start: number = 0): Uint8Array {
    return this.buffer.slice(start, this.position);
  }

  /** Back to the beginning, or to an earlier position; the buffer is kept. */
  reset(position: number = 0): void {
    if (position < 0 || position > this.position) {
      throw new RangeError(`cannot go back to ${position} from ${this.position}`);
    }
    this.position = position;
  }

  private grow(count: number): void {
    const needed = this.position + count;
    if (needed > this.limitOctets) {
      throw new RangeError(`${needed} octets do not fit into a writer of ${this.limitOctets}`);
    }
    const larger = new Uint8Array(
      Math.min(this.limitOctets, Math.max(needed, this.buffer.length * 2)),
    );
    larger.set(this.buffer.subarray(0, this.position));
    this.buffer = larger;
  }
}
