/** X25: an address in a public data network, at least four digits (RFC 1183 §3.1). */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import {
  formatQuoted,
  parseCharacterString,
  readCharacterString,
  writeCharacterString,
} from './character-string.ts';
import { field, NamelessCodec } from './codec.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type X25 = { readonly address: Uint8Array };

function isAddress(octets: Uint8Array): boolean {
  return octets.length >= 4 && octets.every((octet) => octet >= 0x30 && octet <= 0x39);
}

class X25Address extends NamelessCodec<Uint8Array> {
  decode(reader: Reader): Uint8Array {
    const address = readCharacterString(reader, 'address');
    if (!isAddress(address)) reader.fail('rdata.value', 'an X.25 address has four digits or more');
    return address;
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (!isAddress(value)) throw new RangeError('an X.25 address has four digits or more');
    writeCharacterString(value, writer, 'address');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseCharacterString(tokens, writer);
    if (!isAddress(writer.view(start + 1))) {
      tokens.fail('text.value', 'an X.25 address has four digits or more');
    }
  }

  format(reader: Reader): string {
    return formatQuoted(this.decode(reader));
  }
}

export const x25: RecordType<X25> = recordType({
  code: 19,
  mnemonic: 'X25',
  reference: 'RFC 1183 §3.1',
  fields: [field('address', new X25Address())],
});
