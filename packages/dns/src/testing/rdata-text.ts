/** Record data from text and back, for tests: one entry, read as a master file's. */
import { encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';
import { parseRecordType } from '../iana/record-types.ts';
import { parseName } from '../name.ts';
import type { RecordType } from '../rdata/record-type.ts';
import { recordTypeOf } from '../rdata/registry.ts';
import { Scanner } from '../zonefile/scanner.ts';

/** The wire form of what stands behind the type in a record; relative names end in example. */
export function rdataOf(type: string | RecordType<unknown>, text: string): Uint8Array {
  const layout = typeof type === 'string' ? typeOf(type) : type;
  const octets = encodeUtf8(`owner ${text}\n`);
  const origin = parseName('example.');
  const scanner = new Scanner(octets, octets.length, 0, 1, 'test', origin, octets.length);
  scanner.nextEntry(octets.length);
  const writer = new Writer(16);
  layout.parse(scanner, writer);
  return writer.copy();
}

export function typeOf(mnemonic: string): RecordType<unknown> {
  const code = parseRecordType(mnemonic);
  if (code === undefined) throw new RangeError(`${mnemonic} is no record type`);
  return recordTypeOf(code);
}
