/** A in class CH: a domain and an address in it, written in octal (RFC 1035 §3.4.1 knows IN only). */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { field, NamelessCodec } from './codec.ts';
import { compressibleName } from './name-field.ts';
import { requireUnsigned } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type ChaosA = { readonly domain: Name; readonly address: number };

class Octal extends NamelessCodec<number> {
  decode(reader: Reader): number {
    return reader.uint16('address');
  }

  encode(value: number, writer: Writer): void {
    writer.uint16(requireUnsigned(value, 0xffff, 'address'));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    let value = 0;
    for (let at = tokens.start; at < tokens.end; at++) {
      const digit = tokens.buffer[at]! - 0x30;
      if (digit < 0 || digit > 7) tokens.fail('text.number', 'octal digits are expected');
      value = value * 8 + digit;
      if (value > 0xffff) tokens.fail('text.number', 'at most 177777 in octal');
    }
    writer.uint16(value);
  }

  format(reader: Reader): string {
    return reader.uint16('address').toString(8);
  }
}

export const chaosA: RecordType<ChaosA> = recordType({
  code: 1,
  mnemonic: 'A',
  reference: 'RFC 1035 §3.2.4',
  onlyClass: RecordClass.CH,
  fields: [compressibleName('domain'), field('address', new Octal())],
});
