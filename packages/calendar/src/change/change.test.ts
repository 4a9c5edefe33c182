import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { maskAll, maskPrivate } from '../icalendar/masking.ts';
import { card, readCard } from '../testing/cards.ts';
import { calendar, event, read, text } from '../testing/objects.ts';
import { compareCalendarObjects } from './difference.ts';
import { describeChanges, summariseCalendarChange, summariseCardChange } from './sentences.ts';

const object = (...components: readonly string[]): CalendarObject =>
  read(calendar(components.map((properties) => event(properties)).join('\n')));
const sentences = (before: CalendarObject, after: CalendarObject): string[] =>
  describeChanges(compareCalendarObjects(before, after)).map(({ text: sentence }) => sentence);

const lunch =
  'DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T110000\nSUMMARY:Lunch\nLOCATION:Room 1\nSEQUENCE:0';

describe('sentences', () => {
  for (const [why, after, expected] of [
    ['nothing but form', lunch.split('\n').reverse().join('\n'), []],
    [
      'moved to another day and hour',
      lunch.replace('1201T100000', '1202T090000').replace('1201T110000', '1202T100000'),
      ['moved from Tue 1 Dec 2026 10:00 to Wed 2 Dec 2026 09:00'],
    ],
    [
      'moved on the same day',
      lunch.replace('T100000', 'T123000').replace('T110000', 'T133000'),
      ['moved from 10:00 to 12:30 on Tue 1 Dec 2026'],
    ],
    [
      'moved to another day',
      lunch.replaceAll('20261201', '20261203'),
      ['moved from Tue 1 Dec 2026 to Thu 3 Dec 2026, 10:00'],
    ],
    ['longer', lunch.replace('T110000', 'T113000'), ['now lasts 1 h 30 min instead of 1 h']],
    [
      'another zone',
      lunch.replaceAll('Europe/Berlin', 'Europe/Paris'),
      ['time zone changed from Europe/Berlin to Europe/Paris'],
    ],
    [
      'DTEND as DURATION, the same times',
      lunch.replace(/DTEND.*/, 'DURATION:PT1H'),
      ['DURATION "PT1H" added', 'DTEND Tue 1 Dec 2026 11:00 removed'],
    ],
    [
      'a new title and place',
      lunch.replace('Lunch', 'Dinner').replace('Room 1', 'Room 2'),
      ['title changed from "Lunch" to "Dinner"', 'location changed from "Room 1" to "Room 2"'],
    ],
    [
      'added and removed',
      lunch.replace('LOCATION:Room 1', 'DESCRIPTION:a\\, b'),
      ['description "a, b" added', 'location "Room 1" removed'],
    ],
    [
      'all-day',
      'DTSTART;VALUE=DATE:20261201\nSUMMARY:Lunch\nLOCATION:Room 1\nSEQUENCE:0',
      ['moved from Tue 1 Dec 2026 10:00 to Tue 1 Dec 2026', 'now lasts 1 day instead of 1 h'],
    ],
    ['a series', `${lunch}\nRRULE:FREQ=WEEKLY`, ['repetition "FREQ=WEEKLY" added']],
  ] as const) {
    test(why, () => assert.deepEqual(sentences(object(lunch), object(after)), expected));
  }
  test('attendees and their answers', () => {
    const before = object(
      `${lunch}\nATTENDEE;CN=Ann;PARTSTAT=NEEDS-ACTION:mailto:ann@x\nATTENDEE:mailto:bob@x`,
    );
    const after = object(
      `${lunch}\nATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@x\nATTENDEE:mailto:eve@x`,
    );
    const changes = describeChanges(compareCalendarObjects(before, after));
    assert.deepEqual(changes, [
      { weight: 'participation', text: 'Ann accepted' },
      { weight: 'content', text: 'eve@x invited' },
      { weight: 'content', text: 'bob@x no longer invited' },
    ]);
  });
  test('alarms and bookkeeping have a weight of their own', () => {
    const after = object(
      `${lunch.replace('SEQUENCE:0', 'SEQUENCE:1')}\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM`,
    );
    assert.deepEqual(
      describeChanges(compareCalendarObjects(object(lunch), after)).map(({ weight }) => weight),
      ['bookkeeping', 'alarm'],
    );
  });
  test('instances are named', () => {
    const series = `${lunch}\nRRULE:FREQ=DAILY`;
    const moved = `${lunch.replaceAll('1201T1', '1203T1').replace('T100000', 'T143000').replace('T110000', 'T153000')}\nRECURRENCE-ID;TZID=Europe/Berlin:20261203T100000`;
    assert.deepEqual(sentences(object(series), object(series, moved)), [
      'Thu 3 Dec 2026 10:00: this instance now differs from the series',
    ]);
    assert.deepEqual(
      sentences(object(series, moved), object(series, moved.replace('Lunch', 'Brunch'))),
      ['Thu 3 Dec 2026 10:00: title changed from "Lunch" to "Brunch"'],
    );
    assert.deepEqual(sentences(object(series, moved), object(series)), [
      'Thu 3 Dec 2026 10:00: this instance no longer differs from the series',
    ]);
  });
});

