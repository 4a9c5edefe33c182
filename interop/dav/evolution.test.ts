/**
 * evolution-data-server, what GNOME's Calendar and Contacts and Evolution are made of, without a screen: finds
 * everything from the address, and keeps calendars, tasks and contacts in step both ways.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { password, RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { peer } from '../peers.ts';
import { Evolution, EvolutionError, type FoundList } from './evolution.ts';

const evolutionDataServer = peer('evolution-source-registry');
const bus = peer('dbus-run-session');
const skip = evolutionDataServer.missing || bus.missing;

const calendarPath = '/calendars/ann/calendar/';
const ics = { 'content-type': 'text/calendar; charset=utf-8' };

async function withAccount(server: RunningCalendar): Promise<Evolution> {
  const evolution = await Evolution.start(bus.file);
  await evolution.ask('account', {
    url: `${server.url}/`,
    host: '127.0.0.1',
    port: server.port,
    user: 'ann',
    password,
  });
  return evolution;
}

function document(components: string): string {
  return `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//telephone//EN\n${components.trim()}\nEND:VCALENDAR\n`.replaceAll(
    '\n',
    '\r\n',
  );
}

const lunch = `BEGIN:VEVENT
UID:lunch
DTSTAMP:20261101T000000Z
DTSTART:20261201T110000Z
DTEND:20261201T120000Z
SUMMARY:Lunch with Zoë, at Mario’s
X-OWN;VALUE=TEXT:kept
END:VEVENT`;

const standup = `BEGIN:VEVENT
UID:standup
DTSTAMP:20261101T000000Z
DTSTART:20261207T080000Z
DTEND:20261207T081500Z
RRULE:FREQ=WEEKLY;COUNT=3
SUMMARY:Standup
END:VEVENT`;

/** One object on the server, found by its UID, as another client finds it. */
async function onServer(
  server: RunningCalendar,
  collection: string,
  uid: string,
): Promise<{ path: string; etag: string; text: string } | undefined> {
  const kind = collection.endsWith('/tasks/') ? 'VTODO' : 'VEVENT';
  const { text } = await server.ask('REPORT', collection, {
    headers: { depth: '1' },
    body: `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="${kind}"><C:prop-filter name="UID"><C:text-match collation="i;octet">${uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
  });
  const [, path] = /<D:href>([^<]+)<\/D:href>/.exec(text) ?? [];
  if (path === undefined) return undefined;
  const got = await server.ask('GET', path);
  return { path, etag: got.headers.get('etag') ?? '', text: unfolded(got.text) };
}

function unfolded(text: string): string {
  return text.replace(/\r\n[ \t]/g, '');
}

async function replace(
  server: RunningCalendar,
  { path, etag }: { path: string; etag: string },
  body: string,
): Promise<void> {
  const headers = { ...ics, 'if-match': etag };
  assert.equal((await server.ask('PUT', path, { headers, body })).status, 204);
}

/** E_CLIENT_ERROR_OUT_OF_SYNC: what it makes of 412. */
function outOfSync(error: unknown): boolean {
  return (
    error instanceof EvolutionError && error.domain === 'e-client-error-quark' && error.code === 21
  );
}

const has =
  (...patterns: readonly RegExp[]) =>
  (objects: readonly string[]): boolean =>
    patterns.every((pattern) => objects.some((one) => pattern.test(unfolded(one))));
const none =
  (pattern: RegExp) =>
  (objects: readonly string[]): boolean =>
    !objects.some((one) => pattern.test(unfolded(one)));

/** When it shows things in December, with their names. */
function december(evolution: Evolution, { uid }: FoundList): Promise<[string, string, string][]> {
  const start = Date.UTC(2026, 11, 1) / 1000;
  return evolution.ask('instances', { uid, start, end: start + 31 * 86_400 });
}

describe('evolution-data-server', { skip, timeout: 200_000 }, () => {
  test('finds all from the address, and what another client makes later', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    const calendar = await evolution.open('Calendar');
    const tasks = await evolution.open('Tasks');
    const contacts = await evolution.open('Contacts');
    assert.deepEqual(
      [calendar, tasks, contacts].map(({ kind, backend, path }) => [kind, backend, path]),
      [
        ['Calendar', 'caldav', calendarPath],
        ['Task List', 'caldav', '/calendars/ann/tasks/'],
        ['Address Book', 'carddav', '/addressbooks/ann/contacts/'],
      ],
    );
    const body = `<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><D:displayname>Ärzte &amp; Co</D:displayname><A:calendar-color>#FF8800FF</A:calendar-color><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`;
    assert.equal((await server.ask('MKCALENDAR', '/calendars/ann/doctors/', { body })).status, 201);
    await evolution.ask('findAgain');
    const doctors = await evolution.open('Ärzte & Co');
    assert.equal(doctors.kind, 'Calendar');
    assert.match(doctors.color ?? '', /^#FF8800/i);
  });

  test('makes a calendar and removes it', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    await evolution.open('Calendar');
    const url = `${server.url}/calendars/ann/6ba7b810-9dad-11d1-80b4-00c04fd430c8/`;
    await evolution.ask('makeCalendar', { url, name: 'Garden', color: '#00aa00' });
    await evolution.ask('findAgain');
    const garden = await evolution.open('Garden');
    const found = await server.ask('PROPFIND', garden.path, {
      headers: { depth: '0' },
      body: '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><D:prop><D:displayname/><A:calendar-color/><C:supported-calendar-component-set/></D:prop></D:propfind>',
    });
    assert.match(found.text, />Garden</);
    assert.match(found.text, /#00aa00/i);
    assert.match(found.text, /name="VEVENT"/);
    await evolution.ask('create', { uid: garden.uid, data: lunch });
    assert.ok(await onServer(server, garden.path, 'lunch'));
    await evolution.ask('removeCollection', { url });
    assert.equal((await server.ask('GET', garden.path)).status, 404);
  });

  test('events: create, change, recur with an override, delete, both ways', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    const calendar = await evolution.open('Calendar');
    const { uid } = calendar;

    // Created and changed here, seen there.
    assert.equal(await evolution.ask('create', { uid, data: lunch }), 'lunch');
    const created = await onServer(server, calendarPath, 'lunch');
    assert.match(created!.text, /SUMMARY:Lunch with Zoë\\?, at Mario’s/);
    assert.match(created!.text, /X-OWN;VALUE=TEXT:kept/);
    await evolution.ask('edit', { uid, object: 'lunch', replacements: [['Lunch', 'Supper']] });
    const changed = await onServer(server, calendarPath, 'lunch');
    assert.match(changed!.text, /SUMMARY:Supper/);
    assert.equal(changed!.path, created!.path);
    assert.notEqual(changed!.etag, created!.etag);

    // A week's meeting, one of them moved: one object there.
    await evolution.ask('create', { uid, data: standup });
    const late = `BEGIN:VEVENT
UID:standup
DTSTAMP:20261101T000000Z
RECURRENCE-ID:20261214T080000Z
DTSTART:20261215T130000Z
DTEND:20261215T131500Z
SUMMARY:Standup\\, late
END:VEVENT`;
    await evolution.ask('change', { uid, data: late, scope: 'this' });
    const recurring = await onServer(server, calendarPath, 'standup');
    assert.equal(recurring!.text.match(/BEGIN:VEVENT/g)?.length, 2);
    assert.match(recurring!.text, /RECURRENCE-ID[^\r]*:20261214T080000Z/);
    assert.match(recurring!.text, /RRULE:FREQ=WEEKLY;COUNT=3/);
    const range = '<C:time-range start="20261215T120000Z" end="20261215T140000Z"/>';
    const { text } = await server.ask('REPORT', calendarPath, {
      headers: { depth: '1' },
      body: `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data><C:expand start="20261215T120000Z" end="20261215T140000Z"/></C:calendar-data></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${range}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
    });
    assert.match(text, /SUMMARY:Standup\\, late/);
    assert.deepEqual(await december(evolution, calendar), [
      ['20261201T110000Z', '20261201T120000Z', 'Supper with Zoë, at Mario’s'],
      ['20261207T080000Z', '20261207T081500Z', 'Standup'],
      ['20261215T130000Z', '20261215T131500Z', 'Standup, late'],
      ['20261221T080000Z', '20261221T081500Z', 'Standup'],
    ]);

    // Deleted here: one instance, then all.
    await evolution.ask('remove', {
      uid,
      object: 'standup',
      instance: '20261221T080000Z',
      scope: 'this',
    });
    const shorter = await onServer(server, calendarPath, 'standup');
    assert.match(shorter!.text, /EXDATE[^\r]*:20261221T080000Z/);
    await evolution.ask('remove', { uid, object: 'lunch' });
    assert.equal(await onServer(server, calendarPath, 'lunch'), undefined);

    // Created, changed and deleted there, seen here after a refresh.
    const tea = lunch.replaceAll('lunch', 'tea').replace('Lunch', 'Tea');
    const put = await server.ask('PUT', `${calendarPath}tea.ics`, {
      headers: { ...ics, 'if-none-match': '*' },
      body: document(tea),
    });
    assert.equal(put.status, 201);
    await evolution.ask('refresh', { uid });
    await evolution.sees(calendar, 'tea', has(/SUMMARY:Tea/));
    const poured = await onServer(server, calendarPath, 'tea');
    await replace(server, poured!, document(tea.replace('Tea', 'Coffee')));
    await evolution.ask('refresh', { uid });
    await evolution.sees(calendar, 'coffee', has(/SUMMARY:Coffee/));
    const moved = await onServer(server, calendarPath, 'standup');
    const later = moved!.text.replaceAll('20261215T13', '20261215T15');
    await replace(server, moved!, later);
    await evolution.ask('refresh', { uid });
    await evolution.sees(calendar, 'an override moved', has(/DTSTART[^\r]*:20261215T150000Z/));
    assert.equal((await server.ask('DELETE', poured!.path)).status, 204);
    await evolution.ask('refresh', { uid });
    await evolution.sees(calendar, 'no coffee', none(/UID:tea/));
    assert.deepEqual(await december(evolution, calendar), [
      ['20261207T080000Z', '20261207T081500Z', 'Standup'],
      ['20261215T150000Z', '20261215T151500Z', 'Standup, late'],
    ]);
  });

  test('a conflict: who asks to be told is told, who insists is not stopped', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    const calendar = await evolution.open('Calendar');
    const { uid } = calendar;
    await evolution.ask('create', { uid, data: lunch });
    const first = await onServer(server, calendarPath, 'lunch');
    await replace(server, first!, document(lunch.replace('Lunch', 'Breakfast')));

    // It has not seen the change: 412, which is no loss of either side's.
    const rename = (from: string, to: string, conflict: string): Promise<unknown> =>
      evolution.ask('edit', { uid, object: 'lunch', replacements: [[from, to]], conflict });
    await assert.rejects(rename('Lunch', 'Supper', 'fail'), outOfSync);
    assert.match((await onServer(server, calendarPath, 'lunch'))!.text, /SUMMARY:Breakfast/);
    await evolution.ask('refresh', { uid });
    await evolution.sees(calendar, 'breakfast', has(/SUMMARY:Breakfast/));
    await rename('Breakfast', 'Supper', 'fail');
    assert.match((await onServer(server, calendarPath, 'lunch'))!.text, /SUMMARY:Supper/);

    const second = await onServer(server, calendarPath, 'lunch');
    await replace(server, second!, document(lunch.replace('Lunch', 'Brunch')));
    await rename('Supper', 'Dinner', 'local');
    assert.match((await onServer(server, calendarPath, 'lunch'))!.text, /SUMMARY:Dinner/);
  });

  test('tasks', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    const tasks = await evolution.open('Tasks');
    const { uid, path } = tasks;
    const tree =
      'BEGIN:VTODO\nUID:tree\nDTSTAMP:20261101T000000Z\nDUE;VALUE=DATE:20261224\nSUMMARY:Buy a tree\nEND:VTODO';
    await evolution.ask('create', { uid, data: tree });
    const made = await onServer(server, path, 'tree');
    assert.match(made!.text, /DUE;VALUE=DATE:20261224/);
    await replace(
      server,
      made!,
      document(tree.replace('SUMMARY', 'STATUS:COMPLETED\nCOMPLETED:20261220T100000Z\nSUMMARY')),
    );
    await evolution.ask('refresh', { uid });
    await evolution.sees(tasks, 'a task that is done', has(/STATUS:COMPLETED/));
    await evolution.ask('remove', { uid, object: 'tree' });
    assert.equal(await onServer(server, path, 'tree'), undefined);
  });

  test('contacts: create, change, delete, both ways, and a conflict', async () => {
    await using server = await RunningCalendar.start(['ann']);
    await using evolution = await withAccount(server);
    const contacts = await evolution.open('Contacts');
    const { uid, path } = contacts;
    const card = (name: string, email: string): string =>
      `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:zoe\r\nFN:${name}\r\nN:Ünal;${name.split(' ')[0]};;;\r\nEMAIL;TYPE=HOME:${email}\r\nX-OWN:kept\r\nEND:VCARD\r\n`;
    const book = async (): Promise<string> => unfolded((await server.ask('GET', path)).text);

    await evolution.ask('create', { uid, data: card('Zoë Ünal', 'zoe@example.net') });
    assert.match(await book(), /FN:Zoë Ünal\r\n/);
    assert.match(await book(), /X-OWN:kept/);
    const move = (object: string, from: string, to: string, conflict: string): Promise<unknown> =>
      evolution.ask('edit', { uid, object, replacements: [[from, to]], conflict });
    await move('zoe', 'zoe@example.net', 'zoe@example.org', 'fail');
    assert.match(await book(), /EMAIL[^\r]*:zoe@example\.org/);

    const vcard = { 'content-type': 'text/vcard; charset=utf-8' };
    const max = card('Max Ünal', 'max@example.net').replace('UID:zoe', 'UID:max');
    const put = await server.ask('PUT', `${path}max.vcf`, { headers: vcard, body: max });
    assert.equal(put.status, 201);
    await evolution.ask('refresh', { uid });
    await evolution.sees(contacts, 'Max', has(/FN:Max Ünal/, /FN:Zoë Ünal/));
    const body = max.replace('FN:Max', 'FN:Maximilian');
    assert.equal((await server.ask('PUT', `${path}max.vcf`, { headers: vcard, body })).status, 204);
    // It has not seen that yet.
    await assert.rejects(move('max', 'max@example.net', 'max@example.com', 'fail'), outOfSync);
    assert.match(await book(), /FN:Maximilian/);
    await evolution.ask('refresh', { uid });
    await evolution.sees(contacts, 'Maximilian', has(/FN:Maximilian/));

    await evolution.ask('remove', { uid, object: 'zoe' });
    assert.doesNotMatch(await book(), /Zoë/);
    assert.equal((await server.ask('DELETE', `${path}max.vcf`)).status, 204);
    await evolution.ask('refresh', { uid });
    await evolution.sees(contacts, 'nobody', (objects) => objects.length === 0);
  });
});
