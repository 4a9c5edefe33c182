/** Queries through REPORT: Q filters, T time ranges, E shaping, F free-busy (RFC 4791 §7, §9). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calendarObject,
  calendarText,
  errorIn,
  House,
  namespaces,
} from '../../src/testing/house.ts';
import { bernard, bernardsHouse, found, query } from '../../src/testing/rfc4791-objects.ts';

const any = '/calendars/ann/any/';
const headers = { Depth: '1' };

async function houseWith(objects: Readonly<Record<string, string>>): Promise<House> {
  const house = new House();
  await house.ask('MKCALENDAR', any);
  for (const [name, body] of Object.entries(objects)) {
    const { status, text } = await house.ask('PUT', any + name, { body });
    assert.equal(status, 201, text);
  }
  return house;
}

const comp = (name: string, inside = ''): string =>
  `<C:comp-filter name="${name}">${inside}</C:comp-filter>`;
const prop = (name: string, inside = ''): string =>
  `<C:prop-filter name="${name}">${inside}</C:prop-filter>`;
const match = (text: string, attributes = ''): string =>
  `<C:text-match${attributes}>${text}</C:text-match>`;
const range = (start?: string, end?: string): string =>
  `<C:time-range${start ? ` start="${start}"` : ''}${end ? ` end="${end}"` : ''}/>`;
const gone = '<C:is-not-defined/>';

async function precondition(house: House, body: string): Promise<string> {
  const answer = await house.ask('REPORT', any, { headers, body });
  assert.equal(answer.status, 403, answer.text);
  return errorIn(answer);
}

test('Q1, Q2, Q3: an empty answer; data only when asked for; what is missing (§7.8, §9.6)', async () => {
  const house = await bernardsHouse();
  assert.deepEqual(await found(house, comp('VJOURNAL')), []);
  const answer = await house.list('REPORT', bernard, {
    headers,
    body: query(comp('VEVENT'), '<D:getetag/><X:no/><C:calendar-data/>'),
  });
  const first = `${bernard}abcd1.ics`;
  assert.ok(answer.find(first, 'C:calendar-data'));
  assert.equal(answer.responses.get(first)?.propstats.get(404)?.[0]?.name, 'no');
  const without = await house.list('REPORT', bernard, { headers, body: query(comp('VEVENT')) });
  assert.doesNotMatch(without.answer.text, /calendar-data/);
  const propfind = await house.properties(first, ['C:calendar-data']);
  assert.ok(propfind.find(first, 'C:calendar-data', 404));
  const patched = await house.list('PROPPATCH', first, {
    body: `<D:propertyupdate ${namespaces}><D:set><D:prop><C:calendar-data>x</C:calendar-data></D:prop></D:set></D:propertyupdate>`,
  });
  assert.ok(patched.find(first, 'C:calendar-data', 403));
});

test('Depth: 0 on a calendar finds nothing, infinity on the home everything, an object itself (§7.8)', async () => {
  const house = await bernardsHouse();
  const ask = async (target: string, depth?: string): Promise<number> =>
    (
      await house.list('REPORT', target, {
        headers: depth === undefined ? {} : { Depth: depth },
        body: query(comp('VEVENT')),
      })
    ).hrefs.length;
  assert.equal(await ask(bernard), 0);
  assert.equal(await ask(bernard, '0'), 0);
  assert.equal(await ask('/calendars/ann/', '1'), 0);
  assert.equal(await ask('/calendars/ann/', 'infinity'), 3);
  assert.equal(await ask(`${bernard}abcd1.ics`, '0'), 1);
  assert.equal(await ask(`${bernard}abcd4.ics`, '0'), 0);
});

test('Q4, Q5, Q6: exists, is-not-defined, and all conditions on one component (§9.7)', async () => {
  const house = await bernardsHouse();
  assert.deepEqual(await found(house, comp('VEVENT', gone) + comp('VTODO', gone)), ['abcd8.ics']);
  assert.deepEqual(await found(house, comp('VEVENT', prop('ATTENDEE'))), ['abcd3.ics']);
  const both =
    prop('SUMMARY', match('bis bis')) +
    prop('DTSTART', range('20060104T000000Z', '20060105T000000Z'));
  assert.deepEqual(await found(house, comp('VEVENT', both)), []);
  assert.deepEqual(await found(house, comp('VEVENT', both.replace('bis bis', '2 bis'))), [
    'abcd2.ics',
  ]);
  assert.deepEqual(await found(house, comp('VEVENT') + comp('VTODO')), []);
  assert.deepEqual(await found(house, comp('VTODO', prop('COMPLETED', gone) + prop('DUE'))), [
    'abcd4.ics',
    'abcd5.ics',
    'abcd7.ics',
  ]);
});

test('Q7: parameter and text on the same occurrence (§7.8.7)', async () => {
  const house = await bernardsHouse();
  const of = (who: string, inside: string): string =>
    comp(
      'VEVENT',
      prop('ATTENDEE', `${match(who)}<C:param-filter name="PARTSTAT">${inside}</C:param-filter>`),
    );
  assert.deepEqual(await found(house, of('lisa', match('needs-action'))), ['abcd3.ics']);
  assert.deepEqual(await found(house, of('lisa', match('accepted'))), []);
  assert.deepEqual(await found(house, of('lisa', gone)), []);
});

test('Q8, Q9, Q10, Q11: collations, negation, folds and escapes (§7.5, §9.7.5)', async () => {
  const folded = `SUMMARY:Sehr lange ${'x'.repeat(50)} über\n  Grenzen\\, hinweg`;
  const house = await houseWith({
    'a.ics': calendarObject('DTSTART:20260301T120000Z\nSUMMARY:Äpfel und Birnen', 'A'),
    'b.ics': calendarObject(`DTSTART:20260301T120000Z\n${folded}`, 'b'),
    'c.ics': calendarObject('DTSTART:20260301T120000Z', 'c'),
  });
  const summary = (text: string, attributes = ''): Promise<string[]> =>
    found(house, comp('VEVENT', prop('SUMMARY', match(text, attributes))), any);
  assert.deepEqual(await summary('UND birnen'), ['a.ics']);
  assert.deepEqual(await summary('äpfel'), []);
  assert.deepEqual(await summary('äpfel', ' collation="i;unicode-casemap"'), ['a.ics']);
  assert.deepEqual(await summary('und birnen', ' collation="i;octet"'), []);
  assert.deepEqual(await summary('Äpfel', ' negate-condition="yes"'), ['b.ics']);
  assert.deepEqual(await summary('über Grenzen, hin'), ['b.ics']);
  const uid = comp('VEVENT', prop('UID', match('A', ' collation="i;octet"')));
  assert.deepEqual(await found(house, uid, any), ['a.ics']);
  const body = query(comp('VEVENT', prop('SUMMARY', match('x', ' collation="i;klingon"'))));
  assert.equal(await precondition(house, body), 'supported-collation');
  const set = await house.properties(any, ['C:supported-collation-set']);
  assert.match(set.answer.text, /i;ascii-casemap.*i;octet/);
});

test('Q12: filters that make no sense are told apart from those that are not served (§7.8)', async () => {
  const house = await houseWith({});
  for (const filter of [
    comp('VTODO', comp('VEVENT')),
    comp('VEVENT', prop('SUMMARY', range('20260101T000000Z'))),
    comp('VEVENT', gone + range('20260101T000000Z')),
    comp('VEVENT', '<C:time-range/>'),
    comp('VEVENT', range('20260102T000000Z', '20260101T000000Z')),
    comp('VEVENT', range('20260101T000000Z', '20260101T000000Z')),
    comp('VEVENT', range('20260101T000000')),
    comp('VEVENT', '<C:prop-filter/>'),
  ]) {
    assert.equal(await precondition(house, query(filter)), 'valid-filter', filter);
  }
  const twice = query(comp('VEVENT')).replace(
    '</C:filter>',
    '<C:comp-filter name="VCALENDAR"/></C:filter>',
  );
  assert.equal(await precondition(house, twice), 'valid-filter');
  const outside = query('').replace('VCALENDAR', 'VEVENT');
  assert.equal(await precondition(house, outside), 'valid-filter');
  const data = '<C:calendar-data content-type="application/calendar+json"/>';
  assert.equal(await precondition(house, query('', data)), 'supported-calendar-data');
});

/** Each row of §9.9: what stands in the component, and ranges that match or do not. */
type Row = readonly [
  name: string,
  component: string,
  lines: string,
  yes: readonly string[],
  no: readonly string[],
];

