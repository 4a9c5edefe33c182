/** CAA: which authorities may issue certificates (RFC 8659 §4.1). All flag bits are kept. */
import { textFromOctets } from '@riad/octets/ascii';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import {
  parseCharacterString,
  quotedRest,
  readCharacterString,
  writeCharacterString,
} from './character-string.ts';
import { field, NamelessCodec } from './codec.ts';
import { uint8 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Caa = {
  /** 128 is the critical bit; the others have no meaning yet. */
  readonly flags: number;
  readonly tag: string;
  readonly value: Uint8Array;
};

/** RFC 8659 §4.1: letters and digits, one at least. */
function isTag(octets: Uint8Array): boolean {
  return octets.length > 0 && /^[a-z0-9]+$/i.test(textFromOctets(octets));
}

class Tag extends NamelessCodec<string> {
  decode(reader: Reader): string {
    const at = reader.position;
    const tag = readCharacterString(reader, 'tag');
    if (!isTag(tag)) reader.fail('rdata.value', 'a tag has letters and digits only', at);
    return textFromOctets(tag);
  }

  encode(value: string, writer: Writer): void {
    const octets = Uint8Array.from(value, (character) => character.charCodeAt(0));
    if (!isTag(octets)) throw new RangeError(`a tag has letters and digits only, not ${value}`);
    writeCharacterString(octets, writer, 'tag');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseCharacterString(tokens, writer);
    if (!isTag(writer.view(start + 1))) {
      tokens.fail('text.value', 'a tag has letters and digits only');
    }
  }

  format(reader: Reader): string {
    return this.decode(reader);
  }
}

export const caa: RecordType<Caa> = recordType({
  code: 257,
  mnemonic: 'CAA',
  reference: 'RFC 8659 §4.1',
  fields: [uint8('flags'), field('tag', new Tag()), quotedRest('value')],
});
