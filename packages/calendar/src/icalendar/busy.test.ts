import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { timeRange } from '../testing/filters.ts';
import { calendar, event, read, text, zone } from '../testing/objects.ts';
import { appendixB } from '../testing/rfc4791-appendix-b.ts';
import { utc } from '../time-zone/zone.ts';
import { formatUtc } from '../values/date-time.ts';
import {
  type BusyOptions,
  busyPeriods,
  formatFreeBusy,
  mergePeriods,
  unavailablePeriods,
} from './busy.ts';
import type { FreeBusyPeriod } from './free-busy-periods.ts';

const day = timeRange('20260110T000000Z', '20260111T000000Z');
const show = ({ startSeconds, endSeconds, type }: FreeBusyPeriod): string =>
  `${formatUtc(startSeconds).slice(6, 13)}-${formatUtc(endSeconds).slice(6, 13)} ${type}`;

function busy(properties: string, options: Partial<BusyOptions> = {}): string[] {
  const result = busyPeriods(read(calendar(event(properties))), day, { floating: utc, ...options });
  assert.ok(result.type === 'periods');
  return mergePeriods(result.periods).map(show);
}

const hour = 'DTSTART:20260110T100000Z\nDTEND:20260110T110000Z';

describe('F1 busy types (RFC 4791 §7.10)', () => {
  for (const [why, properties, expected] of [
    ['an event', hour, ['10T1000-10T1100 BUSY']],
    ['TRANSPARENT is free', `${hour}\nTRANSP:TRANSPARENT`, []],
    ['CANCELLED is free', `${hour}\nSTATUS:CANCELLED`, []],
    ['TENTATIVE', `${hour}\nSTATUS:TENTATIVE`, ['10T1000-10T1100 BUSY-TENTATIVE']],
    ['CONFIRMED', `${hour}\nSTATUS:CONFIRMED`, ['10T1000-10T1100 BUSY']],
    ['a moment is no time', 'DTSTART:20260110T100000Z', []],
    [
      'clipped to the range',
      'DTSTART:20260109T100000Z\nDTEND:20260112T110000Z',
      ['10T0000-11T0000 BUSY'],
    ],
    [
      'instances',
      'DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY;INTERVAL=12',
      ['10T1000-10T1100 BUSY', '10T2200-10T2300 BUSY'],
    ],
  ] as const) {
    test(why, () => assert.deepEqual(busy(properties), expected));
  }
  test('an override that is cancelled frees its instance', () => {
    const object = read(
      calendar(
        `${event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY')}\n${event('RECURRENCE-ID:20260110T100000Z\nDTSTART:20260110T100000Z\nDURATION:PT1H\nSTATUS:CANCELLED')}`,
      ),
    );
    assert.deepEqual(busyPeriods(object, day, { floating: utc }), { type: 'periods', periods: [] });
  });
  test('the owner’s answer', () => {
    const ownerAddresses = new Set(['mailto:ann@example.com']);
    const answered = (parameters: string) =>
      busy(`${hour}\nATTENDEE${parameters}:mailto:Ann@example.com`, { ownerAddresses });
    assert.deepEqual(answered(';PARTSTAT=DECLINED'), []);
    assert.deepEqual(answered(''), ['10T1000-10T1100 BUSY-TENTATIVE']);
    assert.deepEqual(answered(';PARTSTAT=ACCEPTED'), ['10T1000-10T1100 BUSY']);
  });
  test('Z5 an all-day event is busy on its local day only', () => {
    assert.deepEqual(busy('DTSTART;VALUE=DATE:20260110', { floating: zone('Asia/Tokyo') }), [
      '10T0000-10T1500 BUSY',
    ]);
    assert.deepEqual(busy('DTSTART;VALUE=DATE:20260110'), ['10T0000-11T0000 BUSY']);
    assert.deepEqual(busy('DTSTART;VALUE=DATE:20260109'), []);
  });
  test('too much work is said', () => {
    const object = read(
      calendar(event('DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY')),
    );
    assert.equal(
      busyPeriods(object, timeRange('20260101T000000Z', '20270101T000000Z'), { floating: utc })
        .type,
      'too-much-work',
    );
  });
});

