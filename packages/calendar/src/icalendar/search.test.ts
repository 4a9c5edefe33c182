/** What a search finds, and what the facts promise, against all instances one by one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { type ComponentFilter, matchesCalendarFilter } from '../query/calendar-filter.ts';
import { makeBudget } from '../recurrence/budget.ts';
import { component, filter, timeRange } from '../testing/filters.ts';
import { calendar, event, read, seconds, text, zone } from '../testing/objects.ts';
import { utc } from '../time-zone/zone.ts';
import { formatDate, formatLocal } from '../values/date-time.ts';
import { alarmRings, alarmTiming, triggerSeconds } from './alarms.ts';
import { clockOf } from './calendar-object.ts';
import { factsOf } from './facts.ts';
import { firstInstanceFrom, type Instance, instanceSource, visitInstances } from './instances.ts';
import { instanceOverlaps } from './time-range.ts';
import { checkCalendarObject } from './validation.ts';

const from = seconds('20250101T000000Z');
const to = seconds('20280101T000000Z');

/** An event with a rule, exceptions, overrides and an alarm, at random. */
function randomEvent(random: Random): string {
  const kind = random.pick([
    'date',
    'floating',
    'utc',
    'Europe/Berlin',
    'America/New_York',
  ] as const);
  const start = seconds('20251001T000000Z') + random.below(180) * 86_400 + random.below(96) * 900;
  const value = (local: number): string => {
    if (kind === 'date') return `;VALUE=DATE:${formatDate(local)}`;
    if (kind === 'utc') return `:${formatLocal(local)}Z`;
    return `${kind === 'floating' ? '' : `;TZID=${kind}`}:${formatLocal(local)}`;
  };
  const lasts =
    kind === 'date' ? random.between(1, 3) * 86_400 : random.pick([0, 1800, 7200, 90_000]);
  const length = (at: number): string => {
    if (lasts === 0) return '';
    if (random.chance(0.3))
      return kind === 'date' || lasts === 90_000 ? '\nDURATION:P1D' : '\nDURATION:PT2H';
    return `\nDTEND${value(at + lasts)}`;
  };
  const step = random.pick([1, 1, 2, 7]);
  const rule = random.pick([
    '',
    `RRULE:FREQ=DAILY;INTERVAL=${step}`,
    `RRULE:FREQ=DAILY;INTERVAL=${step};COUNT=20`,
    `RRULE:FREQ=WEEKLY;BYDAY=MO,SU`,
    `RRULE:FREQ=MONTHLY;BYMONTHDAY=31`,
    `RRULE:FREQ=DAILY;INTERVAL=${step};UNTIL=20260401T000000Z`,
    `RDATE${value(start + 86_400 * 40)}`,
  ]);
  const alarm = random.chance(0.4)
    ? `\nBEGIN:VALARM\nTRIGGER${random.chance(0.5) ? '' : ';RELATED=END'}:${random.pick(['-PT30M', '-P2D', 'PT3H', 'P1D'])}${random.chance(0.3) ? '\nREPEAT:3\nDURATION:PT5H' : ''}\nEND:VALARM`
    : '';
  const except = random.chance(0.3) ? `\nEXDATE${value(start + step * 86_400)}` : '';
  const parts = [
    event(`DTSTART${value(start)}${length(start)}\n${rule}${except}${alarm}`.replace('\n\n', '\n')),
  ];
  for (let i = rule === '' ? 0 : random.below(3); i > 0; i--) {
    const original = start + step * 86_400 * random.between(1, 8);
    const moved =
      original +
      (kind === 'date' ? random.between(-9, 9) * 86_400 : random.between(-900, 900) * 900);
    const range = random.chance(0.4) ? ';RANGE=THISANDFUTURE' : '';
    parts.push(
      event(
        `RECURRENCE-ID${range}${value(original)}\nDTSTART${value(moved)}${length(moved)}${random.chance(0.5) ? alarm : ''}`,
      ),
    );
  }
  return parts.join('\n');
}