const S = '20260301T120000Z'; // when everything here begins
const rows: readonly Row[] = [
  [
    'T1 DTEND',
    'VEVENT',
    `DTSTART:${S}\nDTEND:20260301T130000Z`,
    ['1200/1201', '1259/1400', '1100/1201'],
    ['1300/1400', '1100/1200'],
  ],
  [
    'T2 DURATION',
    'VEVENT',
    `DTSTART:${S}\nDURATION:PT1H`,
    ['1200/1201', '1259/1400'],
    ['1300/1400', '1100/1200'],
  ],
  [
    'T3 no duration',
    'VEVENT',
    `DTSTART:${S}\nDURATION:PT0S`,
    ['1200/1201', '1100/1201'],
    ['1201/1300', '1100/1200'],
  ],
  [
    'T4 a time alone',
    'VEVENT',
    `DTSTART:${S}`,
    ['1200/1201', '1100/1201'],
    ['1201/1300', '1100/1200'],
  ],
  [
    'T5 a date alone',
    'VEVENT',
    'DTSTART;VALUE=DATE:20260301',
    ['0000/0001', '2359/2400'],
    ['2400/2500'],
  ],
  [
    'T6 DTSTART and DURATION',
    'VTODO',
    `DTSTART:${S}\nDURATION:PT1H`,
    ['1300/1400', '1100/1201', '1200/1201'],
    ['1301/1400', '1100/1200'],
  ],
  [
    'T7 DTSTART and DUE',
    'VTODO',
    `DTSTART:${S}\nDUE:20260301T130000Z`,
    ['1259/1400', '1100/1201'],
    ['1300/1400', '1100/1200'],
  ],
  [
    'T8 DTSTART alone',
    'VTODO',
    `DTSTART:${S}`,
    ['1200/1300', '1100/1201'],
    ['1201/1300', '1100/1200'],
  ],
  ['T9 DUE alone', 'VTODO', `DUE:${S}`, ['1159/1300', '1100/1200'], ['1200/1300', '1000/1159']],
  [
    'T10 COMPLETED and CREATED',
    'VTODO',
    `CREATED:${S}\nCOMPLETED:20260301T130000Z`,
    ['1300/1400', '1100/1200', '1200/1230'],
    ['1301/1400', '1000/1159'],
  ],
  [
    'T11 COMPLETED',
    'VTODO',
    `COMPLETED:${S}`,
    ['1200/1300', '1100/1200'],
    ['1201/1300', '1000/1159'],
  ],
  ['T12 CREATED', 'VTODO', `CREATED:${S}`, ['1500/1600', '1100/1201'], ['1100/1200']],
  ['T13 nothing', 'VTODO', 'SUMMARY:x', ['0000/0001', '1500/1600'], []],
  ['T14 DTSTART, a time', 'VJOURNAL', `DTSTART:${S}`, ['1200/1201'], ['1201/1300', '1100/1200']],
  [
    'T15 DTSTART, a date',
    'VJOURNAL',
    'DTSTART;VALUE=DATE:20260301',
    ['0000/0001', '2359/2400'],
    ['2400/2500'],
  ],
  ['T16 nothing', 'VJOURNAL', 'SUMMARY:x', [], ['0000/2400']],
  [
    'T17 DTSTART and DTEND',
    'VFREEBUSY',
    `DTSTART:${S}\nDTEND:20260301T130000Z`,
    ['1300/1400', '1100/1201'],
    ['1301/1400', '1100/1200'],
  ],
  [
    'T18 FREEBUSY',
    'VFREEBUSY',
    `FREEBUSY:${S}/PT1H`,
    ['1259/1400', '1100/1201'],
    ['1300/1400', '1100/1200'],
  ],
  ['T19 nothing', 'VFREEBUSY', 'COMMENT:x', [], ['0000/2400']],
];

