import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { card, readCard } from '../testing/cards.ts';
import { calendar, event, read, text } from '../testing/objects.ts';
import { compareCalendarObjects } from './difference.ts';
import { type Merge, mergeCalendarObjects, mergeCards } from './merge.ts';

const object = (...components: readonly string[]): CalendarObject =>
  read(calendar(components.map((properties) => event(properties)).join('\n')));
const merged = (merge: Merge): string => {
  assert.equal(merge.type, 'merged', JSON.stringify(merge));
  return text((merge as Merge & { type: 'merged' }).octets);
};
const conflicts = (merge: Merge): string[] => {
  assert.equal(merge.type, 'conflict', 'it was merged');
  const { conflicts: found } = merge as Merge & { type: 'conflict' };
  return found.map(({ what, instance }) => (instance === undefined ? what : `${what} ${instance}`));
};

const base =
  'LAST-MODIFIED:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T110000\nSUMMARY:Lunch\nLOCATION:Room 1\nSEQUENCE:1\nRRULE:FREQ=DAILY;COUNT=9\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.org\nATTENDEE:mailto:bob@example.org\nCATEGORIES:WORK';
const second =
  'RECURRENCE-ID;TZID=Europe/Berlin:20261202T100000\nDTSTART;TZID=Europe/Berlin:20261202T120000\nDTEND;TZID=Europe/Berlin:20261202T130000\nSUMMARY:Late lunch';

type Version = readonly [string, ...string[]];
const merge = (ours: Version, theirs: Version, from: Version = [base]): Merge =>
  mergeCalendarObjects({ base: object(...from), ours: object(...ours), theirs: object(...theirs) });

const renamed = base.replace('Lunch', 'Dinner');
const elsewhere = base.replace('Room 1', 'Room 2');
const moved = base.replaceAll('20261201T1', '20261203T1');
const alarm = 'BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nDESCRIPTION:x\nEND:VALARM';

describe('what both have changed elsewhere is in it', () => {
  for (const [why, ours, theirs, wanted, from] of [
    ['two properties', [renamed], [elsewhere], [renamed.replace('Room 1', 'Room 2')]],
    ['a property and when it is', [moved], [renamed], [moved.replace('Lunch', 'Dinner')]],
    [
      'one comes, one goes',
      [`${base}\nURL:x`],
      [base.replace(/LOCATION.*\n/, '')],
      [`${base.replace(/LOCATION.*\n/, '')}\nURL:x`],
    ],
    ['the same change', [renamed], [renamed], [renamed]],
    [
      'two attendees, and the answer of a third',
      [`${base}\nATTENDEE:mailto:carl@example.org`],
      [base.replace('NEEDS-ACTION', 'ACCEPTED')],
      [`${base.replace('NEEDS-ACTION', 'ACCEPTED')}\nATTENDEE:mailto:carl@example.org`],
    ],
    ['an alarm', [renamed], [`${base}\n${alarm}`], [`${renamed}\n${alarm}`]],
    ['an alarm that goes', [renamed], [base], [renamed], [`${base}\n${alarm}`]],
    ['an instance, and the title of the series', [renamed], [base, second], [renamed, second]],
    ['another instance goes', [renamed, second], [base], [renamed], [base, second]],
    [
      'an instance is taken out, another one moved',
      [`${base}\nEXDATE;TZID=Europe/Berlin:20261205T100000`],
      [base, second],
      [`${base}\nEXDATE;TZID=Europe/Berlin:20261205T100000`, second],
    ],
  ] as readonly [string, Version, Version, Version, Version?][]) {
    test(why, () => {
      const found = read(new TextEncoder().encode(merged(merge(ours, theirs, from))));
      assert.deepEqual(compareCalendarObjects(found, object(...wanted)), [], why);
      // The other way round it says the same.
      const turned = read(new TextEncoder().encode(merged(merge(theirs, ours, from))));
      assert.deepEqual(compareCalendarObjects(turned, object(...wanted)), [], why);
    });
  }
});

