/** The bounded reader and the writer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHex } from './hex.ts';
import { Reader } from './reader.ts';
import { Random } from './testing/random.ts';
import { Writer } from './writer.ts';

test('what is written is read', () => {
  const writer = new Writer(1);
  writer.uint8(0xfe);
  writer.uint16(0xfedc);
  writer.uint32(0xfedcba98);
  writer.uint48(0xfedcba987654);
  writer.octets(parseHex('0102'));
  writer.octets(new Uint8Array(300).fill(7), 1);
  const reader = new Reader(writer.copy());
  assert.equal(reader.uint8('a'), 0xfe);
  assert.equal(reader.uint16('b'), 0xfedc);
  assert.equal(reader.uint32('c'), 0xfedcba98);
  assert.equal(reader.uint48('d'), 0xfedcba987654);
  assert.deepEqual(reader.octets(2, 'e'), parseHex('0102'));
  assert.deepEqual(reader.rest(), new Uint8Array(299).fill(7));
  reader.finish('all');
});

test('nothing is read beyond the end, and errors name the field', () => {
  const reader = new Reader(parseHex('010203'), 1);
  for (const read of [
    () => reader.uint32('field'),
    () => reader.uint48('field'),
    () => reader.octets(3, 'field'),
    () => reader.skip(3, 'field'),
    () => reader.window(3, 'field'),
  ]) {
    reader.position = 1;
    assert.throws(read, { name: 'DecodeError', code: 'octets.short', message: /field/ });
  }
  reader.position = 1;
  assert.equal(reader.uint16('field'), 0x0203);
  assert.throws(() => reader.uint8('field'), { code: 'octets.short', offset: 3 });
});

test('a window bounds, and leftovers are an error', () => {
  const reader = new Reader(parseHex('0102030405'));
  const window = reader.window(3, 'window');
  assert.equal(reader.position, 3);
  assert.equal(window.uint16('a'), 0x0102);
  assert.throws(() => window.finish('window'), { code: 'octets.trailing', offset: 2 });
  assert.throws(() => window.uint16('b'), { code: 'octets.short' });
  assert.equal(window.remaining, 1);
  assert.throws(() => new Reader(parseHex('01'), 0, 2), RangeError);
});

test('a writer grows to its limit and not beyond', () => {
  const writer = new Writer(1, 4);
  writer.uint32(1);
  assert.throws(() => writer.uint8(1), RangeError);
  const fixed = new Writer(new Uint8Array(2));
  fixed.uint16(0xffff);
  assert.throws(() => fixed.uint16(1), RangeError);
  fixed.patchUint16(0, 0x0102);
  assert.deepEqual(fixed.copy(), parseHex('0102'));
  assert.throws(() => fixed.patchUint16(1, 1), RangeError);
  fixed.reset(1);
  assert.deepEqual(fixed.view(), parseHex('01'));
  assert.throws(() => fixed.reset(2), RangeError);
});

test('the seeded source is the same each time, and fair enough', () => {
  const [a, b] = [new Random(7), new Random(7)];
  const drawn = Array.from({ length: 1000 }, () => a.below(10));
  assert.deepEqual(
    drawn,
    Array.from({ length: 1000 }, () => b.below(10)),
  );
  assert.equal(new Set(drawn).size, 10);
  assert.throws(() => a.pick([]), RangeError);
});
