/**
 * What a field, or the whole of a record's data, must know of itself: its value, its wire form and
 * its text. Wire to wire and text to wire go without making values in between.
 */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import type { TokenReader } from './token-reader.ts';

/**
 * How a name inside record data is treated on the wire and in canonical form.
 * - `compressible`: types of RFC 1035, written and read compressed, lower case in canonical form.
 * - `decompressible`: read compressed, never written so (RFC 3597 §4), lower case in canonical form.
 * - `lowered`: never compressed, lower case in canonical form (RFC 4034 §6.2).
 * - `plain`: never compressed, case kept (types after RFC 3597, and NSEC by RFC 6840 §5.1).
 */
export type NameTreatment = 'compressible' | 'decompressible' | 'lowered' | 'plain';

/** What is done with each name when record data is copied: expand, lower or compress it. */
export interface NameCopier {
  copy(treatment: NameTreatment, reader: Reader, writer: Writer, what: string): void;
}

export interface Codec<Value> {
  /** Reads the value; octets that are none fail with a DecodeError. */
  decode(reader: Reader): Value;
  /** Writes the value; one that does not fit its field is a RangeError. */
  encode(value: Value, writer: Writer): void;
  /** Reads over the wire form, refusing exactly what `decode` refuses. */
  skip(reader: Reader): void;
  /** Copies the wire form, its names by way of `names`. */
  copy(reader: Reader, writer: Writer, names: NameCopier): void;
  /** Writes the wire form of the current token, and of as many more as belong to the value. */
  parse(tokens: TokenReader, writer: Writer): void;
  /** The text of the wire form, which may be empty. */
  format(reader: Reader): string;
}

/** A codec without names inside: what it skips is copied as it is. */
export abstract class NamelessCodec<Value> implements Codec<Value> {
  abstract decode(reader: Reader): Value;
  abstract encode(value: Value, writer: Writer): void;
  abstract parse(tokens: TokenReader, writer: Writer): void;
  abstract format(reader: Reader): string;

  skip(reader: Reader): void {
    this.decode(reader);
  }

  copy(reader: Reader, writer: Writer): void {
    const start = reader.position;
    this.skip(reader);
    writer.octets(reader.source, start, reader.position);
  }
}

/** A part of record data with a name of its own. */
export type Field<Key extends string, Value> = {
  readonly key: Key;
  readonly codec: Codec<Value>;
  /** May be absent from the end of the text; then it has no octets. */
  readonly optional: boolean;
};

export function field<Key extends string, Value>(
  key: Key,
  codec: Codec<Value>,
  optional: boolean = false,
): Field<Key, Value> {
  return { key, codec, optional };
}
