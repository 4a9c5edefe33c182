/** NXT: the next name and the types at this one, obsolete (RFC 2535 §5); NSEC succeeded it. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { findRecordType, formatRecordType } from '../iana/record-types.ts';
import type { Name } from '../name.ts';
import { field, NamelessCodec } from './codec.ts';
import { decompressibleName } from './name-field.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Nxt = { readonly next: Name; readonly types: readonly number[] };

const maxType = 127; // RFC 2535 §5.2: 128 bits unless bit 0 is set, which nobody defined
const maxOctets = (maxType + 1) / 8;

class NxtBitmap extends NamelessCodec<readonly number[]> {
  decode(reader: Reader): readonly number[] {
    const at = reader.position;
    const octets = reader.rest();
    const last = octets.at(-1);
    if (octets.length > maxOctets || last === 0 || ((octets[0] ?? 0) & 0x80) !== 0) {
      reader.fail('rdata.bitmap', codes['rdata.bitmap'], at);
    }
    const types: number[] = [];
    for (let type = 1; type < octets.length * 8; type++) {
      if ((octets[type >> 3]! & (0x80 >> (type & 7))) !== 0) types.push(type);
    }
    return types;
  }

  encode(value: readonly number[], writer: Writer): void {
    const octets = new Uint8Array(maxOctets);
    let length = 0;
    for (const type of value) {
      if (requireUnsigned(type, maxType, 'type') === 0) throw new RangeError('type 0');
      octets[type >> 3]! |= 0x80 >> (type & 7);
      length = Math.max(length, (type >> 3) + 1);
    }
    writer.octets(octets, 0, length);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const types: number[] = [];
    do {
      let type = findRecordType(tokens.buffer, tokens.start, tokens.end);
      if (type < 0) type = parseUnsigned(tokens, maxType); // BIND writes types without a name so
      if (type === 0 || type > maxType)
        tokens.fail('text.type', `${codes['text.type']}, up to 127`);
      types.push(type);
    } while (tokens.next());
    this.encode(types, writer);
  }

  format(reader: Reader): string {
    return this.decode(reader).map(formatRecordType).join(' ');
  }
}

export const nxt: RecordType<Nxt> = recordType({
  code: 30,
  mnemonic: 'NXT',
  reference: 'RFC 2535 §5',
  fields: [decompressibleName('next'), field('types', new NxtBitmap(), true)],
});
