import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { calendar, event, octets, seconds, text } from '../testing/objects.ts';
import { appendixB } from '../testing/rfc4791-appendix-b.ts';
import { checkCalendarObject, type ObjectLimits } from './validation.ts';

const refusal = (value: Uint8Array, limits: ObjectLimits = {}): string | undefined => {
  const result = checkCalendarObject(value, limits);
  return result.ok ? undefined : result.precondition;
};
const notes = (value: Uint8Array): string[] => {
  const result = checkCalendarObject(value);
  assert.ok(result.ok, result.ok ? '' : result.sentence);
  return result.notes.map(({ code }) => code);
};
const facts = (value: Uint8Array) => {
  const result = checkCalendarObject(value);
  assert.ok(result.ok, result.ok ? '' : result.sentence);
  return result.facts;
};
const start = 'DTSTART:20260101T100000Z';

test('the objects of RFC 4791 appendix B are taken, without a word', () => {
  for (const [name, value] of Object.entries(appendixB)) {
    const result = checkCalendarObject(value);
    assert.ok(result.ok, name);
    assert.deepEqual(result.notes, [], name);
  }
});

describe('M8 M9 M18 refused (RFC 4791 §4.1, §5.3.2.1)', () => {
  for (const [why, value, precondition, limits] of [
    [
      'M8 two UIDs',
      calendar(`${event(start, 'a')}\n${event(start, 'b')}`),
      'valid-calendar-object-resource',
    ],
    [
      'M8 an override of another UID',
      calendar(`${event(start, 'a')}\n${event(`${start}\nRECURRENCE-ID:20260101T100000Z`, 'b')}`),
      'valid-calendar-object-resource',
    ],
    [
      'M8 two kinds',
      calendar(`${event(start)}\nBEGIN:VTODO\nUID:one\nEND:VTODO`),
      'valid-calendar-object-resource',
    ],
    ['M8 METHOD', calendar(`METHOD:REQUEST\n${event(start)}`), 'valid-calendar-object-resource'],
    ['M8 no component', calendar('X-A:1'), 'valid-calendar-object-resource'],
    [
      'M8 only a time zone',
      calendar('BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE'),
      'valid-calendar-object-resource',
    ],
    ['M8 no UID', calendar(`BEGIN:VEVENT\n${start}\nEND:VEVENT`), 'valid-calendar-object-resource'],
    [
      'M8 an empty UID',
      calendar(`BEGIN:VEVENT\nUID: \n${start}\nEND:VEVENT`),
      'valid-calendar-object-resource',
    ],
    [
      'M8 two masters',
      calendar(`${event(start)}\n${event(start)}`),
      'valid-calendar-object-resource',
    ],
    [
      'M8 two VCALENDARs',
      Uint8Array.from([...calendar(event(start)), ...calendar(event(start))]),
      'valid-calendar-object-resource',
    ],
    ['M9 garbage', octets('hello'), 'valid-calendar-data'],
    ['M9 nothing', new Uint8Array(), 'valid-calendar-data'],
    ['M9 JSON', octets('["vcalendar",[],[]]'), 'supported-calendar-data'],
    ['M9 XML', octets('<icalendar/>'), 'supported-calendar-data'],
    ['M9 a vCard', octets('BEGIN:VCARD\nEND:VCARD'), 'supported-calendar-data'],
    [
      'vCalendar 1.0',
      octets(`BEGIN:VCALENDAR\nVERSION:1.0\n${event(start)}\nEND:VCALENDAR`),
      'supported-calendar-data',
    ],
    [
      'another calendar scale',
      calendar(`CALSCALE:HEBREW\n${event(start)}`),
      'supported-calendar-data',
    ],
    ['an event without DTSTART', calendar(event('SUMMARY:x')), 'valid-calendar-data'],
    ['a DTSTART that is none', calendar(event('DTSTART:tomorrow')), 'valid-calendar-data'],
    [
      'a date that does not exist',
      calendar(event('DTSTART;VALUE=DATE:20260230')),
      'valid-calendar-data',
    ],
    [
      'a rule that is none',
      calendar(event(`${start}\nRRULE:FREQ=SOMETIMES`)),
      'valid-calendar-data',
    ],
    [
      'an EXDATE that is none',
      calendar(event(`${start}\nEXDATE:20260101T100000Z,x`)),
      'valid-calendar-data',
    ],
    [
      'a duration that is none',
      calendar(event(`${start}\nDURATION:1 hour`)),
      'valid-calendar-data',
    ],
    [
      'a to-do that recurs from nothing',
      calendar('BEGIN:VTODO\nUID:1\nRRULE:FREQ=DAILY\nEND:VTODO'),
      'valid-calendar-data',
    ],
    [
      'R7 an RSCALE that is not supported',
      calendar(event(`${start}\nRRULE:RSCALE=KLINGON;FREQ=DAILY`)),
      'supported-rscale',
    ],
    ['M17 too large', calendar(event(start)), 'max-resource-size', { maxResourceOctets: 50 }],
    [
      'M18 too many instances',
      calendar(event(`${start}\nRRULE:FREQ=DAILY;COUNT=11`)),
      'max-instances',
      { maxInstances: 10 },
    ],
    [
      'M18 too many attendees',
      calendar(event(`${start}\nATTENDEE:mailto:a\nATTENDEE:mailto:b`)),
      'max-attendees-per-instance',
      { maxAttendeesPerInstance: 1 },
    ],
    [
      'too early',
      calendar(event('DTSTART:18991231T235959Z')),
      'min-date-time',
      { minSeconds: seconds('19000101T000000Z') },
    ],
    [
      'too late',
      calendar(event('DTSTART:20490101T000001Z')),
      'max-date-time',
      { maxSeconds: seconds('20490101T000000Z') },
    ],
  ] as const) {
    test(why, () => assert.equal(refusal(value, limits), precondition));
  }
  test('the sentence names line, column and what', () => {
    const result = checkCalendarObject(calendar(event('DTSTART;VALUE=DATE:20260230')));
    assert.equal(
      result.ok ? '' : result.sentence,
      'Line 7, column 1: a date is YYYYMMDD and one that exists: DTSTART:20260230.',
    );
  });
});

