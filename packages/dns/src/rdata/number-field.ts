/** Unsigned integers in network order, decimal in text. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

/** The decimal number in the current token, at most `most`, or fails there. */
export function parseUnsigned(tokens: TokenReader, most: number): number {
  const { buffer, end } = tokens;
  let at = tokens.start;
  let value = 0;
  if (at === end || end - at > 15) failNumber(tokens, most);
  for (; at < end; at++) {
    const digit = buffer[at]! - 0x30;
    if (digit < 0 || digit > 9) failNumber(tokens, most);
    value = value * 10 + digit;
  }
  if (value > most) failNumber(tokens, most);
  return value;
}

function failNumber(tokens: TokenReader, most: number): never {
  return tokens.fail('text.number', `${codes['text.number']} (0 to ${most})`);
}

export function requireUnsigned(value: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new RangeError(`${what} must be an integer from 0 to ${most}, not ${value}`);
  }
  return value;
}

class Uint8Codec extends NamelessCodec<number> {
  readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint8(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint8(requireUnsigned(value, 0xff, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint8(parseUnsigned(tokens, 0xff));
  }

  format(reader: Reader): string {
    return String(reader.uint8(this.what));
  }
}

class Uint16Codec extends NamelessCodec<number> {
  readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint16(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint16(requireUnsigned(value, 0xffff, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint16(parseUnsigned(tokens, 0xffff));
  }

  format(reader: Reader): string {
    return String(reader.uint16(this.what));
  }
}

class Uint32Codec extends NamelessCodec<number> {
  readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint32(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint32(requireUnsigned(value, 0xffff_ffff, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint32(parseUnsigned(tokens, 0xffff_ffff));
  }

  format(reader: Reader): string {
    return String(reader.uint32(this.what));
  }
}

export function uint8<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Uint8Codec(key));
}

export function uint16<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Uint16Codec(key));
}

export function uint32<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Uint32Codec(key));
}