test('searches find what is there, and facts let it through', () => {
  const random = new Random();
  const zones = ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'America/Los_Angeles'];
  let found = 0;
  for (let run = 0; run < 400; run++) {
    const components = randomEvent(random);
    const object = read(calendar(components));
    const floating = zone(random.pick(zones));
    const clock = clockOf(object, floating);
    const all: Instance[] = [];
    visitInstances(
      instanceSource(object, clock),
      Number.NEGATIVE_INFINITY,
      to,
      makeBudget(),
      (instance) => {
        all.push(instance);
        return false;
      },
    );
    const { facts } = factsOf(object);
    const earliest = facts.earliestSeconds ?? Number.NEGATIVE_INFINITY;
    const latest = facts.latestSeconds ?? Number.POSITIVE_INFINITY;
    const message = `seed ${seed}, ${floating.id}\n${components}`;
    for (const { startSeconds, endSeconds } of all)
      assert.ok(startSeconds >= earliest && endSeconds <= latest, message);
    const starts = all.map(({ startSeconds }) => startSeconds);
    for (let i = 0; i < 8; i++) {
      // Around an instance more often than anywhere.
      const near =
        starts.length > 0 && random.chance(0.8) ? random.pick(starts) : random.between(from, to);
      const begin = near + random.between(-40, 40) * 900;
      const range = { from: begin, to: begin + random.pick([1, 900, 7200, 86_400, 900_000]) };
      if (range.to > to - 10 * 86_400) continue;
      const ask = (query: ComponentFilter): boolean =>
        matchesCalendarFilter(object, query, floating) === 'yes';
      const expected = all.some((instance) => instanceOverlaps(instance, range));
      assert.equal(
        ask(filter('VEVENT', { timeRange: range })),
        expected,
        `${formatLocal(range.from)} ${formatLocal(range.to)} ${message}`,
      );
      const rings = all.some((instance) =>
        instance.component.components.some((alarm) => {
          const timing = alarmTiming(alarm, clock);
          return (
            timing !== undefined &&
            alarmRings(timing, triggerSeconds(timing, instance), range.from, range.to)
          );
        }),
      );
      assert.equal(
        ask(filter('VEVENT', { components: [component('VALARM', { timeRange: range })] })),
        rings,
        `alarm, ${formatLocal(range.from)} ${message}`,
      );
      if (expected || rings) assert.ok(earliest < range.to && latest >= range.from, message);
      found += Number(expected) + Number(rings);
    }
  }
  assert.ok(found > 500, `${found} found`);
});

describe('T24 the first instance from an instant on', () => {
  const first = (components: string, at: string): string | undefined => {
    const object = read(calendar(components));
    const budget = makeBudget(500);
    const found = firstInstanceFrom(
      instanceSource(object, clockOf(object, utc)),
      seconds(at),
      budget,
    );
    assert.equal(budget.spent, false);
    return found && formatLocal(found.startSeconds);
  };
  const daily = event('DTSTART:20200101T100000Z\nRRULE:FREQ=DAILY');
  test('of an endless rule, far away', () => {
    assert.equal(first(daily, '20900615T100000Z'), '20900615T100000');
    assert.equal(first(daily, '20900615T100001Z'), '20900616T100000');
  });
  test('of overrides and THISANDFUTURE', () => {
    const moved = event('RECURRENCE-ID:20260105T100000Z\nDTSTART:20260103T080000Z');
    assert.equal(first(`${daily}\n${moved}`, '20260102T110000Z'), '20260103T080000');
    assert.equal(first(`${daily}\n${moved}`, '20260104T110000Z'), '20260106T100000');
    const later = event(
      'RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T100000Z\nDTSTART:20260105T120000Z',
    );
    assert.equal(first(`${daily}\n${later}`, '20260104T110000Z'), '20260105T120000');
    assert.equal(first(`${daily}\n${later}`, '20300104T110000Z'), '20300104T120000');
  });
  test('none', () =>
    assert.equal(
      first(event('DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=3'), '20260104T000000Z'),
      undefined,
    ));
});

describe('floating ends', () => {
  test('stand on the clock of their start', () => {
    const object = read(calendar(event('DTSTART:20260328T220000\nDTEND:20260329T060000')));
    const list: Instance[] = [];
    visitInstances(
      instanceSource(object, clockOf(object, zone('Europe/Berlin'))),
      0,
      to,
      makeBudget(),
      (instance) => list.push(instance) > 1,
    );
    assert.deepEqual(
      list.map(({ endSeconds }) => endSeconds),
      [seconds('20260329T040000Z')],
    );
  });
});

