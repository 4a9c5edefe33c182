import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  component,
  filter,
  parameter,
  property,
  textMatch,
  timeRange,
} from '../testing/filters.ts';
import { calendar, event, read, seconds } from '../testing/objects.ts';
import { appendixB } from '../testing/rfc4791-appendix-b.ts';
import { utc } from '../time-zone/zone.ts';
import { type ComponentFilter, matchesCalendarFilter } from './calendar-filter.ts';
import { checkCalendarFilter } from './calendar-filter-validity.ts';

function found(query: ComponentFilter): string[] {
  assert.equal(checkCalendarFilter(query), undefined);
  return Object.entries(appendixB)
    .filter(([, octets]) => matchesCalendarFilter(read(octets), query, utc) === 'yes')
    .map(([name]) => name.slice(4, 5));
}

const matches = (components: string, query: ComponentFilter): boolean =>
  matchesCalendarFilter(read(calendar(components)), query, utc) === 'yes';

describe('RFC 4791 §7.8 over appendix B', () => {
  const events = ['1', '2', '3'];
  test('§7.8.1 to §7.8.3: events in a time range', () => {
    assert.deepEqual(
      found(filter('VEVENT', { timeRange: timeRange('20060104T000000Z', '20060105T000000Z') })),
      ['2', '3'],
    );
    assert.deepEqual(
      found(filter('VEVENT', { timeRange: timeRange('20060103T000000Z', '20060105T000000Z') })),
      ['2', '3'],
    );
  });
  test('§7.8.4: free-busy components', () => {
    assert.deepEqual(
      found(filter('VFREEBUSY', { timeRange: timeRange('20060102T000000Z', '20060103T000000Z') })),
      ['8'],
    );
  });
  test('§7.8.5: to-dos by the time of their alarm', () => {
    const foundIn = (from: string, to: string): string[] => {
      const alarm = component('VALARM', { timeRange: timeRange(from, to) });
      return found(filter('VTODO', { components: [alarm] }));
    };
    // The example's own range begins ten hours after the alarm of abcd5, which is due on that day.
    assert.deepEqual(foundIn('20060106T100000Z', '20060107T100000Z'), []);
    assert.deepEqual(foundIn('20060105T100000Z', '20060106T100000Z'), ['5']);
  });
  test('Q11 §7.8.6: an event by UID', () => {
    const uid = property('UID', {
      textMatch: textMatch('DC6C50A017428C5216A2F1CD@example.com', 'i;octet'),
    });
    assert.deepEqual(found(filter('VEVENT', { properties: [uid] })), ['3']);
  });
  test('Q7 §7.8.7: events by PARTSTAT of one attendee', () => {
    const needsAction = parameter('PARTSTAT', { textMatch: textMatch('NEEDS-ACTION') });
    const attendee = (address: string) =>
      property('ATTENDEE', { textMatch: textMatch(address), parameters: [needsAction] });
    assert.deepEqual(
      found(filter('VEVENT', { properties: [attendee('mailto:lisa@example.com')] })),
      ['3'],
    );
    assert.deepEqual(
      found(filter('VEVENT', { properties: [attendee('mailto:cyrus@example.com')] })),
      [],
    );
  });
  test('Q4 §7.8.8: all events, and objects without events', () => {
    assert.deepEqual(found(filter('VEVENT')), events);
    assert.deepEqual(found(filter('VEVENT', { isNotDefined: true })), ['4', '5', '6', '7', '8']);
  });
  test('Q6 §7.8.9: pending to-dos', () => {
    const completed = property('COMPLETED', { isNotDefined: true });
    const cancelled = property('STATUS', {
      textMatch: textMatch('CANCELLED', 'i;ascii-casemap', true),
    });
    assert.deepEqual(found(filter('VTODO', { properties: [completed, cancelled] })), ['4', '5']);
  });
  test('§7.8.10: an X- property can be searched here', () => {
    assert.deepEqual(
      found(
        filter('VEVENT', { properties: [property('X-ABC-GUID', { textMatch: textMatch('ABC') })] }),
      ),
      [],
    );
    assert.deepEqual(
      found(
        filter('VEVENT', {
          properties: [property('x-abc-guid', { textMatch: textMatch('e1cx') })],
        }),
      ),
      ['3'],
    );
  });
});

