import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey, octetsOfAddress } from './client-address.ts';

test('addresses as node:net gives them', () => {
  assert.deepEqual(octetsOfAddress('192.0.2.1'), Uint8Array.of(192, 0, 2, 1));
  assert.deepEqual(octetsOfAddress('::ffff:192.0.2.1'), Uint8Array.of(192, 0, 2, 1));
  assert.equal(octetsOfAddress('fe80::1%eth0')?.toHex(), 'fe800000000000000000000000000001');
  assert.equal(octetsOfAddress('localhost'), undefined);
});

test('an IPv6 client is its /64, an IPv4 client its address', () => {
  const key = (address: string): string => addressKey(octetsOfAddress(address)!);
  assert.equal(key('2001:db8:1:2::1'), key('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  assert.notEqual(key('2001:db8:1:2::1'), key('2001:db8:1:3::1'));
  assert.notEqual(key('192.0.2.1'), key('192.0.2.2'));
});
