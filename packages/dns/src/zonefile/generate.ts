/**
 * `$GENERATE range owner [ttl] [class] type data`: BIND's way to write many records in one line. In
 * owner and data `$` is the number, `${offset,width,base}` the number plus offset, padded to width,
 * in base d, o, x or X, or as nibbles backwards with dots between (n, N); `$$` and `\$` are a `$`.
 * The data are the rest of the entry, or one quoted string that holds them.
 */
import { Writer } from '@riad/octets/writer';
import { findRecordClass } from '../iana/classes.ts';
import type { Scanner } from './scanner.ts';

export type GenerateRange = {
  readonly first: number;
  readonly step: number;
  readonly count: number;
};

const maxNumber = 0x7fff_ffff;
export const maxWidth = 255; // no name or number needs more
/** A generated line, at most: record data of any length with its escapes. */
export const maxLineOctets = 1_048_576;

/** `first-last` or `first-last/step` in the current token. */
export function readRange(scanner: Scanner): GenerateRange {
  const text = tokenText(scanner);
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  const [first, last, step] = [match?.[1], match?.[2], match?.[3] ?? '1'].map(Number);
  if (match === null || last! > maxNumber || step! > maxNumber || first! > last! || step === 0) {
    scanner.fail('zonefile.generate-range', 'A range is FIRST-LAST or FIRST-LAST/STEP, going up.');
  }
  return { first: first!, step: step!, count: Math.floor((last! - first!) / step!) + 1 };
}

/** Makes the lines of one directive. */
export class Generator {
  /** The line last made. */
  readonly line: Writer = new Writer(512, maxLineOctets);
  private readonly template: readonly Part[];

  /** Reads from behind the range to the end of the entry. */
  constructor(scanner: Scanner) {
    scanner.require('an owner');
    const template = parts(scanner, rawToken(scanner));
    let words = ' ';
    do {
      scanner.require('a record type');
      words += `${tokenText(scanner)} `;
    } while (isClassOrTtl(scanner));
    scanner.require('record data');
    const data = scanner.quoted ? tokenText(scanner).replaceAll('\\"', '"') : undefined;
    const tokens = [rawToken(scanner)];
    while (scanner.next()) tokens.push(rawToken(scanner));
    // One quoted string holds the data; among several tokens it is what it looks like.
    const text = tokens.length === 1 && data !== undefined ? data : tokens.join(' ');
    template.push(words, ...parts(scanner, text));
    this.template = template;
    let most = 0;
    for (const part of template) most += typeof part === 'string' ? part.length : maxWidth;
    if (most > maxLineOctets) {
      scanner.fail(
        'zonefile.generate-size',
        `A generated line has at most ${maxLineOctets} octets.`,
      );
    }
  }

  write(value: number): void {
    this.line.reset();
    for (const part of this.template) {
      const text = typeof part === 'string' ? part : format(part, value + part.offset);
      for (let i = 0; i < text.length; i++) this.line.uint8(text.charCodeAt(i));
    }
  }
}

/** Text as it is, or a place where a number goes. */
type Part = string | { readonly offset: number; readonly width: number; readonly base: string };

/** Cuts the current token's text at its `$` signs. */
function parts(scanner: Scanner, text: string): Part[] {
  const found: Part[] = [];
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') {
      plain += character + (text[++at] ?? ''); // the name or string unescapes it
    } else if (character !== '$') {
      plain += character;
    } else if (text[at + 1] === '$') {
      plain += '$';
      at++;
    } else {
      found.push(plain);
      plain = '';
      if (text[at + 1] !== '{') {
        found.push({ offset: 0, width: 0, base: 'd' });
        continue;
      }
      const end = text.indexOf('}', at);
      const match = /^\{([+-]?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?\}$/.exec(
        text.slice(at + 1, end + 1),
      );
      const offset = Number(match?.[1]);
      const width = Number(match?.[2] ?? 0);
      if (match === null || Math.abs(offset) > maxNumber || width > maxWidth) {
        scanner.fail(
          'zonefile.generate-template',
          'Behind "$" stands {OFFSET,WIDTH,BASE}, with a base of d, o, x, X, n or N.',
        );
      }
      found.push({ offset, width, base: match[3] ?? 'd' });
      at = end;
    }
  }
  found.push(plain);
  return found;
}

function format(part: Exclude<Part, string>, value: number): string {
  const { width, base } = part;
  switch (base) {
    case 'n':
      return nibbles(value, width);
    case 'N':
      return nibbles(value, width).toUpperCase();
    case 'o':
      return (value >>> 0).toString(8).padStart(width, '0');
    case 'x':
      return (value >>> 0).toString(16).padStart(width, '0');
    case 'X':
      return (value >>> 0).toString(16).toUpperCase().padStart(width, '0');
    default: {
      const digits = String(Math.abs(value));
      return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
    }
  }
}

/** Hexadecimal digits from the lowest up with dots between; `width` counts the dots too. */
function nibbles(value: number, width: number): string {
  let text = '';
  let rest = value >>> 0;
  do {
    text += (rest & 15).toString(16);
    rest >>>= 4;
    if (rest !== 0 || text.length < width) text += '.';
  } while (rest !== 0 || text.length < width);
  return text;
}

function isClassOrTtl(scanner: Scanner): boolean {
  const { buffer, start, end } = scanner;
  const first = buffer[start]!;
  return (first >= 0x30 && first <= 0x39) || findRecordClass(buffer, start, end) >= 0;
}

function tokenText(scanner: Scanner): string {
  let text = '';
  for (let at = scanner.start; at < scanner.end; at++)
    text += String.fromCharCode(scanner.buffer[at]!);
  return text;
}

function rawToken(scanner: Scanner): string {
  const text = tokenText(scanner);
  return scanner.quoted ? `"${text}"` : text;
}
