/** Octets written as hexadecimal digits, over any number of tokens. */
import { formatHex, hexDigit } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

/** Writes the octets of the current token and all behind it; an octet may be split over two. */
export function parseHexTokens(tokens: TokenReader, writer: Writer): void {
  let high = -1;
  do {
    const { buffer, end } = tokens;
    for (let at = tokens.start; at < end; at++) {
      const digit = hexDigit(buffer[at]!);
      if (digit < 0) tokens.fail('text.hex', codes['text.hex']);
      if (high < 0) {
        high = digit;
      } else {
        writer.uint8(high * 16 + digit);
        high = -1;
      }
    }
  } while (tokens.next());
  if (high >= 0) tokens.fail('text.hex', codes['text.hex']);
}

/** Writes the octets of the current token alone. */
export function parseHexToken(tokens: TokenReader, writer: Writer): void {
  const { buffer, start, end } = tokens;
  if ((end - start) % 2 !== 0) tokens.fail('text.hex', codes['text.hex']);
  for (let at = start; at < end; at += 2) {
    const high = hexDigit(buffer[at]!);
    const low = hexDigit(buffer[at + 1]!);
    if (high < 0 || low < 0) tokens.fail('text.hex', codes['text.hex']);
    writer.uint8(high * 16 + low);
  }
}

class HexRest extends NamelessCodec<Uint8Array> {
  private readonly what: string;
  private readonly leastOctets: number;

  constructor(what: string, leastOctets: number) {
    super();
    this.what = what;
    this.leastOctets = leastOctets;
  }

  decode(reader: Reader): Uint8Array {
    if (reader.remaining < this.leastOctets) {
      reader.fail('rdata.short', `${codes['rdata.short']}: ${this.what}`);
    }
    return reader.rest();
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (value.length < this.leastOctets) throw new RangeError(`${this.what} is too short`);
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseHexTokens(tokens, writer);
    if (writer.position - start < this.leastOctets) tokens.fail('text.hex', codes['text.hex']);
  }

  format(reader: Reader): string {
    return formatHex(this.decode(reader)).toUpperCase();
  }
}

/** All that is left of the record data, in hexadecimal; at least `leastOctets` of it. */
export function hexRest<Key extends string>(
  key: Key,
  leastOctets: number = 1,
): Field<Key, Uint8Array> {
  return field(key, new HexRest(key, leastOctets), leastOctets === 0);
}