describe('taken', () => {
  for (const [why, value] of [
    [
      'M7 a journal entry',
      calendar('BEGIN:VJOURNAL\nUID:1\nDTSTAMP:20260101T000000Z\nEND:VJOURNAL'),
    ],
    [
      'M13 overrides without master',
      calendar(
        `${event(`${start}\nRECURRENCE-ID:20260101T100000Z`)}\n${event(`${start}\nRECURRENCE-ID:20260102T100000Z`)}`,
      ),
    ],
    ['an unknown component beside', calendar(`${event(start)}\nBEGIN:X-THING\nA:1\nEND:X-THING`)],
    ['an unknown kind', calendar('BEGIN:VPOLL\nUID:1\nDTSTAMP:20260101T000000Z\nEND:VPOLL')],
    ['an endless set passes a limit of instances', calendar(event(`${start}\nRRULE:FREQ=DAILY`))],
    [
      'RECURRENCE-ID in 1970',
      calendar(
        `${event(`${start}\nRRULE:FREQ=DAILY`)}\n${event(`${start}\nRECURRENCE-ID:19700101T000000Z`)}`,
      ),
    ],
  ] as const) {
    test(why, () => assert.equal(refusal(value, { maxInstances: 10, minSeconds: 0 }), undefined));
  }
  for (const [why, value, expected] of [
    [
      'a byte order mark and bare LF',
      new TextEncoder().encode(`\ufeff${text(calendar(event(start))).replaceAll('\r\n', '\n')}`),
      ['tolerated.byte-order-mark', 'tolerated.bare-line-feed'],
    ],
    ['a doubled PRODID', calendar(`PRODID:x\n${event(start)}`), ['tolerated.twice']],
    [
      'a trailing blank on TZID',
      calendar(event('DTSTART;TZID=Europe/Berlin :20260101T100000')),
      ['tolerated.trailing-blank', 'tolerated.zone-missing'],
    ],
    ['no DTSTAMP', calendar(`BEGIN:VEVENT\nUID:1\n${start}\nEND:VEVENT`), ['tolerated.missing']],
    [
      'lower case',
      octets(
        text(calendar(event(start)))
          .toLowerCase()
          .replaceAll('\r\n', '\n')
          .trimEnd(),
      ),
      ['tolerated.case'],
    ],
    [
      'an end before the start',
      calendar(event(`${start}\nDTEND:20250101T100000Z`)),
      ['tolerated.end'],
    ],
    [
      'a Windows zone',
      calendar(event('DTSTART;TZID=Romance Standard Time:20260101T100000')),
      ['tolerated.zone-unknown'],
    ],
    [
      'a VTIMEZONE that is out of date',
      calendar(
        `BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n${event('DTSTART;TZID=Europe/Berlin:20260701T100000')}`,
      ),
      ['tolerated.zone-differs'],
    ],
    ['an empty EXDATE', calendar(event(`${start}\nEXDATE:`)), ['tolerated.value']],
    [
      'an unused VTIMEZONE',
      calendar(`BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\n${event(start)}`),
      ['tolerated.zone-unused'],
    ],
  ] as const) {
    test(`M22 with a note: ${why}`, () => assert.deepEqual(notes(value), expected));
  }
});

