import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { clockOf } from '../icalendar/calendar-object.ts';
import { instanceSource, listInstances } from '../icalendar/instances.ts';
import { calendar, event, read, seconds, starts, zone } from '../testing/objects.ts';
import { utc } from '../time-zone/zone.ts';
import { formatLocal, formatUtc, parseDateTime } from '../values/date-time.ts';
import { makeBudget } from './budget.ts';
import { formatRule, parseRule } from './rule.ts';
import { openRule } from './rule-cursor.ts';

const berlin = 'TZID=Europe/Berlin';
/** Dates of the first instances of a daily or longer rule. */
const dates = (start: string, rule: string, count = 100): string[] =>
  starts(event(`DTSTART;VALUE=DATE:${start}\nRRULE:${rule}`), count).map((time) =>
    time.slice(0, 8),
  );

/** `[start, end]` in UTC. */
function spans(properties: string, from: string, to: string): [string, string][] {
  const object = read(calendar(event(properties)));
  const list = listInstances(
    instanceSource(object, clockOf(object, utc)),
    seconds(from),
    seconds(to),
  );
  assert.equal(list.type, 'instances');
  if (list.type !== 'instances') return [];
  return list.instances.map(({ startSeconds, endSeconds }) => [
    formatUtc(startSeconds),
    formatUtc(endSeconds),
  ]);
}

