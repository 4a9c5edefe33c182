import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { timeRange } from '../testing/filters.ts';
import { calendar, event, octets, read, text, zone } from '../testing/objects.ts';
import { appendixB } from '../testing/rfc4791-appendix-b.ts';
import { utc } from '../time-zone/zone.ts';
import {
  type CalendarDataRequest,
  type ComponentSelection,
  shapeCalendarData,
} from './calendar-data.ts';

function shaped(value: Uint8Array, request: CalendarDataRequest): string {
  const data = shapeCalendarData(read(value), request, utc);
  assert.equal(data.type, 'octets');
  const found = data.type === 'octets' ? text(data.octets) : '';
  read(octets(found.trimEnd().replaceAll('\r\n', '\n'))); // still a document
  return found.replaceAll('\r\n', '\n');
}

/** Lines that begin with one of the names, in order. */
const lines = (value: string, ...names: readonly string[]): string[] =>
  value.split('\n').filter((line) => names.some((name) => new RegExp(`^${name}[;:]`).test(line)));

const selection = (
  name: string,
  properties: ComponentSelection['properties'],
  components: ComponentSelection['components'] = [],
): ComponentSelection => ({ name, properties, components });
const named = (...names: readonly string[]) => names.map((name) => ({ name, noValue: false }));

test('M14 without a wish the stored octets come back, the very same', () => {
  for (const value of Object.values(appendixB)) {
    const data = shapeCalendarData(read(value), {}, utc);
    assert.ok(data.type === 'octets');
    assert.deepEqual(data.octets, value);
  }
});

describe('E1 E2 expand (RFC 4791 §9.6.5, §7.8.3)', () => {
  const expand = timeRange('20060103T000000Z', '20060105T000000Z');
  test('E1 one component for each instance, in UTC, with RECURRENCE-ID', () => {
    const found = shaped(appendixB['abcd2.ics']!, { expand });
    assert.deepEqual(lines(found, 'BEGIN', 'DTSTART', 'RECURRENCE-ID', 'SUMMARY', 'DURATION'), [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'DTSTART:20060103T170000Z',
      'RECURRENCE-ID:20060103T170000Z',
      'DURATION:PT1H',
      'SUMMARY:Event #2',
      'BEGIN:VEVENT',
      'DTSTART:20060104T190000Z',
      'RECURRENCE-ID:20060104T170000Z',
      'DURATION:PT1H',
      'SUMMARY:Event #2 bis',
    ]);
    assert.deepEqual(lines(found, 'RRULE', 'RDATE', 'EXDATE', 'TZID'), []);
  });
  test('E1 what does not recur has no RECURRENCE-ID', () => {
    const found = shaped(appendixB['abcd3.ics']!, { expand });
    assert.deepEqual(lines(found, 'DTSTART', 'RECURRENCE-ID'), ['DTSTART:20060104T150000Z']);
  });
  test('E1 dates stay dates, floating times stay floating', () => {
    const range = timeRange('20260101T000000Z', '20260103T000000Z');
    const dates = shaped(
      calendar(event('DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260102\nRRULE:FREQ=DAILY')),
      { expand: range },
    );
    assert.deepEqual(lines(dates, 'DTSTART', 'DTEND', 'RECURRENCE-ID').slice(0, 3), [
      'DTSTART;VALUE=DATE:20260101',
      'RECURRENCE-ID;VALUE=DATE:20260101',
      'DTEND;VALUE=DATE:20260102',
    ]);
    const floating = shaped(
      calendar(event('DTSTART:20260101T100000\nDTEND:20260101T110000\nRRULE:FREQ=DAILY;COUNT=1')),
      { expand: range },
    );
    assert.deepEqual(lines(floating, 'DTSTART', 'DTEND', 'RECURRENCE-ID'), [
      'DTSTART:20260101T100000',
      'RECURRENCE-ID:20260101T100000',
      'DTEND:20260101T110000',
    ]);
  });
  test('E1 a length in days over a change of clocks becomes an end', () => {
    const found = shaped(
      calendar(
        event('DTSTART;TZID=Europe/Berlin:20260327T120000\nDURATION:P1D\nRRULE:FREQ=DAILY;COUNT=3'),
      ),
      { expand: timeRange('20260328T110000Z', '20260328T120000Z') },
    );
    assert.deepEqual(lines(found, 'DTSTART', 'DTEND', 'DURATION'), [
      'DTSTART:20260328T110000Z',
      'DTEND:20260329T100000Z',
    ]);
  });
  test('E1 RDATE PERIOD ends where it says', () => {
    const found = shaped(
      calendar(
        event(
          'DTSTART:20260101T100000Z\nDTEND:20260101T110000Z\nRDATE;VALUE=PERIOD:20260105T100000Z/PT3H',
        ),
      ),
      { expand: timeRange('20260105T000000Z', '20260106T000000Z') },
    );
    assert.deepEqual(lines(found, 'DTSTART', 'DTEND'), [
      'DTSTART:20260105T100000Z',
      'DTEND:20260105T130000Z',
    ]);
  });
  test('E2 VTODO, and alarms go with their instance', () => {
    const todo =
      'BEGIN:VTODO\nUID:1\nDTSTART;TZID=Europe/Berlin:20260101T100000\nDUE;TZID=Europe/Berlin:20260101T110000\nRRULE:FREQ=DAILY\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VTODO';
    const found = shaped(calendar(todo), {
      expand: timeRange('20260702T080000Z', '20260702T090000Z'),
    });
    assert.deepEqual(lines(found, 'DTSTART', 'DUE', 'RECURRENCE-ID', 'TRIGGER'), [
      'DTSTART:20260702T080000Z',
      'RECURRENCE-ID:20260702T080000Z',
      'DUE:20260702T090000Z',
      'TRIGGER:-PT5M',
    ]);
  });
  test('nothing in the range, and too many', () => {
    const object = read(calendar(event('DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY')));
    assert.equal(
      shapeCalendarData(object, { expand: timeRange('20250101T000000Z', '20250201T000000Z') }, utc)
        .type,
      'nothing',
    );
    const wide = { expand: timeRange('20260101T000000Z', '21260101T000000Z'), maxInstances: 1000 };
    assert.equal(shapeCalendarData(object, wide, utc).type, 'too-much-work'); // E6
  });
});