describe('facts', () => {
  const bounds = (properties: string): [string, string] => {
    const { earliestSeconds, latestSeconds } = facts(calendar(event(properties)));
    const show = (value: number | undefined): string =>
      value === undefined ? '' : new Date(value * 1000).toISOString().replace('.000Z', '');
    return [show(earliestSeconds), show(latestSeconds)];
  };
  for (const [why, properties, earliest, latest] of [
    ['an event', `${start}\nDURATION:PT1H`, '2026-01-01T09:59:59', '2026-01-01T11:00:01'],
    [
      'a zone',
      'DTSTART;TZID=Europe/Berlin:20260701T100000\nDURATION:PT1H',
      '2026-07-01T07:59:59',
      '2026-07-01T09:00:01',
    ],
    [
      'a date, for every zone',
      'DTSTART;VALUE=DATE:20260110',
      '2026-01-08T23:59:59',
      '2026-01-13T00:00:01',
    ],
    ['an endless rule', `${start}\nRRULE:FREQ=DAILY`, '2026-01-01T09:59:59', ''],
    [
      'COUNT',
      `${start}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3`,
      '2026-01-01T09:59:59',
      '2026-01-03T11:00:01',
    ],
    [
      'UNTIL',
      `${start}\nRRULE:FREQ=WEEKLY;UNTIL=20260120T000000Z`,
      '2026-01-01T09:59:59',
      '2026-01-15T10:00:01',
    ],
    [
      'RDATE, also before DTSTART',
      `${start}\nRDATE:20251201T100000Z,20260301T100000Z`,
      '2025-12-01T09:59:59',
      '2026-03-01T10:00:01',
    ],
    [
      'an alarm',
      `${start}\nBEGIN:VALARM\nTRIGGER:-PT30M\nEND:VALARM`,
      '2026-01-01T09:29:59',
      '2026-01-01T10:00:01',
    ],
    [
      'an alarm after the end, repeated',
      `${start}\nBEGIN:VALARM\nTRIGGER;RELATED=END:PT30M\nREPEAT:2\nDURATION:PT10M\nEND:VALARM`,
      '2026-01-01T09:59:59',
      '2026-01-01T10:50:01',
    ],
  ] as const) {
    test(why, () => assert.deepEqual(bounds(properties), [earliest, latest]));
  }
  test('UID and kind', () => {
    const { uid, component } = facts(calendar(event(start, 'abc')));
    assert.deepEqual([uid, component], ['abc', 'VEVENT']);
  });
});

test('any mutation of an object ends as taken or refused', () => {
  const random = new Random();
  const samples = [
    ...Object.values(appendixB),
    calendar(
      event(
        `${start}\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=9\nEXDATE:20260201T100000Z\nRDATE;VALUE=PERIOD:20260101T000000Z/P1D`,
      ),
    ),
  ];
  for (let run = 0; run < 2000; run++) {
    const value = random.pick(samples).slice();
    for (let i = random.between(1, 5); i > 0; i--) {
      const at = random.below(value.length);
      value[at] = random.chance(0.5)
        ? random.pick(Array.from('0123456789TZ;:,=-+PWDHMS\n ', (c) => c.charCodeAt(0)))
        : value[random.below(value.length)]!;
    }
    checkCalendarObject(value, { maxInstances: 100 });
  }
});
