import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha1 } from './sha1.ts';

test('the native way and node:crypto agree, in place too', () => {
  const hash = sha1();
  for (const length of [0, 1, 55, 56, 64, 300, 1024, 1025]) {
    const data = Uint8Array.from({ length: length + 25 }, (_, i) => (i * 7) & 255);
    const expected = createHash('sha1')
      .update(data.subarray(2, 2 + length))
      .digest('hex');
    hash(data, 2, 2 + length, data, 0);
    assert.equal(data.slice(0, 20).toHex(), expected, `${length} octets`);
  }
});