describe('E3 limit-recurrence-set (RFC 4791 §9.6.6, §7.8.2)', () => {
  const limited = (value: Uint8Array, from: string, to: string): string[] =>
    lines(shaped(value, { limitRecurrenceSet: timeRange(from, to) }), 'SUMMARY');
  test('E3 the master and the overrides of the range', () => {
    assert.deepEqual(limited(appendixB['abcd2.ics']!, '20060103T000000Z', '20060105T000000Z'), [
      'SUMMARY:Event #2',
      'SUMMARY:Event #2 bis',
    ]);
  });
  test('E3 old and new place count', () => {
    const moved = calendar(
      `${event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:a')}\n${event('RECURRENCE-ID:20260105T100000Z\nDTSTART:20260205T100000Z\nDURATION:PT1H\nSUMMARY:b')}`,
    );
    assert.equal(limited(moved, '20260105T103000Z', '20260105T104000Z').length, 2);
    assert.equal(limited(moved, '20260205T103000Z', '20260205T104000Z').length, 2);
    assert.equal(limited(moved, '20260206T103000Z', '20260206T104000Z').length, 1);
  });
  test('E3 THISANDFUTURE that moves an instance into the range', () => {
    const moved = calendar(
      `${event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:a')}\n${event('RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T100000Z\nDTSTART:20260105T150000Z\nDURATION:PT1H\nSUMMARY:b')}`,
    );
    assert.equal(limited(moved, '20260301T150000Z', '20260301T151000Z').length, 2);
    assert.equal(limited(moved, '20260103T150000Z', '20260103T151000Z').length, 1);
  });
});

