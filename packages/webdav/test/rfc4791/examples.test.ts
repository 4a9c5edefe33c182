/** RFC 4791, its worked examples: §5.3.1.2, §7.8.1 to §7.8.10, §7.9.1, §7.10.1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendixB } from '@riad/calendar/testing/rfc4791-appendix-b';
import { House, namespaces } from '../../src/testing/house.ts';
import { bernard, bernardsHouse, found, query } from '../../src/testing/rfc4791-objects.ts';

const first = new TextDecoder().decode(appendixB['abcd1.ics']);

const day = 'start="20060104T000000Z" end="20060105T000000Z"';
const two = 'start="20060103T000000Z" end="20060105T000000Z"';
const headers = { Depth: '1' };

test('§5.3.1.2: MKCALENDAR with properties', async () => {
  const house = new House();
  const target = '/calendars/ann/events/';
  const zone = first.replace(/BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/, '');
  const made = await house.ask('MKCALENDAR', target, {
    body: `<?xml version="1.0" encoding="utf-8" ?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
  <D:set>
    <D:prop>
      <D:displayname>Lisa's Events</D:displayname>
      <C:calendar-description xml:lang="en">Calendar restricted to events.</C:calendar-description>
      <C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
      <C:calendar-timezone><![CDATA[${zone}]]></C:calendar-timezone>
    </D:prop>
  </D:set>
</C:mkcalendar>`,
  });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['Cache-Control'], 'no-cache');
  const names = [
    'D:displayname',
    'C:calendar-description',
    'C:supported-calendar-component-set',
    'C:calendar-timezone',
  ];
  const properties = await house.properties(target, names);
  assert.equal(properties.text(target, 'D:displayname'), "Lisa's Events");
  assert.match(properties.answer.text, /xml:lang="en">Calendar restricted to events\./);
  assert.deepEqual(properties.attributes(target, 'C:supported-calendar-component-set'), ['VEVENT']);
  assert.match(properties.text(target, 'C:calendar-timezone') ?? '', /TZID:US\/Eastern/);
});

test('§7.8.1: partial retrieval of events by time range', async () => {
  const house = await bernardsHouse();
  const props = 'SUMMARY UID DTSTART DTEND DURATION RRULE RDATE EXRULE EXDATE RECURRENCE-ID'.split(
    ' ',
  );
  const data = `<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT">${props
    .map((name) => `<C:prop name="${name}"/>`)
    .join(
      '',
    )}</C:comp><C:comp name="VTIMEZONE"><C:allprop/><C:allcomp/></C:comp></C:comp></C:calendar-data>`;
  const answer = await house.list('REPORT', bernard, {
    headers,
    body: query(
      `<C:comp-filter name="VEVENT"><C:time-range ${day}/></C:comp-filter>`,
      `<D:getetag/>${data}`,
    ),
  });
  assert.deepEqual(answer.hrefs, [`${bernard}abcd2.ics`, `${bernard}abcd3.ics`]);
  const third = answer.text(`${bernard}abcd3.ics`, 'C:calendar-data')!;
  assert.match(third, /BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE/);
  assert.match(third, /SUMMARY:Event #3/);
  assert.doesNotMatch(third, /PRODID|ATTENDEE|STATUS|X-ABC-GUID/);
});

async function dataOf(prop: string, filter: string): Promise<Map<string, string>> {
  const house = await bernardsHouse();
  const answer = await house.list('REPORT', bernard, { headers, body: query(filter, prop) });
  return new Map(
    answer.hrefs.map((href) => [href.slice(bernard.length), answer.text(href, 'C:calendar-data')!]),
  );
}

test('§7.8.2: partial retrieval of recurring events', async () => {
  const data = await dataOf(
    `<C:calendar-data><C:limit-recurrence-set ${two}/></C:calendar-data>`,
    `<C:comp-filter name="VEVENT"><C:time-range ${two}/></C:comp-filter>`,
  );
  assert.deepEqual([...data.keys()], ['abcd2.ics', 'abcd3.ics']);
  const second = data.get('abcd2.ics')!;
  assert.match(second, /RRULE:FREQ=DAILY;COUNT=5/);
  assert.match(second, /SUMMARY:Event #2 bis\r\n/);
  assert.doesNotMatch(second, /Event #2 bis bis/);
});

test('§7.8.3: expanded retrieval of recurring events', async () => {
  const data = await dataOf(
    `<C:calendar-data><C:expand ${two}/></C:calendar-data>`,
    `<C:comp-filter name="VEVENT"><C:time-range ${two}/></C:comp-filter>`,
  );
  const second = data.get('abcd2.ics')!;
  assert.deepEqual(
    second.match(/^(DTSTART|RECURRENCE-ID|SUMMARY).*/gm)?.map((line) => line.trim()),
    [
      'DTSTART:20060103T170000Z',
      'RECURRENCE-ID:20060103T170000Z',
      'SUMMARY:Event #2',
      'DTSTART:20060104T190000Z',
      'RECURRENCE-ID:20060104T170000Z',
      'SUMMARY:Event #2 bis',
    ],
  );
  assert.match(data.get('abcd3.ics')!, /DTSTART:20060104T150000Z/);
  for (const text of data.values()) assert.doesNotMatch(text, /RRULE|VTIMEZONE|TZID/);
});

