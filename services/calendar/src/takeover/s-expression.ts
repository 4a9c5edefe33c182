/**
 * S-expressions as OCaml’s sexplib writes them: lists, bare atoms and quoted ones with its escapes; comments. Octets in,
 * because escapes are of octets and the text is UTF-8 only when they have been resolved.
 */
import { SourceError } from './source-error.ts';

export type SExpression = string | readonly SExpression[];

/** Properties nest about ten deep. */
export const maxExpressionDepth = 100;

export function parseSExpression(octets: Uint8Array): SExpression {
  const reader = new Reader(octets);
  const expression = reader.expression();
  if (!reader.atEnd()) reader.fail('something behind the expression');
  return expression;
}

const open = 0x28;
const close = 0x29;
const quote = 0x22;
const semicolon = 0x3b;
const hash = 0x23;
const bar = 0x7c;
const backslash = 0x5c;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** By the octet after the backslash. */
const simpleEscapes = new Map([
  [0x6e, 0x0a], // n
  [0x74, 0x09], // t
  [0x62, 0x08], // b
  [0x72, 0x0d], // r
  [0x5c, 0x5c],
  [0x22, 0x22],
  [0x27, 0x27],
  [0x20, 0x20],
]);

class Reader {
  readonly #octets: Uint8Array;
  #at = 0;
  #depth = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  fail(what: string): never {
    throw new SourceError('takeover.format', `octet ${this.#at}: ${what}`);
  }

  atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#octets.length;
  }

  expression(): SExpression {
    if (this.atEnd()) this.fail('the end, where an expression is due');
    const first = this.#octets[this.#at]!;
    if (first === close) this.fail('a parenthesis that nothing opened');
    if (first === open) return this.#list();
    return first === quote ? this.#quoted() : this.#bare();
  }

  #list(): SExpression[] {
    if (++this.#depth > maxExpressionDepth) this.fail('nested too deeply');
    this.#at++;
    const items: SExpression[] = [];
    for (;;) {
      if (this.atEnd()) this.fail('the end inside a list');
      if (this.#octets[this.#at] === close) break;
      items.push(this.expression());
    }
    this.#at++;
    this.#depth--;
    return items;
  }

  #bare(): string {
    const start = this.#at;
    while (this.#at < this.#octets.length && !isDelimiter(this.#octets[this.#at]!)) this.#at++;
    return decode(this.#octets.subarray(start, this.#at));
  }

  #quoted(): string {
    this.#at++;
    const text: number[] = [];
    for (;;) {
      const octet = this.#octets[this.#at++];
      if (octet === undefined) this.fail('the end inside quotes');
      if (octet === quote) return decode(Uint8Array.from(text));
      if (octet === backslash) this.#escape(text);
      else text.push(octet);
    }
  }

  #escape(text: number[]): void {
    const letter = this.#octets[this.#at++];
    if (letter === undefined) this.fail('the end inside quotes');
    const simple = simpleEscapes.get(letter);
    if (simple !== undefined) {
      text.push(simple);
      return;
    }
    if (letter === newline || letter === carriageReturn) {
      // A line that goes on: the end of this one and the blanks of the next are not of the text.
      if (letter === carriageReturn && this.#octets[this.#at] === newline) this.#at++;
      while (this.#octets[this.#at] === 0x20 || this.#octets[this.#at] === 0x09) this.#at++;
      return;
    }
    const hexadecimal = letter === 0x78;
    if (!hexadecimal) this.#at--;
    const length = hexadecimal ? 2 : 3;
    const digits = Buffer.from(this.#octets.subarray(this.#at, this.#at + length)).toString();
    const form = hexadecimal ? /^[0-9a-fA-F]{2}$/ : /^[0-9]{3}$/;
    const octet = form.test(digits) ? Number.parseInt(digits, hexadecimal ? 16 : 10) : 256;
    if (octet > 255) this.fail('an escape that is none');
    this.#at += length;
    text.push(octet);
  }

  /** White space, and comments: to the end of the line, `#| … |#`, and `#;` before an expression. */
  #skip(): void {
    for (;;) {
      const octet = this.#octets[this.#at];
      const next = this.#octets[this.#at + 1];
      if (octet !== undefined && isSpace(octet)) this.#at++;
      else if (octet === semicolon) {
        const end = this.#octets.indexOf(newline, this.#at);
        this.#at = end < 0 ? this.#octets.length : end + 1;
      } else if (octet === hash && next === bar) this.#skipBlock();
      else if (octet === hash && next === semicolon) {
        this.#at += 2;
        this.expression();
      } else return;
    }
  }

  #skipBlock(): void {
    let depth = 0;
    do {
      const octet = this.#octets[this.#at];
      const next = this.#octets[this.#at + 1];
      if (octet === undefined) this.fail('the end inside a comment');
      if (octet === hash && next === bar) depth++;
      else if (octet === bar && next === hash) depth--;
      else {
        this.#at++;
        continue;
      }
      this.#at += 2;
    } while (depth > 0);
  }
}

function isSpace(octet: number): boolean {
  return octet === 0x20 || (octet >= 0x09 && octet <= 0x0d);
}

function isDelimiter(octet: number): boolean {
  return (
    isSpace(octet) || octet === open || octet === close || octet === quote || octet === semicolon
  );
}

function decode(octets: Uint8Array): string {
  return Buffer.from(octets).toString('utf8');
}
