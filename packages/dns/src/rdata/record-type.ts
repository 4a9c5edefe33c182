/**
 * A record type, declared by its fields: from them come its value in TypeScript, its wire form, its
 * text, its canonical form (RFC 4034 §6.2) and the treatment of names in it (RFC 3597 §4).
 */
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { canonicalName, decodeName, skipName } from '../name.ts';
import type { Codec, Field, NameCopier, NameTreatment } from './codec.ts';
import { formatGeneric, isGeneric, parseGeneric } from './generic.ts';
import type { TokenReader } from './token-reader.ts';

/** Filled and copied from within one call. */
const canonicalScratch = new Writer(512);
export const maxRdataOctets = 65_535; // RDLENGTH has 16 bits, RFC 1035 §3.2.1

export class RecordType<Value> {
  readonly code: number;
  readonly mnemonic: string;
  readonly reference: string;
  /** The one class this layout belongs to, if it does not belong to all. */
  readonly onlyClass: number | undefined;
  readonly codec: Codec<Value>;
  /** Whether there may be no data at all, and no text. */
  readonly mayBeEmpty: boolean;

  constructor(declaration: Declaration, codec: Codec<Value>) {
    this.code = declaration.code;
    this.mnemonic = declaration.mnemonic;
    this.reference = declaration.reference;
    this.onlyClass = declaration.onlyClass;
    this.mayBeEmpty = declaration.mayBeEmpty === true;
    this.codec = codec;
  }

  /** The value of all that `reader` is bounded to. */
  decode(reader: Reader): Value {
    const value = this.codec.decode(reader);
    this.finish(reader);
    return value;
  }

  encode(value: Value, writer: Writer): void {
    this.codec.encode(value, writer);
  }

  /** Refuses exactly what `decode` refuses. */
  check(reader: Reader): void {
    this.codec.skip(reader);
    this.finish(reader);
  }

  /** Writes the wire form of all further tokens of the entry, or fails at one of them. */
  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    if (this.mayBeEmpty) {
      if (!tokens.next()) return;
    } else {
      tokens.require(this.mnemonic);
    }
    if (isGeneric(tokens)) {
      parseGeneric(tokens, writer);
      this.checkGeneric(tokens, writer, start); // RFC 3597 §5: known types must bear it too
    } else {
      this.codec.parse(tokens, writer);
    }
    if (tokens.next()) tokens.fail('text.extra', `${codes['text.extra']} ${this.mnemonic} has`);
    if (writer.position - start > maxRdataOctets) tokens.fail('text.long', codes['text.long']);
  }

  /** The text of record data; what its type does not allow is written as RFC 3597 §5 has it. */
  format(rdata: Uint8Array): string {
    try {
      const reader = new Reader(rdata);
      const text = this.codec.format(reader);
      this.finish(reader);
      return text;
    } catch (error) {
      if (error instanceof DecodeError) return formatGeneric(rdata);
      throw error;
    }
  }

  /** The canonical form (RFC 4034 §6.2, RFC 6840 §5.1) of record data without compression. */
  canonical(rdata: Uint8Array): Uint8Array {
    canonicalScratch.reset();
    const reader = new Reader(rdata);
    this.codec.copy(reader, canonicalScratch, lowering);
    this.finish(reader);
    return canonicalScratch.copy();
  }

  /** Copies the record data that `reader` is bounded to, with its names uncompressed. */
  decompress(reader: Reader, writer: Writer): void {
    this.codec.copy(reader, writer, expanding);
    this.finish(reader);
  }

  /** Copies record data with its names by way of `names`. */
  copy(rdata: Uint8Array, writer: Writer, names: NameCopier): void {
    const reader = new Reader(rdata);
    this.codec.copy(reader, writer, names);
    this.finish(reader);
  }

  private finish(reader: Reader): void {
    if (reader.position !== reader.end) {
      reader.fail('rdata.trailing', `${codes['rdata.trailing']} (${this.mnemonic})`);
    }
  }

  private checkGeneric(tokens: TokenReader, writer: Writer, start: number): void {
    try {
      this.check(new Reader(writer.buffer, start, writer.position));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      tokens.fail('text.value', `these octets are no ${this.mnemonic}: ${error.message}`);
    }
  }
}

export type Declaration = {
  readonly code: number;
  readonly mnemonic: string;
  readonly reference: string;
  readonly onlyClass?: number;
  readonly mayBeEmpty?: boolean;
};

// biome-ignore lint/suspicious/noExplicitAny: fields of every value stand in one list
type AnyField = Field<string, any>;

/** The value that fields make: one property for each. */
export type ValueOf<Fields extends readonly AnyField[]> = {
  readonly [F in Fields[number] as F['key']]: F extends Field<string, infer Value> ? Value : never;
};

/** A record type whose data is its fields one after the other, in text as on the wire. */
export function recordType<const Fields extends readonly AnyField[]>(
  declaration: Declaration & { readonly fields: Fields },
): RecordType<ValueOf<Fields>> {
  return new RecordType(declaration, new FieldSequence(declaration.fields));
}

/** A record type whose fields depend on one another: one codec for all of them. */
export function wholeRecordType<Value>(
  declaration: Declaration & { readonly codec: Codec<Value> },
): RecordType<Value> {
  return new RecordType(declaration, declaration.codec);
}

/** Fields one after the other. */
export class FieldSequence<Fields extends readonly AnyField[]> implements Codec<ValueOf<Fields>> {
  private readonly fields: Fields;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  decode(reader: Reader): ValueOf<Fields> {
    const value: Record<string, unknown> = {};
    for (const { key, codec } of this.fields) value[key] = codec.decode(reader);
    return value as ValueOf<Fields>;
  }

  encode(value: ValueOf<Fields>, writer: Writer): void {
    const values = value as Record<string, unknown>;
    for (const { key, codec } of this.fields) codec.encode(values[key], writer);
  }

  skip(reader: Reader): void {
    for (const { codec } of this.fields) codec.skip(reader);
  }

  copy(reader: Reader, writer: Writer, names: NameCopier): void {
    for (const { codec } of this.fields) codec.copy(reader, writer, names);
  }

  /** The first field's token is the current one already. */
  parse(tokens: TokenReader, writer: Writer): void {
    const fields = this.fields;
    for (let i = 0; i < fields.length; i++) {
      const next = fields[i]!;
      if (i > 0) {
        if (next.optional) {
          if (!tokens.next()) continue;
        } else {
          tokens.require(next.key);
        }
      }
      next.codec.parse(tokens, writer);
    }
  }

  format(reader: Reader): string {
    let text = '';
    for (const { codec } of this.fields) {
      const part = codec.format(reader);
      if (part !== '') text += text === '' ? part : ` ${part}`;
    }
    return text;
  }
}

function mayBeCompressed(treatment: NameTreatment): boolean {
  return treatment === 'compressible' || treatment === 'decompressible';
}

export const expanding: NameCopier = {
  copy(treatment, reader, writer, what) {
    const start = reader.position;
    // Written through the name only where there may be a pointer in it.
    if (mayBeCompressed(treatment)) return writer.octets(decodeName(reader, what));
    skipName(reader, what, false);
    writer.octets(reader.source, start, reader.position);
  },
};

export const lowering: NameCopier = {
  copy(treatment, reader, writer, what) {
    const name = decodeName(reader, what, false);
    writer.octets(treatment === 'plain' ? name : canonicalName(name));
  },
};
