/** Service parameters: the vectors of RFC 9460 appendix D, and the registered keys after it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHex, parseHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { parseName } from '../name.ts';
import { rdataOf } from '../testing/rdata-text.ts';
import { https } from './https.ts';
import { type Svcb, svcb } from './svcb.ts';

const foo = '03666f6f 076578616d706c65 03636f6d 00'; // foo.example.com.

const vectors: readonly (readonly [figure: string, text: string, hex: string])[] = [
  ['figure 2, alias mode', '0 foo.example.com.', `0000 ${foo}`],
  ['figure 3, the owner itself', '1 .', '0001 00'],
  ['figure 4, a port', '16 foo.example.com. port=53', `0010 ${foo} 0003 0002 0035`],
  [
    'figure 5, an unknown key',
    '1 foo.example.com. key667=hello',
    `0001 ${foo} 029b 0005 68656c6c6f`,
  ],
  [
    'figure 6, an unknown key, quoted',
    '1 foo.example.com. key667="hello\\210qoo"',
    `0001 ${foo} 029b 0009 68656c6c6fd2716f6f`,
  ],
  [
    'figure 7, two IPv6 hints',
    '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    `0001 ${foo} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001`,
  ],
  [
    'figure 8, an IPv6 hint that ends in IPv4',
    '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
    '0001 076578616d706c65 03636f6d 00 0006 0010 20010db8012203440000 0000c0000221',
  ],
  [
    'figure 9, mandatory keys are sorted',
    '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    '0010 03666f6f 076578616d706c65 036f7267 00 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201',
  ],
  [
    'figure 10, escapes in a quoted list',
    '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
    '0010 03666f6f 076578616d706c65 036f7267 00 0001 000c 08 665c6f6f2c626172 02 6832',
  ],
  [
    'figure 10, the same unquoted',
    '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2',
    '0010 03666f6f 076578616d706c65 036f7267 00 0001 000c 08 665c6f6f2c626172 02 6832',
  ],
];

describe('RFC 9460 appendix D.1 and D.2', () => {
  for (const [figure, text, hex] of vectors) {
    test(figure, () => {
      const wire = rdataOf('SVCB', text);
      assert.equal(formatHex(wire), hex.replaceAll(' ', ''));
      assert.deepEqual(rdataOf('SVCB', svcb.format(wire)), wire);
      const writer = new Writer();
      svcb.encode(svcb.decode(new Reader(wire)), writer);
      assert.deepEqual(writer.copy(), wire);
    });
  }
});

describe('RFC 9460 appendix D.3: refused text', () => {
  for (const [figure, text] of [
    ['figure 11, a key twice', '1 foo.example.com. key123=abc key123=def'],
    ['figure 12, mandatory without value', '1 foo.example.com. mandatory'],
    ['figure 12, alpn without value', '1 foo.example.com. alpn'],
    ['figure 12, port without value', '1 foo.example.com. port'],
    ['figure 12, ipv4hint without value', '1 foo.example.com. ipv4hint'],
    ['figure 12, ipv6hint without value', '1 foo.example.com. ipv6hint'],
    ['figure 13, no-default-alpn with a value', '1 foo.example.com. no-default-alpn=abc'],
    ['figure 14, a mandatory key is missing', '1 foo.example.com. mandatory=key123'],
    ['figure 15, mandatory in itself', '1 foo.example.com. mandatory=mandatory'],
    ['figure 16, a mandatory key twice', '1 foo.example.com. mandatory=key123,key123 key123=abc'],
    ['no key', '1 . =x'],
    ['a key that is quoted', '1 . "port=1"'],
    ['key65535', '1 . key65535=x'],
    ['a port too large', '1 . port=65536'],
    ['a port that is no number', '1 . port=x'],
    ['an IPv4 hint that is none', '1 . ipv4hint=192.0.2'],
    ['an empty item', '1 . alpn=h2,,h3'],
    ['an item too long', `1 . alpn=${'x'.repeat(256)}`],
    ['an escape of something else inside a list', '1 . alpn="a\\\\x"'],
    ['ech that is not base64', '1 . ech=%'],
    ['mandatory with an unknown word', '1 . mandatory=nothing'],
    ['dohpath without the variable (RFC 9461 §5)', '1 . dohpath=/dns-query'],
    ['dohpath that is not UTF-8', '1 . dohpath="/\\255{?dns}"'],
    ['groups twice', '1 . tls-supported-groups=29,29'],
    ['ohttp with a value', '1 . ohttp=1'],
    ['a bad escape', '1 . key667=a\\999'],
  ] as const) {
    test(figure, () => assert.throws(() => rdataOf('SVCB', text), { name: 'ZoneFileError' }));
  }
});

describe('refused on the wire (RFC 9460 §2.2)', () => {
  for (const [why, params] of [
    ['out of order', '0003 0002 0035 0001 0003 026832'],
    ['twice', '0003 0002 0035 0003 0002 0035'],
    ['the invalid key', 'ffff 0000'],
    ['a port of one octet', '0003 0001 35'],
    ['no protocols', '0001 0000'],
    ['an empty protocol', '0001 0001 00'],
    ['a protocol cut short', '0001 0002 0268'],
    ['an IPv4 hint of five octets', '0004 0005 c000020101'],
    ['an IPv6 hint of none', '0006 0000'],
    ['ech of none', '0005 0000'],
    ['mandatory out of order', '0000 0004 0003 0001 0001 0003 026832 0003 0002 0035'],
    ['mandatory with an odd length', '0000 0003 000300 0003 0002 0035'],
    ['mandatory and missing', '0000 0002 0003'],
    ['groups of an odd length', '0009 0003 001d00'],
    ['a docpath cut short', '000a 0002 0361'],
    ['a value cut short', '0003 0003 0035'],
  ] as const) {
    test(why, () => {
      const reader = new Reader(parseHex(`000100${params.replaceAll(' ', '')}`));
      assert.throws(() => svcb.check(reader), { name: 'DecodeError' });
    });
  }
});

test('every registered parameter, typed', () => {
  const text =
    '1 . mandatory=port,alpn alpn="h2,h3" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ' +
    'ech="AEX+DQ==" ipv6hint=2001:db8::1 dohpath="/dns-query{?dns}" ohttp ' +
    'tls-supported-groups=29,23 docpath=dns,query key65000="\\000x"';
  const wire = rdataOf('HTTPS', text);
  assert.deepEqual(rdataOf('HTTPS', https.format(wire)), wire);
  const value = https.decode(new Reader(wire));
  const octets = (word: string): Uint8Array => Uint8Array.from(word, (c) => c.charCodeAt(0));
  assert.deepEqual(value, {
    priority: 1,
    target: parseName('.'),
    params: {
      mandatory: [1, 3],
      alpn: [octets('h2'), octets('h3')],
      noDefaultAlpn: true,
      port: 8443,
      ipv4hint: ['192.0.2.1', '192.0.2.2'],
      ech: parseHex('0045fe0d'),
      ipv6hint: ['2001:db8::1'],
      dohpath: '/dns-query{?dns}',
      ohttp: true,
      tlsSupportedGroups: [29, 23],
      docpath: [octets('dns'), octets('query')],
      others: new Map([[65_000, parseHex('0078')]]),
    },
  });
  const writer = new Writer();
  https.encode(value, writer);
  assert.deepEqual(writer.copy(), wire);
});

test('values that do not fit are the caller’s fault', () => {
  const encode = (params: Svcb['params']) => () =>
    svcb.encode({ priority: 1, target: parseName('.'), params }, new Writer());
  assert.throws(encode({ port: 65_536 }), RangeError);
  assert.throws(encode({ mandatory: [3] }), RangeError);
  assert.throws(encode({ alpn: [] }), RangeError);
  assert.throws(encode({ others: new Map([[65_535, new Uint8Array()]]) }), RangeError);
  assert.throws(encode({ ipv4hint: ['x' as never] }), RangeError);
});
