import assert from 'node:assert/strict';
import { test } from 'node:test';
import { macMatches } from './digest.ts';

const computed = Uint8Array.of(1, 2, 3, 4);

for (const [why, received, expected] of [
  ['whole', [1, 2, 3, 4], true],
  ['cut short', [1, 2], true],
  ['none', [], false],
  ['longer', [1, 2, 3, 4, 5], false],
  ['the first octet differs', [0, 2, 3, 4], false],
  ['the last octet differs', [1, 2, 3, 5], false],
] as const) {
  test(`MACs: ${why}`, () =>
    assert.equal(macMatches(Uint8Array.from(received), computed), expected));
}

// A clock would not tell it reliably; what is read tells it always.
test('MACs: every octet is looked at, wherever the first one differs', () => {
  for (let differs = 0; differs < computed.length; differs++) {
    const read: number[] = [];
    const received = new Proxy(computed.with(differs, 9), {
      get: (octets, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) read.push(Number(key));
        return Reflect.get(octets, key, octets);
      },
    });
    assert.equal(macMatches(received, computed), false);
    assert.deepEqual(read, [0, 1, 2, 3]);
  }
});
