/**
 * XML into octets, escaped as it is written; no tree. Markup is ASCII and goes through `raw`; what
 * comes from people through `text`, `octets` or, if it is XML already, `verbatim`.
 */
import { encodeUtf8 } from '@riad/octets/utf8';

const lessThan = 0x3c;
const greaterThan = 0x3e;
const ampersand = 0x26;

const questionMark = 0x3f;
/** Room is made for so many at once, and of that for the longest escape of each. */
const escapedTogether = 4096;
const maxEscapeOctets = 5;

/** 0: as it is; 1: escaped; 2: no character of XML 1.0 (§2.2); 3: perhaps the first octet of one. CR would be read as LF (§2.11). */
const treatment = new Uint8Array(256);
for (let octet = 0; octet < 0x20; octet++) treatment[octet] = 2;
treatment[0x09] = 0;
treatment[0x0a] = 0;
for (const octet of [0x0d, lessThan, greaterThan, ampersand]) treatment[octet] = 1;
treatment[0xef] = 3;

const escapes: Readonly<Record<number, string>> = {
  13: '&#13;',
  [lessThan]: '&lt;',
  [greaterThan]: '&gt;', // `]]>` must not stand in text (XML 1.0 §2.4)
  [ampersand]: '&amp;',
};

export class XmlWriter {
  #octets = new Uint8Array(24 * 1024);
  #length = 0;
  #hasLeft = false;

  /** Whether a part of the document has been taken already. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Octets written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Markup of ours: ASCII only. */
  raw(markup: string): void {
    this.#need(markup.length);
    const octets = this.#octets;
    let at = this.#length;
    for (let i = 0; i < markup.length; i++) octets[at++] = markup.charCodeAt(i);
    this.#length = at;
  }

  /** Text for people, in content; attributes need more. */
  text(value: string): void {
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80 || treatment[unit] !== 0) {
        this.octets(encodeUtf8(value));
        return;
      }
    }
    this.raw(value);
  }

  /** Text that is UTF-8 already. */
  octets(value: Uint8Array): void {
    let from = 0;
    while (from < value.length) {
      const end = Math.min(value.length, from + escapedTogether);
      this.#need(maxEscapeOctets * (end - from));
      from = this.#escaped(value, from, end);
    }
  }

  /** Every line of an object ends in what is escaped: octet by octet is faster than from one to the next. Gives where it came to. */
  #escaped(value: Uint8Array, from: number, end: number): number {
    const octets = this.#octets;
    let to = this.#length;
    let at = from;
    for (; at < end; at++) {
      const octet = value[at]!;
      if (treatment[octet] === 0) {
        octets[to++] = octet;
      } else if (treatment[octet] === 1) {
        const written = escapes[octet]!;
        for (let i = 0; i < written.length; i++) octets[to++] = written.charCodeAt(i);
      } else if (treatment[octet] === 2) {
        octets[to++] = questionMark;
      } else if (value[at + 1] === 0xbf && (value[at + 2] === 0xbe || value[at + 2] === 0xbf)) {
        // U+FFFE and U+FFFF (EF BF BE, EF BF BF) are no characters of XML either.
        octets[to++] = questionMark;
        at += 2;
      } else octets[to++] = octet;
    }
    this.#length = to;
    return at;
  }

  /** XML that is well-formed by itself, such as a dead property. */
  verbatim(xml: string): void {
    const octets = encodeUtf8(xml);
    this.#copy(octets, 0, octets.length);
  }

  /** `<D:href>…</D:href>` and the like: a name of ours around text. */
  element(name: string, value: string): void {
    this.raw(`<${name}>`);
    this.text(value);
    this.raw(`</${name}>`);
  }

  mark(): number {
    return this.#length;
  }

  /** Forgets what was written since `mark`. */
  rewind(mark: number): void {
    this.#length = mark;
  }

  /** All that was written since the last time. */
  take(): Uint8Array {
    const octets = this.#octets.slice(0, this.#length);
    this.#length = 0;
    this.#hasLeft = true;
    return octets;
  }

  #copy(from: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.#need(end - start);
    this.#octets.set(
      start === 0 && end === from.length ? from : from.subarray(start, end),
      this.#length,
    );
    this.#length += end - start;
  }

  #need(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#octets.length * 2));
    larger.set(this.#octets.subarray(0, this.#length));
    this.#octets = larger;
  }
}
