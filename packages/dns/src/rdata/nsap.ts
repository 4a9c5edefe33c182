/** NSAP: an OSI address as `0x` and hexadecimal digits with dots anywhere (RFC 1706 §5 and §7). */
import { formatHex, hexDigit } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { RecordClass } from '../iana/classes.ts';
import { field, NamelessCodec } from './codec.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Nsap = { readonly address: Uint8Array };

/** Writes the octets of hexadecimal digits with dots between any of them. */
export function parseDottedHex(tokens: TokenReader, writer: Writer, from: number): void {
  const { buffer, end } = tokens;
  let high = -1;
  let octets = 0;
  for (let at = from; at < end; at++) {
    if (buffer[at] === 0x2e /* . */) continue;
    const digit = hexDigit(buffer[at]!);
    if (digit < 0) tokens.fail('text.hex', codes['text.hex']);
    if (high < 0) {
      high = digit;
    } else {
      writer.uint8(high * 16 + digit);
      high = -1;
      octets++;
    }
  }
  if (high >= 0 || octets === 0) tokens.fail('text.hex', codes['text.hex']);
}

class NsapAddress extends NamelessCodec<Uint8Array> {
  decode(reader: Reader): Uint8Array {
    if (reader.remaining === 0) reader.fail('rdata.short', 'an NSAP address without octets');
    return reader.rest();
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (value.length === 0) throw new RangeError('an NSAP address without octets');
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const { buffer, start } = tokens;
    if (buffer[start] !== 0x30 || (buffer[start + 1]! | 0x20) !== 0x78) {
      tokens.fail('text.hex', 'an NSAP address begins with 0x');
    }
    parseDottedHex(tokens, writer, start + 2);
  }

  format(reader: Reader): string {
    return `0x${formatHex(this.decode(reader))}`;
  }
}

export const nsap: RecordType<Nsap> = recordType({
  code: 22,
  mnemonic: 'NSAP',
  reference: 'RFC 1706 §5',
  onlyClass: RecordClass.IN,
  fields: [field('address', new NsapAddress())],
});
