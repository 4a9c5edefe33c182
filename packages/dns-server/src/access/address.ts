/** Addresses in the one form they are compared in: IPv4 inside IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
import { formatIpv4, formatIpv6, octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';

const mappedPrefix = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** Four or sixteen octets; never an IPv4 address in sixteen. */
export function comparable(octets: Uint8Array): Uint8Array {
  if (octets.length === 4) return octets;
  if (octets.length !== 16) throw new RangeError(`an address of ${octets.length} octets`);
  return mappedPrefix.every((octet, i) => octets[i] === octet) ? octets.subarray(12) : octets;
}

export function formatAddress(octets: Uint8Array): string {
  const address = comparable(octets);
  return address.length === 4 ? formatIpv4(address) : formatIpv6(address);
}

/** Undefined for what is no address; zone indices (`%eth0`) are none of it. */
export function parseAddress(text: string): Uint8Array | undefined {
  const octets = octetsOfIpv4(text) ?? octetsOfIpv6(text);
  return octets === undefined ? undefined : comparable(octets);
}
