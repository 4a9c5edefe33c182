/**
 * Lists of addresses, for who may transfer, notify, ask or update, and for whom to tell:
 * `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.1@5300`, `any`.
 */
import { comparable, parseAddress } from './address.ts';
import type { Right } from './key-name.ts';

export type AddressEntry = {
  /** Four or sixteen octets; those beyond the prefix are zero. */
  readonly octets: Uint8Array;
  readonly prefixBits: number;
  /** Undefined: every port. */
  readonly port: number | undefined;
};
export type AddressList = readonly AddressEntry[];

/** Entries of one list: each is looked at for each request that no key permits. */
export const maxAddressEntries = 1000;

const any: AddressList = [
  { octets: new Uint8Array(4), prefixBits: 0, port: undefined },
  { octets: new Uint8Array(16), prefixBits: 0, port: undefined },
];
export const everyone: AddressList = any;
export const nobody: AddressList = [];

export type Operation = 'query' | Right;

/** Who may do what without a key; a key with the right may in any case. */
export type AddressRules = Readonly<Record<Operation, AddressList>>;

/** Everybody asks; the rest takes a key. */
export const keysOnly: AddressRules = {
  query: everyone,
  notify: nobody,
  transfer: nobody,
  update: nobody,
};

/** The entries of one text, or a sentence that says what is wrong with it. */
export function parseAddressEntry(text: string): AddressList | string {
  if (text === 'any') return any;
  const match = /^([^/@]+)(?:\/(\d{1,3}))?(?:@(\d{1,5}))?$/.exec(text);
  if (match === null) return `"${text}" is not ADDRESS, ADDRESS/BITS or either with @PORT`;
  const [, address = '', bits, port] = match;
  const octets = parseAddress(address);
  if (octets === undefined) return `"${address}" is not an IP address`;
  const mapped = octets.length === 4 && address.includes(':');
  const width = mapped ? 128 : octets.length * 8;
  const written = bits === undefined ? width : Number(bits);
  const prefixBits = mapped ? written - 96 : written;
  if (written > width || prefixBits < 0) return `"${text}": ${written} bits are no prefix of it`;
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65535)) {
    return `"${text}": ${port} is not a port`;
  }
  // Whoever writes 192.0.2.77/24 may mean that one host: said, not guessed.
  if (!octets.every((octet, i) => (octet & ~maskOf(prefixBits, i)) === 0)) {
    return `"${text}": bits are set beyond the first ${written}`;
  }
  return [{ octets, prefixBits, port: port === undefined ? undefined : Number(port) }];
}

/** `address`: four or sixteen octets. Without a port, entries with one do not match. */
export function listHas(list: AddressList, address: Uint8Array, port?: number): boolean {
  const octets = comparable(address);
  return list.some(
    (entry) =>
      entry.octets.length === octets.length &&
      (entry.port === undefined || entry.port === port) &&
      octets.every((octet, i) => ((octet ^ entry.octets[i]!) & maskOf(entry.prefixBits, i)) === 0),
  );
}

/** The bits of octet `i` that lie within the first `prefixBits`. */
function maskOf(prefixBits: number, i: number): number {
  const within = Math.min(8, Math.max(0, prefixBits - 8 * i));
  return (0xff << (8 - within)) & 0xff;
}