describe('what both have changed is a conflict that is named', () => {
  for (const [why, ours, theirs, wanted, from] of [
    ['a property', [renamed], [base.replace('Lunch', 'Tea')], ['SUMMARY']],
    [
      'one changes what the other takes away',
      [elsewhere],
      [base.replace(/LOCATION.*\n/, '')],
      ['LOCATION'],
    ],
    [
      'the beginning here, the end there',
      [base.replace('1201T10', '1201T09')],
      [base.replace('1201T11', '1201T12')],
      ['DTSTART, DTEND'],
    ],
    [
      'how it repeats, and when it is',
      [base.replace('COUNT=9', 'COUNT=8')],
      [moved],
      ['DTSTART, DTEND, RRULE'],
    ],
    ['where it is, by name and by place', [`${base}\nGEO:1;2`], [elsewhere], ['LOCATION, GEO']],
    ['alarms', [`${base}\n${alarm}`], [`${base}\n${alarm.replace('5M', '9M')}`], ['VALARM']],
    [
      'an answer, and the attendee taken away',
      [base.replace('NEEDS-ACTION', 'ACCEPTED')],
      [base.replace(/ATTENDEE;.*\n/, '')],
      ['ATTENDEE'],
    ],
    [
      'an instance',
      [base, second.replace('Late', 'Early')],
      [base, second.replace('Late', 'Very late')],
      ['SUMMARY 20261202T100000'],
      [base, second],
    ],
    [
      'an instance that goes',
      [base, second.replace('Late', 'Early')],
      [base],
      ['VEVENT, removed 20261202T100000'],
      [base, second],
    ],
    [
      'an instance that both make',
      [base, second],
      [base, second.replace('Late', 'Early')],
      ['VEVENT 20261202T100000'],
    ],
    [
      'the series moves, an instance of it as well',
      [moved],
      [base, second],
      ['the times of the series and of single instances'],
    ],
    [
      'the series moves, an instance of it is taken out',
      [moved],
      [`${base}\nEXDATE;TZID=Europe/Berlin:20261205T100000`],
      ['the times of the series and of single instances'],
    ],
    [
      'an instance is taken out here and moved there, however its time is written',
      [`${base}\nEXDATE:20261202T090000Z`],
      [base, second],
      ['the times of the series and of single instances'],
    ],
    [
      'exclusions',
      [`${base}\nEXDATE:20261202T090000Z`],
      [`${base}\nEXDATE:20261203T090000Z`],
      ['EXDATE'],
    ],
  ] as readonly [string, Version, Version, readonly string[], Version?][]) {
    test(why, () => {
      assert.deepEqual(conflicts(merge(ours, theirs, from)), wanted);
      conflicts(merge(theirs, ours, from));
    });
  }
  test('another object, or another kind', () => {
    const [one, other] = [object(base), read(calendar(event(base, 'other')))];
    assert.deepEqual(conflicts(mergeCalendarObjects({ base: one, ours: one, theirs: other })), [
      'UID',
    ]);
    const task = read(calendar(event(base).replaceAll('VEVENT', 'VTODO')));
    assert.deepEqual(conflicts(mergeCalendarObjects({ base: one, ours: one, theirs: task })), [
      'VEVENT',
    ]);
  });
});

test('octets of ours stay, unknown properties, order and folding included', () => {
  const folded = base.replace('SUMMARY:Lunch', 'X-ODD;P="a:b":1\nSUMMARY:Lu\n nch\nX-odd2:é');
  const [from, theirs] = [object(folded), object(folded.replace('Room 1', 'Room 2'))];
  const ours = object(folded.replace('X-odd2:é', 'X-odd2:ö'));
  const found = merged(mergeCalendarObjects({ base: from, ours, theirs }));
  assert.equal(found, text(ours.document.octets).replace('Room 1', 'Room 2'));
  const same = mergeCalendarObjects({ base: from, ours, theirs: from });
  assert.ok(same.type === 'merged' && same.octets === ours.document.octets);
});

test('what programs note for themselves never collides: the later counts', () => {
  const ours = renamed.replace('20260101T000000Z', '20260105T000000Z').replace('NCE:1', 'NCE:10');
  const theirs = elsewhere
    .replace('20260101T000000Z', '20260103T000000Z')
    .replace('NCE:1', 'NCE:9');
  for (const both of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const found = merged(merge([both[0]], [both[1]]));
    assert.match(found, /LAST-MODIFIED:20260105T000000Z/);
    assert.match(found, /SEQUENCE:10\r\n/);
    assert.match(found, /Dinner[\s\S]*Room 2/);
  }
});

