/** A6: part of an IPv6 address and the name that has the rest, historic (RFC 2874 §3, RFC 6563). */
import { formatIpv6, type Ipv6Address, octetsOfIpv6, scanIpv6 } from '@riad/octets/ip-address';
import type { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { RecordClass } from '../iana/classes.ts';
import { checkName, decodeName, formatName, type Name } from '../name.ts';
import type { Codec, NameCopier } from './codec.ts';
import { parseNameToken } from './name-token.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type A6 = {
  readonly prefixLength: number;
  /** The bits behind the prefix, the others zero; absent when the prefix is the whole address. */
  readonly suffix: Ipv6Address | undefined;
  /** Absent when the prefix has no bits. */
  readonly prefixName: Name | undefined;
};

const addressBits = 128;

/** Octets that hold the bits behind the prefix, padded at the front (RFC 2874 §3.1.1). */
function suffixOctets(prefixLength: number): number {
  return 16 - (prefixLength >> 3);
}

function paddingIsZero(first: number, prefixLength: number): boolean {
  return (first & ~(0xff >> (prefixLength & 7)) & 0xff) === 0;
}

class A6Codec implements Codec<A6> {
  decode(reader: Reader): A6 {
    const { prefixLength, suffix } = readPrefix(reader);
    const prefixName = prefixLength === 0 ? undefined : decodeName(reader, 'prefix name', false);
    return { prefixLength, suffix, prefixName };
  }

  encode(value: A6, writer: Writer): void {
    const { prefixLength, suffix, prefixName } = value;
    writer.uint8(requireUnsigned(prefixLength, addressBits, 'prefixLength'));
    if ((suffix === undefined) !== (prefixLength === addressBits)) {
      throw new RangeError('a suffix stands where the prefix is not the whole address');
    }
    if ((prefixName === undefined) !== (prefixLength === 0)) {
      throw new RangeError('a prefix name stands where the prefix has bits');
    }
    if (suffix !== undefined) {
      const octets = octetsOfIpv6(suffix);
      if (octets === undefined) throw new RangeError(`${suffix} is no IPv6 address`);
      const from = prefixLength >> 3;
      const first = octets[from]! & (0xff >> (prefixLength & 7));
      writer.uint8(first);
      writer.octets(octets, from + 1);
    }
    if (prefixName !== undefined) writer.octets(checkName(prefixName));
  }

  skip(reader: Reader): void {
    this.decode(reader);
  }

  copy(reader: Reader, writer: Writer, names: NameCopier): void {
    const start = reader.position;
    const { prefixLength } = readPrefix(reader);
    writer.octets(reader.source, start, reader.position);
    if (prefixLength > 0) names.copy('lowered', reader, writer, 'prefix name');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const prefixLength = parseUnsigned(tokens, addressBits);
    writer.uint8(prefixLength);
    if (prefixLength < addressBits) {
      tokens.require('address suffix');
      const whole = new Writer(20);
      if (!scanIpv6(tokens.buffer, tokens.start, tokens.end, whole)) {
        tokens.fail('text.address', `${codes['text.address']}: an IPv6 address`);
      }
      const from = prefixLength >> 3;
      const octets = whole.view();
      writer.uint8(octets[from]! & (0xff >> (prefixLength & 7)));
      writer.octets(octets, from + 1);
    }
    if (prefixLength > 0) {
      tokens.require('prefix name');
      parseNameToken(tokens, writer);
    }
  }

  format(reader: Reader): string {
    const { prefixLength, suffix, prefixName } = this.decode(reader);
    const name = prefixName === undefined ? undefined : formatName(prefixName);
    return [prefixLength, suffix, name].filter((part) => part !== undefined).join(' ');
  }
}

function readPrefix(reader: Reader): { prefixLength: number; suffix: Ipv6Address | undefined } {
  const at = reader.position;
  const prefixLength = reader.uint8('prefix length');
  if (prefixLength > addressBits) reader.fail('rdata.value', 'a prefix beyond 128 bits', at);
  if (prefixLength === addressBits) return { prefixLength, suffix: undefined };
  const octets = new Uint8Array(16);
  const bits = reader.octets(suffixOctets(prefixLength), 'address suffix');
  if (!paddingIsZero(bits[0]!, prefixLength)) {
    reader.fail('rdata.value', 'bits of the prefix in the suffix', at); // RFC 2874 §3.1.1
  }
  octets.set(bits, 16 - bits.length);
  return { prefixLength, suffix: formatIpv6(octets) };
}

export const a6: RecordType<A6> = wholeRecordType({
  code: 38,
  mnemonic: 'A6',
  reference: 'RFC 2874 §3',
  onlyClass: RecordClass.IN,
  codec: new A6Codec(),
});
