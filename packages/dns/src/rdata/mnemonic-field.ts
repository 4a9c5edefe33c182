/** Numbers of a registry: the text may be the number or its mnemonic. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { dnssecAlgorithms } from '../iana/dnssec-algorithms.ts';
import type { Mnemonics } from '../iana/mnemonics.ts';
import { findRecordType, formatRecordType } from '../iana/record-types.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { requireUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

/** One octet or two; written as the mnemonic or, where other tools do so, as the number. */
class MnemonicNumber extends NamelessCodec<number> {
  private readonly what: string;
  private readonly registry: Mnemonics;
  private readonly octets: 1 | 2;
  private readonly writesNumber: boolean;

  constructor(what: string, registry: Mnemonics, octets: 1 | 2, writesNumber: boolean) {
    super();
    this.what = what;
    this.registry = registry;
    this.octets = octets;
    this.writesNumber = writesNumber;
  }

  decode(reader: Reader): number {
    return this.octets === 1 ? reader.uint8(this.what) : reader.uint16(this.what);
  }

  encode(value: number, writer: Writer): void {
    const checked = requireUnsigned(value, this.octets === 1 ? 0xff : 0xffff, this.what);
    if (this.octets === 1) writer.uint8(checked);
    else writer.uint16(checked);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const value = this.registry.find(tokens.buffer, tokens.start, tokens.end);
    if (value < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (${this.what})`);
    if (this.octets === 1) writer.uint8(value);
    else writer.uint16(value);
  }

  format(reader: Reader): string {
    const value = this.decode(reader);
    return this.writesNumber ? String(value) : this.registry.format(value);
  }
}

class TypeNumber extends NamelessCodec<number> {
  decode(reader: Reader): number {
    return reader.uint16('record type');
  }

  encode(value: number, writer: Writer): void {
    writer.uint16(requireUnsigned(value, 0xffff, 'record type'));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const value = findRecordType(tokens.buffer, tokens.start, tokens.end);
    if (value < 0) tokens.fail('text.type', codes['text.type']);
    writer.uint16(value);
  }

  format(reader: Reader): string {
    return formatRecordType(reader.uint16('record type'));
  }
}

export function mnemonic8<Key extends string>(
  key: Key,
  registry: Mnemonics,
  writesNumber: boolean = true,
): Field<Key, number> {
  return field(key, new MnemonicNumber(key, registry, 1, writesNumber));
}

export function mnemonic16<Key extends string>(
  key: Key,
  registry: Mnemonics,
  writesNumber: boolean = false,
): Field<Key, number> {
  return field(key, new MnemonicNumber(key, registry, 2, writesNumber));
}

/** A DNSSEC algorithm, written as its number. */
export function algorithm<Key extends string>(key: Key): Field<Key, number> {
  return mnemonic8(key, dnssecAlgorithms);
}

/** A record type, such as the type an RRSIG covers. */
export function typeNumber<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new TypeNumber());
}
