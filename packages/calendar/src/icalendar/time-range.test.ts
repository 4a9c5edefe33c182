/** Every row of the tables of RFC 4791 §9.9, at the start, just before and just after. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ComponentFilter, matchesCalendarFilter } from '../query/calendar-filter.ts';
import { calendar, event, read, seconds, zone } from '../testing/objects.ts';
import { utc, type Zone } from '../time-zone/zone.ts';
import { factsOf } from './facts.ts';

const open = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const range = (from: string | undefined, to: string | undefined): typeof open => ({
  from: from === undefined ? open.from : seconds(from),
  to: to === undefined ? open.to : seconds(to),
});
const component = (name: string, more: Partial<ComponentFilter> = {}): ComponentFilter => ({
  name,
  isNotDefined: false,
  timeRange: undefined,
  properties: [],
  components: [],
  ...more,
});
const filter = (kind: string, more: Partial<ComponentFilter>): ComponentFilter =>
  component('VCALENDAR', { components: [component(kind, more)] });

function matches(components: string, query: ComponentFilter, floating: Zone = utc): boolean {
  const object = read(calendar(components));
  const result = matchesCalendarFilter(object, query, floating);
  assert.notEqual(result, 'too-much-work');
  return result === 'yes';
}

/** Also proves that the facts would have let the object through. */
function inRange(
  components: string,
  kind: string,
  from: string | undefined,
  to: string | undefined,
  floating: Zone = utc,
): boolean {
  const timeRange = range(from, to);
  const result = matches(components, filter(kind, { timeRange }), floating);
  if (result) {
    const { facts } = factsOf(read(calendar(components)));
    assert.ok(
      (facts.earliestSeconds ?? open.from) < timeRange.to,
      `${facts.earliestSeconds} ${to}`,
    );
    assert.ok((facts.latestSeconds ?? open.to) >= timeRange.from, `${facts.latestSeconds} ${from}`);
  }
  return result;
}

type Case = readonly [from: string | undefined, to: string | undefined, expected: boolean];

function rows(title: string, kind: string, properties: string, cases: readonly Case[]): void {
  test(title, () => {
    const text = `BEGIN:${kind}\nUID:1\n${properties}\nEND:${kind}`;
    for (const [from, to, expected] of cases) {
      assert.equal(inRange(text, kind, from, to), expected, `${from} to ${to}`);
    }
  });
}

const T = (time: string): string => `20260110T${time}Z`;

describe('VEVENT', () => {
  const around: Case[] = [
    [T('080000'), T('100000'), false], // ends where it starts
    [T('080000'), T('100001'), true],
    [T('103000'), T('103001'), true],
    [T('105959'), T('120000'), true],
    [T('110000'), T('120000'), false], // begins where it ends
    [undefined, T('100000'), false],
    [undefined, T('100001'), true],
    [T('105959'), undefined, true],
    [T('110000'), undefined, false],
    [T('090000'), T('120000'), true],
  ];
  rows('T1 DTEND', 'VEVENT', 'DTSTART:20260110T100000Z\nDTEND:20260110T110000Z', around);
  rows('T2 DURATION', 'VEVENT', 'DTSTART:20260110T100000Z\nDURATION:PT1H', around);
  const point: Case[] = [
    [T('100000'), T('110000'), true],
    [T('100001'), T('110000'), false],
    [T('090000'), T('100000'), false],
    [T('090000'), T('100001'), true],
  ];
  rows('T3 DURATION of nothing', 'VEVENT', 'DTSTART:20260110T100000Z\nDURATION:PT0S', point);
  rows('T4 a date-time alone', 'VEVENT', 'DTSTART:20260110T100000Z', point);
  rows(
    'T4 DTEND at or before DTSTART counts as nothing',
    'VEVENT',
    'DTSTART:20260110T100000Z\nDTEND:20260110T090000Z',
    point,
  );
  rows('T5 a date alone', 'VEVENT', 'DTSTART;VALUE=DATE:20260110', [
    ['20260109T000000Z', '20260110T000000Z', false],
    ['20260109T000000Z', '20260110T000001Z', true],
    ['20260110T235959Z', '20260111T000000Z', true],
    ['20260111T000000Z', '20260112T000000Z', false],
  ]);
  rows(
    'T23 begun before S and still running',
    'VEVENT',
    'DTSTART:20260101T100000Z\nDTEND:20260120T100000Z',
    [['20260110T000000Z', '20260111T000000Z', true]],
  );
  test('without DTSTART, as in a scheduling inbox, always (RFC 6638 §2.3)', () => {
    assert.equal(
      matches(
        'BEGIN:VEVENT\nUID:1\nEND:VEVENT',
        filter('VEVENT', { timeRange: range(T('000000'), T('000001')) }),
      ),
      true,
    );
  });
});