function instant(clock: string): string {
  const hour = Number(clock.slice(0, 2));
  const day = hour >= 24 ? 2 : 1;
  return `2026030${day}T${String(hour % 24).padStart(2, '0')}${clock.slice(2)}00Z`;
}

describe('the tables of §9.9, at the ends of the range', () => {
  for (const [name, component, lines, yes, no] of rows) {
    test(`${name}, of ${component}`, async () => {
      const body = calendarText(
        `BEGIN:${component}\nUID:x\nDTSTAMP:20260101T000000Z\n${lines}\nEND:${component}`,
      );
      const house = await houseWith({ 'x.ics': body });
      const matches = async (clocks: string): Promise<boolean> => {
        const [from = '', to = ''] = clocks.split('/').map(instant);
        return (await found(house, comp(component, range(from, to)), any)).length === 1;
      };
      for (const clocks of yes) assert.equal(await matches(clocks), true, clocks);
      for (const clocks of no) assert.equal(await matches(clocks), false, clocks);
    });
  }
});

test('T20: alarms, repeated and from the end (§9.9)', async () => {
  const alarm = (trigger: string): string =>
    `DTSTART:${S}\nDTEND:20260301T130000Z\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\n${trigger}\nEND:VALARM`;
  const house = await houseWith({
    'repeat.ics': calendarObject(alarm('TRIGGER:-PT1H\nREPEAT:2\nDURATION:PT15M'), 'repeat'),
    'end.ics': calendarObject(alarm('TRIGGER;RELATED=END:PT2H'), 'end'),
  });
  const at = (from: string, to: string): Promise<string[]> =>
    found(house, comp('VEVENT', comp('VALARM', range(instant(from), instant(to)))), any);
  assert.deepEqual(await at('1100', '1101'), ['repeat.ics']);
  assert.deepEqual(await at('1130', '1131'), ['repeat.ics']);
  assert.deepEqual(await at('1131', '1200'), []);
  assert.deepEqual(await at('1500', '1501'), ['end.ics']);
});

