/** Octets written in base64 (RFC 4648 §4), over any number of tokens. */
import { base64Digits, formatBase64 } from '@riad/octets/base64';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

/** Writes the octets of the current token, and of all behind it if `all`. */
export function parseBase64Tokens(tokens: TokenReader, writer: Writer, all: boolean = true): void {
  let bits = 0;
  let digits = 0; // of the group of four under way
  let padding = 0;
  do {
    const { buffer, start, end } = tokens;
    writer.reserve(end - start);
    const into = writer.buffer;
    let to = writer.position;
    for (let at = start; at < end; at++) {
      const digit = base64Digits[buffer[at]!]!;
      if (digit === 255) {
        if (buffer[at] !== 0x3d /* = */ || digits < 2 || padding + digits >= 4) failBase64(tokens);
        padding++;
        continue;
      }
      if (padding > 0) failBase64(tokens); // digits after padding
      bits = ((bits << 6) | digit) & 0xff_ffff;
      digits++;
      if (digits === 2) into[to++] = bits >> 4;
      else if (digits === 3) into[to++] = bits >> 2;
      else if (digits === 4) {
        into[to++] = bits;
        digits = 0;
      }
    }
    writer.position = to;
  } while (all && tokens.next());
  if (digits !== 0) {
    if (digits + padding !== 4) failBase64(tokens);
    if ((bits & (digits === 2 ? 15 : 3)) !== 0) failBase64(tokens); // RFC 4648 §3.5
  }
}

function failBase64(tokens: TokenReader): never {
  return tokens.fail('text.base64', codes['text.base64']);
}

class Base64Rest extends NamelessCodec<Uint8Array> {
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
    if (value.length < this.leastOctets) throw new RangeError(`${this.what} is empty`);
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseBase64Tokens(tokens, writer);
    if (writer.position - start < this.leastOctets) failBase64(tokens);
  }

  format(reader: Reader): string {
    return formatBase64(this.decode(reader));
  }
}

/** All that is left of the record data; with `leastOctets` 0 the text may leave it out. */
export function base64Rest<Key extends string>(
  key: Key,
  leastOctets: number = 1,
): Field<Key, Uint8Array> {
  return field(key, new Base64Rest(key, leastOctets), leastOctets === 0);
}
