/** RFC 4648 §10, UTF-8 and addresses: vectors and refusals. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  compareOctets,
  equalIgnoringCase,
  equalOctets,
  fold,
  octetsFromText,
  textFromOctets,
} from './ascii.ts';
import { formatBase32hex, parseBase32hex } from './base32hex.ts';
import { formatBase64, parseBase64 } from './base64.ts';
import type { DecodeError } from './decode-error.ts';
import { formatHex, parseHex } from './hex.ts';
import { formatIpv6, octetsOfIpv4, octetsOfIpv6, parseIpv4, parseIpv6 } from './ip-address.ts';
import { decodeByOctets, decodeUtf8, encodeUtf8 } from './utf8.ts';

const octets = (text: string) => octetsFromText(text);

describe('RFC 4648 §10', () => {
  for (const [plain, base64, base32hex, hex] of [
    ['', '', '', ''],
    ['f', 'Zg==', 'CO======', '66'],
    ['fo', 'Zm8=', 'CPNG====', '666f'],
    ['foo', 'Zm9v', 'CPNMU===', '666f6f'],
    ['foob', 'Zm9vYg==', 'CPNMUOG=', '666f6f62'],
    ['fooba', 'Zm9vYmE=', 'CPNMUOJ1', '666f6f6261'],
    ['foobar', 'Zm9vYmFy', 'CPNMUOJ1E8======', '666f6f626172'],
  ] as const) {
    test(`“${plain}”`, () => {
      assert.equal(formatBase64(octets(plain)), base64);
      assert.deepEqual(parseBase64(base64), octets(plain));
      assert.equal(formatBase32hex(octets(plain)), base32hex);
      assert.deepEqual(parseBase32hex(base32hex), octets(plain));
      assert.deepEqual(parseBase32hex(base32hex.replaceAll('=', '').toLowerCase()), octets(plain));
      assert.equal(formatHex(octets(plain)), hex);
      assert.deepEqual(parseHex(hex.toUpperCase()), octets(plain));
    });
  }

  test('there and back for any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        assert.deepEqual(parseBase64(formatBase64(any)), any);
        assert.deepEqual(parseBase32hex(formatBase32hex(any)), any);
        assert.deepEqual(parseBase32hex(formatBase32hex(any, false)), any);
        assert.deepEqual(parseHex(formatHex(any)), any);
        assert.deepEqual(octetsFromText(textFromOctets(any)), any);
      }),
      { seed: 1 },
    );
  });
});

describe('refused', () => {
  for (const [parse, text, code] of [
    [parseHex, 'a', 'hex.odd'],
    [parseHex, 'ag', 'hex.digit'],
    [parseHex, '0x', 'hex.digit'],
    [parseBase64, 'Zg', 'base64.length'],
    [parseBase64, 'Zg=', 'base64.length'],
    [parseBase64, 'Z===', 'base64.digit'],
    [parseBase64, 'Zg=v', 'base64.digit'],
    [parseBase64, 'Zm9-', 'base64.digit'],
    [parseBase64, 'Zm9\u0141', 'base64.digit'],
    [parseBase64, 'Zh==', 'base64.bits'],
    [parseBase32hex, 'C', 'base32hex.length'],
    [parseBase32hex, 'CPN', 'base32hex.length'],
    [parseBase32hex, 'CO=====', 'base32hex.digit'],
    [parseBase32hex, '========', 'base32hex.length'],
    [parseBase32hex, 'CW', 'base32hex.digit'],
    [parseBase32hex, 'CP', 'base32hex.bits'],
  ] as const) {
    test(`${parse.name} ${text}`, () =>
      assert.throws(() => parse(text), { name: 'DecodeError', code }));
  }
});

describe('UTF-8', () => {
  for (const [text, hex] of [
    ['é', 'c3a9'],
    ['€', 'e282ac'],
    ['𐍈', 'f0908d88'],
    ['\u{10ffff}', 'f48fbfbf'],
  ] as const) {
    test(text, () => {
      assert.equal(formatHex(encodeUtf8(text)), hex);
      assert.equal(decodeUtf8(parseHex(hex)), text);
    });
  }
  test('a lone surrogate becomes U+FFFD', () =>
    assert.equal(formatHex(encodeUtf8('\ud800')), 'efbfbd'));
  for (const hex of [
    '80',
    'c0af',
    'c1bf',
    'e0809f',
    'eda080',
    'f08080af',
    'f4908080',
    'f5',
    'ff',
    'c3',
    'e282',
    'c328',
  ]) {
    test(`refused: ${hex}`, () =>
      assert.throws(() => decodeUtf8(parseHex(hex)), { code: 'utf8.malformed' }));
  }
  test('as the platform has it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.deepEqual(encodeUtf8(text), new TextEncoder().encode(text));
        assert.equal(decodeUtf8(encodeUtf8(text)), text);
      }),
      { seed: 1 },
    );
  });
  test('octets of any kind, with the platform and without it', () => {
    const outcome = (decode: (octets: Uint8Array) => string, octets: Uint8Array): unknown => {
      try {
        return decode(octets);
      } catch (error) {
        return (error as DecodeError).offset;
      }
    };
    const text = fc.string({ unit: 'binary', minLength: 0, maxLength: 60 });
    const damage = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 2 });
    fc.assert(
      fc.property(text, damage, (whole, changes) => {
        const octets = encodeUtf8(`\ufeff${whole}`);
        for (const [at, octet] of changes) if (at < octets.length) octets[at] = octet;
        assert.deepEqual(outcome(decodeUtf8, octets), outcome(decodeByOctets, octets));
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
  for (const length of [0, 23, 24, 5000])
    test(`${length} octets as characters of the same numbers`, () => {
      const octets = Uint8Array.from({ length }, (_, i) => (i * 7) & 0x7f);
      assert.equal(textFromOctets(octets), String.fromCharCode(...octets));
      assert.equal(textFromOctets(octets, 1, length), String.fromCharCode(...octets.subarray(1)));
      octets.fill(0xe9, length >> 1);
      assert.equal(textFromOctets(octets), String.fromCharCode(...octets));
    });
});

describe('addresses', () => {
  for (const [text, printed] of [
    // RFC 5952 §4 and §5
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0DB8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ] as const) {
    test(text, () => {
      const address = parseIpv6(text)!;
      assert.deepEqual(octetsOfIpv6(address), octetsOfIpv6(text));
      assert.equal(address, printed);
    });
  }
  for (const text of [
    '',
    ':',
    ':1',
    '1:',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.4.5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1::%eth0',
    ':::',
    '1.2.3.4',
  ]) {
    test(`no IPv6: ${text}`, () => assert.equal(parseIpv6(text), undefined));
  }
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1..2.3',
    '1.2.3.',
    '.1.2.3',
    '1.2.3.4 ',
    '１.2.3.4',
  ]) {
    test(`no IPv4: ${text}`, () => assert.equal(parseIpv4(text), undefined));
  }
  test('IPv4', () => assert.deepEqual(octetsOfIpv4('192.0.2.255'), Uint8Array.of(192, 0, 2, 255)));
  test('any IPv6 address there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (any) => {
        assert.deepEqual(octetsOfIpv6(formatIpv6(any)), any);
        const sparse = any.map((octet) => (octet < 128 ? 0 : octet));
        assert.deepEqual(octetsOfIpv6(formatIpv6(sparse)), sparse);
      }),
      { seed: 1 },
    );
  });
});

test('octets: folding, equality, order', () => {
  assert.equal(fold(0x41), 0x61);
  assert.equal(fold(0xc0), 0xc0);
  assert.ok(equalIgnoringCase(octets('aBc['), octets('AbC[')));
  assert.ok(!equalIgnoringCase(octets('['), octets('{')));
  assert.ok(!equalIgnoringCase(octets('a'), octets('ab')));
  assert.ok(equalOctets(octets('a'), octets('a')));
  assert.ok(!equalOctets(octets('a'), octets('A')));
  assert.ok(!equalOctets(octets('a'), octets('ab')));
  assert.ok(compareOctets(octets('a'), octets('ab')) < 0);
  assert.ok(compareOctets(octets('b'), octets('ab')) > 0);
  assert.throws(() => octetsFromText('€'), RangeError);
});