describe('rules as text', () => {
  test('round trip', () => {
    for (const text of [
      'FREQ=DAILY',
      'FREQ=YEARLY;COUNT=10;INTERVAL=4;BYDAY=TU;BYMONTHDAY=2,3;BYMONTH=11;WKST=SU',
      'FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=-2MO,1FR;BYSETPOS=-1',
      'RSCALE=HEBREW;FREQ=YEARLY;BYMONTHDAY=8;BYMONTH=5L;SKIP=FORWARD',
    ]) {
      const parsed = parseRule(text);
      assert.equal(parsed.ok && formatRule(parsed.value), text);
    }
  });
  test('lower case, blanks, a semicolon at the end and unknown parts are tolerated', () => {
    const parsed = parseRule(' freq=weekly; byday=mo,we ;X-PART=1;');
    assert.equal(parsed.ok && formatRule(parsed.value), 'FREQ=WEEKLY;BYDAY=MO,WE');
  });
  for (const [text, error] of [
    ['', 'FREQ='],
    ['FREQ=FORTNIGHTLY', 'FREQ=FORTNIGHTLY'],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ twice'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0'],
    ['FREQ=DAILY;COUNT=-1', 'COUNT=-1'],
    ['FREQ=DAILY;UNTIL=tomorrow', 'UNTIL=TOMORROW'],
    ['FREQ=DAILY;BYMONTH=13', 'BYMONTH=13'],
    ['FREQ=DAILY;BYMONTH=5L', 'BYMONTH=5L'],
    ['FREQ=DAILY;BYMONTHDAY=0', 'BYMONTHDAY=0'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR=24'],
    ['FREQ=DAILY;BYHOUR=-1', 'BYHOUR=-1'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY=0MO'],
    ['FREQ=MONTHLY;BYDAY=XX', 'BYDAY=XX'],
    ['FREQ=DAILY;WKST=XX', 'WKST=XX'],
    ['FREQ=DAILY;SKIP=LEFT', 'SKIP=LEFT'],
    ['FREQ=DAILY;COUNT', 'COUNT'],
  ] as const) {
    test(`refused: ${text}`, () => {
      const parsed = parseRule(text);
      assert.equal(parsed.ok ? undefined : parsed.error, error);
    });
  }
});

describe('R2 COUNT (RFC 5545 §3.3.10)', () => {
  test('counts DTSTART, also one that does not fit the rule', () => {
    // 2026-01-01 is a Thursday.
    assert.deepEqual(dates('20260101', 'FREQ=WEEKLY;BYDAY=MO;COUNT=3'), [
      '20260101',
      '20260105',
      '20260112',
    ]);
  });
  test('counts what EXDATE takes away', () => {
    const found = starts(
      event(
        'DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260102T100000Z,20260103T100000Z',
      ),
    );
    assert.deepEqual(found, ['20260101T100000', '20260104T100000']);
  });
  test('and is not cut short by a search in the middle', () => {
    assert.deepEqual(
      spans(
        'DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=4',
        '20260104T000000Z',
        '20260201T000000Z',
      ),
      [['20260104T100000Z', '20260104T100000Z']],
    );
  });
});

describe('R3 UNTIL (RFC 5545 §3.3.10)', () => {
  const last = (start: string, until: string): string | undefined =>
    starts(event(`DTSTART${start}\nRRULE:FREQ=DAILY;UNTIL=${until}`)).at(-1);
  for (const [why, start, until, expected] of [
    ['UTC, the very last', `;${berlin}:20260101T100000`, '20260105T090000Z', '20260105T100000'],
    [
      'UTC, a second too early',
      `;${berlin}:20260101T100000`,
      '20260105T085959Z',
      '20260104T100000',
    ],
    [
      'a local time is read in the zone of DTSTART',
      `;${berlin}:20260101T100000`,
      '20260105T100000',
      '20260105T100000',
    ],
    [
      'a date beside a date-time is the end of that day',
      `;${berlin}:20260101T100000`,
      '20260105',
      '20260105T100000',
    ],
    ['a date for dates', ';VALUE=DATE:20260101', '20260105', '20260105T000000'],
    ['UTC beside dates', ';VALUE=DATE:20260101', '20260105T000000Z', '20260105T000000'],
    ['floating', ':20260101T100000', '20260105T100000', '20260105T100000'],
    ['before DTSTART: DTSTART alone', ':20260101T100000Z', '20250105T100000Z', '20260101T100000'],
  ] as const) {
    test(why, () => assert.equal(last(start, until), expected));
  }
});

describe('R4 places and weeks (RFC 5545 §3.3.10)', () => {
  test('R4 BYSETPOS=-1: the last workday', () => {
    assert.deepEqual(dates('20260130', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 4), [
      '20260130',
      '20260227',
      '20260331',
      '20260430',
    ]);
  });
  test('R4 BYSETPOS chooses before DTSTART and UNTIL cut', () => {
    // The first Tuesday or Thursday of January 2026 lies before DTSTART.
    assert.deepEqual(dates('20260115', 'FREQ=MONTHLY;BYDAY=TU,TH;BYSETPOS=1', 3), [
      '20260115',
      '20260203',
      '20260303',
    ]);
  });
  test('R4 BYSETPOS in times of a day', () => {
    const found = starts(
      event(
        'DTSTART:20260101T080000Z\nRRULE:FREQ=DAILY;BYHOUR=8,12,16;BYMINUTE=0,30;BYSETPOS=2,-1',
      ),
      5,
    );
    assert.deepEqual(found, [
      '20260101T080000',
      '20260101T083000',
      '20260101T163000',
      '20260102T083000',
      '20260102T163000',
    ]);
  });
  test('R4 BYWEEKNO=53 only in years that have it', () => {
    assert.deepEqual(dates('20201228', 'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO', 3), [
      '20201228',
      '20261228',
      '20321227',
    ]);
  });
  test('R4 days of week 1 lie in the year before', () => {
    // Week 1 of 2026 begins on 2025-12-29.
    assert.deepEqual(dates('20241230', 'FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO', 3), [
      '20241230',
      '20251229',
      '20270104',
    ]);
  });
  test('R4 BYWEEKNO alone takes the weekday of DTSTART', () => {
    assert.deepEqual(dates('20260512', 'FREQ=YEARLY;BYWEEKNO=20', 2), ['20260512', '20270518']);
  });
  test('R4 WKST moves BYWEEKNO', () => {
    assert.deepEqual(dates('19970512', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=SU;WKST=SU', 3), [
      '19970512',
      '19980517',
      '19990516',
    ]);
  });
});

describe('R5 dates that do not exist (RFC 5545 §3.3.10)', () => {
  test('R5 the 31st skips short months', () => {
    assert.deepEqual(dates('20260131', 'FREQ=MONTHLY', 4), [
      '20260131',
      '20260331',
      '20260531',
      '20260731',
    ]);
  });
  test('R5 29 February each year', () => {
    assert.deepEqual(dates('20960229', 'FREQ=YEARLY', 2), ['20960229', '21040229']);
  });
  test('R5 and is not counted', () => {
    assert.deepEqual(dates('20260131', 'FREQ=MONTHLY;COUNT=2'), ['20260131', '20260331']);
  });
});

describe('Z1 Z2 instances and clocks', () => {
  test('Z2 weekly 09:00 stays 09:00', () => {
    assert.deepEqual(
      spans(
        `DTSTART;${berlin}:20260323T090000\nRRULE:FREQ=WEEKLY;COUNT=2`,
        '20260101T000000Z',
        '20270101T000000Z',
      ).map(([start]) => start),
      ['20260323T080000Z', '20260330T070000Z'],
    );
  });
  test('Z2 DTEND makes an exact length, DURATION in days a nominal one', () => {
    // From Saturday 12:00 over the night in which clocks go forward.
    const rule = 'RRULE:FREQ=WEEKLY;COUNT=2';
    const start = `DTSTART;${berlin}:20260321T120000`;
    assert.deepEqual(
      spans(
        `${start}\nDTEND;${berlin}:20260322T120000\n${rule}`,
        '20260328T000000Z',
        '20260401T000000Z',
      ),
      [['20260328T110000Z', '20260329T110000Z']],
    );
    assert.deepEqual(
      spans(`${start}\nDURATION:P1D\n${rule}`, '20260328T000000Z', '20260401T000000Z'),
      [['20260328T110000Z', '20260329T100000Z']],
    );
    assert.deepEqual(
      spans(`${start}\nDURATION:PT24H\n${rule}`, '20260328T000000Z', '20260401T000000Z'),
      [['20260328T110000Z', '20260329T110000Z']],
    );
  });
  test('Z1 02:30 in the gap is 03:30', () => {
    assert.deepEqual(
      spans(
        `DTSTART;${berlin}:20260328T023000\nRRULE:FREQ=DAILY;COUNT=3`,
        '20260101T000000Z',
        '20270101T000000Z',
      ).map(([start]) => start),
      ['20260328T013000Z', '20260329T013000Z', '20260330T003000Z'],
    );
  });
  test('Z1 02:30 in autumn is the first', () => {
    assert.deepEqual(
      spans(
        `DTSTART;${berlin}:20261024T023000\nRRULE:FREQ=DAILY;COUNT=3`,
        '20260101T000000Z',
        '20270101T000000Z',
      ).map(([start]) => start),
      ['20261024T003000Z', '20261025T003000Z', '20261026T013000Z'],
    );
  });
  test('Z1 hourly rules give each instant once, in the gap too', () => {
    const found = spans(
      `DTSTART;${berlin}:20260329T003000\nRRULE:FREQ=HOURLY;COUNT=6`,
      '20260101T000000Z',
      '20270101T000000Z',
    ).map(([start]) => start.slice(9, 13));
    assert.deepEqual(found, ['2330', '0030', '0130', '0230', '0330']); // 02:30 and 03:30 are one
    const minutes = spans(
      `DTSTART;${berlin}:20260329T010000\nRRULE:FREQ=MINUTELY;COUNT=240`,
      '20260101T000000Z',
      '20270101T000000Z',
    );
    assert.equal(minutes.length, 180);
  });
  test('before 1970, with seconds', () => {
    assert.deepEqual(starts(event('DTSTART:19691231T235930Z\nRRULE:FREQ=MINUTELY;COUNT=3')), [
      '19691231T235930',
      '19700101T000030',
      '19700101T000130',
    ]);
    assert.deepEqual(starts(event('DTSTART:19600229T101530Z\nRRULE:FREQ=HOURLY;COUNT=2')), [
      '19600229T101530',
      '19600229T111530',
    ]);
  });
});

describe('sets (RFC 5545 §3.8.5)', () => {
  test('RDATE and RRULE together, duplicates once', () => {
    const found = starts(
      event(
        'DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nRDATE:20260102T100000Z,20260105T120000Z',
      ),
    );
    assert.deepEqual(found, ['20260101T100000', '20260102T100000', '20260105T120000']);
  });
  test('RDATE alone, and one before DTSTART', () => {
    const found = starts(
      event('DTSTART:20260103T100000Z\nRDATE:20260101T100000Z,20260104T100000Z'),
    );
    assert.deepEqual(found, ['20260101T100000', '20260103T100000', '20260104T100000']);
  });
  test('RDATE PERIOD brings its own length', () => {
    assert.deepEqual(
      spans(
        'DTSTART:20260101T100000Z\nDTEND:20260101T110000Z\nRDATE;VALUE=PERIOD:20260103T100000Z/PT3H,20260104T100000Z/20260104T101000Z',
        '20260101T000000Z',
        '20270101T000000Z',
      ),
      [
        ['20260101T100000Z', '20260101T110000Z'],
        ['20260103T100000Z', '20260103T130000Z'],
        ['20260104T100000Z', '20260104T101000Z'],
      ],
    );
  });
  test('RDATE in another zone', () => {
    const found = starts(
      event(`DTSTART;${berlin}:20260101T100000\nRDATE;TZID=America/New_York:20260102T040000`),
    );
    assert.deepEqual(found, ['20260101T100000', '20260102T100000']);
  });
  test('EXDATE takes DTSTART away', () => {
    assert.deepEqual(
      starts(event('DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260101T100000Z')),
      ['20260102T100000'],
    );
  });
  test('two rules are their union; EXRULE takes away', () => {
    const found = starts(
      event(
        'DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nRRULE:FREQ=WEEKLY;COUNT=3\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=3',
      ),
    );
    assert.deepEqual(found, [
      '20260106T100000',
      '20260108T100000',
      '20260112T100000',
      '20260119T100000',
    ]);
  });
  for (const [why, start, exdate] of [
    ['a date beside a date-time', `;${berlin}:20260101T003000`, ';VALUE=DATE:20260102'],
    ['UTC beside a zone', `;${berlin}:20260101T003000`, ':20260101T233000Z'],
    ['floating beside a zone', `;${berlin}:20260101T003000`, ':20260102T003000'],
    ['another zone', `;${berlin}:20260101T003000`, ';TZID=America/New_York:20260101T183000'],
    ['a date-time beside a date', ';VALUE=DATE:20260101', ':20260102T000000'],
    ['midnight UTC beside a date', ';VALUE=DATE:20260101', ':20260102T000000Z'],
  ] as const) {
    test(`EXDATE as ${why}`, () => {
      const found = starts(event(`DTSTART${start}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE${exdate}`));
      assert.deepEqual(
        found.map((time) => time.slice(0, 8)),
        ['20260101', '20260103'],
      );
    });
  }
});

describe('bounded work', () => {
  test('R8 T24 far instances of endless rules are found without walking there', () => {
    for (const rule of [
      'FREQ=DAILY',
      'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
      'FREQ=MONTHLY;BYDAY=1MO',
      'FREQ=YEARLY',
      'FREQ=HOURLY',
      'FREQ=MINUTELY;INTERVAL=7',
      'FREQ=SECONDLY',
      'FREQ=SECONDLY;BYHOUR=3;BYMINUTE=4;BYSECOND=5',
    ]) {
      const object = read(calendar(event(`DTSTART:19900101T000000Z\nRRULE:${rule}`)));
      const budget = makeBudget(2000);
      const source = instanceSource(object, clockOf(object, utc));
      const cursor = openRule(
        source.set!.rules[0]!.rule,
        source.set!.start.localSeconds,
        false,
        budget,
      );
      cursor.seek(seconds('20900615T000000Z'));
      const found = cursor.next();
      assert.ok(found >= seconds('20900615T000000Z') && found < seconds('20910801T000000Z'), rule);
      assert.equal(budget.spent, false, rule);
    }
  });
  test('R8 seek finds what walking finds', () => {
    for (const rule of [
      'FREQ=DAILY;INTERVAL=3',
      'FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SA;WKST=SU',
      'FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,15',
      'FREQ=YEARLY;INTERVAL=3;BYWEEKNO=1,53',
      'FREQ=HOURLY;INTERVAL=7',
      'FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=2',
      'FREQ=DAILY;INTERVAL=11;BYMONTH=2',
      'RSCALE=HEBREW;FREQ=MONTHLY',
      'RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=4L',
    ]) {
      const parsed = parseRule(rule);
      assert.ok(parsed.ok, rule);
      const start = seconds('20200229T101500');
      const all: number[] = [];
      const walking = openRule(parsed.value, start, false, makeBudget(1_000_000));
      for (let i = 0; i < 60; i++) all.push(walking.next());
      for (let i = 0; i < 59; i++) {
        for (const from of [all[i]!, all[i]! + 1]) {
          const cursor = openRule(parsed.value, start, false, makeBudget());
          cursor.seek(from);
          assert.equal(
            cursor.next(),
            all.find((time) => time >= from),
            `${rule} ${formatLocal(from)}`,
          );
        }
      }
    }
  });
  test('R8 a hundred years of seconds, and rules that give nothing, end as too much work, quickly', () => {
    for (const rule of [
      'FREQ=SECONDLY',
      'FREQ=SECONDLY;COUNT=100000000',
      'FREQ=DAILY;BYMONTH=2;BYYEARDAY=1',
      'FREQ=MINUTELY;BYMONTHDAY=31;BYYEARDAY=1',
      'FREQ=SECONDLY;BYSETPOS=2',
      'FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2',
      'RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=12L',
      'RSCALE=CHINESE;FREQ=MONTHLY;BYMONTHDAY=31',
      'RSCALE=PERSIAN;FREQ=DAILY;BYMONTHDAY=32',
    ]) {
      const object = read(calendar(event(`DTSTART:20260101T000000Z\nRRULE:${rule}`)));
      const started = performance.now();
      const list = listInstances(
        instanceSource(object, clockOf(object, utc)),
        0,
        seconds('21260101T000000Z'),
      );
      assert.equal(list.type, 'too-much-work', rule);
      assert.ok(performance.now() - started < 2000, `${rule}: ${performance.now() - started} ms`);
    }
  });
  test('R8 dates that no year has are told from those that are rare, at once', () => {
    for (const rule of [
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=WEEKLY;BYMONTH=4,6;BYMONTHDAY=31,-31',
      'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=-30',
    ]) {
      assert.deepEqual(dates('20260101', rule), ['20260101'], rule);
    }
    assert.equal(dates('20260101', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-29', 2)[1], '20280201');
  });
  test('R8 yearly and monthly rules that give nothing end with the year 9999', () => {
    for (const rule of [
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO',
      'FREQ=YEARLY;INTERVAL=400;BYYEARDAY=366',
    ]) {
      assert.ok(dates('20010101', rule).length <= 21, rule);
    }
  });
  test('any text ends as a rule or an error, any rule within its budget, in order', () => {
    const part = fc.constantFrom(
      'FREQ=DAILY',
      'FREQ=YEARLY',
      'FREQ=SECONDLY',
      'FREQ=MONTHLY',
      'FREQ=WEEKLY',
      'FREQ=HOURLY',
      'COUNT=5',
      'INTERVAL=1000000000',
      'INTERVAL=2',
      'BYMONTH=2',
      'BYMONTHDAY=-31,30',
      'BYDAY=5MO,-1SU',
      'BYYEARDAY=-366',
      'BYWEEKNO=-53,1',
      'BYSETPOS=-1',
      'BYHOUR=0,23',
      'BYSECOND=60',
      'WKST=SU',
      'RSCALE=CHINESE',
      'RSCALE=HEBREW',
      'SKIP=FORWARD',
      'SKIP=BACKWARD',
      'UNTIL=20300101',
    );
    const property = fc.property(
      fc.uniqueArray(part, { maxLength: 7 }),
      fc.constantFrom('20240229', '19000101T235959', '99991231T235959'),
      (parts, startText) => {
        const parsed = parseRule(parts.join(';'));
        if (!parsed.ok) return;
        const start = parseDateTime(startText)!;
        const budget = makeBudget(3000);
        const cursor = openRule(parsed.value, start.localSeconds, start.kind === 'date', budget);
        let last = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < 50; i++) {
          const next = cursor.next();
          if (next === Number.POSITIVE_INFINITY) break;
          assert.ok(
            next > last,
            `${parts.join(';')} ${formatLocal(next)} after ${formatLocal(last)}`,
          );
          last = next;
        }
      },
    );
    fc.assert(property, { seed, numRuns: 1500 });
  });
});

test('R7 an RSCALE that is not supported is no rule of the set', () => {
  assert.deepEqual(starts(event('DTSTART:20260101T000000Z\nRRULE:RSCALE=KLINGON;FREQ=DAILY')), [
    '20260101T000000',
  ]);
});

test('T27 dates and floating times are read in the zone of the request', () => {
  const object = read(calendar(event('DTSTART;VALUE=DATE:20260101')));
  const list = listInstances(
    instanceSource(object, clockOf(object, zone('Asia/Tokyo'))),
    0,
    seconds('20270101T000000Z'),
  );
  assert.ok(list.type === 'instances');
  assert.equal(formatUtc(list.instances[0]!.startSeconds), '20251231T150000Z');
  assert.equal(formatUtc(list.instances[0]!.endSeconds), '20260101T150000Z');
});