test('merging: those of one type that touch; different types may overlap', () => {
  const period = (from: number, to: number, type: string): FreeBusyPeriod => ({
    startSeconds: from,
    endSeconds: to,
    type,
  });
  assert.deepEqual(
    mergePeriods([
      period(5, 9, 'BUSY'),
      period(0, 3, 'BUSY'),
      period(3, 4, 'BUSY'),
      period(2, 6, 'BUSY-TENTATIVE'),
      period(6, 7, 'BUSY'),
    ]),
    [period(0, 4, 'BUSY'), period(2, 6, 'BUSY-TENTATIVE'), period(5, 9, 'BUSY')],
  );
});

test('RFC 4791 §7.10 over appendix B', () => {
  const range = timeRange('20060104T140000Z', '20060105T220000Z');
  const periods = ['abcd1.ics', 'abcd2.ics', 'abcd3.ics', 'abcd4.ics', 'abcd8.ics'].flatMap(
    (name) => {
      const result = busyPeriods(read(appendixB[name]!), range, { floating: utc });
      return result.type === 'periods' ? result.periods : [];
    },
  );
  const written = text(
    formatFreeBusy(periods, range, {
      productId: '-//Riad//EN',
      uid: 'x',
      stampSeconds: range.from,
    }),
  );
  assert.equal(
    written.replaceAll('\r\n', '\n').replaceAll('\n ', ''),
    `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Riad//EN
BEGIN:VFREEBUSY
UID:x
DTSTAMP:20060104T140000Z
DTSTART:20060104T140000Z
DTEND:20060105T220000Z
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060104T150000Z/20060104T160000Z
FREEBUSY:20060104T190000Z/20060104T200000Z,20060105T170000Z/20060105T180000Z
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20060105T100000Z/20060105T120000Z
END:VFREEBUSY
END:VCALENDAR
`,
  );
});

test('F2 nothing busy still gives one VFREEBUSY with its range', () => {
  const written = text(
    formatFreeBusy([], day, { productId: 'x', uid: 'y', stampSeconds: 0, method: 'REPLY' }),
  );
  assert.equal(written.match(/BEGIN:VFREEBUSY/g)?.length, 1);
  assert.match(written, /METHOD:REPLY/);
  assert.match(written, /DTSTART:20260110T000000Z/);
  assert.ok(!/^FREEBUSY/m.test(written));
});

describe('F5 availability (RFC 7953 §5)', () => {
  const unavailable = (...components: readonly string[]): string[] => {
    const object = read(calendar(components.join('\n')));
    const result = unavailablePeriods([object], day, utc);
    assert.ok(result.type === 'periods');
    return mergePeriods(result.periods).map(show);
  };
  const available = (properties: string) => `BEGIN:AVAILABLE\nUID:a\n${properties}\nEND:AVAILABLE`;
  test('outside AVAILABLE nobody is there', () => {
    assert.deepEqual(
      unavailable(
        `BEGIN:VAVAILABILITY\nUID:1\n${available('DTSTART:20260101T090000Z\nDTEND:20260101T170000Z\nRRULE:FREQ=DAILY')}\nEND:VAVAILABILITY`,
      ),
      ['10T0000-10T0900 BUSY-UNAVAILABLE', '10T1700-11T0000 BUSY-UNAVAILABLE'],
    );
  });
  test('the higher priority has the last word', () => {
    assert.deepEqual(
      unavailable(
        `BEGIN:VAVAILABILITY\nUID:1\nPRIORITY:1\nBUSYTYPE:BUSY\nDTSTART:20260110T080000Z\nDTEND:20260110T120000Z\n${available('DTSTART:20260110T110000Z\nDTEND:20260110T120000Z')}\nEND:VAVAILABILITY`,
        `BEGIN:VAVAILABILITY\nUID:2\nPRIORITY:9\n${available('DTSTART:20260110T090000Z\nDTEND:20260110T170000Z')}\nEND:VAVAILABILITY`,
      ),
      [
        '10T0000-10T0800 BUSY-UNAVAILABLE',
        '10T0800-10T1100 BUSY',
        '10T1700-11T0000 BUSY-UNAVAILABLE',
      ],
    );
  });
});