test('T21, T22, T23: property ranges, open ends, and what is still running (§9.9)', async () => {
  const house = await houseWith({ 'x.ics': calendarObject(`DTSTART:${S}\nDURATION:P2D`, 'x') });
  const ask = async (filter: string): Promise<number> =>
    (await found(house, comp('VEVENT', filter), any)).length;
  assert.equal(await ask(prop('DTSTAMP', range('20260101T000000Z', '20260101T000001Z'))), 1);
  assert.equal(await ask(prop('DTEND', range('20260303T120000Z', '20260303T120001Z'))), 1);
  assert.equal(await ask(prop('DTSTAMP', range('20260101T000001Z'))), 0);
  assert.equal(await ask(range('20260302T000000Z')), 1);
  assert.equal(await ask(range(undefined, '20260301T120001Z')), 1);
  assert.equal(await ask(range('20260304T000000Z')), 0);
  assert.equal(await ask(range('20260302T000000Z', '20260302T000001Z')), 1);
});

test('T24, T25, T26: far instances in bounded time, overrides, EXDATE and RDATE (§7.4)', async () => {
  const house = await houseWith({
    'daily.ics': calendarObject(`DTSTART:${S}\nDURATION:PT1H\nRRULE:FREQ=DAILY`, 'daily'),
    'dates.ics': calendarObject(
      `DTSTART:${S}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20260308T120000Z\nRDATE:20260310T120000Z\nRDATE;VALUE=PERIOD:20260311T120000Z/PT5H`,
      'dates',
    ),
    'moved.ics': calendarText(
      `BEGIN:VEVENT\nUID:m\nDTSTAMP:20260101T000000Z\nDTSTART:${S}\nDURATION:PT1H\nRRULE:FREQ=YEARLY\nEND:VEVENT\nBEGIN:VEVENT\nUID:m\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20270301T120000Z\nDTSTART:20270405T120000Z\nDURATION:PT1H\nEND:VEVENT`,
    ),
  });
  const on = (from: string, to: string): Promise<string[]> =>
    found(house, comp('VEVENT', range(`${from}Z`, `${to}Z`)), any);
  const started = performance.now();
  assert.deepEqual(await on('20900615T110000', '20900615T120001'), ['daily.ics']);
  assert.ok(performance.now() - started < 1000);
  assert.deepEqual(await on('20270405T120000', '20270405T120001'), ['daily.ics', 'moved.ics']);
  assert.deepEqual(await on('20270301T120000', '20270301T120001'), ['daily.ics']);
  assert.deepEqual(await on('20260308T120000', '20260308T120001'), ['daily.ics']);
  assert.deepEqual(await on('20260310T120000', '20260310T120001'), ['daily.ics', 'dates.ics']);
  assert.deepEqual(await on('20260311T163000', '20260311T163001'), ['dates.ics']);
});

