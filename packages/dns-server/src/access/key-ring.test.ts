/** The ring of all keys: lookup, rotation, peers, and what another reading of the files changes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, parseName } from '@riad/dns/name';
import type { HmacAlgorithm } from '@riad/dns/tsig/hmac';
import { KeyRing, maxKeys, type RingKey, ringChanges, ringKey } from './key-ring.ts';

function key(name: string, ...secrets: (number | readonly [number, HmacAlgorithm])[]): RingKey {
  return ringKey(
    secrets.map((secret) => {
      const [octet, algorithm] = typeof secret === 'number' ? [secret, undefined] : secret;
      return {
        name: parseName(name),
        algorithm: algorithm ?? 'hmac-sha256',
        secret: Uint8Array.of(octet),
      };
    }),
    { file: '_keys', line: 1 },
  );
}

const octets = (keys: readonly { secret: Uint8Array }[]): number[] =>
  keys.map(({ secret }) => secret[0]!);

describe('finding', () => {
  const ring = new KeyRing([
    key('a._update.example.', 1),
    key('b._update.example.', 2, 3),
    key('c._update.example.', [4, 'hmac-sha512'], 5),
  ]);

  test('by name, whatever its case, and algorithm', () => {
    const name = parseName('A._UPDATE.example.');
    assert.deepEqual(octets(ring.lookup(name, 'hmac-sha256')), [1]);
    assert.deepEqual(ring.lookup(name, 'hmac-sha1'), []);
    assert.deepEqual(ring.lookup(parseName('x._update.example.'), 'hmac-sha256'), []);
  });

  test('two live secrets: both verify, the newest signs', () => {
    const name = parseName('b._update.example.');
    assert.deepEqual(octets(ring.lookup(name, 'hmac-sha256')), [2, 3]);
    assert.equal(ring.signingKey(name)?.secret[0], 2);
    const moved = parseName('c._update.example.');
    assert.deepEqual(octets(ring.lookup(moved, 'hmac-sha256')), [5]);
    assert.deepEqual(octets(ring.lookup(moved, 'hmac-sha512')), [4]);
    assert.equal(ring.signingKey(moved)?.algorithm, 'hmac-sha512');
  });

  test('of two keys with one name the first is taken', () => {
    const twice = new KeyRing([key('k._update.', 1), key('K._update.', 2)]);
    assert.equal(twice.size, 1);
    assert.equal(twice.signingKey(parseName('k._update.'))?.secret[0], 1);
  });

  test('no more than may be', () => {
    const many = Array.from({ length: maxKeys + 1 }, (_, i) => key(`k${i}._update.`, 1));
    assert.equal(new KeyRing(many).size, maxKeys);
  });
});

describe('peers', () => {
  const ring = new KeyRing([
    key('1.1.1.1.2.2.2.2._transfer.', 1),
    key('3.3.3.3.4.4.4.4._transfer.example.', 2, 9),
    key('5.5.5.5._transfer.example.', 3),
    key('6.6.6.6.7.7.7.7._transfer.sub.example.', 4),
    key('8.8.8.8.9.9.9.9._transfer._update.example.', 5),
    key('_transfer.example.', 6),
  ]);
  const told = (peers: ReturnType<KeyRing['peersOf']>): string[] =>
    peers.map(({ address, key }) => `${address} ${key.secret[0]}`);

  test('secondaries: the zone exactly, or the root; not the zones below', () => {
    assert.deepEqual(told(ring.peersOf(parseName('EXAMPLE.'))), [
      '4.4.4.4 2',
      '9.9.9.9 5',
      '2.2.2.2 1',
    ]);
    assert.deepEqual(told(ring.peersOf(parseName('sub.example.'))), ['7.7.7.7 4', '2.2.2.2 1']);
    assert.deepEqual(told(ring.peersOf(parseName('x.sub.example.'))), ['2.2.2.2 1']);
  });

  test('primaries: the same, and that of a key without a secondary', () => {
    assert.deepEqual(told(ring.primariesOf(parseName('example.'))), [
      '3.3.3.3 2',
      '5.5.5.5 3',
      '8.8.8.8 5',
      '1.1.1.1 1',
    ]);
  });

  test('for the root itself a key is told once', () => {
    assert.deepEqual(told(ring.peersOf(parseName('.'))), ['2.2.2.2 1']);
  });
});

test('what another reading changes: new keys, keys that are gone, other secrets', () => {
  const before = new KeyRing([key('a.', 1), key('b.', 2), key('c.', 3), key('d.', 4)]);
  const after = new KeyRing([
    key('A.', 1),
    key('b.', 9, 2),
    key('d.', [4, 'hmac-sha1']),
    key('e.', 5),
  ]);
  const { added, removed, changed } = ringChanges(before, after);
  const namesOf = (keys: readonly RingKey[]): string[] => keys.map(({ name }) => formatName(name));
  assert.deepEqual(namesOf(added), ['e.']);
  assert.deepEqual(namesOf(removed), ['c.']);
  assert.deepEqual(namesOf(changed), ['b.', 'd.']);
});
