/** What is refused, by type: as text, as octets, and as values that callers made. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { parseName } from '../name.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { chaosA } from './chaos-a.ts';
import { recordTypeOf } from './registry.ts';

const x256 = 'x'.repeat(256);

describe('text', () => {
  for (const [type, text, code] of [
    ['A', '', 'text.missing'],
    ['A', '192.0.2.1 192.0.2.2', 'text.extra'],
    ['A', '192.0.2', 'text.address'],
    ['A', '192.0.2.01', 'text.address'],
    ['A', '\\# 5 c000020101', 'text.value'],
    ['A', '\\# 3 c00002', 'text.value'],
    ['A', '\\# 4 c00002', 'text.generic-length'],
    ['A', '\\# 4 c000020', 'text.hex'],
    ['A', '\\# 4 c000020z', 'text.hex'],
    ['A', '\\#', 'text.missing'],
    ['A', '\\# x', 'text.number'],
    ['A', '\\# 65536', 'text.number'],
    ['A', '"\\#" 4 c0000201', 'text.address'],
    ['NULL', 'x', 'text.generic'],
    ['TYPE65280', 'x', 'text.generic'],
    ['AAAA', '192.0.2.1', 'text.address'],
    ['NS', 'a..b', 'name.empty-label'],
    ['MX', '65536 a', 'text.number'],
    ['MX', '-1 a', 'text.number'],
    ['MX', '10', 'text.missing'],
    ['MX', '"" a', 'text.number'],
    ['MX', '9999999999999999 a', 'text.number'],
    ['SOA', 'a b 4294967296 1 1 1 1', 'text.number'],
    ['SOA', 'a b 1 1h1d 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 1x 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 h 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 1h5 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 1h1h 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 9999w 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 4294967296 1 1 1', 'text.ttl'],
    ['SOA', 'a b 1 "" 1 1 1', 'text.ttl'],
    ['TXT', '', 'text.missing'],
    ['TXT', x256, 'text.string'],
    ['TXT', 'a\\25', 'text.escape'],
    ['TXT', '"a\\256"', 'text.escape'],
    ['HINFO', 'a', 'text.missing'],
    ['X25', '123', 'text.value'],
    ['X25', '123a', 'text.value'],
    ['GPOS', 'x 0 0', 'text.value'],
    ['GPOS', '181 0 0', 'text.value'],
    ['GPOS', '0 91 0', 'text.value'],
    ['NSAP', '47', 'text.hex'],
    ['NSAP', '0x', 'text.hex'],
    ['NSAP', '0x4', 'text.hex'],
    ['NSAP', '0xgg', 'text.hex'],
    ['ATMA', '+', 'text.number'],
    ['ATMA', '+12a', 'text.number'],
    ['ATMA', '1', 'text.hex'],
    ['WKS', '192.0.2 6', 'text.address'],
    ['WKS', '192.0.2.1 carrier', 'text.mnemonic'],
    ['WKS', '192.0.2.1 6 nothing', 'text.mnemonic'],
    ['KEY', '0 nothing 5 AA==', 'text.mnemonic'],
    ['KEY', '0 3 nothing AA==', 'text.mnemonic'],
    ['KEY', '0 3 5', 'text.missing'],
    ['LOC', '91 N 0 E 0', 'text.value'],
    ['LOC', '0 X 0 E 0', 'text.value'],
    ['LOC', '0 60 N 0 E 0', 'text.value'],
    ['LOC', '0 0 60 N 0 E 0', 'text.value'],
    ['LOC', '0 0 0 0 N 0 E 0', 'text.value'],
    ['LOC', 'N 0 E 0', 'text.value'],
    ['LOC', '0 N 181 E 0', 'text.value'],
    ['LOC', '0 N 0 E x', 'text.value'],
    ['LOC', '0 N 0 E 1.234', 'text.value'],
    ['LOC', '0 N 0 E -100000.01', 'text.value'],
    ['LOC', '0 N 0 E 0 -1', 'text.value'],
    ['LOC', '0 N 0 E', 'text.missing'],
    ['NXT', 'a TYPE128', 'text.type'],
    ['NXT', 'a TYPE0', 'text.type'],
    ['NXT', 'a NOTHING', 'text.number'],
    ['CERT', 'NOTHING 1 1 AA==', 'text.mnemonic'],
    ['CERT', '1 1 1 A', 'text.base64'],
    ['CERT', '1 1 1 A===', 'text.base64'],
    ['CERT', '1 1 1 AA=A', 'text.base64'],
    ['CERT', '1 1 1 AB==', 'text.base64'],
    ['CERT', '1 1 1 AA==AA==', 'text.base64'],
    ['CERT', '1 1 1 ""', 'text.base64'],
    ['CERT', '1 1 1 %', 'text.base64'],
    ['A6', '129 ::', 'text.number'],
    ['A6', '64 x a', 'text.address'],
    ['A6', '64 ::', 'text.missing'],
    ['APL', '3:192.0.2.0/24', 'text.address'],
    ['APL', '1:192.0.2.0/33', 'text.address'],
    ['APL', '1:192.0.2/24', 'text.address'],
    ['APL', '2:::/129', 'text.address'],
    ['DS', '1 NOTHING 1 00', 'text.mnemonic'],
    ['DS', '1 1 NOTHING 00', 'text.mnemonic'],
    ['DS', '1 1 1 00', 'text.hex'],
    ['DS', '1 1 200 ""', 'text.hex'],
    ['SSHFP', '1 1 0', 'text.hex'],
    ['SSHFP', '1 1 ""', 'text.hex'],
    ['IPSECKEY', '10 4 2 . AA==', 'text.number'],
    ['IPSECKEY', '10 0 2 a. AA==', 'text.address'],
    ['IPSECKEY', '10 1 2 :: AA==', 'text.address'],
    ['IPSECKEY', '10 2 2 1.2.3.4 AA==', 'text.address'],
    ['AMTRELAY', '10 2 0 .', 'text.number'],
    ['AMTRELAY', '10 0 1', 'text.missing'],
    ['AMTRELAY', '10 0 4 .', 'text.number'],
    ['RRSIG', 'A 5 2 1 20261301000000 1 1 . AA==', 'text.time'],
    ['RRSIG', 'A 5 2 1 20260230000000 1 1 . AA==', 'text.time'],
    ['RRSIG', 'A 5 2 1 20260101240000 1 1 . AA==', 'text.time'],
    ['RRSIG', 'A 5 2 1 2026010100000x 1 1 . AA==', 'text.time'],
    ['RRSIG', 'A 5 2 1 4294967296 1 1 . AA==', 'text.time'],
    ['RRSIG', 'A 5 2 1 202601010000 1 1 . AA==', 'text.time'],
    ['RRSIG', 'NOTHING 5 2 1 1 1 1 . AA==', 'text.type'],
    ['RRSIG', 'TYPE65536 5 2 1 1 1 1 . AA==', 'text.type'],
    ['RRSIG', 'TYPE1x 5 2 1 1 1 1 . AA==', 'text.type'],
    ['NSEC', 'a', 'text.missing'],
    ['NSEC', 'a NOTHING', 'text.type'],
    ['NSEC', 'a A NOTHING', 'text.type'],
    ['NSEC3', '1 0 0 - %', 'text.base32'],
    ['NSEC3', '1 0 0 - 0', 'text.base32'],
    ['NSEC3', '1 0 0 - 01', 'text.base32'],
    ['NSEC3', '1 0 0 a 00', 'text.hex'],
    ['NSEC3', '1 0 0 zz 00', 'text.hex'],
    ['NSEC3', `1 0 0 ${'00'.repeat(256)} 00`, 'text.hex'],
    ['HIP', '1 "" AA==', 'text.hex'],
    ['HIP', `1 ${'00'.repeat(256)} AA==`, 'text.hex'],
    ['HIP', '1 00 ""', 'text.base64'],
    ['ZONEMD', '1 1 1 00', 'text.hex'],
    ['ZONEMD', '1 1 240 00', 'text.hex'],
    ['EUI48', '00-00-5e-00-53', 'text.hex'],
    ['EUI48', '00-00-5e-00-53-2a-00', 'text.hex'],
    ['EUI48', '0-00-5e-00-53-2a', 'text.hex'],
    ['EUI48', '000-00-5e-00-53-2a', 'text.hex'],
    ['EUI48', '00:00:5e:00:53:2a', 'text.hex'],
    ['L64', '10 1:2:3', 'text.hex'],
    ['L64', '10 1:2:3:4:5', 'text.hex'],
    ['L64', '10 1::2:3', 'text.hex'],
    ['URI', '1 1 ""', 'text.value'],
    ['CAA', '0 "" x', 'text.value'],
    ['CAA', '0 a-b x', 'text.value'],
    ['CAA', '256 issue x', 'text.number'],
    ['TSIG', 'a. 281474976710656 1 0 1 NOERROR 0', 'text.number'],
    ['TSIG', 'a. 1 1 2 AA== 1 NOERROR 0', 'text.base64'],
    ['TSIG', 'a. 1 1 0 1 NOTHING 0', 'text.mnemonic'],
    [
      'TXT',
      Array(300)
        .fill(`"${'x'.repeat(255)}"`)
        .join(' '),
      'text.long',
    ],
  ] as const) {
    test(`${type} ${text.slice(0, 50)}`, () =>
      assert.throws(() => rdataOf(type, text), { name: 'ZoneFileError', code }));
  }
});

describe('octets', () => {
  for (const [type, hex, code] of [
    ['A', '', 'octets.short'],
    ['A', 'c000020101', 'rdata.trailing'],
    ['TXT', '', 'octets.short'],
    ['TXT', '0261', 'octets.short'],
    ['X25', '03313233', 'rdata.value'],
    ['GPOS', '0178 0130 0130', 'rdata.value'],
    ['NSAP', '', 'rdata.short'],
    ['ATMA', '00', 'rdata.value'],
    ['ATMA', '0161', 'rdata.value'],
    ['ATMA', '02', 'rdata.value'],
    ['WKS', 'c0000201 06 00', 'rdata.bitmap'],
    ['WKS', `c0000201 06 ${'ff'.repeat(8193)}`, 'rdata.bitmap'],
    ['KEY', '0000 03 05', 'rdata.value'],
    ['KEY', 'c000 03 05 00', 'rdata.value'],
    ['LOC', '01', 'rdata.value'],
    ['LOC', '00 a0 00 00 80000000 80000000 00000000', 'rdata.value'],
    ['LOC', '00 1a 00 00 80000000 80000000 00000000', 'rdata.value'],
    ['LOC', '00 01 00 00 80000000 80000000 00000000', 'rdata.value'],
    ['LOC', '00 00 00 00 ffffffff 80000000 00000000', 'rdata.value'],
    ['LOC', '00 00 00 00 80000000 ffffffff 00000000', 'rdata.value'],
    ['NXT', '00 00', 'rdata.bitmap'],
    ['NXT', '00 80', 'rdata.bitmap'],
    ['NXT', `00 ${'01'.repeat(17)}`, 'rdata.bitmap'],
    ['EID', '', 'rdata.short'],
    ['A6', '81', 'rdata.value'],
    ['A6', '44 ff00000000000001 00', 'rdata.value'],
    ['A6', '40 00000000', 'octets.short'],
    ['APL', '0001 21 00', 'rdata.value'],
    ['APL', '0001 20 05 c000020101', 'rdata.value'],
    ['APL', '0001 18 04 c0000200', 'rdata.value'],
    ['DS', '0001 01 01 00', 'rdata.value'],
    ['DS', '0001 01 c8', 'rdata.value'],
    ['IPSECKEY', '0a 04 02', 'rdata.value'],
    ['IPSECKEY', '0a 03 02 c000', 'name.compressed'],
    ['RRSIG', `${'00'.repeat(18)} 00`, 'rdata.short'],
    ['NSEC', '00', 'rdata.bitmap'],
    ['NSEC', '00 0000', 'rdata.bitmap'],
    ['NSEC', '00 0021', 'rdata.bitmap'],
    ['NSEC', '00 0001 00', 'rdata.bitmap'],
    ['NSEC', '00 0101 80 0001 80', 'rdata.bitmap'],
    ['NSEC', '00 0001 80 0001 80', 'rdata.bitmap'],
    ['NSEC', '00 0002 80', 'octets.short'],
    ['NSEC3', '01 00 0000 00 00', 'rdata.value'],
    ['HIP', '00 01 0001 00', 'rdata.value'],
    ['HIP', '01 01 0000 00', 'rdata.value'],
    ['ZONEMD', '00000001 01 01 00', 'rdata.value'],
    ['ZONEMD', '00000001 01 f0 00', 'rdata.value'],
    ['URI', '0001 0001', 'rdata.short'],
    ['CAA', '00 00', 'rdata.value'],
    ['CAA', '00 01 2d', 'rdata.value'],
    ['OPENPGPKEY', '', 'rdata.short'],
    ['TSIG', '00 000000000001 012c 0002 00', 'octets.short'],
  ] as const) {
    test(`${type} ${hex.slice(0, 40)}`, () => {
      const octets = parseHex(hex.replaceAll(' ', ''));
      const layout = typeOf(type);
      assert.throws(() => layout.decode(new Reader(octets)), { name: 'DecodeError', code });
      assert.throws(() => layout.check(new Reader(octets)), { name: 'DecodeError', code });
      assert.match(layout.format(octets), /^\\# /); // formatting is total
    });
  }
});

describe('values', () => {
  const octet = Uint8Array.of(1);
  const none = new Uint8Array();
  const long = new Uint8Array(256);
  for (const [type, value] of [
    ['A', { address: '192.0.2' }],
    ['AAAA', { address: '192.0.2.1' }],
    ['NS', { server: Uint8Array.of(1) }],
    ['MX', { preference: 65_536, exchange: parseName('.') }],
    ['MX', { preference: 1.5, exchange: parseName('.') }],
    ['TXT', { strings: [] }],
    ['TXT', { strings: [long] }],
    ['X25', { address: octet }],
    ['GPOS', { longitude: octet, latitude: octet, altitude: octet }],
    ['NSAP', { address: none }],
    ['ATMA', { format: 1, address: octet }],
    [
      'AMTRELAY',
      {
        precedence: 1,
        discoveryOptional: false,
        relay: { type: 'unknown', number: 3, octets: none },
      },
    ],
    ['WKS', { address: 'x', protocol: 6, ports: [] }],
    ['WKS', { address: '192.0.2.1', protocol: 6, ports: [65_536] }],
    ['KEY', { flags: 0, protocol: 3, algorithm: 5, key: none }],
    ['NXT', { next: parseName('.'), types: [128] }],
    ['NXT', { next: parseName('.'), types: [0] }],
    ['EID', { identifier: none }],
    ['OPENPGPKEY', { key: none }],
    ['A6', { prefixLength: 0, suffix: undefined, prefixName: undefined }],
    ['A6', { prefixLength: 64, suffix: '::', prefixName: undefined }],
    ['A6', { prefixLength: 0, suffix: 'x', prefixName: undefined }],
    ['APL', { prefixes: [{ negated: false, family: 1, prefixLength: 33, address: octet }] }],
    [
      'APL',
      { prefixes: [{ negated: false, family: 1, prefixLength: 8, address: Uint8Array.of(1, 0) }] },
    ],
    ['DS', { keyTag: 1, algorithm: 1, digestType: 1, digest: octet }],
    [
      'IPSECKEY',
      { precedence: 1, algorithm: 1, gateway: { type: 'IPv4', address: '::' }, key: none },
    ],
    ['NSEC', { next: parseName('.'), types: [] }],
    ['NSEC', { next: parseName('.'), types: [65_536] }],
    ['NSEC3', { algorithm: 1, flags: 0, iterations: 0, salt: none, next: none, types: [] }],
    ['NSEC3', { algorithm: 1, flags: 0, iterations: 0, salt: long, next: octet, types: [] }],
    ['HIP', { algorithm: 1, identityTag: none, publicKey: octet, rendezvousServers: [] }],
    ['ZONEMD', { serial: 1, scheme: 1, hashAlgorithm: 1, digest: octet }],
    ['EUI48', { address: '00-00' }],
    ['URI', { priority: 1, weight: 1, target: none }],
    ['CAA', { flags: 0, tag: 'a-b', value: none }],
    [
      'LOC',
      {
        sizeCentimetres: 0,
        horizontalPrecisionCentimetres: 0,
        verticalPrecisionCentimetres: 0,
        latitude: 90 * 3_600_000 + 1,
        longitude: 0,
        altitudeCentimetres: 0,
      },
    ],
  ] as const) {
    test(type, () => assert.throws(() => typeOf(type).encode(value, new Writer()), RangeError));
  }
});

test('what has no notation is written in the generic form, and accepted', () => {
  for (const [type, hex] of [
    ['ATMA', '0231'],
    ['AMTRELAY', '0a840102'],
    ['APL', '0003080101'],
  ] as const) {
    const wire = parseHex(hex);
    const text = `\\# ${wire.length} ${hex}`;
    assert.equal(typeOf(type).format(wire), text);
    assert.deepEqual(rdataOf(type, text), wire);
    const writer = new Writer();
    typeOf(type).encode(typeOf(type).decode(new Reader(wire)), writer);
    assert.deepEqual(writer.copy(), wire);
  }
  assert.equal(typeOf('NXT').format(rdataOf('NXT', 'a. 70 A')), 'a. A TYPE70');
});

describe('classes', () => {
  test('A in class CH has a domain and an octal address', () => {
    const wire = rdataOf(chaosA, 'domain 1234');
    assert.equal(recordTypeOf(1, 3), chaosA);
    assert.equal(chaosA.format(wire), 'domain.example. 1234');
    assert.throws(() => rdataOf(chaosA, 'domain 1238'), { code: 'text.number' });
    assert.throws(() => rdataOf(chaosA, 'domain 200000'), { code: 'text.number' });
    const writer = new Writer();
    chaosA.encode(chaosA.decode(new Reader(wire)), writer);
    assert.deepEqual(writer.copy(), wire);
  });
  test('types of class IN are opaque in others', () => {
    assert.equal(recordTypeOf(33, 1).mnemonic, 'SRV');
    assert.equal(recordTypeOf(33, 3).format(parseHex('00')), '\\# 1 00');
    assert.equal(recordTypeOf(15, 3).mnemonic, 'MX');
  });
});

describe('RFC 4034 §6.2, canonical form', () => {
  const canonical = (type: string, text: string): string =>
    typeOf(type).format(typeOf(type).canonical(rdataOf(type, text)));
  for (const [type, text, expected] of [
    ['NS', 'NS.Example.', 'ns.example.'],
    ['SOA', 'NS.X. HM.X. 1 2 3 4 5', 'ns.x. hm.x. 1 2 3 4 5'],
    ['SRV', '0 0 1 Host.X.', '0 0 1 host.x.'],
    ['NAPTR', '1 1 "U" "S" "R" Host.X.', '1 1 "U" "S" "R" host.x.'],
    ['DNAME', 'Host.X.', 'host.x.'],
    ['A6', '64 ::1 Host.X.', '64 ::1 host.x.'],
    ['KX', '1 Host.X.', '1 host.x.'],
    [
      'RRSIG',
      'A 5 1 1 20260101000000 20260101000000 1 Host.X. AA==',
      'A 5 1 1 20260101000000 20260101000000 1 host.x. AA==',
    ],
    ['NSEC', 'Host.X. A', 'Host.X. A'], // RFC 6840 §5.1
    ['HINFO', '"CPU" "OS"', '"CPU" "OS"'], // RFC 6840 §5.1
    ['TXT', '"A" "B"', '"A" "B"'],
    ['SVCB', '1 Host.X.', '1 Host.X.'],
    ['LP', '1 Host.X.', '1 Host.X.'],
    ['HIP', '1 AB AQI= Host.X.', '1 AB AQI= Host.X.'],
  ] as const) {
    test(type, () => assert.equal(canonical(type, text), expected));
  }
});
