/** Domain names inside record data, in the four treatments they know (see `NameTreatment`). */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { checkName, decodeName, formatName, type Name, skipName } from '../name.ts';
import { type Codec, type Field, field, type NameCopier, type NameTreatment } from './codec.ts';
import { parseNameToken } from './name-token.ts';
import type { TokenReader } from './token-reader.ts';

class NameCodec implements Codec<Name> {
  private readonly what: string;
  private readonly treatment: NameTreatment;
  private readonly compression: boolean;

  constructor(what: string, treatment: NameTreatment) {
    this.what = what;
    this.treatment = treatment;
    this.compression = treatment === 'compressible' || treatment === 'decompressible';
  }

  decode(reader: Reader): Name {
    return decodeName(reader, this.what, this.compression);
  }

  encode(value: Name, writer: Writer): void {
    writer.octets(checkName(value));
  }

  skip(reader: Reader): void {
    skipName(reader, this.what, this.compression);
  }

  copy(reader: Reader, writer: Writer, names: NameCopier): void {
    names.copy(this.treatment, reader, writer, this.what);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    parseNameToken(tokens, writer);
  }

  format(reader: Reader): string {
    return formatName(decodeName(reader, this.what, this.compression));
  }
}

/** In a type of RFC 1035. */
export function compressibleName<Key extends string>(key: Key): Field<Key, Name> {
  return field(key, new NameCodec(key, 'compressible'));
}

/** In a type that RFC 3597 §4 lists. */
export function decompressibleName<Key extends string>(key: Key): Field<Key, Name> {
  return field(key, new NameCodec(key, 'decompressible'));
}

/** In a type that RFC 4034 §6.2 lists, but never compressed. */
export function loweredName<Key extends string>(key: Key): Field<Key, Name> {
  return field(key, new NameCodec(key, 'lowered'));
}

export function plainName<Key extends string>(key: Key): Field<Key, Name> {
  return field(key, new NameCodec(key, 'plain'));
}
