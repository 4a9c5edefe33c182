/** Type bit maps (RFC 4034 §4.1.2): which record types exist at a name, in windows of 256. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { findRecordType, formatRecordType } from '../iana/record-types.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { requireUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

const maxWindowOctets = 32; // 256 types, one bit each

// The types of one bitmap while it is written; cleared again before anybody else can see it.
const bits = new Uint8Array(65_536 / 8);

function mark(type: number): void {
  bits[type >> 3]! |= 0x80 >> (type & 7);
}

/** Writes the marked types, and forgets them; `highest` is the largest of them. */
function writeMarked(highest: number, writer: Writer): void {
  for (let window = 0; window <= highest >> 8; window++) {
    const start = window * maxWindowOctets;
    let octets = maxWindowOctets;
    while (octets > 0 && bits[start + octets - 1] === 0) octets--; // trailing zeros are left out
    if (octets === 0) continue; // and so are empty windows
    writer.uint8(window);
    writer.uint8(octets);
    writer.octets(bits, start, start + octets);
    bits.fill(0, start, start + octets);
  }
}

class TypeBitmap extends NamelessCodec<readonly number[]> {
  private readonly mayBeEmpty: boolean;

  constructor(mayBeEmpty: boolean) {
    super();
    this.mayBeEmpty = mayBeEmpty;
  }

  decode(reader: Reader): readonly number[] {
    const types: number[] = [];
    this.read(reader, types);
    return types;
  }

  encode(value: readonly number[], writer: Writer): void {
    if (value.length === 0 && !this.mayBeEmpty) throw new RangeError('a bitmap without types');
    let highest = 0;
    for (const type of value) requireUnsigned(type, 0xffff, 'record type');
    for (const type of value) {
      highest = Math.max(highest, type);
      mark(type);
    }
    writeMarked(highest, writer);
  }

  override skip(reader: Reader): void {
    this.read(reader, undefined);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const count = countTypes(tokens, writer);
    if (count < 0) tokens.fail('text.type', codes['text.type']);
  }

  format(reader: Reader): string {
    return this.decode(reader).map(formatRecordType).join(' ');
  }

  private read(reader: Reader, types: number[] | undefined): void {
    if (reader.remaining === 0 && !this.mayBeEmpty) {
      reader.fail('rdata.bitmap', codes['rdata.bitmap']);
    }
    let previous = -1;
    while (reader.remaining > 0) {
      const at = reader.position;
      const window = reader.uint8('bitmap window');
      const octets = reader.uint8('bitmap length');
      if (window <= previous || octets === 0 || octets > maxWindowOctets) {
        reader.fail('rdata.bitmap', codes['rdata.bitmap'], at);
      }
      const start = reader.position;
      reader.skip(octets, 'bitmap');
      if (reader.source[reader.position - 1] === 0) {
        reader.fail('rdata.bitmap', codes['rdata.bitmap'], at);
      }
      previous = window;
      for (let i = 0; types !== undefined && i < octets * 8; i++) {
        if ((reader.source[start + (i >> 3)]! & (0x80 >> (i & 7))) !== 0) {
          types.push(window * 256 + i);
        }
      }
    }
  }
}

/** Writes the bitmap of the current token and those behind it; -1, with nothing marked, if one is no type. */
function countTypes(tokens: TokenReader, writer: Writer): number {
  let highest = 0;
  let count = 0;
  do {
    const type = findRecordType(tokens.buffer, tokens.start, tokens.end);
    if (type < 0) {
      bits.fill(0, 0, (highest >> 3) + 1);
      return -1;
    }
    if (type > highest) highest = type;
    mark(type);
    count++;
  } while (tokens.next());
  writeMarked(highest, writer);
  return count;
}

/** The types to the end of the record data; `mayBeEmpty` as in NSEC3 (RFC 5155 §3.2.1). */
export function typeBitmap<Key extends string>(
  key: Key,
  mayBeEmpty: boolean,
): Field<Key, readonly number[]> {
  return field(key, new TypeBitmap(mayBeEmpty), mayBeEmpty);
}