test('T27, T28: floating times and dates in the zone of the request, then of the calendar (§7.3, RFC 7809 §3.1.6)', async () => {
  const house = await houseWith({
    'floating.ics': calendarObject('DTSTART:20260301T120000\nDURATION:PT1H', 'f'),
    'date.ics': calendarObject('DTSTART;VALUE=DATE:20260301', 'd'),
  });
  const at = (from: string, to: string, more = ''): Promise<string[]> =>
    found(house, comp('VEVENT', range(from, to)), any, more);
  const zone = (id: string): string => `<C:timezone-id>${id}</C:timezone-id>`;
  assert.deepEqual(await at('20260301T121500Z', '20260301T121600Z'), ['date.ics', 'floating.ics']);
  const tokyo = await at('20260301T031500Z', '20260301T031600Z', zone('Asia/Tokyo'));
  assert.deepEqual(tokyo, ['date.ics', 'floating.ics']);
  assert.deepEqual(await at('20260228T160000Z', '20260228T160100Z', zone('Asia/Tokyo')), [
    'date.ics',
  ]);
  await house.ask('PROPPATCH', any, {
    body: `<D:propertyupdate ${namespaces}><D:set><D:prop><C:calendar-timezone-id>Asia/Tokyo</C:calendar-timezone-id></D:prop></D:set></D:propertyupdate>`,
  });
  assert.deepEqual(await at('20260228T160000Z', '20260228T160100Z'), ['date.ics']);
  assert.deepEqual(await at('20260228T160000Z', '20260228T160100Z', zone('UTC')), []);
  const own = query(comp('VEVENT'), '', '<C:timezone>rubbish</C:timezone>');
  assert.equal(await precondition(house, own), 'valid-calendar-data');
  assert.equal(
    await precondition(house, query(comp('VEVENT'), '', zone('Mars/Base'))),
    'valid-timezone',
  );
});

async function dataOf(house: House, data: string, filter = '', more = {}): Promise<string> {
  const answer = await house.list('REPORT', any, {
    headers: { ...headers, ...more },
    body: query(filter, data),
  });
  return answer.hrefs.map((href) => answer.text(href, 'C:calendar-data') ?? '').join('\n');
}

test('E1, E2: expand: one component an instance, in UTC, overridden ones and to-dos too (§9.6.5)', async () => {
  const house = await houseWith({
    'todo.ics': calendarText(
      'BEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:20260328T120000\nDUE;TZID=Europe/Berlin:20260328T130000\nRRULE:FREQ=DAILY\nEND:VTODO\nBEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20260329T120000\nDTSTART;TZID=Europe/Berlin:20260329T150000\nDUE;TZID=Europe/Berlin:20260329T160000\nSUMMARY:Later\nEND:VTODO',
    ),
  });
  const text = await dataOf(
    house,
    '<C:calendar-data><C:expand start="20260328T000000Z" end="20260330T000000Z"/></C:calendar-data>',
  );
  assert.deepEqual(
    text
      .match(/^(DTSTART|DUE|RECURRENCE-ID).*/gm)
      ?.map((line) => line.trim())
      .sort(),
    [
      'DTSTART:20260328T110000Z',
      'DTSTART:20260329T130000Z',
      'DUE:20260328T120000Z',
      'DUE:20260329T140000Z',
      'RECURRENCE-ID:20260328T110000Z',
      'RECURRENCE-ID:20260329T100000Z',
    ],
  );
  assert.doesNotMatch(text, /RRULE|RDATE|EXDATE|VTIMEZONE/);
});

