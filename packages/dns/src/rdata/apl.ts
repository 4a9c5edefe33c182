/** APL: lists of address prefixes (RFC 3123 §4), written as `!1:192.0.2.0/24`. */
import { textFromOctets } from '@riad/octets/ascii';
import { formatIpv4, formatIpv6, octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { RecordClass } from '../iana/classes.ts';
import { NamelessCodec } from './codec.ts';
import { requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type AddressPrefix = {
  readonly negated: boolean;
  /** 1 is IPv4, 2 is IPv6. */
  readonly family: number;
  readonly prefixLength: number;
  /** The address without its trailing zero octets (RFC 3123 §4). */
  readonly address: Uint8Array;
};
export type Apl = { readonly prefixes: readonly AddressPrefix[] };

const negation = 0x80;
const maxAddressOctets = 127; // RFC 3123 §4: seven bits

function bitsOf(family: number): number {
  if (family === 1) return 32;
  return family === 2 ? 128 : 255; // other families: whatever the octet holds
}

class AplCodec extends NamelessCodec<Apl> {
  decode(reader: Reader): Apl {
    const prefixes: AddressPrefix[] = [];
    while (reader.remaining > 0) {
      const at = reader.position;
      const family = reader.uint16('address family');
      const prefixLength = reader.uint8('prefix length');
      const length = reader.uint8('address length');
      const address = reader.octets(length & maxAddressOctets, 'address');
      if (
        prefixLength > bitsOf(family) ||
        address.length > Math.ceil(bitsOf(family) / 8) ||
        address.at(-1) === 0 // RFC 3123 §4: trailing zeros MUST NOT be sent
      ) {
        reader.fail('rdata.value', 'no address prefix', at);
      }
      prefixes.push({ negated: (length & negation) !== 0, family, prefixLength, address });
    }
    return { prefixes };
  }

  encode(value: Apl, writer: Writer): void {
    for (const { negated, family, prefixLength, address } of value.prefixes) {
      if (address.length > Math.min(maxAddressOctets, bitsOf(family) / 8) || address.at(-1) === 0) {
        throw new RangeError('no address prefix');
      }
      writer.uint16(requireUnsigned(family, 0xffff, 'family'));
      writer.uint8(requireUnsigned(prefixLength, bitsOf(family), 'prefixLength'));
      writer.uint8(address.length | (negated ? negation : 0));
      writer.octets(address);
    }
  }

  parse(tokens: TokenReader, writer: Writer): void {
    do {
      const text = textFromOctets(tokens.buffer, tokens.start, tokens.end);
      const match = /^(!?)([12]):([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text);
      const family = Number(match?.[2]);
      const address = family === 1 ? octetsOfIpv4(match![3]!) : octetsOfIpv6(match?.[3] ?? '');
      const prefixLength = Number(match?.[4]);
      if (address === undefined || prefixLength > bitsOf(family)) {
        tokens.fail('text.address', 'a family, an address and a prefix length are expected');
      }
      let length = address.length;
      while (length > 0 && address[length - 1] === 0) length--;
      writer.uint16(family);
      writer.uint8(prefixLength);
      writer.uint8(length | (match![1] === '!' ? negation : 0));
      writer.octets(address, 0, length);
    } while (tokens.next());
  }

  format(reader: Reader): string {
    return this.decode(reader)
      .prefixes.map((prefix) => formatPrefix(prefix, reader))
      .join(' ');
  }
}

/** Families without a notation leave the record to the generic one. */
function formatPrefix(prefix: AddressPrefix, reader: Reader): string {
  const { negated, family, prefixLength, address } = prefix;
  if (family !== 1 && family !== 2) reader.fail('rdata.value', 'a family without a notation');
  const octets = new Uint8Array(16);
  octets.set(address);
  const text = family === 1 ? formatIpv4(octets) : formatIpv6(octets);
  return `${negated ? '!' : ''}${family}:${text}/${prefixLength}`;
}

/** An empty list is legal (RFC 3123 §4), and then there is no text. */
export const apl: RecordType<Apl> = wholeRecordType({
  code: 42,
  mnemonic: 'APL',
  reference: 'RFC 3123 §4',
  onlyClass: RecordClass.IN,
  mayBeEmpty: true,
  codec: new AplCodec(),
});
