/**
 * ATMA: an ATM address (ATM Forum AF-DANS-0152.000 §5): format 0 is an end system address, in
 * hexadecimal; format 1 is a number of E.164, written with a plus sign. Others have no notation.
 */
import { textFromOctets } from '@riad/octets/ascii';
import { formatHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { RecordClass } from '../iana/classes.ts';
import { NamelessCodec } from './codec.ts';
import { parseDottedHex } from './nsap.ts';
import { requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Atma = { readonly format: number; readonly address: Uint8Array };

const endSystem = 0;
const e164 = 1;

function fits(format: number, address: Uint8Array): boolean {
  if (address.length === 0) return false;
  return format !== e164 || address.every((octet) => octet >= 0x30 && octet <= 0x39);
}

class AtmaCodec extends NamelessCodec<Atma> {
  decode(reader: Reader): Atma {
    const at = reader.position;
    const format = reader.uint8('format');
    const address = reader.rest();
    if (!fits(format, address)) reader.fail('rdata.value', 'no ATM address', at);
    return { format, address };
  }

  encode(value: Atma, writer: Writer): void {
    if (!fits(value.format, value.address)) throw new RangeError('no ATM address');
    writer.uint8(requireUnsigned(value.format, 0xff, 'format'));
    writer.octets(value.address);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const { buffer, start, end } = tokens;
    if (buffer[start] !== 0x2b /* + */) {
      writer.uint8(endSystem);
      parseDottedHex(tokens, writer, start);
      return;
    }
    writer.uint8(e164);
    for (let at = start + 1; at < end; at++) {
      if (buffer[at] === 0x2e) continue;
      if (buffer[at]! < 0x30 || buffer[at]! > 0x39)
        tokens.fail('text.number', 'digits are expected');
      writer.uint8(buffer[at]!);
    }
    if (end - start < 2) tokens.fail('text.number', 'digits are expected');
  }

  format(reader: Reader): string {
    const { format, address } = this.decode(reader);
    if (format > e164) reader.fail('rdata.value', 'a format without a notation');
    return format === e164 ? `+${textFromOctets(address)}` : formatHex(address);
  }
}

export const atma: RecordType<Atma> = wholeRecordType({
  code: 34,
  mnemonic: 'ATMA',
  reference: 'AF-DANS-0152.000 §5',
  onlyClass: RecordClass.IN,
  codec: new AtmaCodec(),
});
