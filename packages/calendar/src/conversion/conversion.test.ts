import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { compareCalendarObjects } from '../change/difference.ts';
import { type Component, makeComponent } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { checkCalendarObject } from '../icalendar/validation.ts';
import { formatUnfolded } from '../syntax/line-format.ts';
import { card, readCard } from '../testing/cards.ts';
import { calendar, event, octets, read, text } from '../testing/objects.ts';
import { appendixB } from '../testing/rfc4791-appendix-b.ts';
import { utc } from '../time-zone/zone.ts';
import { checkAddressObject } from '../vcard/validation.ts';
import { mergeCalendar, type SplitObject, splitCalendar, wrapComponents } from './calendar-file.ts';
import { mergeCards, splitCards } from './card-file.ts';
import { formatCsv, parseCsv, unguard } from './csv.ts';
import { contactsFromCsv, contactsToCsv } from './csv-contacts.ts';
import { eventsFromCsv, eventsToCsv } from './csv-events.ts';
import { fromJcal, toJcal } from './jcal.ts';
import { fromJcard, toJcard } from './jcard.ts';
import type { Json } from './json-value.ts';

const lines = ({ properties }: Component): string[] => properties.map(formatUnfolded);
let uids = 0;
const makeUid = (): string => `made-${++uids}`;

describe('U9 jCal (RFC 7265)', () => {
  test('values by type', () => {
    const object = read(
      calendar(
        event(
          'DTSTART;TZID=Europe/Berlin:20260101T100000\nDTEND;VALUE=DATE:20260102\nSUMMARY;LANGUAGE=de:a\\, b\nCATEGORIES:x,y\\,z\nGEO:1.5;-2\nPRIORITY:3\nRRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO,TU\nATTENDEE;MEMBER="mailto:a","mailto:b":mailto:c\nRDATE;VALUE=PERIOD:20260101T000000Z/PT1H\nX-FOO:a\\,b\nREQUEST-STATUS:2.0;Success',
        ),
      ),
    );
    const [, , [inner]] = toJcal(object.calendar) as readonly [string, Json, readonly Json[]];
    assert.deepEqual((inner as readonly Json[])[1], [
      ['uid', {}, 'text', 'one'],
      ['dtstamp', {}, 'date-time', '2026-01-01T00:00:00Z'],
      ['dtstart', { tzid: 'Europe/Berlin' }, 'date-time', '2026-01-01T10:00:00'],
      ['dtend', {}, 'date', '2026-01-02'],
      ['summary', { language: 'de' }, 'text', 'a, b'],
      ['categories', {}, 'text', 'x', 'y,z'],
      ['geo', {}, 'float', [1.5, -2]],
      ['priority', {}, 'integer', 3],
      ['rrule', {}, 'recur', { freq: 'WEEKLY', count: 3, byday: ['MO', 'TU'] }],
      ['attendee', { member: ['mailto:a', 'mailto:b'] }, 'cal-address', 'mailto:c'],
      ['rdate', {}, 'period', ['2026-01-01T00:00:00Z', 'PT1H']],
      ['x-foo', {}, 'unknown', 'a\\,b'],
      ['request-status', {}, 'text', ['2.0', 'Success']],
    ]);
  });
  test('comes back as the same properties, zones too', () => {
    for (const value of Object.values(appendixB)) {
      const object = read(value);
      const back = fromJcal(JSON.parse(JSON.stringify(toJcal(object.calendar))) as Json);
      assert.ok(back.ok);
      const again = read(formatComponent(back.value));
      assert.deepEqual(compareCalendarObjects(object, again), []);
      assert.deepEqual(lines(again.calendar), lines(object.calendar));
      assert.deepEqual(
        again.calendar.components[0]?.components.map(lines),
        object.calendar.components[0]?.components.map(lines),
      );
    }
  });
  test('anything else is refused, and nothing breaks out of its line', () => {
    for (const json of [
      null,
      1,
      'x',
      [],
      ['vcalendar'],
      ['vcalendar', [], {}],
      ['vcalendar', [['a']], []],
      ['vcalendar', [['a:b', {}, 'text', 'x']], []],
      ['vc\nx', [], []],
    ] as const) {
      assert.equal(fromJcal(json).ok, false, JSON.stringify(json));
    }
    let deep: Json = ['a', [], []];
    for (let i = 0; i < 20; i++) deep = ['a', [], [deep]];
    assert.equal(fromJcal(deep).ok, false);
    const evil = fromJcal([
      'vevent',
      [
        ['url', { 'x\n': 'a' }, 'uri', 'http://x\r\nATTENDEE:y'],
        ['summary', { p: 'a\r\nb' }, 'text', 'c\nd'],
      ],
      [],
    ]);
    assert.ok(evil.ok);
    const written = text(formatComponent(evil.value));
    assert.ok(!/^ATTENDEE/m.test(written) && !/^b/m.test(written), written);
  });
});