describe('VTODO', () => {
  rows('T6 DTSTART and DURATION', 'VTODO', 'DTSTART:20260110T100000Z\nDURATION:PT1H', [
    [T('110000'), T('120000'), true],
    [T('110001'), T('120000'), false],
    [T('090000'), T('100000'), false],
    [T('090000'), T('100001'), true],
  ]);
  rows('T6 DTSTART and DURATION of nothing', 'VTODO', 'DTSTART:20260110T100000Z\nDURATION:PT0S', [
    [T('090000'), T('100000'), true], // E ≥ DTSTART+DURATION
    [T('090000'), T('095959'), false],
  ]);
  rows('T7 DTSTART and DUE', 'VTODO', 'DTSTART:20260110T100000Z\nDUE:20260110T110000Z', [
    [T('110000'), T('120000'), false],
    [T('105959'), T('120000'), true],
    [T('090000'), T('100000'), false],
    [T('090000'), T('100001'), true],
  ]);
  rows('T7 DTSTART and DUE at once', 'VTODO', 'DTSTART:20260110T100000Z\nDUE:20260110T100000Z', [
    [T('100000'), T('120000'), true],
    [T('090000'), T('100000'), true],
    [T('100001'), T('120000'), false],
  ]);
  rows('T8 DTSTART alone', 'VTODO', 'DTSTART:20260110T100000Z', [
    [T('100000'), T('120000'), true],
    [T('100001'), T('120000'), false],
    [T('090000'), T('100000'), false],
    [T('090000'), T('100001'), true],
  ]);
  rows('T9 DUE alone', 'VTODO', 'DUE:20260110T100000Z', [
    [T('095959'), T('120000'), true],
    [T('100000'), T('120000'), false],
    [T('090000'), T('100000'), true],
    [T('090000'), T('095959'), false],
  ]);
  rows(
    'T10 COMPLETED and CREATED',
    'VTODO',
    'CREATED:20260110T100000Z\nCOMPLETED:20260110T120000Z',
    [
      [T('120000'), T('130000'), true],
      [T('120001'), T('130000'), false],
      [T('090000'), T('100000'), true],
      [T('090000'), T('095959'), false],
      [T('110000'), T('113000'), true],
    ],
  );
  rows('T11 COMPLETED alone', 'VTODO', 'COMPLETED:20260110T100000Z', [
    [T('100000'), T('120000'), true],
    [T('100001'), T('120000'), false],
    [T('090000'), T('100000'), true],
    [T('090000'), T('095959'), false],
  ]);
  rows('T12 CREATED alone', 'VTODO', 'CREATED:20260110T100000Z', [
    [T('090000'), T('100000'), false],
    [T('090000'), T('100001'), true],
    ['20300101T000000Z', undefined, true],
  ]);
  rows('T13 nothing at all', 'VTODO', 'SUMMARY:x', [
    [undefined, T('100000'), true],
    [T('100000'), undefined, true],
  ]);
  rows('recurring', 'VTODO', 'DTSTART:20260101T100000Z\nDUE:20260101T110000Z\nRRULE:FREQ=DAILY', [
    ['20900110T103000Z', '20900110T104000Z', true],
    ['20900110T113000Z', '20900110T114000Z', false],
  ]);
});

describe('VJOURNAL and VFREEBUSY', () => {
  rows('T14 VJOURNAL with a date-time', 'VJOURNAL', 'DTSTART:20260110T100000Z', [
    [T('100000'), T('110000'), true],
    [T('100001'), T('110000'), false],
    [T('090000'), T('100000'), false],
  ]);
  rows('T15 VJOURNAL with a date', 'VJOURNAL', 'DTSTART;VALUE=DATE:20260110', [
    ['20260110T235959Z', '20260111T000000Z', true],
    ['20260111T000000Z', '20260112T000000Z', false],
    ['20260109T000000Z', '20260110T000000Z', false],
  ]);
  rows('T16 VJOURNAL without DTSTART', 'VJOURNAL', 'SUMMARY:x', [[undefined, T('100000'), false]]);
  rows(
    'T17 VFREEBUSY with DTSTART and DTEND',
    'VFREEBUSY',
    'DTSTART:20260110T100000Z\nDTEND:20260110T110000Z',
    [
      [T('110000'), T('120000'), true],
      [T('110001'), T('120000'), false],
      [T('090000'), T('100000'), false],
      [T('090000'), T('100001'), true],
    ],
  );
  rows(
    'T18 VFREEBUSY with periods',
    'VFREEBUSY',
    'FREEBUSY:20260110T100000Z/PT1H,20260110T150000Z/20260110T160000Z',
    [
      [T('103000'), T('104000'), true],
      [T('110000'), T('150000'), false],
      [T('155959'), T('170000'), true],
    ],
  );
  rows('T19 VFREEBUSY with neither', 'VFREEBUSY', 'COMMENT:x', [[undefined, T('100000'), false]]);
});

