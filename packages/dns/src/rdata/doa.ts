/** DOA: a digital object, or where it is (draft-durand-doa-over-dns); `-` is an empty one. */
import { formatBase64 } from '@riad/octets/base64';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { parseBase64Tokens } from './base64-field.ts';
import { characterString } from './character-string.ts';
import { field, NamelessCodec } from './codec.ts';
import { uint8, uint32 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Doa = {
  readonly enterprise: number;
  readonly type: number;
  readonly location: number;
  readonly mediaType: Uint8Array;
  readonly data: Uint8Array;
};

class DoaData extends NamelessCodec<Uint8Array> {
  decode(reader: Reader): Uint8Array {
    return reader.rest();
  }

  encode(value: Uint8Array, writer: Writer): void {
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const none = tokens.end - tokens.start === 1 && tokens.buffer[tokens.start] === 0x2d;
    if (!none) parseBase64Tokens(tokens, writer);
  }

  format(reader: Reader): string {
    return formatBase64(reader.rest()) || '-';
  }
}

export const doa: RecordType<Doa> = recordType({
  code: 259,
  mnemonic: 'DOA',
  reference: 'draft-durand-doa-over-dns',
  fields: [
    uint32('enterprise'),
    uint32('type'),
    uint8('location'),
    characterString('mediaType'),
    field('data', new DoaData()),
  ],
});