describe('U9 jCard (RFC 7095)', () => {
  const value = card(
    'UID:urn:uuid:1\nFN:Ann\nN:Doe;Ann;Q.,R.;;\nORG:Riad;Team\nBDAY:--0412\nitem1.TEL;TYPE=home,voice:1\nCATEGORIES:a,b\nREV:19951031T222710Z\nGENDER:F\nNOTE:a\\nb',
    '4.0',
  );
  test('values by type', () => {
    assert.deepEqual(toJcard(readCard(value)), [
      'vcard',
      [
        ['version', {}, 'text', '4.0'],
        ['uid', {}, 'uri', 'urn:uuid:1'],
        ['fn', {}, 'text', 'Ann'],
        ['n', {}, 'text', ['Doe', 'Ann', ['Q.', 'R.'], '', '']],
        ['org', {}, 'text', ['Riad', 'Team']],
        ['bday', {}, 'date-and-or-time', '--04-12'],
        ['tel', { type: ['home', 'voice'], group: 'item1' }, 'text', '1'],
        ['categories', {}, 'text', 'a', 'b'],
        ['rev', {}, 'timestamp', '1995-10-31T22:27:10Z'],
        ['gender', {}, 'text', 'F'],
        ['note', {}, 'text', 'a\nb'],
      ],
    ]);
  });
  test('comes back the same', () => {
    const back = fromJcard(JSON.parse(JSON.stringify(toJcard(readCard(value)))) as Json);
    assert.ok(back.ok);
    assert.deepEqual(formatComponent(back.value), value);
  });
  test('anything else is refused', () => {
    for (const json of [null, ['vcard'], ['vcard', {}], ['vcard', [1]], ['vcalendar', []]] as const)
      assert.equal(fromJcard(json).ok, false);
  });
});

describe('CSV (RFC 4180)', () => {
  test('what is written is read', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', 'ä', '=', "'", '+', ' '),
    });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    const same = (value: string[][]): void => {
      const parsed = parseCsv(formatCsv([['a', 'b', 'c'], ...value]));
      assert.ok(parsed.ok);
      assert.deepEqual(
        parsed.value.slice(1).map(({ cells }) => cells.map(unguard)),
        value,
      );
    };
    fc.assert(fc.property(rows, same), { seed, numRuns: 500 });
  });
  test('other separators, line ends and empty lines', () => {
    const cells = (value: string): unknown => {
      const parsed = parseCsv(value);
      return parsed.ok
        ? parsed.value.map(({ line, cells: found }) => [line, ...found])
        : parsed.error.code;
    };
    assert.deepEqual(cells('a;b\n1;"2\n3"\n\n4;'), [
      [1, 'a', 'b'],
      [2, '1', '2\n3'],
      [5, '4', ''],
    ]);
    assert.deepEqual(cells('a\tb\r\n1\t2'), [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]);
    assert.equal(cells('a,b\n"1'), 'csv.quote');
    assert.equal(cells('a,b\n"1"x,2'), 'csv.quote');
  });
  test('formulas are text', () => {
    assert.match(formatCsv([['=1+1', '@x', '-', "'=1"]]), /'=1\+1,'@x,'-,''=1/);
  });
});

