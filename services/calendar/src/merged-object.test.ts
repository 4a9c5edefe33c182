import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxMergedOctets, mergedObject, mergeSides } from './merged-object.ts';
import { event } from './testing/objects.ts';

const path = ['calendars', 'ann', 'work', 'a.ics'];
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const [base, ours, theirs] = [
  octets(event('a', 'Lunch')),
  octets(event('a', 'Supper')),
  octets(event('a', 'Lunch', 'LOCATION:There\r\n')),
] as const;

test('both changes are in it, and what cannot be merged says why', () => {
  assert.deepEqual(mergedObject(path, base, ours, theirs), {
    octets: octets(event('a', 'Supper', 'LOCATION:There\r\n')),
  });
  for (const [why, place, versions, conflict] of [
    ['both the same', path, [base, ours, octets(event('a', 'Tea'))], /^SUMMARY$/],
    ['one is no object', path, [base, octets('BEGIN:VCALENDAR'), theirs], /cannot be read/],
    ['of another kind', ['files', 'ann', 'a.ics'], [base, ours, theirs], /cannot be read/],
    ['too large', path, [base, ours, new Uint8Array(maxMergedOctets + 1)], /too large/],
  ] as const) {
    const [from, our, their] = versions;
    const merged = mergedObject(place, from, our, their);
    assert.ok('conflict' in merged, why);
    assert.match(merged.conflict, conflict, why);
  }
});

test('cards are merged as cards', () => {
  const card = (lines: string): Uint8Array =>
    octets(`BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Ann\r\n${lines}END:VCARD\r\n`);
  const place = ['addressbooks', 'ann', 'contacts', 'a.vcf'];
  const merged = mergedObject(place, card(''), card('TEL:1\r\n'), card('NOTE:x\r\n'));
  assert.deepEqual(merged, { octets: card('TEL:1\r\nNOTE:x\r\n') });
});

test('of two sides: what was made or deleted on one of them is not merged', () => {
  const gone = undefined;
  for (const [versions, conflict] of [
    [[base, ours, gone], 'it was deleted there and changed here'],
    [[base, gone, theirs], 'it was deleted here and changed there'],
    [[gone, ours, theirs], 'both sides made it'],
    [[base, ours, octets(event('a', 'Tea'))], 'both sides changed it: SUMMARY'],
  ] as const) {
    const [from, our, their] = versions;
    assert.deepEqual(mergeSides(path, from, our, their), { conflict });
  }
  assert.deepEqual(mergeSides(['files', 'ann', 'x'], base, ours, theirs), {
    conflict: 'both sides changed it',
  });
  assert.ok('octets' in mergeSides(path, base, ours, theirs));
});
