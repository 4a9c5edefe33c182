/**
 * A reader over a whole message, which remembers where names were decoded, so that a compression
 * pointer can be checked against what was there before it (RFC 1035 §4.1.4).
 */
import { Reader } from '@riad/octets/reader';

/** A pointer has 14 bits, so nothing behind this can be pointed to. */
export const pointerReachOctets: number = 1 << 14;

export class MessageReader extends Reader {
  /**
   * For each offset at which a label or a pointer of a decoded name stands: the offset of the label
   * it comes to; 0 elsewhere, for that is in the header. A pointer to a pointer therefore costs no
   * more than a pointer to a label.
   */
  readonly labels: Uint16Array;

  constructor(source: Uint8Array, start?: number, end?: number, labels?: Uint16Array) {
    super(source, start, end);
    this.labels = labels ?? new Uint16Array(Math.min(source.length, pointerReachOctets));
  }

  override window(length: number, what: string): MessageReader {
    const at = this.take(length, what);
    return new MessageReader(this.source, at, at + length, this.labels);
  }
}
