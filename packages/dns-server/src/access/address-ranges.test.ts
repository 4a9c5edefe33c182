/** Ranges say what the list says that they were made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { type AddressList, listHas, parseAddressEntry } from './address-list.ts';
import { addressRanges, rangesHave } from './address-ranges.ts';

function listOf(...texts: readonly string[]): AddressList {
  return texts.flatMap((text) => {
    const entries = parseAddressEntry(text);
    if (typeof entries === 'string') throw new Error(entries);
    return entries;
  });
}

/** As the name of a socket that an answering thread sees. */
function has(list: AddressList, address: Uint8Array, port: number): boolean {
  const view = new DataView(new ArrayBuffer(32));
  const at = 8;
  view.setUint16(at - (address.length === 4 ? 2 : 6), port);
  for (const [i, octet] of address.entries()) view.setUint8(at + i, octet);
  return rangesHave(addressRanges(list), view, at, address.length);
}

const mapped = (address: string): Uint8Array =>
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...parseAddress(address)!);

for (const [why, texts, address, port, expected] of [
  ['nobody', [], '192.0.2.1', 1, false],
  ['everybody', ['any'], '192.0.2.1', 1, true],
  ['everybody, IPv6', ['any'], '2001:db8::1', 1, true],
  ['one', ['192.0.2.1'], '192.0.2.1', 1, true],
  ['its neighbour', ['192.0.2.1'], '192.0.2.2', 1, false],
  ['the first of a prefix', ['192.0.2.0/24'], '192.0.2.0', 1, true],
  ['the last of a prefix', ['192.0.2.0/24'], '192.0.2.255', 1, true],
  ['behind a prefix', ['192.0.2.0/24'], '192.0.3.0', 1, false],
  ['before a prefix', ['192.0.2.0/24'], '192.0.1.255', 1, false],
  ['the upper half of the addresses', ['128.0.0.0/1'], '255.255.255.255', 1, true],
  ['the lower half', ['0.0.0.0/1'], '128.0.0.0', 1, false],
  ['a prefix of IPv6', ['2001:db8::/32'], '2001:db8:ffff::1', 1, true],
  ['beyond it', ['2001:db8::/32'], '2001:db9::', 1, false],
  ['its last', ['2001:db8::/33'], '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff', 1, true],
  ['IPv4 is no IPv6', ['::/0'], '192.0.2.1', 1, false],
  ['one port', ['192.0.2.1@53'], '192.0.2.1', 53, true],
  ['another port', ['192.0.2.1@53'], '192.0.2.1', 54, false],
  ['any port beside one', ['192.0.2.1@53', '192.0.2.0/24'], '192.0.2.1', 54, true],
  ['a port of IPv6', ['2001:db8::/32@53'], '2001:db8::1', 53, true],
  ['a prefix within another', ['10.0.0.0/8', '10.1.0.0/16'], '10.2.0.0', 1, true],
] as const) {
  test(why, () => assert.equal(has(listOf(...texts), parseAddress(address)!, port), expected));
}

test('IPv4 in IPv6 is IPv4 (RFC 4291 §2.5.5.2)', () => {
  assert.equal(has(listOf('192.0.2.0/24'), mapped('192.0.2.9'), 1), true);
  assert.equal(has(listOf('::/0'), mapped('192.0.2.9'), 1), false);
});

test('what lists say, ranges say', () => {
  // Few different octets, so that entries lie within each other and addresses are met.
  const octet = fc.constantFrom(0, 1, 127, 128, 255);
  const addresses = (octets: 4 | 16) =>
    fc.array(octet, { minLength: octets, maxLength: octets }).map((list) => Uint8Array.from(list));
  const port = fc.constantFrom(undefined, 1, 2, 65_535);
  const entry = (octets: 4 | 16) =>
    fc
      .tuple(addresses(octets), fc.integer({ min: 0, max: octets * 8 }), port)
      .map(([address, prefixBits, chosen]) => ({
        octets: address.map((value, i) => {
          const within = Math.min(8, Math.max(0, prefixBits - 8 * i));
          return value & (0xff << (8 - within));
        }),
        prefixBits,
        port: chosen,
      }));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(entry(4), entry(16)), { maxLength: 40 }),
      fc.array(fc.tuple(fc.oneof(addresses(4), addresses(16)), fc.constantFrom(1, 2, 3, 65_535)), {
        minLength: 20,
        maxLength: 20,
      }),
      (list, clients) => {
        for (const [address, from] of clients)
          assert.equal(has(list, address, from), listHas(list, address, from));
      },
    ),
  );
});