describe('RFC 4791 §9.7', () => {
  const text = event(
    'DTSTART:20260101T100000Z\nSUMMARY:Grüße an\n  alle\\, immer\nCATEGORIES:A,B\nATTENDEE;CN=Ann;ROLE=CHAIR:mailto:ann@example.com\nATTENDEE;CN=Bob:mailto:bob@example.com',
  );
  const summary = (match: ReturnType<typeof textMatch>) =>
    filter('VEVENT', { properties: [property('SUMMARY', { textMatch: match })] });

  test('Q5 everything is and-ed on one component', () => {
    const two = `${event('DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\nSUMMARY:a\nLOCATION:x')}\n${event('RECURRENCE-ID:20260102T100000Z\nDTSTART:20260102T100000Z\nSUMMARY:b')}`;
    const both = (a: string, b: string) =>
      filter('VEVENT', {
        properties: [
          property('SUMMARY', { textMatch: textMatch(a) }),
          property('LOCATION', { textMatch: textMatch(b) }),
        ],
      });
    assert.equal(matches(two, both('a', 'x')), true);
    assert.equal(matches(two, both('b', 'x')), false);
  });
  test('Q5 siblings under VCALENDAR too', () => {
    const query = component('VCALENDAR', { components: [component('VEVENT'), component('VTODO')] });
    assert.equal(matches(text, query), false);
    const without = component('VCALENDAR', {
      components: [component('VEVENT'), component('VTODO', { isNotDefined: true })],
    });
    assert.equal(matches(text, without), true);
  });
  test('Q5 a property of VCALENDAR', () => {
    const product = property('PRODID', { textMatch: textMatch('riad') });
    assert.equal(matches(text, component('VCALENDAR', { properties: [product] })), true);
  });
  test('Q8 the default folds ASCII alone; i;octet folds nothing', () => {
    assert.equal(matches(text, summary(textMatch('GRüßE'))), true);
    assert.equal(matches(text, summary(textMatch('GRÜßE'))), false);
    assert.equal(matches(text, summary(textMatch('Grüße', 'i;octet'))), true);
    assert.equal(matches(text, summary(textMatch('grüße', 'i;octet'))), false);
    assert.equal(matches(text, summary(textMatch('GRÜßE', 'i;unicode-casemap'))), true);
  });
  test('Q9 negation, and absent properties', () => {
    assert.equal(matches(text, summary(textMatch('x', 'i;octet', true))), true);
    assert.equal(matches(text, summary(textMatch('alle', 'i;octet', true))), false);
    const location = property('LOCATION', { textMatch: textMatch('x', 'i;octet', true) });
    assert.equal(matches(text, filter('VEVENT', { properties: [location] })), false);
  });
  test('Q10 over folds and escapes, and lists as a whole', () => {
    assert.equal(matches(text, summary(textMatch('an alle, immer'))), true);
    const categories = property('CATEGORIES', { textMatch: textMatch('a,b') });
    assert.equal(matches(text, filter('VEVENT', { properties: [categories] })), true);
  });
  test('an empty text matches what is there', () => {
    assert.equal(matches(text, summary(textMatch(''))), true);
  });
  test('parameters: present, absent, and no defaults invented', () => {
    const attendee = (more: Parameters<typeof parameter>[1], name = 'ROLE') =>
      filter('VEVENT', {
        properties: [
          property('ATTENDEE', {
            textMatch: textMatch('bob'),
            parameters: [parameter(name, more)],
          }),
        ],
      });
    assert.equal(matches(text, attendee({})), false);
    assert.equal(matches(text, attendee({ isNotDefined: true })), true);
    assert.equal(matches(text, attendee({ textMatch: textMatch('BOB') }, 'cn')), true);
    assert.equal(
      matches(text, attendee({ textMatch: textMatch('NEEDS-ACTION') }, 'PARTSTAT')),
      false,
    );
  });
  test('is-not-defined in a nested component', () => {
    assert.equal(
      matches(
        text,
        filter('VEVENT', { components: [component('VALARM', { isNotDefined: true })] }),
      ),
      true,
    );
    assert.equal(matches(text, filter('VEVENT', { components: [component('VALARM')] })), false);
  });
  test('R8 E6 too much work is said, not guessed', () => {
    const object = read(
      calendar(event('DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYYEARDAY=1')),
    );
    const query = filter('VEVENT', { timeRange: timeRange('20270101T000000Z', undefined) });
    assert.equal(matchesCalendarFilter(object, query, utc), 'too-much-work');
  });
});

describe('Q12 filters that make no sense', () => {
  const range = timeRange('20260101T000000Z', '20260102T000000Z');
  for (const [why, query, code] of [
    ['the outermost is no VCALENDAR', component('VEVENT'), 'filter.nesting'],
    ['VEVENT in VTODO', filter('VTODO', { components: [component('VEVENT')] }), 'filter.nesting'],
    [
      'VALARM in VCALENDAR',
      component('VCALENDAR', { components: [component('VALARM')] }),
      'filter.nesting',
    ],
    [
      'a time range on SUMMARY',
      filter('VEVENT', { properties: [property('SUMMARY', { timeRange: range })] }),
      'filter.time-range',
    ],
    [
      'a time range on VCALENDAR',
      component('VCALENDAR', { timeRange: range }),
      'filter.time-range',
    ],
    ['a time range on VTIMEZONE', filter('VTIMEZONE', { timeRange: range }), 'filter.time-range'],
    [
      'T22 both ends open',
      filter('VEVENT', { timeRange: timeRange(undefined, undefined) }),
      'filter.time-range',
    ],
    [
      'T22 an end at the start',
      filter('VEVENT', { timeRange: { from: 1, to: 1 } }),
      'filter.time-range',
    ],
    [
      'is-not-defined with a time range',
      filter('VEVENT', { isNotDefined: true, timeRange: range }),
      'filter.combination',
    ],
    [
      'is-not-defined with a text',
      filter('VEVENT', {
        properties: [property('UID', { isNotDefined: true, textMatch: textMatch('x') })],
      }),
      'filter.combination',
    ],
  ] as const) {
    test(why, () => {
      const refusal = checkCalendarFilter(query);
      assert.equal(refusal?.precondition, 'valid-filter');
      assert.equal(refusal.code, code);
    });
  }
  test('T22 one end open is fine', () => {
    assert.equal(
      checkCalendarFilter(
        filter('VEVENT', { timeRange: timeRange('20260101T000000Z', undefined) }),
      ),
      undefined,
    );
    assert.equal(
      checkCalendarFilter(
        filter('VEVENT', { timeRange: timeRange(undefined, '20260101T000000Z') }),
      ),
      undefined,
    );
  });
  test('too many conditions: supported-filter', () => {
    const many = Array.from({ length: 300 }, (_, i) => property(`X-${i}`));
    assert.equal(
      checkCalendarFilter(filter('VEVENT', { properties: many }))?.precondition,
      'supported-filter',
    );
  });
});

test('the appendix is what its index says', () => {
  assert.equal(read(appendixB['abcd2.ics']!).overrides.length, 2);
  assert.ok(seconds('20060102T000000Z') > 0);
});
