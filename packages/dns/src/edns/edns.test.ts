/** EDNS options: typed both ways, as text, and refused where malformed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHex, parseHex } from '@riad/octets/hex';
import { parseName } from '../name.ts';
import { chain } from './chain.ts';
import { clientSubnet } from './client-subnet.ts';
import { cookie } from './cookie.ts';
import { expire } from './expire.ts';
import { extendedError } from './extended-error.ts';
import { keepalive } from './keepalive.ts';
import { keyTag } from './key-tag.ts';
import { nsid } from './nsid.ts';
import { padding } from './padding.ts';
import { formatOption, optionTypes } from './registry.ts';
import { reportChannel } from './report-channel.ts';
import { zoneVersion } from './zone-version.ts';

const client = parseHex('0102030405060708');
const server = parseHex('0102030405060708090a0b0c0d0e0f10');
const subnet = {
  family: 1,
  sourcePrefixLength: 24,
  scopePrefixLength: 0,
  address: parseHex('c00002'),
};
const subnet6 = {
  family: 2,
  sourcePrefixLength: 33,
  scopePrefixLength: 32,
  address: parseHex('20010db880'),
};
const noSubnet = {
  family: 0,
  sourcePrefixLength: 0,
  scopePrefixLength: 0,
  address: new Uint8Array(),
};

describe('values, octets, text', () => {
  for (const [option, octets, text] of [
    [nsid.encode(parseHex('6e7331ff')), '6e7331ff', 'NSID: 6e7331ff ("ns1.")'],
    [clientSubnet.encode(subnet), '0001 18 00 c00002', 'CLIENT-SUBNET: 192.0.2.0/24/0'],
    [clientSubnet.encode(subnet6), '0002 21 20 20010db880', 'CLIENT-SUBNET: 2001:db8:8000::/33/32'],
    [clientSubnet.encode(noSubnet), '0000 00 00', 'CLIENT-SUBNET: 0/0/0'],
    [expire.encode({ seconds: undefined }), '', 'EXPIRE'],
    [expire.encode({ seconds: 3600 }), '00000e10', 'EXPIRE: 3600'],
    [cookie.encode({ client, server: undefined }), '0102030405060708', 'COOKIE: 0102030405060708'],
    [
      cookie.encode({ client, server }),
      formatHex(client) + formatHex(server),
      `COOKIE: ${formatHex(client)}${formatHex(server)}`,
    ],
    [keepalive.encode({ timeoutDeciseconds: undefined }), '', 'TCP-KEEPALIVE'],
    [keepalive.encode({ timeoutDeciseconds: 105 }), '0069', 'TCP-KEEPALIVE: 10.5 secs'],
    [padding.encode({ lengthOctets: 3 }), '000000', 'PADDING: (3 octets)'],
    [chain.encode(parseName('a.')), '016100', 'CHAIN: a.'],
    [keyTag.encode([1, 65_535]), '0001ffff', 'KEY-TAG: 1, 65535'],
    [extendedError.encode({ infoCode: 3, extraText: '' }), '0003', 'EDE: 3 (Stale Answer)'],
    [extendedError.encode({ infoCode: 49_152, extraText: 'é' }), 'c000c3a9', 'EDE: 49152 "é"'],
    [reportChannel.encode(parseName('a.')), '016100', 'REPORT-CHANNEL: a.'],
    [zoneVersion.encode(undefined), '', 'ZONEVERSION'],
    [
      zoneVersion.encode({ labels: 2, type: 0, version: parseHex('00000001') }),
      '020000000001',
      'ZONEVERSION: 2 0 00000001',
    ],
    [{ code: 26_946, octets: parseHex('0102') }, '0102', 'OPT26946: 0102'],
  ] as const) {
    test(text, () => {
      assert.equal(formatHex(option.octets), octets.replaceAll(' ', ''));
      assert.equal(formatOption(option), text);
      const type = optionTypes.find(({ code }) => code === option.code);
      if (type !== undefined) assert.deepEqual(type.encode(type.decode(option.octets)), option);
    });
  }
  test('EXTRA-TEXT may end in a null (RFC 8914 §2)', () =>
    assert.deepEqual(extendedError.decode(parseHex('00126100')), { infoCode: 18, extraText: 'a' }));
});

describe('refused', () => {
  for (const [type, hex] of [
    [clientSubnet, '0003 00 00'],
    [clientSubnet, '0001 21 00 c000020100'],
    [clientSubnet, '0001 18 21 c00002'],
    [clientSubnet, '0001 18 00 c0000200'],
    [clientSubnet, '0001 18 00 c000'],
    [clientSubnet, '0001 17 00 c00003'],
    [clientSubnet, '0001'],
    [expire, '00'],
    [expire, '0000000000'],
    [cookie, '01'],
    [cookie, `${'00'.repeat(15)}`],
    [cookie, `${'00'.repeat(41)}`],
    [keepalive, '00'],
    [keepalive, '000000'],
    [chain, '0161'],
    [chain, 'c000'],
    [keyTag, ''],
    [keyTag, '000000'],
    [extendedError, '00'],
    [extendedError, '0000ff'],
    [reportChannel, ''],
    [zoneVersion, '00'],
    [zoneVersion, '000000'],
  ] as const) {
    test(`${type.name} ${hex}`, () =>
      assert.throws(() => type.decode(parseHex(hex.replaceAll(' ', ''))), {
        name: 'DecodeError',
        code: 'edns.option',
      }));
  }
});

test('values that do not fit are the caller’s fault', () => {
  assert.throws(() => clientSubnet.encode({ ...subnet, sourcePrefixLength: 25 + 8 }), RangeError);
  assert.throws(() => cookie.encode({ client: server, server: undefined }), RangeError);
  assert.throws(() => cookie.encode({ client, server: parseHex('00') }), RangeError);
  assert.throws(() => keyTag.encode([]), RangeError);
  assert.throws(
    () => zoneVersion.encode({ labels: 1, type: 0, version: parseHex('00') }),
    RangeError,
  );
});

test('the first option of a kind counts', () => {
  const options = [expire.encode({ seconds: 1 }), expire.encode({ seconds: 2 })];
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options };
  assert.deepEqual(expire.find(edns), { seconds: 1 });
  assert.equal(cookie.find(edns), undefined);
  assert.equal(cookie.find(undefined), undefined);
});
