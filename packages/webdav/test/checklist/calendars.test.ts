/** Calendars and their objects, M: RFC 4791 §4, §5. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  calendarObject,
  calendarText,
  errorIn,
  House,
  lunch,
  namespaces,
} from '../../src/testing/house.ts';

const home = '/calendars/ann/';
const calendar = `${home}calendar/`;
const at = 'DTSTART:20260301T120000Z';

const berlin = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR
`;

function properties(inside: string): string {
  return `<D:set><D:prop>${inside}</D:prop></D:set>`;
}

function makeCalendar(house: House, name: string, inside = ''): Promise<Answer> {
  const body = inside && `<C:mkcalendar ${namespaces}>${properties(inside)}</C:mkcalendar>`;
  return house.ask('MKCALENDAR', `${home}${name}/`, { body });
}

function patch(house: House, inside: string, target = calendar): ReturnType<House['list']> {
  return house.list('PROPPATCH', target, {
    body: `<D:propertyupdate ${namespaces}>${properties(inside)}</D:propertyupdate>`,
  });
}

function put(
  house: House,
  name: string,
  body: string | Uint8Array,
  type?: string,
): Promise<Answer> {
  const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
  return house.ask('PUT', calendar + name, { body, headers });
}

async function refused(
  house: House,
  answer: Answer,
  precondition: string,
  status = 403,
): Promise<void> {
  assert.equal(answer.status, status, answer.text);
  assert.equal(errorIn(answer), precondition);
  assert.ok(house);
}

test('M1: MKCALENDAR with name, colour, zone and components (RFC 4791 §5.3.1)', async () => {
  const house = new House();
  const made = await makeCalendar(
    house,
    'new',
    `<D:displayname>Work &amp; play</D:displayname><ICAL:calendar-color>#FF0000FF</ICAL:calendar-color><C:calendar-timezone>${berlin}</C:calendar-timezone><C:supported-calendar-component-set><C:comp name="VEVENT"/><C:comp name="VTODO"/></C:supported-calendar-component-set>`,
  );
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['Cache-Control'], 'no-cache');
  assert.equal(made.headers['Location'], 'http://dav.example.org/calendars/ann/new/');
  const found = await house.properties(`${home}new/`, [
    'D:displayname',
    'ICAL:calendar-color',
    'C:calendar-timezone-id',
    'C:supported-calendar-component-set',
    'D:resourcetype',
  ]);
  assert.equal(found.text(`${home}new/`, 'D:displayname'), 'Work & play');
  assert.equal(found.text(`${home}new/`, 'ICAL:calendar-color'), '#FF0000FF');
  assert.equal(found.text(`${home}new/`, 'C:calendar-timezone-id'), 'Europe/Berlin');
  assert.deepEqual(found.attributes(`${home}new/`, 'C:supported-calendar-component-set'), [
    'VEVENT',
    'VTODO',
  ]);
});

test('M2: one bad property and nothing is made (§5.3.1.1)', async () => {
  const house = new House();
  for (const bad of [
    '<D:getetag>x</D:getetag>',
    '<C:calendar-timezone>x</C:calendar-timezone>',
    '<C:supported-calendar-component-set><C:comp name="VPOEM"/></C:supported-calendar-component-set>',
  ]) {
    const answer = await makeCalendar(house, 'new', `<D:displayname>x</D:displayname>${bad}`);
    assert.equal(answer.status, 207);
    assert.match(answer.text, /424 Failed Dependency/);
    assert.match(answer.text, /403 Forbidden/);
    assert.equal(
      (await house.ask('PROPFIND', `${home}new/`, { headers: { Depth: '0' } })).status,
      404,
    );
  }
});

test('M3: not on what is there, not inside a calendar, not outside a home (§5.3.1)', async () => {
  const house = new House();
  await refused(house, await house.ask('MKCALENDAR', calendar), 'resource-must-be-null');
  const location = 'calendar-collection-location-ok';
  await refused(house, await house.ask('MKCALENDAR', `${calendar}inner/`), location);
  await refused(house, await house.ask('MKCALENDAR', '/files/ann/x/'), location);
  await refused(house, await house.ask('MKCALENDAR', '/addressbooks/ann/x/'), location);
  assert.equal((await house.ask('MKCALENDAR', `${home}no/x/`)).status, 409);
  await refused(house, await house.ask('MKCOL', `${home}plain/`), 'valid-resourcetype');
});

const mkcol = (types: string, more = ''): string =>
  `<D:mkcol ${namespaces}>${properties(`<D:resourcetype>${types}</D:resourcetype>${more}`)}</D:mkcol>`;

test('M4: extended MKCOL makes the same calendar (RFC 5689 §4.1)', async () => {
  const house = new House();
  const body = mkcol('<D:collection/><C:calendar/>', '<D:displayname>New</D:displayname>');
  assert.equal((await house.ask('MKCOL', `${home}new/`, { body })).status, 201);
  const found = await house.properties(`${home}new/`, ['D:resourcetype', 'D:displayname']);
  assert.deepEqual(found.names(`${home}new/`, 'D:resourcetype'), ['collection', 'calendar']);
  assert.equal(found.text(`${home}new/`, 'D:displayname'), 'New');
  for (const types of ['<D:collection/><X:y/>', '<C:calendar/>', '<D:collection/><D:principal/>']) {
    const answer = await house.ask('MKCOL', `${home}other/`, { body: mkcol(types) });
    await refused(house, answer, 'valid-resourcetype');
  }
  const bad = mkcol('<D:collection/><C:calendar/>', '<D:getetag>1</D:getetag><X:a/>');
  const answer = await house.ask('MKCOL', `${home}other/`, { body: bad });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /<D:mkcol-response/);
  assert.match(answer.text, /cannot-modify-protected-property/);
});

test('M5, M6, M7: the component set is kept to, and cannot be changed (§5.2.3)', async () => {
  const house = new House();
  const todo = calendarText('BEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\nEND:VTODO');
  await refused(house, await put(house, 't.ics', todo), 'supported-calendar-component');
  const patched = await patch(
    house,
    '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>',
  );
  assert.ok(patched.find(calendar, 'C:supported-calendar-component-set', 403));
  await makeCalendar(house, 'any');
  const journal = calendarText('BEGIN:VJOURNAL\nUID:j\nDTSTAMP:20260101T000000Z\nEND:VJOURNAL');
  assert.equal((await house.ask('PUT', `${home}any/j.ics`, { body: journal })).status, 201);
  assert.equal((await house.ask('PUT', `${home}any/t.ics`, { body: todo })).status, 201);
});

test('M8: two UIDs, two kinds, METHOD, nothing: valid-calendar-object-resource (§4.1)', async () => {
  const house = new House();
  await makeCalendar(house, 'any');
  const one = `BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n${at}\nEND:VEVENT`;
  const two = one.replace('UID:1', 'UID:2');
  const todo = 'BEGIN:VTODO\nUID:1\nDTSTAMP:20260101T000000Z\nEND:VTODO';
  for (const components of [`${one}\n${two}`, `${one}\n${todo}`, `METHOD:REQUEST\n${one}`, '']) {
    const answer = await house.ask('PUT', `${home}any/x.ics`, { body: calendarText(components) });
    await refused(house, answer, 'valid-calendar-object-resource');
  }
});

test('M9: garbage, JSON and other types (§5.3.2.1)', async () => {
  const house = new House();
  await refused(house, await put(house, 'x', 'garbage'), 'valid-calendar-data');
  await refused(house, await put(house, 'x', ''), 'valid-calendar-data');
  await refused(
    house,
    await put(house, 'x', lunch.replace('END:VEVENT', '')),
    'valid-calendar-data',
  );
  await refused(house, await put(house, 'x', '["vcalendar",[],[]]'), 'supported-calendar-data');
  const json = await put(house, 'x', lunch, 'application/calendar+json');
  await refused(house, json, 'supported-calendar-data');
  assert.equal((await put(house, 'x', lunch, 'text/calendar; charset="utf-8"')).status, 201);
  const inHome = await house.ask('PUT', `${home}x.ics`, { body: lunch });
  assert.equal(inHome.status, 403);
});

test('M10: a UID twice is a conflict with its href, so is a change of the UID (§5.3.2.1)', async () => {
  const house = new House();
  assert.equal((await put(house, 'a b.ics', calendarObject(at, 'u'))).status, 201);
  const twice = await put(house, 'other.ics', calendarObject(at, 'u'));
  await refused(house, twice, 'no-uid-conflict', 409);
  assert.match(twice.text, /<D:href>\/calendars\/ann\/calendar\/a%20b.ics<\/D:href>/);
  const changed = await put(house, 'a b.ics', calendarObject(at, 'v'));
  await refused(house, changed, 'no-uid-conflict', 409);
  assert.match(changed.text, /a%20b.ics/);
  const raced = new House();
  raced.storage.beforeWrite = async () => {
    await put(raced, 'first.ics', calendarObject(at, 'u'));
  };
  await refused(
    raced,
    await put(raced, 'second.ics', calendarObject(at, 'u')),
    'no-uid-conflict',
    409,
  );
});

test('M11, M12: another calendar may have it, and a removed one is free again (§4.1)', async () => {
  const house = new House();
  await makeCalendar(house, 'any');
  assert.equal((await put(house, 'a.ics', lunch)).status, 201);
  assert.equal((await house.ask('PUT', `${home}any/a.ics`, { body: lunch })).status, 201);
  assert.equal((await house.ask('DELETE', `${calendar}a.ics`)).status, 204);
  assert.equal((await put(house, 'b.ics', lunch)).status, 201);
  assert.equal((await house.ask('DELETE', `${calendar}b.ics`)).status, 204);
  assert.equal((await put(house, 'b.ics', lunch)).status, 201);
});

test('M13: overrides without a master store and come back (§4.1)', async () => {
  const house = new House();
  const body = calendarObject(`RECURRENCE-ID:20260301T120000Z\n${at}`, 'o');
  assert.equal((await put(house, 'o.ics', body)).status, 201);
  assert.equal((await house.ask('GET', `${calendar}o.ics`)).text, body);
});

test('M14: GET gives the octets that came: order, folding, names of one’s own (§5.3.3, §5.3.4)', async () => {
  const house = new House();
  const body =
    'BEGIN:VCALENDAR\r\nX-ODD;x="a:b":1\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nSUMMARY:Gr\r\n üße 🎉 ]]>&<\r\nUID:m14\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260301T120000Z\r\nX-B:2\r\nX-A:1\r\nEND:VEVENT\r\nEND:VCALENDAR';
  const octets = new TextEncoder().encode(body);
  assert.equal((await put(house, 'x.ics', octets)).status, 201);
  assert.deepEqual((await house.ask('GET', `${calendar}x.ics`)).octets, octets);
});

test('M15: the tag of PUT is GET’s and getetag’s, and there is none where GET adds a zone (§5.3.4)', async () => {
  const house = new House();
  const answer = await put(house, 'x.ics', lunch);
  const etag = answer.headers['ETag'];
  assert.match(etag!, /^"[0-9a-f]{40}"$/);
  const got = await house.ask('GET', `${calendar}x.ics`);
  assert.equal(got.headers['ETag'], etag);
  assert.equal(got.headers['Content-Type'], 'text/calendar; charset=utf-8');
  const found = await house.properties(`${calendar}x.ics`, ['D:getetag']);
  assert.equal(found.text(`${calendar}x.ics`, 'D:getetag'), etag);
  const zoned = calendarObject('DTSTART;TZID=Europe/Berlin:20260301T120000', 'zoned');
  const without = await put(house, 'z.ics', zoned);
  assert.deepEqual([without.status, without.headers['ETag']], [201, undefined]);
  assert.match(
    (await house.ask('GET', `${calendar}z.ics`)).text,
    /BEGIN:VTIMEZONE\r\nTZID:Europe\/Berlin/,
  );
  const byReference = { headers: { 'CalDAV-Timezones': 'F' } };
  assert.equal((await house.ask('GET', `${calendar}z.ics`, byReference)).text, zoned);
});

test('M16: 201 for what is new, 204 for what is replaced (RFC 9110 §9.3.4)', async () => {
  const house = new House();
  const first = await put(house, 'x.ics', lunch);
  assert.deepEqual(
    [first.status, first.headers['Location']],
    [201, 'http://dav.example.org/calendars/ann/calendar/x.ics'],
  );
  const second = await put(house, 'x.ics', lunch.replace('Lunch', 'Dinner'));
  assert.deepEqual([second.status, second.headers['Location']], [204, undefined]);
});

test('M17, M18: limits have their names and their properties (§5.2.5 to §5.2.9)', async () => {
  const house = new House();
  const found = await house.properties(calendar, [
    'C:max-resource-size',
    'C:max-instances',
    'C:max-attendees-per-instance',
    'C:min-date-time',
  ]);
  const limit = (name: string): number => Number(found.text(calendar, name));
  const large = calendarObject(`${at}\nDESCRIPTION:${'x'.repeat(limit('C:max-resource-size'))}`);
  await refused(house, await put(house, 'x', large), 'max-resource-size');
  const often = calendarObject(`${at}\nRRULE:FREQ=HOURLY;COUNT=${limit('C:max-instances') + 1}`);
  await refused(house, await put(house, 'x', often), 'max-instances');
  const attendees = 'ATTENDEE:mailto:x@example.org\n'.repeat(
    limit('C:max-attendees-per-instance') + 1,
  );
  const many = calendarObject(`${at}\n${attendees}`);
  await refused(house, await put(house, 'x', many), 'max-attendees-per-instance');
  assert.equal(found.text(calendar, 'C:min-date-time'), '19000101T000000Z');
  const early = await put(house, 'x', calendarObject('DTSTART:18000301T120000Z'));
  await refused(house, early, 'min-date-time');
  const late = await put(house, 'x', calendarObject('DTSTART:23000301T120000Z'));
  await refused(house, late, 'max-date-time');
});

test('M19, M20: the zone is checked, and its two properties follow each other (§5.2.10, RFC 7809 §3.1.5)', async () => {
  const house = new House();
  const zone = 'C:calendar-timezone';
  const id = 'C:calendar-timezone-id';
  const bad = await patch(house, '<C:calendar-timezone>x</C:calendar-timezone>');
  assert.match(bad.answer.text, /<C:valid-calendar-data>/);
  const unknown = await patch(house, '<C:calendar-timezone-id>Mars/Base</C:calendar-timezone-id>');
  assert.match(unknown.answer.text, /<C:valid-timezone>/);
  await patch(house, '<C:calendar-timezone-id>Europe/Berlin</C:calendar-timezone-id>');
  let found = await house.properties(calendar, [zone, id]);
  assert.match(found.text(calendar, zone)!, /BEGIN:VTIMEZONE\r\nTZID:Europe\/Berlin/);
  await patch(
    house,
    `<C:calendar-timezone>${berlin.replaceAll('Europe/Berlin', 'Asia/Tokyo')}</C:calendar-timezone>`,
  );
  found = await house.properties(calendar, [zone, id]);
  assert.equal(found.text(calendar, id), 'Asia/Tokyo');
  await house.list('PROPPATCH', calendar, {
    body: `<D:propertyupdate ${namespaces}><D:remove><D:prop><${zone}/></D:prop></D:remove></D:propertyupdate>`,
  });
  found = await house.properties(calendar, [zone, id]);
  assert.ok(found.find(calendar, zone, 404) && found.find(calendar, id, 404));
});

test('M21: MOVE between calendars keeps the octets and obeys the rules (§5.3.2.1)', async () => {
  const house = new House();
  await makeCalendar(house, 'any');
  await put(house, 'x.ics', lunch);
  const etag = (await house.ask('GET', `${calendar}x.ics`)).headers['ETag'];
  const move = (from: string, to: string, more = {}): Promise<Answer> =>
    house.ask('MOVE', home + from, { headers: { Destination: home + to, ...more } });
  const moved = await move('calendar/x.ics', 'any/y.ics');
  assert.deepEqual([moved.status, moved.headers['ETag']], [201, etag]);
  assert.equal((await house.ask('GET', `${home}any/y.ics`)).text, lunch);
  await put(house, 'x.ics', lunch);
  await refused(house, await move('calendar/x.ics', 'any/z.ics'), 'no-uid-conflict', 409);
  await refused(house, await move('calendar/x.ics', 'tasks/z.ics'), 'supported-calendar-component');
  assert.equal((await move('calendar/x.ics', 'any/y.ics')).status, 204);
  assert.equal((await move('any/y.ics', 'any/renamed.ics')).status, 201);
  assert.equal((await house.ask('GET', `${home}any/renamed.ics`)).text, lunch);
  const copied = await house.ask('COPY', `${home}any/renamed.ics`, {
    headers: { Destination: `${home}any/copy.ics` },
  });
  await refused(house, copied, 'no-uid-conflict', 409);
});

test('M21: a calendar is renamed with all that is in it, but stays in its home', async () => {
  const house = new House();
  await makeCalendar(house, 'any', '<ICAL:calendar-color>#010203</ICAL:calendar-color>');
  await house.ask('PUT', `${home}any/x.ics`, { body: lunch });
  const headers = { Destination: `${home}renamed/` };
  assert.equal((await house.ask('MOVE', `${home}any/`, { headers })).status, 201);
  assert.equal((await house.ask('GET', `${home}renamed/x.ics`)).text, lunch);
  const found = await house.properties(`${home}renamed/`, [
    'ICAL:calendar-color',
    'D:resourcetype',
  ]);
  assert.equal(found.text(`${home}renamed/`, 'ICAL:calendar-color'), '#010203');
  assert.deepEqual(found.names(`${home}renamed/`, 'D:resourcetype'), ['collection', 'calendar']);
  for (const to of [`${calendar}inner/`, '/files/ann/x/']) {
    const answer = await house.ask('COPY', `${home}renamed/`, { headers: { Destination: to } });
    await refused(house, answer, 'calendar-collection-location-ok');
  }
});

test('M22: what clients get wrong is taken, and is never an error of ours', async () => {
  const house = new House();
  const odd = [
    `\uFEFF${calendarObject(at, 'bom')}`,
    calendarObject(at, 'lf').replaceAll('\r\n', '\n'),
    calendarObject('DTSTART;TZID="Europe/Berlin ":20260301T120000', 'blank'),
    calendarObject(at, 'twice').replace('PRODID', 'PRODID:x\r\nPRODID'),
    calendarObject(at, 'empty').replace('UID:empty', 'UID:empty\r\n\r\n'),
    calendarObject('DTSTART;TZID=W. Europe Standard Time:20260301T120000', 'windows'),
    calendarObject(`${at}\nRRULE:FREQ=DAILY\nEXDATE:20260302T120000Z`, 'rule'),
  ];
  for (const [index, body] of odd.entries()) {
    const { status, text } = await put(house, `${index}.ics`, body);
    assert.equal(status, 201, `${index}: ${text}`);
    const found = await house.ask('GET', `${calendar}${index}.ics`);
    assert.equal(found.status, 200);
  }
});

test('rules in other calendar scales are taken, and told of; unknown ones refused (RFC 7529)', async () => {
  const house = new House();
  const found = await house.properties(calendar, ['C:supported-rscale-set']);
  assert.match(found.answer.text, /<C:supported-rscale>HEBREW<\/C:supported-rscale>/);
  const hebrew = calendarObject(`${at}\nRRULE:RSCALE=HEBREW;FREQ=YEARLY`, 'h');
  assert.equal((await put(house, 'h.ics', hebrew)).status, 201);
  await refused(
    house,
    await put(house, 'x.ics', hebrew.replace('HEBREW', 'MARTIAN')),
    'supported-rscale',
  );
});

test('GET on a calendar is all of it in one document, each zone once', async () => {
  const house = new House();
  const zoned = berlin.replace(
    'END:VCALENDAR',
    'BEGIN:VEVENT\nUID:z1\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:20260301T120000\nEND:VEVENT\nEND:VCALENDAR',
  );
  await put(house, '1.ics', zoned);
  await put(house, '2.ics', zoned.replace('UID:z1', 'UID:z2'));
  await put(house, '3.ics', lunch);
  const { status, text, headers } = await house.ask('GET', calendar);
  assert.equal(status, 200);
  assert.equal(text.match(/BEGIN:VTIMEZONE/g)?.length, 1);
  assert.equal(text.match(/BEGIN:VEVENT/g)?.length, 3);
  assert.match(
    text,
    /^BEGIN:VCALENDAR\r\n[\s\S]*X-WR-CALNAME:Calendar\r\n[\s\S]*END:VCALENDAR\r\n$/,
  );
  const again = await house.ask('GET', calendar, {
    headers: { 'If-None-Match': headers['ETag']! },
  });
  assert.equal(again.status, 304);
});

test('quota: PUT beyond it is 507 with its name, and properties tell it (RFC 4331)', async () => {
  const house = new House(1000);
  const { status } = await house.ask('PUT', '/files/ann/a', { body: 'x'.repeat(900) });
  assert.equal(status, 201);
  await refused(house, await put(house, 'x.ics', lunch), 'quota-not-exceeded', 507);
  assert.equal((await house.ask('PUT', '/files/ann/a', { body: 'x'.repeat(950) })).status, 204);
  const copied = { headers: { Destination: '/files/ann/b' } };
  assert.equal((await house.ask('COPY', '/files/ann/a', copied)).status, 507);
  assert.equal((await house.ask('MOVE', '/files/ann/a', copied)).status, 201);
  const found = await house.properties('/files/ann/', [
    'D:quota-available-bytes',
    'D:quota-used-bytes',
  ]);
  assert.equal(found.text('/files/ann/', 'D:quota-used-bytes'), '950');
  assert.equal(found.text('/files/ann/', 'D:quota-available-bytes'), '50');
});

test('a storage that refuses is 507 or 503, and one that is not ready 503', async () => {
  const house = new House();
  await put(house, 'first.ics', lunch);
  house.storage.refuse = 'full';
  assert.equal((await put(house, 'x.ics', calendarObject(at))).status, 507);
  house.storage.refuse = 'read-only';
  const refused = await put(house, 'x.ics', calendarObject(at));
  assert.deepEqual([refused.status, refused.headers['Retry-After']], [503, '60']);
  house.storage.view = async () => {
    throw Object.assign(new Error('soon'), { code: 'storage.not-ready' });
  };
  const answer = await house.ask('GET', calendar);
  assert.deepEqual([answer.status, answer.headers['Retry-After']], [503, '5']);
});

test('the history says in one line what has changed', async () => {
  const house = new House();
  const said = (): string | undefined => house.storage.history.at(-1)?.summary;
  await put(house, 'x.ics', lunch);
  assert.match(said()!, /^Calendar: "Lunch" added \(event, Sun 1 Mar 2026 12:00 UTC\)$/);
  await put(house, 'x.ics', lunch.replace('T120000Z', 'T113000Z'));
  assert.match(said()!, /^Calendar: "Lunch".* moved from 12:00 to 11:30/);
  await house.ask('DELETE', `${calendar}x.ics`);
  assert.match(said()!, /^Calendar: "Lunch" removed/);
  await house.ask('DELETE', `${home}tasks/`);
  assert.equal(said(), 'Tasks removed');
});