test('§7.8.4: partial retrieval of stored free busy components', async () => {
  const range = 'start="20060102T000000Z" end="20060103T000000Z"';
  const data = await dataOf(
    `<C:calendar-data><C:limit-freebusy-set ${range}/></C:calendar-data>`,
    `<C:comp-filter name="VFREEBUSY"><C:time-range ${range}/></C:comp-filter>`,
  );
  assert.deepEqual([...data.keys()], ['abcd8.ics']);
  assert.deepEqual(
    data
      .get('abcd8.ics')!
      .match(/^FREEBUSY.*/gm)
      ?.map((line) => line.trim()),
    ['FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060102T100000Z/20060102T120000Z'],
  );
});

test('§7.8.5: to-dos by alarm time range', async () => {
  const house = await bernardsHouse();
  // The example's own range begins ten hours after the alarm of abcd5, which is due on that day; a day earlier it holds.
  const range = 'start="20060105T100000Z" end="20060106T100000Z"';
  const filter = `<C:comp-filter name="VTODO"><C:comp-filter name="VALARM"><C:time-range ${range}/></C:comp-filter></C:comp-filter>`;
  assert.deepEqual(await found(house, filter), ['abcd5.ics']);
});

const event = (inside: string): string => `<C:comp-filter name="VEVENT">${inside}</C:comp-filter>`;

test('§7.8.6: an event by its UID', async () => {
  const house = await bernardsHouse();
  const filter = event(
    '<C:prop-filter name="UID"><C:text-match collation="i;octet">DC6C50A017428C5216A2F1CD@example.com</C:text-match></C:prop-filter>',
  );
  assert.deepEqual(await found(house, filter), ['abcd3.ics']);
});

test('§7.8.7: events by PARTSTAT', async () => {
  const house = await bernardsHouse();
  const attendee = (who: string, state: string): string =>
    event(
      `<C:prop-filter name="ATTENDEE"><C:text-match collation="i;ascii-casemap">mailto:${who}@example.com</C:text-match><C:param-filter name="PARTSTAT"><C:text-match collation="i;ascii-casemap">${state}</C:text-match></C:param-filter></C:prop-filter>`,
    );
  assert.deepEqual(await found(house, attendee('lisa', 'NEEDS-ACTION')), ['abcd3.ics']);
  assert.deepEqual(await found(house, attendee('cyrus', 'NEEDS-ACTION')), []);
});

test('§7.8.8: events only', async () => {
  const house = await bernardsHouse();
  assert.deepEqual(await found(house, event('')), ['abcd1.ics', 'abcd2.ics', 'abcd3.ics']);
});

test('§7.8.9: all incomplete to-dos', async () => {
  const house = await bernardsHouse();
  const filter =
    '<C:comp-filter name="VTODO"><C:prop-filter name="COMPLETED"><C:is-not-defined/></C:prop-filter><C:prop-filter name="STATUS"><C:text-match negate-condition="yes">CANCELLED</C:text-match></C:prop-filter></C:comp-filter>';
  assert.deepEqual(await found(house, filter), ['abcd4.ics', 'abcd5.ics']);
});

test('§7.8.10: a property of somebody’s own can be searched, though it need not', async () => {
  const house = await bernardsHouse();
  const filter = event(
    '<C:prop-filter name="X-ABC-GUID"><C:text-match>ABC</C:text-match></C:prop-filter>',
  );
  assert.deepEqual(await found(house, filter), []);
  assert.deepEqual(await found(house, filter.replace('>ABC<', '>e1cx5dr<')), ['abcd3.ics']);
});

test('§7.9.1: multiget gives what is there and 404 for what is not', async () => {
  const house = await bernardsHouse();
  const answer = await house.list('REPORT', bernard, {
    body: `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>${bernard}abcd1.ics</D:href><D:href>${bernard}mtg1.ics</D:href></C:calendar-multiget>`,
  });
  assert.equal(answer.text(`${bernard}abcd1.ics`, 'C:calendar-data'), first);
  assert.equal(answer.responses.get(`${bernard}mtg1.ics`)?.status, 404);
});

test('§7.10.1: free-busy-query', async () => {
  const house = await bernardsHouse(['abcd1.ics', 'abcd2.ics', 'abcd3.ics']);
  const answer = await house.ask('REPORT', bernard, {
    headers,
    body: `<C:free-busy-query ${namespaces}><C:time-range start="20060104T140000Z" end="20060105T220000Z"/></C:free-busy-query>`,
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['Content-Type'], 'text/calendar; charset=utf-8');
  const lines = answer.text
    .replaceAll('\r\n ', '')
    .match(/^(DTSTART|DTEND|FREEBUSY).*/gm)
    ?.map((line) => line.trim())
    .sort();
  assert.deepEqual(lines, [
    'DTEND:20060105T220000Z',
    'DTSTART:20060104T140000Z',
    'FREEBUSY:20060104T190000Z/20060104T200000Z,20060105T170000Z/20060105T180000Z',
    'FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060104T150000Z/20060104T160000Z',
  ]);
});
