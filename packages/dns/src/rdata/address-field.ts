/** IPv4 and IPv6 addresses. */
import {
  formatIpv4,
  formatIpv6,
  type Ipv4Address,
  type Ipv6Address,
  octetsOfIpv4,
  octetsOfIpv6,
  scanIpv4,
  scanIpv6,
} from '@riad/octets/ip-address';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import type { TokenReader } from './token-reader.ts';

class Ipv4Codec extends NamelessCodec<Ipv4Address> {
  decode(reader: Reader): Ipv4Address {
    return formatIpv4(reader.octets(4, 'IPv4 address'));
  }

  encode(value: Ipv4Address, writer: Writer): void {
    const octets = octetsOfIpv4(value);
    if (octets === undefined) throw new RangeError(`${value} is no IPv4 address`);
    writer.octets(octets);
  }

  override skip(reader: Reader): void {
    reader.skip(4, 'IPv4 address');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    if (!scanIpv4(tokens.buffer, tokens.start, tokens.end, writer)) {
      tokens.fail('text.address', `${codes['text.address']}: four numbers up to 255, with dots`);
    }
  }

  format(reader: Reader): string {
    return this.decode(reader);
  }
}

class Ipv6Codec extends NamelessCodec<Ipv6Address> {
  decode(reader: Reader): Ipv6Address {
    return formatIpv6(reader.octets(16, 'IPv6 address'));
  }

  encode(value: Ipv6Address, writer: Writer): void {
    const octets = octetsOfIpv6(value);
    if (octets === undefined) throw new RangeError(`${value} is no IPv6 address`);
    writer.octets(octets);
  }

  override skip(reader: Reader): void {
    reader.skip(16, 'IPv6 address');
  }

  parse(tokens: TokenReader, writer: Writer): void {
    if (!scanIpv6(tokens.buffer, tokens.start, tokens.end, writer)) {
      tokens.fail('text.address', `${codes['text.address']}: an IPv6 address`);
    }
  }

  format(reader: Reader): string {
    return this.decode(reader);
  }
}

export function ipv4<Key extends string>(key: Key): Field<Key, Ipv4Address> {
  return field(key, new Ipv4Codec());
}

export function ipv6<Key extends string>(key: Key): Field<Key, Ipv6Address> {
  return field(key, new Ipv6Codec());
}
