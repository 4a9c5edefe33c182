/** The small headers: entity tags, media types, Prefer, Depth. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptTag, matchesStrongly, matchesWeakly, parseEtagList } from './etag-list.ts';
import { parseAccept, parseMediaType, safeContentType } from './media-type.ts';
import { preferencesOf } from './prefer.ts';

test('entity tags are read by the grammar, and compared as RFC 9110 §8.8.3.2 says', () => {
  assert.deepEqual(parseEtagList(' W/"a,b" , "c"'), [
    { weak: true, tag: 'a,b' },
    { weak: false, tag: 'c' },
  ]);
  assert.deepEqual(parseEtagList('unquoted, "'), []);
  const list = parseEtagList('W/"1", "2"');
  assert.deepEqual([matchesStrongly(list, '1'), matchesWeakly(list, '1')], [false, true]);
  assert.deepEqual([matchesStrongly(list, '2'), matchesWeakly(list, '2')], [true, true]);
  assert.equal(matchesStrongly('*', undefined), false);
  assert.equal(matchesStrongly('*', 'any'), true);
  assert.equal(keptTag('abc-busy'), 'abc');
  assert.equal(matchesStrongly(parseEtagList('"abc-4.0"'), 'abc'), true);
});

test('media types, and the best one that is wanted', () => {
  const { type, parameters } = parseMediaType('Text/Calendar; charset="utf-8"; Component=VEVENT');
  assert.equal(type, 'text/calendar');
  assert.deepEqual(
    [...parameters],
    [
      ['charset', 'utf-8'],
      ['component', 'VEVENT'],
    ],
  );
  const wanted = parseAccept('text/html;q=0.5, text/vcard;version=4.0, */*;q=0');
  assert.deepEqual(
    wanted.map((one) => one.type),
    ['text/vcard', 'text/html'],
  );
  for (const bad of [
    undefined,
    '',
    'text',
    'text/html\r\nX: y',
    'text/html; x=ü',
    `a/${'b'.repeat(300)}`,
  ]) {
    assert.equal(safeContentType(bad), 'application/octet-stream');
  }
  assert.equal(safeContentType('text/html; charset=utf-8'), 'text/html; charset=utf-8');
});

test('preferences, and what is said of those that were heard (RFC 8144)', () => {
  const of = (headers: Record<string, string>): unknown =>
    preferencesOf(
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    );
  const none = { minimal: false, representation: false, noRoot: false, applied: {} };
  assert.deepEqual(of({}), none);
  assert.deepEqual(of({ prefer: 'wait=5' }), none);
  assert.deepEqual(of({ prefer: 'return=minimal, depth-noroot' }), {
    minimal: true,
    representation: false,
    noRoot: true,
    applied: { 'Preference-Applied': 'return=minimal, depth-noroot' },
  });
  assert.deepEqual(of({ brief: 'T' }), { ...none, minimal: true });
  assert.deepEqual(of({ depth: '1, noroot' }), { ...none, noRoot: true });
});