test('E4 limit-freebusy-set (RFC 4791 §9.6.7, §7.8.4)', () => {
  const found = shaped(appendixB['abcd8.ics']!, {
    limitFreeBusySet: timeRange('20060102T000000Z', '20060103T000000Z'),
  });
  assert.deepEqual(lines(found, 'FREEBUSY'), [
    'FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060102T100000Z/20060102T120000Z',
  ]);
});

describe('E5 selection (RFC 4791 §9.6.1 to §9.6.4)', () => {
  test('E5 §7.8.1: some properties of some components', () => {
    const found = shaped(appendixB['abcd3.ics']!, {
      selection: selection('VCALENDAR', named('VERSION'), [
        selection('VEVENT', named('SUMMARY', 'UID', 'DTSTART')),
        selection('VTIMEZONE', 'all', 'all'),
      ]),
    });
    assert.deepEqual(
      lines(found, 'VERSION', 'PRODID', 'SUMMARY', 'UID', 'DTSTART', 'ATTENDEE', 'TZNAME').slice(
        -4,
      ),
      [
        'TZNAME:EST',
        'DTSTART;TZID=US/Eastern:20060104T100000',
        'SUMMARY:Event #3',
        'UID:DC6C50A017428C5216A2F1CD@example.com',
      ],
    );
    assert.ok(!found.includes('PRODID') && !found.includes('ATTENDEE'));
  });
  test('E5 novalue keeps name and parameters', () => {
    const found = shaped(appendixB['abcd3.ics']!, {
      selection: selection(
        'VCALENDAR',
        [],
        [selection('VEVENT', [{ name: 'dtstart', noValue: true }])],
      ),
    });
    assert.equal(
      found,
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=US/Eastern:\nEND:VEVENT\nEND:VCALENDAR\n',
    );
  });
  test('E5 X- names and nested components', () => {
    const found = shaped(appendixB['abcd4.ics']!, {
      selection: selection('VCALENDAR', 'all', [
        selection('VTODO', [], [selection('VALARM', named('TRIGGER'))]),
      ]),
    });
    assert.deepEqual(lines(found, 'BEGIN', 'TRIGGER', 'ACTION'), [
      'BEGIN:VCALENDAR',
      'BEGIN:VTODO',
      'BEGIN:VALARM',
      'TRIGGER;RELATED=START:-PT10M',
    ]);
  });
  test('E5 with expand', () => {
    const found = shaped(appendixB['abcd2.ics']!, {
      expand: timeRange('20060103T000000Z', '20060104T000000Z'),
      selection: selection('VCALENDAR', [], [selection('VEVENT', named('DTSTART'))]),
    });
    assert.equal(
      found,
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20060103T170000Z\nEND:VEVENT\nEND:VCALENDAR\n',
    );
  });
});

describe('time zones (RFC 7809)', () => {
  test('E9 without standard ones, only those go', () => {
    const own = appendixB['abcd1.ics']!;
    assert.ok(!shaped(own, { timeZones: 'without-standard' }).includes('VTIMEZONE'));
    const custom = octets(
      text(own).replaceAll('US/Eastern', 'Home').trimEnd().replaceAll('\r\n', '\n'),
    );
    assert.ok(shaped(custom, { timeZones: 'without-standard' }).includes('VTIMEZONE'));
  });
  test('Z4 missing ones are added, and only those', () => {
    const value = calendar(
      event(
        'DTSTART;TZID=Europe/Berlin:20260701T100000\nDTEND;TZID=W. Europe Standard Time:20260701T110000\nX-A;TZID=Nowhere:1',
      ),
    );
    const found = shaped(value, { timeZones: 'complete' });
    assert.deepEqual(lines(found, 'TZID'), ['TZID:Europe/Berlin', 'TZID:W. Europe Standard Time']);
    assert.equal(
      shaped(appendixB['abcd1.ics']!, { timeZones: 'complete' }),
      text(appendixB['abcd1.ics']!).replaceAll('\r\n', '\n'),
    );
    assert.equal(zone('Europe/Berlin').id, 'Europe/Berlin');
  });
});