test('E3, E4, E5: limits and selection (§9.6.1 to §9.6.7)', async () => {
  const house = await houseWith({
    'x.ics': calendarObject(
      `DTSTART:${S}\nDURATION:PT1H\nSUMMARY;LANGUAGE=en:Secret\nX-OWN:1`,
      'x',
    ),
  });
  const text = await dataOf(
    house,
    '<C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="SUMMARY" novalue="yes"/><C:prop name="X-OWN"/></C:comp></C:comp></C:calendar-data>',
  );
  assert.equal(
    text,
    'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:\r\nX-OWN:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
  );
  const both = `<C:calendar-data><C:expand start="20260101T000000Z" end="20260201T000000Z"/><C:limit-recurrence-set start="20260101T000000Z" end="20260201T000000Z"/></C:calendar-data>`;
  assert.equal((await house.ask('REPORT', any, { headers, body: query('', both) })).status, 400);
  const open = '<C:calendar-data><C:expand start="20260101T000000Z"/></C:calendar-data>';
  assert.equal((await house.ask('REPORT', any, { headers, body: query('', open) })).status, 400);
});

test('E6: too many instances are refused by name, and soon (§7.8, §11)', async () => {
  const house = await houseWith({
    'second.ics': calendarObject(`DTSTART:${S}\nRRULE:FREQ=SECONDLY`, 's'),
  });
  const started = performance.now();
  const body = query(
    comp('VEVENT'),
    '<C:calendar-data><C:expand start="20260301T000000Z" end="21260101T000000Z"/></C:calendar-data>',
  );
  assert.equal(await precondition(house, body), 'number-of-matches-within-limits');
  assert.ok(performance.now() - started < 2000);
});

test('E6: where a part has been sent already, the answer says that it is not whole', async () => {
  const many: Record<string, string> = {};
  for (let i = 100; i < 400; i++) {
    many[`${i}.ics`] = calendarObject(`DTSTART:${S}\nDESCRIPTION:${'x'.repeat(200)}`, String(i));
  }
  many['999.ics'] = calendarObject(`DTSTART:${S}\nRRULE:FREQ=SECONDLY`, 's');
  const house = await houseWith(many);
  const answer = await house.list('REPORT', any, {
    headers,
    body: query(
      '',
      '<C:calendar-data><C:expand start="20260301T000000Z" end="21260101T000000Z"/></C:calendar-data>',
    ),
  });
  assert.equal(answer.responses.get(any)?.status, 507);
  assert.equal(answer.hrefs.length, 301);
});

test('E6: one object that cannot be worked out keeps no others from being found', async () => {
  const house = await houseWith({
    'never.ics': calendarObject(
      `DTSTART:${S}\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYHOUR=3;BYSECOND=7;BYMINUTE=9`,
      'n',
    ),
    'plain.ics': calendarObject(`DTSTART:${S}`, 'p'),
  });
  const started = performance.now();
  const names = await found(
    house,
    comp('VEVENT', range('20260301T115900Z', '20260301T120100Z')),
    any,
  );
  assert.ok(names.includes('plain.ics'));
  assert.ok(performance.now() - started < 2000);
});

