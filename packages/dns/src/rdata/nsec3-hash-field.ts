/** The salt of NSEC3 (RFC 5155 §3.3: hexadecimal, or `-`) and the next hashed owner name (base32hex). */
import { base32hexDigit, formatBase32hex } from '@riad/octets/base32hex';
import { formatHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { readCharacterString, writeCharacterString } from './character-string.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { parseHexToken } from './hex-field.ts';
import type { TokenReader } from './token-reader.ts';

const maxOctets = 255; // one octet of length

class Salt extends NamelessCodec<Uint8Array> {
  decode(reader: Reader): Uint8Array {
    return readCharacterString(reader, 'salt');
  }

  encode(value: Uint8Array, writer: Writer): void {
    writeCharacterString(value, writer, 'salt');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const lengthAt = writer.position;
    writer.uint8(0);
    const none = tokens.end - tokens.start === 1 && tokens.buffer[tokens.start] === 0x2d;
    if (none) return;
    parseHexToken(tokens, writer);
    const length = writer.position - lengthAt - 1;
    if (length > maxOctets) tokens.fail('text.hex', 'a salt has at most 255 octets');
    writer.buffer[lengthAt] = length;
  }

  format(reader: Reader): string {
    const salt = this.decode(reader);
    return salt.length === 0 ? '-' : formatHex(salt).toUpperCase();
  }
}

class HashedOwner extends NamelessCodec<Uint8Array> {
  decode(reader: Reader): Uint8Array {
    const hash = readCharacterString(reader, 'next hashed owner name');
    if (hash.length === 0) reader.fail('rdata.value', 'an empty next hashed owner name');
    return hash;
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (value.length === 0) throw new RangeError('an empty next hashed owner name');
    writeCharacterString(value, writer, 'next hashed owner name');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const { buffer, start, end } = tokens;
    const lengthAt = writer.position;
    writer.uint8(0);
    let bits = 0;
    let count = 0;
    for (let at = start; at < end; at++) {
      const digit = base32hexDigit(buffer[at]!);
      if (digit < 0) tokens.fail('text.base32', codes['text.base32']);
      bits = ((bits << 5) | digit) & 0xfff;
      count += 5;
      if (count >= 8) {
        count -= 8;
        writer.uint8(bits >> count);
      }
    }
    const length = writer.position - lengthAt - 1;
    // RFC 5155 §3.3: no padding. What is left over must be less than a digit, and zero.
    if (length === 0 || length > maxOctets || count >= 5 || (bits & ((1 << count) - 1)) !== 0) {
      tokens.fail('text.base32', codes['text.base32']);
    }
    writer.buffer[lengthAt] = length;
  }

  format(reader: Reader): string {
    return formatBase32hex(this.decode(reader), false);
  }
}

export function nsec3Salt<Key extends string>(key: Key): Field<Key, Uint8Array> {
  return field(key, new Salt());
}

export function hashedOwner<Key extends string>(key: Key): Field<Key, Uint8Array> {
  return field(key, new HashedOwner());
}
