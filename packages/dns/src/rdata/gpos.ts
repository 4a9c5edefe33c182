/** GPOS: longitude, latitude and altitude as decimal text (RFC 1712 §3); LOC succeeded it. */
import { textFromOctets } from '@riad/octets/ascii';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import {
  formatQuoted,
  parseCharacterString,
  readCharacterString,
  writeCharacterString,
} from './character-string.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Gpos = {
  readonly longitude: Uint8Array;
  readonly latitude: Uint8Array;
  readonly altitude: Uint8Array;
};

class Decimal extends NamelessCodec<Uint8Array> {
  private readonly what: string;
  private readonly most: number;

  constructor(what: string, most: number) {
    super();
    this.what = what;
    this.most = most;
  }

  decode(reader: Reader): Uint8Array {
    const at = reader.position;
    const value = readCharacterString(reader, this.what);
    if (!this.fits(value)) reader.fail('rdata.value', `no ${this.what}`, at);
    return value;
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (!this.fits(value)) throw new RangeError(`no ${this.what}`);
    writeCharacterString(value, writer, this.what);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseCharacterString(tokens, writer);
    if (!this.fits(writer.view(start + 1))) tokens.fail('text.value', `no ${this.what}`);
  }

  format(reader: Reader): string {
    return formatQuoted(this.decode(reader));
  }

  private fits(octets: Uint8Array): boolean {
    const text = textFromOctets(octets);
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) && Math.abs(Number(text)) <= this.most;
  }
}

function decimal<Key extends string>(key: Key, most: number): Field<Key, Uint8Array> {
  return field(key, new Decimal(key, most));
}

export const gpos: RecordType<Gpos> = recordType({
  code: 27,
  mnemonic: 'GPOS',
  reference: 'RFC 1712 §3',
  fields: [
    decimal('longitude', 180),
    decimal('latitude', 90),
    decimal('altitude', Number.MAX_VALUE), // metres; the RFC knows no end
  ],
});
