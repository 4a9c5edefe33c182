import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatHttpDate, formatTimestamp, parseHttpDate } from './http-date.ts';

test('RFC 9110 §5.6.7: the three forms of one instant', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    assert.equal(parseHttpDate(text), 784_111_777);
  }
  assert.equal(formatHttpDate(784_111_777), 'Sun, 06 Nov 1994 08:49:37 GMT');
});

test('no date: undefined', () => {
  for (const text of ['', 'yesterday', 'Sun, 06 Foo 1994 08:49:37 GMT', '784111777']) {
    assert.equal(parseHttpDate(text), undefined);
  }
});

test('dates agree with the platform’s, and are read back', () => {
  const seconds = fc.integer({ min: -62_000_000_000, max: 250_000_000_000 });
  fc.assert(
    fc.property(seconds, (value) => {
      const date = new Date(value * 1000);
      assert.equal(formatHttpDate(value), date.toUTCString());
      assert.equal(formatTimestamp(value), date.toISOString().replace('.000', ''));
      assert.equal(parseHttpDate(formatHttpDate(value)), value);
    }),
    { seed: 1, examples: [[0], [-1], [951_782_400], [4_102_444_800]] },
  );
});
