/** Names: text both ways, limits, the canonical order, and structure. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHex, parseHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { Random } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { MessageReader } from './message-reader.ts';
import {
  ancestorName,
  appendName,
  canonicalName,
  checkName,
  compareNames,
  decodeName,
  equalNames,
  formatName,
  isSubdomain,
  isWildcard,
  labelCount,
  labelsOf,
  nameFromLabels,
  nameKey,
  parentName,
  parseName,
  root,
  skipName,
} from './name.ts';
import { randomName } from './testing/random-message.ts';

const names = (...texts: string[]) => texts.map((text) => parseName(text));

describe('text', () => {
  for (const [text, hex, printed] of [
    ['.', '00', '.'],
    ['example.', '076578616d706c6500', 'example.'],
    ['www', '0377777700', 'www.'],
    ['@', '00', '.'],
    ['a\\.b.c.', '03612e62 0163 00', 'a\\.b.c.'],
    ['\\065.', '0141 00', 'A.'],
    ['\\000\\255\\032.', '0300ff20 00', '\\000\\255\\032.'],
    [
      '\\@.\\$.\\(\\).\\;.\\".\\\\.',
      '0140 0124 022829 013b 0122 015c 00',
      '\\@.\\$.\\(\\).\\;.\\".\\\\.',
    ],
    ['ü.', '02c3bc 00', '\\195\\188.'],
    ['*.x.', '012a 0178 00', '*.x.'],
    ['\\x.', '0178 00', 'x.'],
  ] as const) {
    test(text, () => {
      const name = parseName(text);
      assert.equal(formatHex(name), hex.replaceAll(' ', ''));
      assert.equal(formatName(name), printed);
      assert.deepEqual(parseName(printed), name);
    });
  }

  test('relative names are completed with the origin', () => {
    assert.equal(formatName(parseName('www', parseName('Example.'))), 'www.Example.');
    assert.equal(formatName(parseName('@', parseName('Example.'))), 'Example.');
  });

  const long = 'a'.repeat(63);
  for (const [why, text, code] of [
    ['nothing', '', 'name.empty'],
    ['two dots', 'a..b.', 'name.empty-label'],
    ['a dot in front', '.a', 'name.empty-label'],
    ['a label of 64 octets', `${long}a.`, 'name.label-length'],
    ['a label of 64 octets at the end', `${long}a`, 'name.label-length'],
    ['a label of 300 octets', 'a'.repeat(300), 'name.label-length'],
    ['256 octets', `${long}.${long}.${long}.${'a'.repeat(62)}.`, 'name.length'],
    ['256 octets without a dot', `${long}.${long}.${long}.${'a'.repeat(62)}`, 'name.length'],
    ['many labels', 'a.'.repeat(200), 'name.length'],
    ['\\256', '\\256.', 'name.escape'],
    ['\\12', '\\12', 'name.escape'],
    ['\\1x2', '\\1x2.', 'name.escape'],
    ['a backslash at the end', 'a\\', 'name.escape'],
  ] as const) {
    test(`refused: ${why}`, () =>
      assert.throws(() => parseName(text), { name: 'DecodeError', code }));
  }

  test('255 octets are a name', () => {
    const name = parseName(`${long}.${long}.${long}.${'a'.repeat(61)}.`);
    assert.equal(name.length, 255);
    assert.deepEqual(decodeName(new Reader(name)), name);
    assert.deepEqual(decodeName(new MessageReader(name)), name);
    assert.equal(parseName('a.'.repeat(127)).length, 255);
  });

  test('text → name → text for any octets', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const name = nameFromLabels(labels);
        assert.deepEqual(parseName(formatName(name)), name);
        assert.deepEqual(labelsOf(name), labels);
      }),
      { seed: 1 },
    );
  });
});

describe('order and structure', () => {
  test('RFC 4034 §6.1: the canonical order', () => {
    const ordered = names(
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    );
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        assert.equal(
          Math.sign(compareNames(a, b)),
          Math.sign(i - j),
          `${formatName(a)} ${formatName(b)}`,
        );
      }
    }
    assert.ok(compareNames(root, parseName('a.')) < 0);
  });

  test('comparison folds A–Z only', () => {
    assert.ok(equalNames(parseName('ExAmple.'), parseName('eXaMPLE.')));
    assert.ok(!equalNames(parseName('\\192.'), parseName('\\224.'))); // À and à of Latin-1
    assert.ok(!equalNames(parseName('[.'), parseName('{.'))); // 0x5b and 0x7b differ by the same bit
    assert.ok(!equalNames(parseName('a.'), parseName('ab.')));
    assert.equal(nameKey(parseName('A.b.')), nameKey(parseName('a.B.')));
  });

  test('equal, order and key agree on random names', () => {
    const random = new Random();
    for (let run = 0; run < 2000; run++) {
      const [a, b] = [randomName(random), randomName(random)];
      assert.equal(compareNames(a, b) === 0, equalNames(a, b));
      assert.equal(nameKey(a) === nameKey(b), equalNames(a, b));
      assert.ok(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)) === 0);
      assert.equal(isSubdomain(a, b) && isSubdomain(b, a), equalNames(a, b));
      assert.deepEqual(nameFromLabels(labelsOf(a)), a);
    }
  });

  test('subdomains go by labels, not by octets', () => {
    const example = parseName('example.');
    assert.ok(isSubdomain(parseName('a.EXAMPLE.'), example));
    assert.ok(isSubdomain(example, example));
    assert.ok(isSubdomain(example, root));
    assert.ok(!isSubdomain(parseName('anexample.'), example));
    assert.ok(!isSubdomain(root, example));
    assert.ok(!isSubdomain(parseName('x\\007example.'), example)); // the octets of example. lie inside a label
  });

  test('parents, ancestors, labels', () => {
    const name = parseName('a.b.example.');
    assert.equal(labelCount(name), 3);
    assert.equal(labelCount(root), 0);
    assert.equal(formatName(parentName(name)!), 'b.example.');
    assert.equal(parentName(root), undefined);
    assert.equal(formatName(ancestorName(name, 1)), 'example.');
    assert.deepEqual(ancestorName(name, 0), root);
    assert.ok(isWildcard(parseName('*.example.')));
    assert.ok(!isWildcard(parseName('**.example.')));
    const lower = parseName('a.b.');
    assert.equal(canonicalName(lower), lower);
    assert.deepEqual(canonicalName(parseName('A.B.')), lower);
  });

  test('joining', () => {
    assert.equal(formatName(appendName(parseName('a.'), parseName('b.'))!), 'a.b.');
    const half = parseName('a.'.repeat(64));
    assert.equal(appendName(half, half), undefined);
  });

  test('callers’ faults', () => {
    for (const hex of ['', '01', '0161', '40', '0000', 'c000']) {
      assert.throws(() => checkName(parseHex(hex)), RangeError, hex);
    }
    assert.throws(() => nameFromLabels([new Uint8Array()]), RangeError);
    assert.throws(() => nameFromLabels([new Uint8Array(64)]), RangeError);
    assert.throws(() => nameFromLabels(Array(128).fill(new Uint8Array(1))), RangeError);
  });
});

describe('compression', () => {
  test('a pointer to a label decoded before, and to a pointer decoded before', () => {
    const octets = parseHex(
      `${'00'.repeat(12)}${'0161 0162 00 0163 c00e c011 c013'.replaceAll(' ', '')}`,
    );
    const reader = new MessageReader(octets);
    reader.position = 12;
    const decoded = [1, 2, 3, 4].map(() => formatName(decodeName(reader)));
    assert.deepEqual(decoded, ['a.b.', 'c.b.', 'c.b.', 'b.']);
    reader.finish('names');
  });

  test('a name that grows too long over pointers', () => {
    const label = `3f${'61'.repeat(63)}`;
    const octets = parseHex(`${'00'.repeat(12)}${label.repeat(3)}00${label}c00c`);
    const reader = new MessageReader(octets);
    reader.position = 12;
    decodeName(reader);
    assert.throws(() => decodeName(reader), { code: 'name.length' });
  });

  test('skipping refuses what decoding refuses', () => {
    const random = new Random();
    for (let run = 0; run < 3000; run++) {
      const octets = random
        .octets(random.below(12))
        .map((octet) => (octet % 7 === 0 ? octet : octet % 8));
      const [a, b] = [new Reader(octets), new Reader(octets)];
      const outcome = (act: () => unknown): unknown => {
        try {
          act();
          return 'read';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      assert.equal(
        outcome(() => decodeName(a)),
        outcome(() => skipName(b)),
        formatHex(octets),
      );
      assert.equal(a.position, b.position);
    }
  });
});
