/** RSCALE and SKIP: the examples of RFC 7529 §4.3 and what §4.1 says of leap months. Checklist R7. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { starts } from '../testing/objects.ts';
import { supportedCalendars } from './calendar-system.ts';

function dates(start: string, rule: string, count: number): string[] {
  return starts(
    `BEGIN:VEVENT\nUID:one\nDTSTART;VALUE=DATE:${start}\nRRULE:${rule}\nEND:VEVENT`,
    count,
  ).map((time) => time.slice(0, 8));
}

describe('R7 RFC 7529 §4.3', () => {
  test('Chinese New Year', () => {
    assert.deepEqual(dates('20130210', 'RSCALE=CHINESE;FREQ=YEARLY', 4), [
      '20130210',
      '20140131',
      '20150219',
      '20160208',
    ]);
  });
  test('a leap month of the Ethiopic calendar: the 13th month', () => {
    assert.deepEqual(dates('20130906', 'RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13', 4), [
      '20130906',
      '20140906',
      '20150906',
      '20160906',
    ]);
  });
  test('a Hebrew anniversary in Adar I, moved forward in years without it', () => {
    const rule = 'RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD';
    assert.deepEqual(dates('20140208', rule, 5), [
      '20140208',
      '20150227',
      '20160217',
      '20170306',
      '20180223',
    ]);
  });
  test('29 February each year, moved forward', () => {
    assert.deepEqual(dates('20120229', 'RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD', 5), [
      '20120229',
      '20130301',
      '20140301',
      '20150301',
      '20160229',
    ]);
  });
  test('the 31st of each month, moved backward', () => {
    const rule = 'RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD';
    assert.deepEqual(dates('20140131', rule, 5), [
      '20140131',
      '20140228',
      '20140331',
      '20140430',
      '20140531',
    ]);
  });
});

describe('R7 RFC 7529 §4.1', () => {
  test('without SKIP a leap month that a year does not have is left out', () => {
    const rule = 'RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8';
    assert.deepEqual(dates('20140208', rule, 3), ['20140208', '20160217', '20190213']);
  });
  test('and BACKWARD takes the month before', () => {
    const rule = 'RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=BACKWARD';
    assert.deepEqual(dates('20140208', rule, 2), ['20140208', '20150128']);
  });
  test('every calendar that is announced gives years', () => {
    for (const calendar of supportedCalendars) {
      const found = dates('20260301', `RSCALE=${calendar};FREQ=YEARLY`, 3);
      assert.equal(found.length, 3, calendar);
      assert.match(found[1]!, /^2027/, calendar);
    }
  });
});