describe('time zones', () => {
  const zone = (tzid: string, offset: string): string =>
    `BEGIN:VTIMEZONE\nTZID:${tzid}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:${offset}\nTZOFFSETTO:${offset}\nEND:STANDARD\nEND:VTIMEZONE`;
  const within = (tzid: string, properties: string, ...zones: readonly string[]): CalendarObject =>
    read(calendar([...zones, event(properties.replaceAll('Europe/Berlin', tzid))].join('\n')));

  test('one that theirs needs comes with it', () => {
    const from = within('Europe/Berlin', base);
    const theirs = within('Own', base, zone('Own', '+0130'));
    const ours = within('Europe/Berlin', renamed);
    const found = merged(mergeCalendarObjects({ base: from, ours, theirs }));
    assert.match(found, /TZOFFSETTO:\+0130/);
    assert.match(found, /DTSTART;TZID=Own:20261201T100000/);
    assert.match(found, /SUMMARY:Dinner/);
  });
  test('one of a name of its own cannot come to mean two things; those of IANA cannot at all', () => {
    const three = (tzid: string): Parameters<typeof mergeCalendarObjects>[0] => ({
      base: within(tzid, base, zone(tzid, '+0100')),
      ours: within(tzid, renamed, zone(tzid, '+0130')),
      theirs: within(tzid, elsewhere, zone(tzid, '+0145')),
    });
    assert.deepEqual(conflicts(mergeCalendarObjects(three('Own'))), ['VTIMEZONE Own']);
    assert.match(merged(mergeCalendarObjects(three('Europe/Berlin'))), /\+0130/);
    const { base: from, theirs } = three('Own');
    const ours = within('Own', renamed, zone('Own', '+0100'));
    const found = merged(mergeCalendarObjects({ base: from, ours, theirs }));
    assert.equal(found.match(/BEGIN:VTIMEZONE/g)?.length, 1);
    assert.match(found, /\+0145/);
  });
});

describe('cards', () => {
  const from = 'UID:1\nFN:Ann\nN:;Ann;;;\nTEL:1\nitem1.EMAIL:a@example.org\nitem1.X-ABLabel:home';
  const three = (ours: string, theirs: string, version = '3.0'): Merge =>
    mergeCards({
      base: readCard(card(from)),
      ours: readCard(card(ours)),
      theirs: readCard(card(theirs, version)),
    });
  test('other properties', () => {
    const found = merged(three(from.replace('TEL:1', 'TEL:2'), `${from}\nNOTE:x`));
    assert.equal(found, text(card(`${from.replace('TEL:1', 'TEL:2')}\nNOTE:x`)));
  });
  test('a label goes with what it labels', () => {
    const labelled = from.replace('home', 'work');
    const readdressed = from.replace('a@', 'b@');
    assert.deepEqual(conflicts(three(labelled, readdressed)), ['EMAIL, X-ABLABEL']);
  });
  test('a name is one, and so is a version', () => {
    const names = [from.replace('FN:Ann', 'FN:Anna'), from.replace(';Ann;', ';Anne;')] as const;
    assert.deepEqual(conflicts(three(...names)), ['FN, N']);
    assert.deepEqual(conflicts(three(from, from, '4.0')), ['VERSION']);
  });
});

test('whatever they change: all of both, or a conflict where both changed one thing', () => {
  const random = new Random();
  const names = ['SUMMARY', 'LOCATION', 'DESCRIPTION', 'CLASS', 'X-A', 'X-B', 'URL', 'STATUS'];
  type Values = ReadonlyMap<string, string>;
  const version = (values: Values): CalendarObject =>
    object(['DTSTART:20260101T000000Z', ...[...values].map(([n, v]) => `${n}:${v}`)].join('\n'));
  const changed = (values: Values): Map<string, string> => {
    const result = new Map(values);
    for (const name of names) {
      const dice = random.below(8);
      if (dice === 0) result.delete(name);
      else if (dice === 1) result.set(name, String(random.below(3)));
    }
    return result;
  };
  let [both, collisions] = [0, 0];
  for (let run = 0; run < 2000; run++) {
    const from = changed(new Map(names.map((name) => [name, 'x'])));
    const [ours, theirs] = [changed(from), changed(from)];
    const collide = names.filter((name) => {
      const [was, our, their] = [from.get(name), ours.get(name), theirs.get(name)];
      return our !== was && their !== was && our !== their;
    });
    const found = mergeCalendarObjects({
      base: version(from),
      ours: version(ours),
      theirs: version(theirs),
    });
    const why = `seed ${seed}, run ${run}`;
    if (collide.length > 0) {
      assert.deepEqual(conflicts(found).sort(), collide.sort(), why);
      collisions++;
      continue;
    }
    const wanted = new Map<string, string>();
    for (const name of names) {
      const value = ours.get(name) === from.get(name) ? theirs.get(name) : ours.get(name);
      if (value !== undefined) wanted.set(name, value);
    }
    const result = read(new TextEncoder().encode(merged(found)));
    assert.deepEqual(compareCalendarObjects(result, version(wanted)), [], why);
    both++;
  }
  assert.ok(both > 500 && collisions > 200, `${both} merged, ${collisions} collided`);
});
