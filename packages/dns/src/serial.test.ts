import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareSerials, isNewerSerial, nextSerial } from './serial.ts';

describe('RFC 1982', () => {
  for (const [a, b, newer] of [
    [1, 0, true],
    [0, 1, false],
    [44, 44, false],
    [0, 0xffff_ffff, true], // §3.2: over the end of the circle
    [0xffff_ffff, 0, false],
    [0x7fff_ffff, 0, true], // the farthest that is newer
    [0x8000_0000, 0, false], // half a circle: no order, either way
    [0, 0x8000_0000, false],
    [0x8000_0001, 0, false],
  ] as const) {
    test(`${a} ${newer ? 'is' : 'is not'} newer than ${b}`, () =>
      assert.equal(isNewerSerial(a, b), newer));
  }

  test('§3.2: half a circle apart there is no order', () => {
    assert.equal(compareSerials(0x8000_0000, 0), undefined);
    assert.equal(compareSerials(5, 0x8000_0005), undefined);
    assert.ok(compareSerials(6, 5)! > 0);
    assert.ok(compareSerials(5, 6)! < 0);
    assert.equal(compareSerials(7, 7), 0);
  });

  test('the next one is newer and never 0', () => {
    assert.equal(nextSerial(41), 42);
    assert.equal(nextSerial(0xffff_ffff), 1);
    for (const serial of [0, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff])
      assert.ok(isNewerSerial(nextSerial(serial), serial));
  });
});
