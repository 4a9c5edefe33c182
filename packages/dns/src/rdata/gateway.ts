/** The gateway of IPSECKEY (RFC 4025 §2.5) and the relay of AMTRELAY (RFC 8777 §4.2.3). */
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
import { checkName, decodeName, formatName, type Name } from '../name.ts';
import { parseNameToken } from './name-token.ts';
import type { TokenReader } from './token-reader.ts';

export type Gateway =
  | { readonly type: 'none' }
  | { readonly type: 'IPv4'; readonly address: Ipv4Address }
  | { readonly type: 'IPv6'; readonly address: Ipv6Address }
  | { readonly type: 'name'; readonly name: Name };

const types = ['none', 'IPv4', 'IPv6', 'name'] as const;

/** The number of the type on the wire. */
export function gatewayType(gateway: Gateway): number {
  return types.indexOf(gateway.type);
}

export function decodeGateway(type: number, reader: Reader): Gateway {
  if (type === 0) return { type: 'none' };
  if (type === 1) return { type: 'IPv4', address: formatIpv4(reader.octets(4, 'gateway')) };
  if (type === 2) return { type: 'IPv6', address: formatIpv6(reader.octets(16, 'gateway')) };
  if (type !== 3) reader.fail('rdata.value', `a gateway of type ${type}`);
  return { type: 'name', name: decodeName(reader, 'gateway', false) }; // RFC 4025 §2.5
}

export function encodeGateway(gateway: Gateway, writer: Writer): void {
  if (gateway.type === 'none') return;
  if (gateway.type === 'name') {
    writer.octets(checkName(gateway.name));
    return;
  }
  const { type, address } = gateway;
  const octets = type === 'IPv4' ? octetsOfIpv4(address) : octetsOfIpv6(address);
  if (octets === undefined) throw new RangeError(`${address} is no ${type} address`);
  writer.octets(octets);
}

export function parseGateway(type: number, tokens: TokenReader, writer: Writer): void {
  const { buffer, start, end } = tokens;
  if (type === 3) return parseNameToken(tokens, writer);
  const valid =
    type === 1
      ? scanIpv4(buffer, start, end, writer)
      : type === 2
        ? scanIpv6(buffer, start, end, writer)
        : end - start === 1 && buffer[start] === 0x2e; // `.` where there is none
  if (!valid) tokens.fail('text.address', `${codes['text.address']} of gateway type ${type}`);
}

export function formatGateway(gateway: Gateway): string {
  if (gateway.type === 'none') return '.';
  return gateway.type === 'name' ? formatName(gateway.name) : gateway.address;
}
