/** Addresses as node:net gives them, as octets. */
import { octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';

/** 4 or 16 octets; IPv4 in IPv6 as IPv4; undefined for what is no address. */
export function octetsOfAddress(address: string): Uint8Array | undefined {
  if (address.startsWith('::ffff:') && address.includes('.')) return octetsOfIpv4(address.slice(7));
  const plain = address.replace(/%.*$/, ''); // without the interface of a link-local address
  return plain.includes(':') ? octetsOfIpv6(plain) : octetsOfIpv4(plain);
}

/** What counts as one client: an IPv4 address, or an IPv6 /64, which one customer has at least. */
export function addressKey(octets: Uint8Array): string {
  return (octets.length === 4 ? octets : octets.subarray(0, 8)).toHex();
}
