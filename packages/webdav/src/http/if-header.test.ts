import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseIf, submittedTokens } from './if-header.ts';

const token = 'urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2';

describe('RFC 4918 §10.4, its examples', () => {
  test('§10.4.6: tokens and entity tags', () => {
    const lists = parseIf(
      `(<${token}>\r\n ["I am an ETag"])\r\n (["I am another ETag"])`.replaceAll('\r\n', ''),
    );
    assert.deepEqual(lists, [
      {
        resource: undefined,
        conditions: [
          { not: false, kind: 'token', value: token, weak: false },
          { not: false, kind: 'etag', value: 'I am an ETag', weak: false },
        ],
      },
      {
        resource: undefined,
        conditions: [{ not: false, kind: 'etag', value: 'I am another ETag', weak: false }],
      },
    ]);
  });
  test('§10.4.7: Not', () => {
    const [list] = parseIf(`(Not <${token}> <urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>)`)!;
    assert.deepEqual(
      list?.conditions.map(({ not }) => not),
      [true, false],
    );
  });
  test('§10.4.8: a condition that is always true', () => {
    const lists = parseIf(`(<${token}>) (Not <DAV:no-lock>)`)!;
    assert.equal(lists.length, 2);
    assert.deepEqual([...submittedTokens(lists)], [token, 'DAV:no-lock']);
  });
  test('§10.4.9, §10.4.10: tagged lists', () => {
    const lists = parseIf(
      `</resource1> (<${token}> [W/"A weak ETag"]) (["strong ETag"]) <http://www.example.com/specs/> (Not ["4217"])`,
    )!;
    assert.deepEqual(
      lists.map(({ resource }) => resource),
      ['/resource1', '/resource1', 'http://www.example.com/specs/'],
    );
    assert.equal(lists[0]?.conditions[1]?.weak, true);
  });
});

for (const [why, value] of [
  ['nothing', ''],
  ['an empty list', '()'],
  ['a list that does not end', '(<a>'],
  ['a token that does not end', '(<a)'],
  ['a tag without quotes', '([a])'],
  ['a resource without a list', '</a>'],
  ['a resource after untagged lists', '(<a>) </a> (<b>)'],
  ['two resources in a row', '</a> </b> (<c>)'],
  ['Not alone', '(Not)'],
  ['other text', 'token'],
  ['more conditions than anybody needs', `(${'<a>'.repeat(501)})`],
] as const) {
  test(`refused: ${why}`, () => assert.equal(parseIf(value), undefined));
}

test('reading is total, and a tag may hold a bracket', () => {
  fc.assert(
    fc.property(fc.string(), (value) => void parseIf(value)),
    { seed: 1 },
  );
  assert.equal(parseIf('(["a]b"])')?.[0]?.conditions[0]?.value, 'a]b');
});