describe('U9 events as a table', () => {
  const objects = [
    calendar(
      event(
        'DTSTART;TZID=Europe/Berlin:20260701T100000\nDTEND;TZID=Europe/Berlin:20260701T113000\nSUMMARY:Lunch\\, "big"\nLOCATION:Here\nDESCRIPTION:a\\nb\nSTATUS:CONFIRMED\nCATEGORIES:x,y\nRRULE:FREQ=WEEKLY;COUNT=3\nORGANIZER;CN=Ann:mailto:ann@x\nATTENDEE;CN=Bob B.:mailto:bob@x\nATTENDEE:mailto:eve@x\nURL:http://x/y\nCLASS:PRIVATE\nTRANSP:OPAQUE',
        'u1',
      ),
    ),
    calendar(event('DTSTART;VALUE=DATE:20260701\nDTEND;VALUE=DATE:20260703\nSUMMARY:=Trip', 'u2')),
    calendar(event('DTSTART:20260701T100000Z\nDTEND:20260701T110000Z\nSUMMARY:UTC', 'u3')),
  ];
  test('come back as the same set', () => {
    const csv = eventsToCsv(objects.map(read), utc);
    const back = eventsFromCsv(csv, { stampSeconds: Date.UTC(2026, 0, 1) / 1000, makeUid });
    assert.ok(back.ok);
    assert.deepEqual(back.value.problems, []);
    for (const [index, component] of back.value.components.entries()) {
      const octetsOfOne = wrapComponents([component], '-//Riad//tests//EN');
      const checked = checkCalendarObject(octetsOfOne);
      assert.ok(checked.ok, checked.ok ? '' : checked.sentence);
      assert.deepEqual(compareCalendarObjects(read(objects[index]!), checked.object), []);
    }
  });
  test('Outlook’s and Google’s columns', () => {
    const back = eventsFromCsv(
      'Subject,Start Date,Start Time,End Date,End Time,All Day Event,Description,Location,Private\nMeeting,12/31/2026,9:30 PM,12/31/2026,10:00 PM,False,,Room,True\nHoliday,01/02/2027,,01/03/2027,,True,,,\nBroken,soon,,,,,,,\n',
      { stampSeconds: 0, makeUid, tzid: 'Europe/Berlin' },
    );
    assert.ok(back.ok);
    assert.deepEqual(
      back.value.components.map((component) =>
        lines(component).filter((line) => /^(?:DT(?:START|END)|SUMMARY|CLASS)/.test(line)),
      ),
      [
        [
          'DTSTART;TZID=Europe/Berlin:20261231T213000',
          'DTEND;TZID=Europe/Berlin:20261231T220000',
          'SUMMARY:Meeting',
          'CLASS:PRIVATE',
        ],
        ['DTSTART;VALUE=DATE:20270102', 'DTEND;VALUE=DATE:20270104', 'SUMMARY:Holiday'],
      ],
    );
    assert.deepEqual(
      back.value.problems.map(({ code, line }) => [code, line]),
      [['csv.date', 4]],
    );
  });
  test('a file without the columns is refused', () => {
    const back = eventsFromCsv('a,b\n1,2\n', { stampSeconds: 0, makeUid });
    assert.equal(back.ok ? '' : back.error.code, 'csv.columns');
  });
});

describe('U9 contacts as a table', () => {
  test('come back as the same set', () => {
    const value = card(
      'UID:u1\nFN:Dr. Ann Doe\nN:Doe;Ann;Q.;Dr.;\nNICKNAME:Annie\nORG:Riad\\, Inc.;Team\nTITLE:Boss\nBDAY:1985-04-12\nCATEGORIES:a,b\nURL:http://x\nNOTE:one\\ntwo\nEMAIL;TYPE=home:ann@x\nEMAIL:a@y\nTEL;TYPE=cell:+49 30\nADR;TYPE=work:;;1 Main;Town;;123;DE',
    );
    const csv = contactsToCsv([readCard(value)]);
    const back = contactsFromCsv(csv, { makeUid });
    assert.ok(back.ok);
    const [found] = back.value.cards;
    assert.deepEqual(new Set(lines(found!)), new Set(lines(readCard(value).card)));
    assert.ok(checkAddressObject(formatComponent(found!)).ok);
  });
  test('Google’s and Outlook’s columns', () => {
    const google = contactsFromCsv(
      'First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\nAnn,Doe,* myContacts ::: Friends,Home,ann@x,Mobile,123\n,,,,,,\n',
      { makeUid },
    );
    assert.ok(google.ok);
    assert.deepEqual(lines(google.value.cards[0]!).slice(2), [
      'FN:Ann Doe',
      'N:Doe;Ann;;;',
      'CATEGORIES:Friends',
      'EMAIL;TYPE=home:ann@x',
      'TEL;TYPE=mobile:123',
    ]);
    const outlook = contactsFromCsv(
      'First Name,Company,E-mail Address,Business Street,Birthday\n,Riad,x@y,1 Main,4/12/1985\n',
      { makeUid },
    );
    assert.ok(outlook.ok);
    assert.deepEqual(lines(outlook.value.cards[0]!).slice(2), [
      'FN:Riad',
      'N:Riad;;;;',
      'ORG:Riad',
      'BDAY:1985-04-12',
      'EMAIL:x@y',
      'ADR:;;1 Main;;;;',
    ]);
  });
});