test('E7: multiget: one entry for each href, in order, whatever the Depth (§7.9)', async () => {
  const house = await bernardsHouse();
  const hrefs = ['abcd3.ics', 'no.ics', 'abcd1.ics', 'abcd3.ics', 'abcd%31.ics'].map(
    (name) => bernard + name,
  );
  const body = (list: readonly string[]): string =>
    `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/></D:prop>${list.map((href) => `<D:href>${href}</D:href>`).join('')}</C:calendar-multiget>`;
  for (const depth of ['0', '1', 'infinity']) {
    const answer = await house.list('REPORT', bernard, {
      headers: { Depth: depth },
      body: body(hrefs),
    });
    assert.deepEqual(answer.hrefs, [
      `${bernard}abcd3.ics`,
      `${bernard}no.ics`,
      `${bernard}abcd1.ics`,
    ]);
    assert.equal(answer.responses.get(`${bernard}no.ics`)?.status, 404);
  }
  const elsewhere = [
    '/calendars/ann/calendar/x.ics',
    '/calendars/bob/calendar/x.ics',
    'https://other.example/x',
    '/%2e%2e/x',
    '<',
    bernard,
  ].map((href) => href.replace('<', '&lt;'));
  const answer = await house.list('REPORT', bernard, { body: body(elsewhere) });
  assert.deepEqual(
    [...answer.responses.values()].map(({ status }) => status),
    Array(6).fill(404),
  );
  const own = await house.list('REPORT', `${bernard}abcd1.ics`, { body: body(hrefs.slice(0, 3)) });
  assert.deepEqual(
    [...own.responses.values()].map(({ status }) => status),
    [404, 404, undefined],
  );
  const none = await house.ask('REPORT', bernard, { body: body([]) });
  assert.equal(none.status, 400);
});

test('E8: what XML cannot hold as it is comes through whole (§9.6)', async () => {
  const body = calendarObject(`DTSTART:${S}\nSUMMARY:]]> & < > " ' 🎉 \u00e4 \ufffd &amp;`, 'x');
  const house = await houseWith({ 'x.ics': body });
  assert.equal(await dataOf(house, '<C:calendar-data/>'), body);
});

test('E9: CalDAV-Timezones: F leaves out the zones that everybody knows (RFC 7809 §7.1)', async () => {
  const zone = (id: string): string =>
    `BEGIN:VTIMEZONE\nTZID:${id}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE`;
  const body = calendarText(
    `${zone('Europe/Berlin')}\n${zone('Our own')}\nBEGIN:VEVENT\nUID:x\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:20260301T120000\nDTEND;TZID=Our own:20260301T130000\nEND:VEVENT`,
  );
  const house = await houseWith({ 'x.ics': body });
  assert.equal(await dataOf(house, '<C:calendar-data/>'), body);
  const without = await dataOf(house, '<C:calendar-data/>', '', { 'CalDAV-Timezones': 'F' });
  assert.doesNotMatch(without, /TZID:Europe\/Berlin/);
  assert.match(without, /TZID:Our own/);
  const got = await house.ask('GET', `${any}x.ics`, { headers: { 'CalDAV-Timezones': 'F' } });
  assert.doesNotMatch(got.text, /TZID:Europe\/Berlin/);
  const etag = (await house.ask('GET', `${any}x.ics`)).headers['ETag'];
  assert.notEqual(got.headers['ETag'], etag);
  // Whichever representation was seen, a change is of the same object.
  const change = {
    body: body.replace('UID:x', 'SUMMARY:y\r\nUID:x'),
    headers: { 'If-Match': got.headers['ETag']! },
  };
  assert.equal((await house.ask('PUT', `${any}x.ics`, change)).status, 204);
});

