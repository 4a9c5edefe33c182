/** Octets after a 16-bit length, in text as the length and base64: what TSIG and TKEY carry. */
import { formatBase64 } from '@riad/octets/base64';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { parseBase64Tokens } from './base64-field.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

class SizedBase64 extends NamelessCodec<Uint8Array> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): Uint8Array {
    return reader.octets(reader.uint16(`length of ${this.what}`), this.what);
  }

  encode(value: Uint8Array, writer: Writer): void {
    writer.uint16(requireUnsigned(value.length, 0xffff, `length of ${this.what}`));
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const length = parseUnsigned(tokens, 0xffff);
    writer.uint16(length);
    if (length === 0) return;
    tokens.require(this.what);
    const start = writer.position;
    parseBase64Tokens(tokens, writer, false);
    if (writer.position - start !== length) {
      tokens.fail('text.base64', `${this.what} has not the ${length} octets announced`);
    }
  }

  format(reader: Reader): string {
    const octets = this.decode(reader);
    return `${octets.length} ${formatBase64(octets)}`.trimEnd();
  }
}

export function sizedBase64<Key extends string>(key: Key): Field<Key, Uint8Array> {
  return field(key, new SizedBase64(key));
}
