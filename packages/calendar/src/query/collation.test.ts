import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { collationKey, compareTexts, findCollation, textMatcher } from './collation.ts';

const equal = (a: string, b: string): boolean => textMatcher(a, 'i;unicode-casemap', 'equals')(b);

describe('i;unicode-casemap (RFC 5051)', () => {
  for (const [why, a, b] of [
    ['B6 umlauts', 'Ä', 'ä'],
    ['composed and decomposed', 'Ä', 'a\u0308'],
    ['Greek', 'Σ', 'σ'],
    ['final sigma has the same capital', 'σ', 'ς'],
    ['Cyrillic', 'Ж', 'ж'],
    ['the digraph DŽ in its three forms', 'Ǆ', 'ǆ'],
    ['… and its title form', 'ǅ', 'ǆ'],
    ['a full-width letter and a plain one', 'Ａ', 'a'],
    ['Greek with iota below', 'ᾀ', 'ᾈ'],
    ['… and alpha alone', 'ᾳ', 'ᾼ'],
    ['Deseret, beyond the first plane', '𐐨', '𐐀'],
    ['dotless i has the capital I', 'ı', 'I'],
    ['micro sign and mu', 'µ', 'μ'],
    ['Å the unit and the letter', '\u212b', 'å'],
  ] as const) {
    test(`equal: ${why}`, () => assert.ok(equal(a, b)));
  }
  for (const [why, a, b] of [
    ['B6 ß and SS', 'ß', 'SS'],
    ['B6 ß and ss', 'ß', 'ss'],
    ['the ligature ﬁ keeps small letters', 'ﬁ', 'FI'],
    ['İ and i', 'İ', 'i'],
    ['ŉ', 'ŉ', 'ʼN'],
    ['Georgian small letters and capitals', 'ა', 'Ა'],
    ['Ä and A', 'Ä', 'A'],
  ] as const) {
    test(`not equal: ${why}`, () => assert.ok(!equal(a, b)));
  }
  test('every character alone: the key has no case that its own simple mapping would change', () => {
    for (let code = 0x80; code <= 0x1ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      const upper = character.toUpperCase();
      // Where the mapping is one to one and back, both are equal.
      if (
        Array.from(upper).length === 1 &&
        upper.toLowerCase() === character &&
        !/\p{Script=Georgian}/u.test(character)
      ) {
        assert.ok(equal(character, upper), code.toString(16));
      }
      if (Array.from(upper).length > 1)
        assert.ok(!collationKey(character, 'i;unicode-casemap').includes('SS'), code.toString(16));
    }
  });
});

describe('i;ascii-casemap and i;octet (RFC 4790 §9.2, §9.3)', () => {
  test('fold a–z alone, and nothing', () => {
    assert.ok(textMatcher('ABC', 'i;ascii-casemap')('xabcx'));
    assert.ok(!textMatcher('Ä', 'i;ascii-casemap')('ä'));
    assert.ok(!textMatcher('abc', 'i;octet')('ABC'));
    assert.ok(!textMatcher('i', 'i;ascii-casemap', 'equals')('ı'));
  });
  test('the key of ASCII is the same for both casemaps', () => {
    const same = (text: string): void =>
      assert.equal(collationKey(text, 'i;ascii-casemap'), collationKey(text, 'i;unicode-casemap'));
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), same), { seed });
  });
});

test('B5 match types', () => {
  const match = (
    type: 'equals' | 'contains' | 'starts-with' | 'ends-with',
    value: string,
  ): boolean => textMatcher('bc', 'i;octet', type)(value);
  assert.deepEqual(
    (['equals', 'contains', 'starts-with', 'ends-with'] as const).map((type) =>
      ['bc', 'abcd', 'bcd', 'abc'].map((value) => match(type, value)),
    ),
    [
      [true, false, false, false],
      [true, true, true, true],
      [true, false, true, false],
      [true, false, false, true],
    ],
  );
});

test('names of collations; wildcards are none', () => {
  assert.equal(findCollation(undefined, 'i;ascii-casemap'), 'i;ascii-casemap');
  assert.equal(findCollation('default', 'i;unicode-casemap'), 'i;unicode-casemap');
  assert.equal(findCollation('i;octet', 'i;ascii-casemap'), 'i;octet');
  assert.equal(findCollation('i;*', 'i;ascii-casemap'), undefined);
  assert.equal(findCollation('i;basic', 'i;ascii-casemap'), undefined);
});

test('order is that of octets of the keys', () => {
  const order = ['z', 'Ä', 'a', '😀', 'b', '\uffee'].sort((a, b) =>
    compareTexts(a, b, 'i;unicode-casemap'),
  );
  assert.deepEqual(order, ['a', 'Ä', 'b', 'z', '\uffee', '😀']);
});
