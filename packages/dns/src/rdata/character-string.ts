/**
 * Character strings (RFC 1035 §3.3): up to 255 octets, quoted in text where they have spaces, with
 * `\DDD` and `\X` for whatever would be misread (§5.1). Their octets are kept, whatever they mean.
 */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { decimalEscape } from '../name.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

const maxOctets = 255; // one octet of length

/** Writes the octets of `text[start..end)` with its escapes resolved; false at a bad escape. */
export function writeUnescaped(
  text: Uint8Array,
  start: number,
  end: number,
  writer: Writer,
): boolean {
  writer.reserve(end - start);
  const into = writer.buffer;
  let to = writer.position;
  for (let at = start; at < end; at++) {
    let octet = text[at]!;
    if (octet === 0x5c /* \ */) {
      if (++at >= end) return false;
      octet = text[at]!;
      if (octet >= 0x30 && octet <= 0x39) {
        octet = decimalEscape(text, at, end);
        if (octet < 0) return false;
        at += 2;
      }
    }
    into[to++] = octet;
  }
  writer.position = to;
  return true;
}

/** Writes the octets of the current token, escapes resolved, without a length before them. */
export function parseOctets(tokens: TokenReader, writer: Writer): void {
  if (!writeUnescaped(tokens.buffer, tokens.start, tokens.end, writer)) {
    tokens.fail('text.escape', codes['text.escape']);
  }
}

/** Writes the current token as one character string, its length before it. */
export function parseCharacterString(tokens: TokenReader, writer: Writer): void {
  const lengthAt = writer.position;
  writer.uint8(0);
  parseOctets(tokens, writer);
  const length = writer.position - lengthAt - 1;
  if (length > maxOctets) tokens.fail('text.string', codes['text.string']);
  writer.buffer[lengthAt] = length;
}

/** Octets as a quoted string. */
export function formatQuoted(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) {
    if (octet < 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}

export function readCharacterString(reader: Reader, what: string): Uint8Array {
  return reader.octets(reader.uint8(`the length of ${what}`), what);
}

export function writeCharacterString(value: Uint8Array, writer: Writer, what: string): void {
  if (value.length > maxOctets) throw new RangeError(`${what} has more than ${maxOctets} octets`);
  writer.uint8(value.length);
  writer.octets(value);
}

class CharacterString extends NamelessCodec<Uint8Array> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): Uint8Array {
    return readCharacterString(reader, this.what);
  }

  encode(value: Uint8Array, writer: Writer): void {
    writeCharacterString(value, writer, this.what);
  }

  override skip(reader: Reader): void {
    reader.skip(reader.uint8(`the length of ${this.what}`), this.what);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    parseCharacterString(tokens, writer);
  }

  format(reader: Reader): string {
    return formatQuoted(this.decode(reader));
  }
}

/** One string that the end of the record data may leave out, as in ISDN. */
class OptionalCharacterString extends NamelessCodec<Uint8Array | undefined> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): Uint8Array | undefined {
    return reader.remaining === 0 ? undefined : readCharacterString(reader, this.what);
  }

  encode(value: Uint8Array | undefined, writer: Writer): void {
    if (value !== undefined) writeCharacterString(value, writer, this.what);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    parseCharacterString(tokens, writer);
  }

  format(reader: Reader): string {
    const value = this.decode(reader);
    return value === undefined ? '' : formatQuoted(value);
  }
}

/** One string or more to the end; their boundaries are data and are kept (RFC 1035 §3.3.14). */
class CharacterStrings extends NamelessCodec<readonly Uint8Array[]> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): readonly Uint8Array[] {
    const strings: Uint8Array[] = [];
    do strings.push(readCharacterString(reader, this.what));
    while (reader.remaining > 0);
    return strings;
  }

  encode(value: readonly Uint8Array[], writer: Writer): void {
    if (value.length === 0) throw new RangeError(`${this.what} needs one string at least`);
    for (const string of value) writeCharacterString(string, writer, this.what);
  }

  override skip(reader: Reader): void {
    do reader.skip(reader.uint8(`the length of ${this.what}`), this.what);
    while (reader.remaining > 0);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    do parseCharacterString(tokens, writer);
    while (tokens.next());
  }

  format(reader: Reader): string {
    return this.decode(reader).map(formatQuoted).join(' ');
  }
}

/** Octets to the end without a length of their own, quoted in text. */
class QuotedRest extends NamelessCodec<Uint8Array> {
  private readonly what: string;
  private readonly leastOctets: number;

  constructor(what: string, leastOctets: number) {
    super();
    this.what = what;
    this.leastOctets = leastOctets;
  }

  decode(reader: Reader): Uint8Array {
    if (reader.remaining < this.leastOctets) {
      reader.fail('rdata.short', `${codes['rdata.short']}: ${this.what}`);
    }
    return reader.rest();
  }

  encode(value: Uint8Array, writer: Writer): void {
    if (value.length < this.leastOctets) throw new RangeError(`${this.what} is empty`);
    writer.octets(value);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const start = writer.position;
    parseOctets(tokens, writer);
    if (writer.position - start < this.leastOctets) {
      tokens.fail('text.value', `${this.what} is empty`);
    }
  }

  format(reader: Reader): string {
    return formatQuoted(this.decode(reader));
  }
}

export function characterString<Key extends string>(key: Key): Field<Key, Uint8Array> {
  return field(key, new CharacterString(key));
}

export function optionalCharacterString<Key extends string>(
  key: Key,
): Field<Key, Uint8Array | undefined> {
  return field(key, new OptionalCharacterString(key), true);
}

export function characterStrings<Key extends string>(key: Key): Field<Key, readonly Uint8Array[]> {
  return field(key, new CharacterStrings(key));
}

export function quotedRest<Key extends string>(
  key: Key,
  leastOctets: number = 0,
): Field<Key, Uint8Array> {
  return field(key, new QuotedRest(key, leastOctets));
}