describe('T20 VALARM', () => {
  const alarm = (
    properties: string,
    trigger: string,
    from: string,
    to: string,
    kind = 'VEVENT',
  ): boolean => {
    const text = `BEGIN:${kind}\nUID:1\n${properties}\nBEGIN:VALARM\nACTION:DISPLAY\n${trigger}\nEND:VALARM\nEND:${kind}`;
    const timeRange = range(from, to);
    const query = filter(kind, { components: [component('VALARM', { timeRange })] });
    const result = matches(text, query);
    if (result) {
      const { facts } = factsOf(read(calendar(text)));
      assert.ok(
        (facts.earliestSeconds ?? open.from) < timeRange.to &&
          (facts.latestSeconds ?? open.to) >= timeRange.from,
        'facts',
      );
    }
    return result;
  };
  const hour = 'DTSTART:20260110T100000Z\nDTEND:20260110T110000Z';
  for (const [why, properties, trigger, cases] of [
    [
      'before the start',
      hour,
      'TRIGGER:-PT15M',
      [
        ['094500', '094501', true],
        ['094501', '100000', false],
        ['094000', '094500', false],
      ],
    ],
    [
      'RELATED=END',
      hour,
      'TRIGGER;RELATED=END:PT5M',
      [
        ['110500', '110600', true],
        ['100000', '110500', false],
      ],
    ],
    [
      'REPEAT',
      hour,
      'TRIGGER:-PT15M\nREPEAT:2\nDURATION:PT10M',
      [
        ['095500', '095600', true],
        ['100500', '100600', true],
        ['101500', '101600', false],
        ['095000', '095500', false],
      ],
    ],
    [
      'absolute',
      hour,
      'TRIGGER;VALUE=DATE-TIME:20260110T070000Z',
      [
        ['070000', '070001', true],
        ['070001', '120000', false],
      ],
    ],
    [
      'of an instance',
      'DTSTART:20251110T100000Z\nRRULE:FREQ=DAILY',
      'TRIGGER:-P1D',
      [
        ['100000', '100001', true],
        ['100001', '120000', false],
      ],
    ],
    ['without a trigger', hour, 'DESCRIPTION:x', [['000000', '235959', false]]],
  ] as const) {
    test(`T20 ${why}`, () => {
      for (const [from, to, expected] of cases) {
        assert.equal(alarm(properties, trigger, T(from), T(to)), expected, `${from} to ${to}`);
      }
    });
  }
  test('T20 dates count from midnight in the zone of the request', () => {
    const text =
      'BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260110\nBEGIN:VALARM\nTRIGGER:PT9H\nEND:VALARM\nEND:VEVENT';
    const query = filter('VEVENT', {
      components: [
        component('VALARM', { timeRange: range('20260110T080000Z', '20260110T080001Z') }),
      ],
    });
    assert.equal(matches(text, query, zone('Europe/Berlin')), true);
    assert.equal(matches(text, query, utc), false);
  });
});

describe('T21 properties', () => {
  const inPropertyRange = (
    properties: string,
    name: string,
    from: string | undefined,
    to: string | undefined,
    kind = 'VEVENT',
  ): boolean =>
    matches(
      `BEGIN:${kind}\nUID:1\n${properties}\nEND:${kind}`,
      filter(kind, {
        properties: [
          {
            name,
            isNotDefined: false,
            timeRange: range(from, to),
            textMatch: undefined,
            parameters: [],
          },
        ],
      }),
    );
  test('T21 S ≤ value and E > value', () => {
    for (const name of [
      'COMPLETED',
      'CREATED',
      'DTEND',
      'DTSTAMP',
      'DTSTART',
      'DUE',
      'LAST-MODIFIED',
    ]) {
      const property = `${name}:20260110T100000Z`;
      assert.equal(inPropertyRange(property, name, T('100000'), T('100001'), 'VTODO'), true, name);
      assert.equal(inPropertyRange(property, name, T('100001'), T('110000'), 'VTODO'), false, name);
      assert.equal(inPropertyRange(property, name, T('090000'), T('100000'), 'VTODO'), false, name);
    }
  });
  test('T21 DTEND and DUE follow from DURATION', () => {
    assert.equal(
      inPropertyRange('DTSTART:20260110T100000Z\nDURATION:PT1H', 'DTEND', T('110000'), T('110001')),
      true,
    );
    assert.equal(
      inPropertyRange(
        'DTSTART:20260110T100000Z\nDURATION:PT1H',
        'DUE',
        T('110000'),
        T('110001'),
        'VTODO',
      ),
      true,
    );
  });
  test('T21 an absent property does not match', () => {
    assert.equal(
      inPropertyRange('DTSTART:20260110T100000Z', 'CREATED', undefined, T('110000')),
      false,
    );
  });
});

