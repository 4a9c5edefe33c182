/** Record data that we do not look into: octets, written as `\# LENGTH HEX` (RFC 3597 §5). */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { formatRecordType } from '../iana/record-types.ts';
import { NamelessCodec } from './codec.ts';
import { formatGeneric } from './generic.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Opaque = { readonly octets: Uint8Array };

export class OpaqueCodec extends NamelessCodec<Opaque> {
  decode(reader: Reader): Opaque {
    return { octets: reader.rest() };
  }

  encode(value: Opaque, writer: Writer): void {
    writer.octets(value.octets);
  }

  /** Comes here only with text that is not in the generic form. */
  parse(tokens: TokenReader): void {
    tokens.fail('text.generic', codes['text.generic']);
  }

  format(reader: Reader): string {
    return formatGeneric(reader.rest());
  }
}

const codec = new OpaqueCodec();

export function opaque(code: number): RecordType<Opaque> {
  return wholeRecordType({ code, mnemonic: formatRecordType(code), reference: 'RFC 3597', codec });
}