async function busy(house: House, target: string, start: string, end: string): Promise<string[]> {
  const answer = await house.ask('REPORT', target, {
    headers,
    body: `<C:free-busy-query ${namespaces}><C:time-range start="${start}" end="${end}"/></C:free-busy-query>`,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text.match(/BEGIN:VFREEBUSY/g)?.length, 1);
  return answer.text
    .replaceAll('\r\n ', '')
    .split('\r\n')
    .filter((line) => line.startsWith('FREEBUSY'));
}

test('F1: merged, typed by STATUS, free where transparent or cancelled (§7.10)', async () => {
  const house = await houseWith({
    '1.ics': calendarObject(`DTSTART:${S}\nDURATION:PT1H`, '1'),
    '2.ics': calendarObject('DTSTART:20260301T123000Z\nDURATION:PT1H', '2'),
    '3.ics': calendarObject('DTSTART:20260301T133000Z\nDURATION:PT1H', '3'),
    '4.ics': calendarObject('DTSTART:20260301T160000Z\nDURATION:PT1H\nSTATUS:TENTATIVE', '4'),
    '5.ics': calendarObject('DTSTART:20260301T180000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT', '5'),
    '6.ics': calendarObject('DTSTART:20260301T190000Z\nDURATION:PT1H\nSTATUS:CANCELLED', '6'),
    '7.ics': calendarObject('DTSTART:20260301T233000Z\nDURATION:PT1H', '7'),
  });
  assert.deepEqual((await busy(house, any, '20260301T000000Z', '20260302T000000Z')).sort(), [
    'FREEBUSY:20260301T120000Z/20260301T143000Z,20260301T233000Z/20260302T000000Z',
    'FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260301T160000Z/20260301T170000Z',
  ]);
  assert.deepEqual(
    await busy(house, '/calendars/ann/', '20260301T150000Z', '20260301T153000Z'),
    [],
  );
  assert.equal(
    (await busy(house, '/calendars/ann/', '20260301T000000Z', '20260302T000000Z')).length,
    2,
  );
});

test('F2, F4: an empty calendar has a VFREEBUSY too; an object has none (§7.10)', async () => {
  const house = await houseWith({ 'x.ics': calendarObject(`DTSTART:${S}`, 'x') });
  assert.deepEqual(
    await busy(house, '/calendars/ann/calendar/', '20260301T000000Z', '20260302T000000Z'),
    [],
  );
  const body = `<C:free-busy-query ${namespaces}>${range('20260301T000000Z', '20260302T000000Z')}</C:free-busy-query>`;
  assert.equal((await house.ask('REPORT', `${any}x.ics`, { body })).status, 403);
  const open = body.replace(/ end="[^"]*"/, '');
  assert.equal((await house.ask('REPORT', any, { body: open })).status, 400);
});

test('F3: without the right to see busy times there is nothing (§6.1.1, §7.10)', async () => {
  const house = await houseWith({ 'x.ics': calendarObject(`DTSTART:${S}\nDURATION:PT1H`, 'x') });
  const body = `<C:free-busy-query ${namespaces}>${range('20260301T000000Z', '20260302T000000Z')}</C:free-busy-query>`;
  for (const target of [any, '/calendars/ann/', '/calendars/ann/no/']) {
    assert.equal((await house.ask('REPORT', target, { user: 'bob', body })).status, 404);
  }
});

test('F5: transparent calendars keep nobody busy, availability does (RFC 6638 §9.1, RFC 7953 §5)', async () => {
  const house = await houseWith({
    'x.ics': calendarObject(`DTSTART:${S}\nDURATION:PT1H`, 'x'),
    'hours.ics': calendarText(
      'BEGIN:VAVAILABILITY\nUID:h\nDTSTAMP:20260101T000000Z\nDTSTART:20260301T000000Z\nDTEND:20260302T000000Z\nBEGIN:AVAILABLE\nUID:a\nDTSTAMP:20260101T000000Z\nDTSTART:20260301T090000Z\nDTEND:20260301T170000Z\nEND:AVAILABLE\nEND:VAVAILABILITY',
    ),
  });
  assert.deepEqual((await busy(house, any, '20260301T000000Z', '20260302T000000Z')).sort(), [
    'FREEBUSY:20260301T120000Z/20260301T130000Z',
    'FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260301T000000Z/20260301T090000Z,20260301T170000Z/20260302T000000Z',
  ]);
  await house.ask('PROPPATCH', any, {
    body: `<D:propertyupdate ${namespaces}><D:set><D:prop><C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></D:prop></D:set></D:propertyupdate>`,
  });
  assert.deepEqual(await busy(house, any, '20260301T000000Z', '20260302T000000Z'), []);
});
