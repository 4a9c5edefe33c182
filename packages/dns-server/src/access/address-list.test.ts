import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';
import { everyone, listHas, nobody, parseAddressEntry } from './address-list.ts';

const octets = (text: string): Uint8Array => (octetsOfIpv4(text) ?? octetsOfIpv6(text))!;

describe('who is in a list', () => {
  for (const [entry, address, port, expected] of [
    ['192.0.2.1', '192.0.2.1', 53, true],
    ['192.0.2.1', '192.0.2.2', 53, false],
    ['192.0.2.0/24', '192.0.2.255', 53, true],
    ['192.0.2.0/24', '192.0.3.0', 53, false],
    ['192.0.2.128/25', '192.0.2.127', 53, false],
    ['192.0.2.130/31', '192.0.2.131', 53, true],
    ['0.0.0.0/0', '203.0.113.9', 53, true],
    ['0.0.0.0/0', '2001:db8::1', 53, false],
    ['::/0', '192.0.2.1', 53, false],
    ['2001:db8::/32', '2001:db8:ffff::1', 53, true],
    ['2001:db8::/33', '2001:db8:8000::1', 53, false],
    ['2001:db8::1', '2001:db8::1', 53, true],
    ['192.0.2.1@5300', '192.0.2.1', 5300, true],
    ['192.0.2.1@5300', '192.0.2.1', 53, false],
    ['192.0.2.0/24@5300', '192.0.2.9', 5300, true],
    ['2001:db8::/32@853', '2001:db8::1', 853, true],
    ['any', '192.0.2.1', 1, true],
    ['any', '2001:db8::1', 1, true],
    ['192.0.2.1', '::ffff:192.0.2.1', 53, true],
    ['::ffff:192.0.2.0/120', '192.0.2.77', 53, true],
    ['::ffff:192.0.2.1', '192.0.2.1', 53, true],
    ['::ffff:0.0.0.0/96', '192.0.2.1', 53, true],
  ] as const) {
    test(`${address} port ${port}, ${entry}`, () => {
      const entries = parseAddressEntry(entry);
      assert.ok(typeof entries !== 'string', entries as string);
      assert.equal(listHas(entries, octets(address), port), expected);
    });
  }

  test('an entry with a port is for nobody whose port is not known', () => {
    const entries = parseAddressEntry('192.0.2.1@53');
    assert.ok(typeof entries !== 'string');
    assert.equal(listHas(entries, octets('192.0.2.1')), false);
  });

  test('everyone and nobody', () => {
    for (const address of ['0.0.0.0', '255.255.255.255', '::', 'ff02::1']) {
      assert.equal(listHas(everyone, octets(address)), true);
      assert.equal(listHas(nobody, octets(address)), false);
    }
  });
});

describe('entries that are none', () => {
  for (const [text, sentence] of [
    ['', /is not ADDRESS/],
    ['localhost', /not an IP address/],
    ['192.0.2', /not an IP address/],
    ['192.0.2.1/33', /no prefix/],
    ['2001:db8::/129', /no prefix/],
    ['::ffff:192.0.2.0/95', /no prefix/],
    ['192.0.2.77/24', /bits are set beyond the first 24/],
    ['2001:db8::1/64', /bits are set/],
    ['192.0.2.1@0', /not a port/],
    ['192.0.2.1@65536', /not a port/],
    ['192.0.2.1:53', /not an IP address/],
    ['192.0.2.1@53@53', /is not ADDRESS/],
    ['fe80::1%eth0', /not an IP address/],
    ['ANY', /not an IP address/],
  ] as const) {
    test(text, () => {
      const result = parseAddressEntry(text);
      assert.ok(typeof result === 'string');
      assert.match(result, sentence);
    });
  }
});
