import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { civilOf, dayOf, maxDay, minDay, weekdayOf } from './civil.ts';
import { formatDateTime, formatUtc, parseDateTime } from './date-time.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { parsePeriod } from './period.ts';
import {
  decodeStructure,
  decodeText,
  decodeTextList,
  encodeStructure,
  encodeText,
} from './text.ts';
import { formatUtcOffset, parseUtcOffset } from './utc-offset.ts';

test('days and dates are the same as those of Date', () => {
  const same = (day: number): void => {
    const date = new Date(day * 86_400_000);
    const { year, month, day: number } = civilOf(day);
    assert.deepEqual(
      [year, month, number],
      [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
    );
    assert.equal(dayOf(year, month, number), day);
    assert.equal(weekdayOf(day), date.getUTCDay());
  };
  for (const day of [minDay, maxDay, 0, -1, 59, 60, 11_016, 11_017]) same(day);
  fc.assert(fc.property(fc.integer({ min: minDay, max: maxDay }), same), { seed, numRuns: 1000 });
});

describe('RFC 5545 §3.3.4, §3.3.5 dates and times', () => {
  for (const [value, kind, seconds] of [
    ['19970714', 'date', 868_838_400],
    ['19980118T230000', 'floating', 885_164_400],
    ['19980119T070000Z', 'utc', 885_193_200],
    [' 19980119T070000Z ', 'utc', 885_193_200],
    ['19980119t070000z', 'utc', 885_193_200],
    ['19691231T235959Z', 'utc', -1],
    ['19970630T235960Z', 'utc', 867_715_199], // a leap second
  ] as const) {
    test(value, () => {
      const time = parseDateTime(value);
      assert.deepEqual([time?.kind, time?.localSeconds], [kind, seconds]);
    });
  }
  for (const value of [
    '',
    '1997071',
    '19970231',
    '19971301',
    '19970714T',
    '19970714T2500',
    '19970714T240000',
    '19970714T236000',
    '19970714T230061',
    '1997-07-14',
    '19970714T230000+01',
    'x9970714',
  ]) {
    test(`not ${JSON.stringify(value)}`, () => assert.equal(parseDateTime(value), undefined));
  }
  test('what is written is read', () => {
    assert.equal(formatUtc(868_838_400), '19970714T000000Z');
    for (const value of ['00010101', '99991231T235959', '19980119T070000Z']) {
      assert.equal(formatDateTime(parseDateTime(value)!), value);
    }
  });
});

describe('RFC 5545 §3.3.6 durations', () => {
  for (const [value, days, seconds, written] of [
    ['P15DT5H0M20S', 15, 18_020, 'P15DT5H0M20S'],
    ['P7W', 49, 0, 'P7W'],
    ['-PT15M', 0, -900, '-PT15M'],
    ['+P1D', 1, 0, 'P1D'],
    ['PT0S', 0, 0, 'PT0S'],
    ['PT1H', 0, 3600, 'PT1H'],
    ['P1W2D', 9, 0, 'P9D'],
    ['-P1DT1S', -1, -1, '-P1DT1S'],
  ] as const) {
    test(value, () => {
      assert.deepEqual(parseDuration(value), { days, seconds });
      assert.equal(formatDuration({ days, seconds }), written);
      assert.deepEqual(parseDuration(written), { days, seconds });
    });
  }
  for (const value of ['', 'P', 'PT', '15M', 'P1H', 'P99999999999D', 'PT1X']) {
    test(`not ${JSON.stringify(value)}`, () => assert.equal(parseDuration(value), undefined));
  }
});

test('RFC 5545 §3.3.9 periods', () => {
  assert.equal(parsePeriod('19970101T180000Z/19970102T070000Z')?.end?.localSeconds, 852_188_400);
  assert.equal(parsePeriod('19970101T180000Z/PT5H30M')?.duration?.seconds, 19_800);
  assert.equal(parsePeriod('19970101/P1D'), undefined);
  assert.equal(parsePeriod('19970101T180000Z'), undefined);
});

test('RFC 5545 §3.3.14 offsets', () => {
  assert.equal(parseUtcOffset('-0500'), -18_000);
  assert.equal(parseUtcOffset('+013045'), 5445);
  assert.equal(parseUtcOffset('-0000'), 0);
  assert.equal(parseUtcOffset('0500'), undefined);
  assert.equal(parseUtcOffset('+2400'), undefined);
  for (const value of [-18_000, 5445, 0, 20_700])
    assert.equal(parseUtcOffset(formatUtcOffset(value)), value);
});

describe('RFC 5545 §3.3.11 text', () => {
  test('escapes', () => {
    const value = String.raw`Project XYZ Final Review\nConference Room - 3B\nCome Prepared.`;
    assert.equal(
      decodeText(value),
      'Project XYZ Final Review\nConference Room - 3B\nCome Prepared.',
    );
    assert.equal(decodeText(String.raw`a\,b\;c\\n\N`), 'a,b;c\\n\n');
    assert.equal(encodeText('a,b;c\\d\ne'), String.raw`a\,b\;c\\d\ne`);
  });
  test('lists and structures', () => {
    assert.deepEqual(decodeTextList(String.raw`a\,b,c`), ['a,b', 'c']);
    assert.deepEqual(decodeStructure(String.raw`Doe\;x;Jane,J.;;;`), [
      ['Doe;x'],
      ['Jane', 'J.'],
      [''],
      [''],
      [''],
    ]);
    assert.equal(encodeStructure([['Doe;x'], ['Jane', 'J.'], ['']]), String.raw`Doe\;x;Jane,J.;`);
  });
  test('what is written is read', () => {
    const same = (value: string): void =>
      assert.equal(decodeText(encodeText(value)), value.replace(/\r\n|\r/g, '\n'));
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), same), { seed, numRuns: 300 });
  });
});
