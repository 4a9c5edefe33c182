import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseSExpression, type SExpression } from './s-expression.ts';

const parse = (text: string): SExpression => parseSExpression(Buffer.from(text));

describe('what sexplib writes', () => {
  for (const [text, expected] of [
    ['()', []],
    ['(a "b c" ((d)) "")', ['a', 'b c', [['d']], '']],
    ['"\\195\\164\\xc3\\xbc"', 'äü'],
    ['"a\\n\\t\\b\\r\\\\\\"\\\' \\ "', 'a\n\t\b\r\\"\'  '],
    ['"one \\\n    line"', 'one line'],
    ['"one \\\r\n    line"', 'one line'],
    ['"two\n  lines"', 'two\n  lines'],
    ['; first\n(a ;; second\n b)', ['a', 'b']],
    ['(a #| not (this #| nor this |# |# b #;(nor this) c)', ['a', 'b', 'c']],
    ['(DAV: http://apple.com/ns/ical/)', ['DAV:', 'http://apple.com/ns/ical/']],
  ] as const)
    test(text, () => assert.deepEqual(parse(text), expected));
});

describe('refused, with the octet', () => {
  for (const [why, text] of [
    ['nothing', ' '],
    ['a list that does not end', '(a'],
    ['one too many', '(a))'],
    ['two expressions', 'a b'],
    ['quotes that do not end', '"a'],
    ['an escape of more than an octet', '"\\256"'],
    ['an escape that is none', '"\\q"'],
    ['a comment that does not end', '#| a'],
    ['nested without end', '('.repeat(1000)],
  ] as const)
    test(why, () => assert.throws(() => parse(text), /^SourceError: octet \d+: /));
});

test('reading is total', () => {
  const piece = fc.constantFrom('(', ')', '"', '\\', '\\1', 'a', ' ', '\n', ';', '#|', '|#', '#;');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        parse(pieces.join(''));
      } catch (error) {
        assert.match(String(error), /^SourceError: octet \d+: /);
      }
    }),
    { seed: 20261126 },
  );
});
