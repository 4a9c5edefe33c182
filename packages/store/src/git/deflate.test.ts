import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Random, seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { deflateObject, storeDeflated } from './deflate.ts';
import { maxSmallOctets } from './deflate-small.ts';

/** Text and noise, with what comes again near by and far away. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
      fc
        .constantFrom('UID:', 'BEGIN:VEVENT\r\n', 'x'.repeat(300), '\0'.repeat(600))
        .map((text) => Buffer.from(text)),
      fc.nat(3000).map((length) => new Random(length).octets(length)),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat(parts));

test('what is deflated inflates to what it was', () => {
  fc.assert(
    fc.property(content, (octets) => {
      for (const type of ['blob', 'tree', 'commit'] as const) {
        const deflated = deflateObject({ type, content: octets });
        assert.deepEqual(inflateSync(deflated), octets);
      }
      assert.deepEqual(inflateSync(storeDeflated(octets)!), octets);
    }),
    { seed, numRuns: 400 },
  );
});

test('every length of a match and the farthest distance', () => {
  const noise = new Random(1).octets(maxSmallOctets);
  for (let length = 1; length <= 520; length++) {
    const same = Buffer.concat([
      noise.subarray(0, 600),
      noise.subarray(0, length),
      Buffer.of(1, 2),
    ]);
    assert.deepEqual(inflateSync(deflateObject({ type: 'blob', content: same })), same);
  }
  const far = Buffer.concat([noise.subarray(0, maxSmallOctets - 64), noise.subarray(0, 64)]);
  assert.equal(far.length, maxSmallOctets);
  assert.deepEqual(inflateSync(deflateObject({ type: 'blob', content: far })), far);
  const empty = deflateObject({ type: 'blob', content: new Uint8Array(0) });
  assert.equal(inflateSync(empty).length, 0);
});
