/**
 * What a calendar server does with each object, beside ical.js where it does the same: checking one for
 * storage, searching, expanding, writing. Processor time; the median of five rounds.
 *
 *   npm run bench -- calendar-objects [--rounds=5]
 */
import { parseArgs } from 'node:util';
import { shapeCalendarData } from '@riad/calendar/icalendar/calendar-data';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { checkCalendarObject } from '@riad/calendar/icalendar/validation';
import { type ComponentFilter, matchesCalendarFilter } from '@riad/calendar/query/calendar-filter';
import { makeBudget } from '@riad/calendar/recurrence/budget';
import { parseRule } from '@riad/calendar/recurrence/rule';
import { openRule } from '@riad/calendar/recurrence/rule-cursor';
import { generateTimeZone } from '@riad/calendar/time-zone/generate';
import { ianaZone } from '@riad/calendar/time-zone/iana';
import { checkAddressObject } from '@riad/calendar/vcard/validation';
import ICAL from 'ical.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const roundMs = 100;
/** Until the compiler is done, whose threads count too. */
const warmRounds = 6;

/** Microseconds of processor time for one call, garbage collection included. */
function microseconds(run: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round < Number(values.rounds) + warmRounds; round++) {
    const start = performance.now();
    const processor = process.cpuUsage();
    let calls = 0;
    while (performance.now() - start < roundMs) {
      for (let i = 0; i < 10; i++) run();
      calls += 10;
    }
    const { user, system } = process.cpuUsage(processor);
    if (round >= warmRounds) rounds.push((user + system) / calls);
  }
  rounds.sort((a, b) => a - b);
  return rounds[rounds.length >> 1]!;
}

function say(what: string, ours: () => unknown, theirs?: () => unknown): void {
  const own = microseconds(ours).toFixed(1);
  const other = theirs === undefined ? '' : `   ical.js ${microseconds(theirs).toFixed(1)} µs`;
  process.stdout.write(`${what.padEnd(58)} ${own.padStart(8)} µs${other}\n`);
}

function event(rule: string, summary: string = 'Planning with the whole team'): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Example Corp.//CalDAV Client//EN',
    'BEGIN:VEVENT',
    'UID:74855313FA803DA593CD579A@example.com',
    'DTSTAMP:20260206T001102Z',
    'CREATED:20260206T001102Z',
    'LAST-MODIFIED:20260206T001102Z',
    'DTSTART;TZID=Europe/Berlin:20260102T100000',
    'DTEND;TZID=Europe/Berlin:20260102T110000',
    `SUMMARY:${summary}`,
    'LOCATION:Room 2\\, first floor',
    'DESCRIPTION:Please bring the list of open points.',
    'ORGANIZER;CN=Ann:mailto:ann@example.com',
    'SEQUENCE:1',
    ...(rule === '' ? [] : [`RRULE:${rule}`]),
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:Reminder',
    'TRIGGER:-PT15M',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

const encoder = new TextEncoder();
const berlin = ianaZone('Europe/Berlin')!;
const check = (text: string): (() => unknown) => {
  const octets = encoder.encode(text);
  const result = checkCalendarObject(octets);
  if (!result.ok) throw new Error(result.sentence);
  return () => checkCalendarObject(octets);
};
const parse = (text: string): (() => unknown) => {
  const octets = encoder.encode(text);
  const decoder = new TextDecoder();
  return () =>
    new ICAL.Component(ICAL.parse(decoder.decode(octets))).getFirstSubcomponent('vevent');
};

const plain = event('');
say(
  `check an event of ${encoder.encode(plain).length} octets, with facts`,
  check(plain),
  parse(plain),
);
say('check one with an endless rule', check(event('FREQ=WEEKLY;BYDAY=MO,WE')));
say('check one with COUNT=52 and umlauts', check(event('FREQ=WEEKLY;COUNT=52', 'Büro')));

const card = encoder.encode(
  'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Ann Doe\r\nN:Doe;Ann;;;\r\nTEL;TYPE=home:+49 30 1\r\nEMAIL:ann@example.com\r\nEND:VCARD\r\n',
);
say(`check a vCard of ${card.length} octets`, () => checkAddressObject(card));

const timeRange = { from: Date.UTC(2090, 5, 5) / 1000, to: Date.UTC(2090, 5, 6) / 1000 };
const query: ComponentFilter = {
  name: 'VCALENDAR',
  isNotDefined: false,
  timeRange: undefined,
  properties: [],
  components: [{ name: 'VEVENT', isNotDefined: false, timeRange, properties: [], components: [] }],
};
for (const rule of ['FREQ=DAILY', 'FREQ=MONTHLY;BYDAY=1MO', 'FREQ=YEARLY']) {
  const octets = encoder.encode(event(rule));
  say(`read and search a day in 2090, ${rule}`, () => {
    const object = readCalendarObject(octets);
    return object.ok && matchesCalendarFilter(object.value, query, berlin);
  });
}

const daily = readCalendarObject(encoder.encode(event('FREQ=DAILY')));
if (!daily.ok) throw new Error('the event does not parse');
const month = { from: Date.UTC(2026, 5, 1) / 1000, to: Date.UTC(2026, 6, 1) / 1000 };
say('expand a month of a daily event and write it', () =>
  shapeCalendarData(daily.value, { expand: month }, berlin),
);

const rules: readonly string[] = [
  'FREQ=DAILY',
  'FREQ=WEEKLY;BYDAY=MO,WE,FR',
  'FREQ=MONTHLY;BYDAY=-1FR',
];
for (const text of rules) {
  const rule = parseRule(text);
  if (!rule.ok) throw new Error(rule.error);
  const start = ICAL.Time.fromDateTimeString('2026-01-02T10:00:00');
  say(
    `1,000 times of ${text}`,
    () => {
      const cursor = openRule(rule.value, 1_767_348_000, false, makeBudget());
      for (let i = 0; i < 1000; i++) cursor.next();
    },
    () => {
      const iterator = ICAL.Recur.fromString(text).iterator(start);
      for (let i = 0; i < 1000; i++) iterator.next();
    },
  );
}
const impossible = parseRule('FREQ=DAILY;BYMONTH=2;BYYEARDAY=1');
if (!impossible.ok) throw new Error(impossible.error);
say('a rule that gives nothing, until the budget is spent', () => {
  const cursor = openRule(impossible.value, 1_767_348_000, false, makeBudget());
  while (cursor.next() !== Number.POSITIVE_INFINITY);
});
say('write a VTIMEZONE', () => generateTimeZone(berlin, 'Europe/Berlin', 1_767_348_000));
