/**
 * Octets of a fixed number with a notation of their own: EUI-48 and EUI-64 (RFC 7043 §3.2 and
 * §4.2, pairs of digits with hyphens) and the 64-bit locators of ILNP (RFC 6742 §2, groups of four
 * digits with colons).
 */
import { formatHex, hexDigit, parseHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

class GroupedHex extends NamelessCodec<string> {
  private readonly groups: number;
  private readonly groupOctets: 1 | 2;
  private readonly separator: string;

  constructor(groups: number, groupOctets: 1 | 2, separator: string) {
    super();
    this.groups = groups;
    this.groupOctets = groupOctets;
    this.separator = separator;
  }

  decode(reader: Reader): string {
    const groups: string[] = [];
    for (let i = 0; i < this.groups; i++) {
      const digits = formatHex(reader.octets(this.groupOctets, 'identifier'));
      groups.push(this.groupOctets === 1 ? digits : digits.replace(/^0{1,3}/, ''));
    }
    return groups.join(this.separator);
  }

  encode(value: string, writer: Writer): void {
    const groups = value.split(this.separator);
    const digits = this.groupOctets * 2;
    const shape = this.groupOctets === 1 ? /^[0-9a-f]{2}$/i : /^[0-9a-f]{1,4}$/i;
    if (groups.length !== this.groups || !groups.every((group) => shape.test(group))) {
      throw new RangeError(`${value} is not ${this.groups} groups with ${this.separator}`);
    }
    for (const group of groups) writer.octets(parseHex(group.padStart(digits, '0')));
  }

  override skip(reader: Reader): void {
    reader.skip(this.groups * this.groupOctets, 'identifier');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const { buffer, start, end } = tokens;
    const separator = this.separator.charCodeAt(0);
    let group = 0;
    let digits = 0;
    let value = 0;
    for (let at = start; at <= end; at++) {
      const octet = at === end ? separator : buffer[at]!;
      if (octet === separator) {
        const least = this.groupOctets === 1 ? 2 : 1;
        if (digits < least || ++group > this.groups) this.refuse(tokens);
        if (this.groupOctets === 2) writer.uint8(value >> 8);
        writer.uint8(value);
        digits = 0;
        value = 0;
        continue;
      }
      const digit = hexDigit(octet);
      if (digit < 0 || ++digits > this.groupOctets * 2) this.refuse(tokens);
      value = value * 16 + digit;
    }
    if (group !== this.groups) this.refuse(tokens);
  }

  format(reader: Reader): string {
    return this.decode(reader);
  }

  private refuse(tokens: TokenReader): never {
    const shape = `${this.groups} groups with ${this.separator} between them`;
    return tokens.fail('text.hex', `${codes['text.hex']}: ${shape}`);
  }
}

export function eui48<Key extends string>(key: Key): Field<Key, string> {
  return field(key, new GroupedHex(6, 1, '-'));
}

export function eui64<Key extends string>(key: Key): Field<Key, string> {
  return field(key, new GroupedHex(8, 1, '-'));
}

export function locator64<Key extends string>(key: Key): Field<Key, string> {
  return field(key, new GroupedHex(4, 2, ':'));
}