describe('instances', () => {
  test('T24 an endless daily rule in 2090', () => {
    const text = event(
      `DTSTART;TZID=Europe/Berlin:20200101T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY`,
    );
    assert.equal(inRange(text, 'VEVENT', '20900601T080000Z', '20900601T083000Z'), true);
    assert.equal(inRange(text, 'VEVENT', '20900601T100000Z', '20900601T103000Z'), false);
  });
  test('T25 an override that is moved into the range, and its old place', () => {
    const text = `${event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY')}\n${event('RECURRENCE-ID:20260108T100000Z\nDTSTART:20260110T120000Z\nDURATION:PT1H')}`;
    assert.equal(inRange(text, 'VEVENT', T('120000'), T('123000')), true);
    assert.equal(inRange(text, 'VEVENT', '20260108T100000Z', '20260108T110000Z'), false);
  });
  test('T25 a search for an override does not walk an endless master', () => {
    const text = `${event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY')}\n${event('RECURRENCE-ID:20260108T100000Z\nDTSTART:20260110T120000Z\nSUMMARY:x')}`;
    const query = filter('VEVENT', {
      timeRange: range('20270101T000000Z', undefined),
      properties: [
        {
          name: 'SUMMARY',
          isNotDefined: false,
          timeRange: undefined,
          textMatch: undefined,
          parameters: [],
        },
      ],
    });
    assert.equal(matches(text, query), false);
  });
  test('T26 EXDATE, RDATE and RDATE PERIOD', () => {
    const text = event(
      'DTSTART:20260110T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260111T100000Z\nRDATE:20260120T100000Z\nRDATE;VALUE=PERIOD:20260125T100000Z/PT5H',
    );
    assert.equal(inRange(text, 'VEVENT', '20260111T000000Z', '20260112T000000Z'), false);
    assert.equal(inRange(text, 'VEVENT', '20260120T100000Z', '20260120T101000Z'), true);
    assert.equal(inRange(text, 'VEVENT', '20260125T140000Z', '20260125T141000Z'), true);
  });
  test('T27 floating and all-day use the zone of the request', () => {
    for (const start of ['DTSTART;VALUE=DATE:20260110', 'DTSTART:20260110T000000\nDURATION:P1D']) {
      const text = event(start);
      assert.equal(
        inRange(text, 'VEVENT', '20260109T150000Z', '20260109T150001Z', zone('Asia/Tokyo')),
        true,
      );
      assert.equal(inRange(text, 'VEVENT', '20260109T150000Z', '20260109T150001Z'), false);
      assert.equal(
        inRange(
          text,
          'VEVENT',
          '20260111T073000Z',
          '20260111T074000Z',
          zone('America/Los_Angeles'),
        ),
        true,
      );
    }
  });
  test('VAVAILABILITY (RFC 7953 §7.2.2)', () => {
    const overlaps = (
      properties: string,
      from: string | undefined,
      to: string | undefined,
    ): boolean =>
      inRange(
        `BEGIN:VAVAILABILITY\nUID:1\n${properties}\nEND:VAVAILABILITY`,
        'VAVAILABILITY',
        from,
        to,
      );
    assert.equal(
      overlaps('DTSTART:20260110T100000Z\nDTEND:20260110T110000Z', T('110000'), undefined),
      false,
    );
    assert.equal(overlaps('DTSTART:20260110T100000Z\nDURATION:PT1H', T('105959'), undefined), true);
    assert.equal(overlaps('DTSTART:20260110T100000Z', undefined, T('100000')), false);
    assert.equal(overlaps('DTSTART:20260110T100000Z', '20400101T000000Z', undefined), true);
    assert.equal(overlaps('DTEND:20260110T100000Z', T('095959'), undefined), true);
    assert.equal(overlaps('DTEND:20260110T100000Z', T('100000'), undefined), false);
    assert.equal(overlaps('SUMMARY:x', undefined, T('100000')), true);
  });
});