describe('R8 objects made to cost', () => {
  const many = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const list = (count: number, item: (i: number) => number | string): string =>
    Array.from({ length: count }, (_, i) => item(i)).join(',');
  const longLists = [
    `BYMONTHDAY=${list(31, (i) => `${i + 1},-${i + 1}`)}`,
    `BYDAY=${['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'].map((day) => list(25, (i) => `${29 + i}${day},-${29 + i}${day}`)).join(',')}`,
    `BYHOUR=${list(700, (i) => i % 24)}`,
    `BYMINUTE=${list(700, (i) => i % 60)}`,
    `BYSECOND=${list(700, (i) => i % 60)}`,
  ];
  const zones = (count: number): string =>
    many(
      count,
      (i) =>
        `BEGIN:VTIMEZONE\nTZID:z${i}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=DAILY;BYMONTH=2;BYYEARDAY=1\nEND:STANDARD\nEND:VTIMEZONE`,
    );
  for (const [why, value] of [
    [
      'many rules',
      calendar(
        event(
          `DTSTART:20260101T000000Z\n${many(2000, (i) => `RRULE:FREQ=SECONDLY;INTERVAL=${i + 1};COUNT=1000000`)}`,
        ),
      ),
    ],
    [
      'many exception rules',
      calendar(
        event(
          `DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY\n${many(15, () => 'EXRULE:FREQ=SECONDLY')}`,
        ),
      ),
    ],
    [
      'many zones',
      calendar(
        `${zones(2000)}\n${event(`DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY\n${many(2000, (i) => `EXDATE;TZID=z${i}:20260101T000000`)}`)}`,
      ),
    ],
    [
      'many overrides',
      calendar(
        `${event('DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY')}\n${many(2000, (i) => event(`RECURRENCE-ID;RANGE=THISANDFUTURE:${formatLocal(seconds('20260101T000000Z') + i * 86_400)}Z\nDTSTART:20260101T000000Z`))}`,
      ),
    ],
    [
      'many dates',
      calendar(
        event(
          `DTSTART:20260101T000000Z\nRDATE:${Array(20_000).fill('20260101T000000Z/PT1H').join(',')}`,
        ),
      ),
    ],
    [
      'an alarm that repeats for ever',
      calendar(
        event(
          'DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY\nBEGIN:VALARM\nTRIGGER:-PT1S\nREPEAT:999999999\nDURATION:PT1S\nEND:VALARM',
        ),
      ),
    ],
    [
      'rules with long lists that give nothing',
      calendar(
        event(
          `DTSTART:20260101T000000Z\n${many(20, () => `RRULE:FREQ=YEARLY;${longLists.join(';')};BYSETPOS=366;BYMONTH=1`)}`,
        ),
      ),
    ],
    [
      'days with long lists that give nothing',
      calendar(
        event(
          `DTSTART:20260101T000000Z\n${many(20, () => `RRULE:FREQ=DAILY;BYYEARDAY=${list(300, (day) => day + 60)};BYMONTH=1,2`)}`,
        ),
      ),
    ],
    [
      'a rule of seconds with positions',
      calendar(
        event(
          'DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSETPOS=-1,366',
        ),
      ),
    ],
  ] as const) {
    test(why, () => {
      const started = performance.now();
      const checked = checkCalendarObject(value, { maxInstances: 10_000 });
      const object = checked.ok ? checked.object : read(value);
      for (const query of [
        filter('VEVENT', { timeRange: timeRange('20300101T000000Z', '20300102T000000Z') }),
        filter('VEVENT', {
          components: [
            component('VALARM', { timeRange: timeRange('20300101T000000Z', '20300102T000000Z') }),
          ],
        }),
      ]) {
        matchesCalendarFilter(object, query, utc);
      }
      const took = performance.now() - started;
      assert.ok(took < 3000, `${took} ms for ${text(value).length} octets`);
    });
  }
});