describe('one line', () => {
  const summary = summariseCalendarChange;
  test('added, removed, moved, saved again', () => {
    const moved = object(lunch.replace('T100000', 'T123000').replace('T110000', 'T140000'));
    assert.equal(summary(undefined, object(lunch)), '"Lunch" added (event, Tue 1 Dec 2026 10:00)');
    assert.equal(
      summary(object(lunch), undefined),
      '"Lunch" removed (event, Tue 1 Dec 2026 10:00)',
    );
    assert.equal(
      summary(object(lunch), moved),
      '"Lunch": moved from 10:00 to 12:30 on Tue 1 Dec 2026; 1 more change',
    );
    assert.equal(summary(object(lunch), object(lunch)), '"Lunch" saved again');
    assert.equal(
      summary(object(lunch), object(lunch.replace('SEQUENCE:0', 'SEQUENCE:1'))),
      '"Lunch" saved again',
    );
  });
  test('never more than a line, whatever the title', () => {
    const long = object(`DTSTART:20260101T000000Z\nSUMMARY:${'long\\n '.repeat(100)}`);
    const line = summary(undefined, long);
    assert.ok(line.length <= 120 && !/[\r\n]/.test(line), line);
  });
  test('cards', () => {
    const ann = readCard(card('UID:1\nFN:Ann\nTEL:1'));
    const bea = readCard(card('UID:1\nFN:Ann\nTEL:1\nTEL:2\nPHOTO;ENCODING=b:QUJD'));
    assert.equal(summariseCardChange(undefined, ann), '"Ann" added (contact)');
    assert.equal(summariseCardChange(ann, bea), '"Ann": telephone "2" added; 1 more change');
    assert.equal(summariseCardChange(ann, undefined), '"Ann" removed (contact)');
  });
});

describe('H4 CLASS (RFC 5545 §3.8.1.3)', () => {
  const secret =
    'DTSTART;X-FROM=secret:20260101T100000Z\nDURATION:PT1H\nSUMMARY:Doctor\nLOCATION:Clinic\nX-NOTE:secret\nATTENDEE:mailto:doc@x\nTRANSP:OPAQUE';
  const masked = (value: CalendarObject): string => {
    const result = maskPrivate(value, 'Busy');
    return result.type === 'masked' ? text(result.object.document.octets) : result.type;
  };
  test('H4 PRIVATE shows when, and nothing else', () => {
    const shown = masked(
      object(
        `${secret}\nCLASS:PRIVATE\nBEGIN:VALARM\nTRIGGER:-PT5M\nDESCRIPTION:secret\nEND:VALARM`,
      ),
    );
    assert.match(shown, /SUMMARY:Busy/);
    assert.match(shown, /DTSTART:20260101T100000Z/);
    assert.ok(!/Doctor|Clinic|secret|doc@x|VALARM/.test(shown), shown);
  });
  test('H4 CONFIDENTIAL and what is not known are private too; PUBLIC and nothing are not', () => {
    for (const value of ['CONFIDENTIAL', 'X-SECRET', 'private'])
      assert.match(masked(object(`${secret}\nCLASS:${value}`)), /Busy/);
    assert.equal(masked(object(`${secret}\nCLASS:PUBLIC`)), 'unchanged');
    assert.equal(masked(object(secret)), 'unchanged');
  });
  test('H4 a private series hides its overrides, a private override only itself', () => {
    const series = object(
      `${secret}\nRRULE:FREQ=DAILY\nCLASS:PRIVATE`,
      `${secret}\nRECURRENCE-ID:20260102T100000Z`,
    );
    assert.ok(!masked(series).includes('Doctor'));
    const one = object(
      `${secret}\nRRULE:FREQ=DAILY`,
      `${secret.replace('Doctor', 'Surgeon')}\nCLASS:PRIVATE\nRECURRENCE-ID:20260102T100000Z`,
    );
    assert.ok(masked(one).includes('Doctor') && !masked(one).includes('Surgeon'));
  });
  test('H4 private tasks are hidden; everything can be', () => {
    const task = read(calendar('BEGIN:VTODO\nUID:1\nCLASS:PRIVATE\nEND:VTODO'));
    assert.equal(maskPrivate(task).type, 'hidden');
    const all = maskAll(object(secret));
    assert.ok(all.type === 'masked' && !text(all.object.document.octets).includes('Doctor'));
  });
});