describe('U9 whole calendars and books', () => {
  test('a calendar as one file, and back as the same objects', () => {
    const merged = mergeCalendar(Object.values(appendixB).map(read), {
      productId: '-//Riad//EN',
      name: 'Büro, alle',
      color: 'teal',
    });
    const written = text(merged);
    assert.equal(written.match(/BEGIN:VTIMEZONE/g)?.length, 1);
    assert.match(written, /X-WR-CALNAME:Büro\\, alle/);
    const split = splitCalendar(merged, makeUid);
    assert.ok(split.ok);
    assert.equal(split.value.objects.length, 8);
    for (const [index, value] of Object.values(appendixB).entries()) {
      const found: SplitObject = split.value.objects[index]!;
      assert.ok(checkCalendarObject(found.octets).ok);
      const again = read(found.octets);
      assert.equal(found.uid, read(value).uid);
      assert.deepEqual(compareCalendarObjects(read(value), again), []);
      assert.equal(text(found.octets).includes('VTIMEZONE'), text(value).includes('VTIMEZONE'));
    }
  });
  test('components keep their octets', () => {
    const odd = 'BEGIN:VEVENT\r\nuid:1\r\nDTSTART:20260101T0000\r\n 00Z\r\nX-b:c\r\nEND:VEVENT\r\n';
    const value = new TextEncoder().encode(
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:PUBLISH\r\n${odd}END:VCALENDAR\r\n`,
    );
    const split = splitCalendar(value, makeUid);
    assert.ok(split.ok);
    assert.ok(text(split.value.objects[0]!.octets).includes(odd));
    assert.ok(!text(split.value.objects[0]!.octets).includes('METHOD'));
  });
  test('components without UID get one, repeated ones become one', () => {
    const repeated = `${event('DTSTART:20260101T000000Z\nSEQUENCE:1\nSUMMARY:new', 'a')}\n${event('DTSTART:20260101T000000Z\nSUMMARY:old', 'a')}\nBEGIN:VEVENT\nDTSTAMP:20260101T000000Z\nDTSTART:20260101T000000Z\nEND:VEVENT`;
    const split = splitCalendar(calendar(repeated), () => 'fresh');
    assert.ok(split.ok);
    assert.deepEqual(
      split.value.objects.map(({ uid, line }) => [uid, line]),
      [
        ['a', 4],
        ['fresh', 17],
      ],
    );
    assert.match(text(split.value.objects[0]!.octets), /SUMMARY:new/);
    assert.deepEqual(
      split.value.notes.map(({ code }) => code),
      ['tolerated.missing', 'object.twice'],
    );
    for (const one of split.value.objects) assert.ok(checkCalendarObject(one.octets).ok);
  });
  test('a book as one file, and back octet for octet', () => {
    const cards = [card('UID:1\nFN:a'), card('UID:2\nFN:b\nPHOTO;ENCODING=b:QUJD\n  RA==', '4.0')];
    const merged = mergeCards(cards.map(readCard));
    const split = splitCards(merged, makeUid);
    assert.ok(split.ok);
    assert.deepEqual(
      split.value.cards.map((found) => found.octets),
      cards,
    );
  });
  test('cards without UID get one, behind VERSION', () => {
    const split = splitCards(card('FN:a'), () => 'fresh');
    assert.ok(split.ok);
    assert.equal(
      text(split.value.cards[0]!.octets),
      'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:fresh\r\nFN:a\r\nEND:VCARD\r\n',
    );
  });
  test('an object with a bad line is left out, the others are not', () => {
    const value = calendar(
      `${event('DTSTART:20260101T000000Z', 'a')}\n${event('DTSTART:20260101T000000Z\nbad line', 'b')}\n${event('DTSTART:20260101T000000Z', 'c')}`,
    );
    const split = splitCalendar(value, makeUid);
    assert.ok(split.ok);
    assert.deepEqual(
      split.value.objects.map(({ uid }) => uid),
      ['a', 'c'],
    );
    assert.deepEqual(
      split.value.notes.map(({ code, line }) => [code, line]),
      [['line.colon', 13]],
    );
    const cards = splitCards(
      octets('BEGIN:VCARD\nUID:1\nFN:a\nEND:VCARD\nBEGIN:VCARD\nUID:2\nbad\nEND:VCARD'),
      makeUid,
    );
    assert.deepEqual(cards.ok && cards.value.cards.map(({ uid }) => uid), ['1']);
  });
  test('a file that does not parse says where', () => {
    const split = splitCalendar(octets('BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR'), makeUid);
    assert.deepEqual(split.ok ? [] : split.error.map(({ line }) => line), [3]);
  });
  test('made components are written whole', () => {
    assert.match(
      text(wrapComponents([makeComponent('VEVENT', [])], 'x')),
      /^BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT/,
    );
  });
});
