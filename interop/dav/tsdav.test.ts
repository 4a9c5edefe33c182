/** tsdav, a client library: finds the account, and keeps calendars and contacts in step both ways. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { DAVClient } from 'tsdav';

const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tsdav//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

async function client(server: RunningCalendar, kind: 'caldav' | 'carddav'): Promise<DAVClient> {
  const made = new DAVClient({
    serverUrl: server.url,
    credentials: { username: 'ann', password },
    authMethod: 'Basic',
    defaultAccountType: kind,
  });
  await made.login();
  return made;
}

test('tsdav: discover, create, change, recur, delete, sync, and a conflict', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const dav = await client(server, 'caldav');
  const calendars = await dav.fetchCalendars();
  const names = new Set(calendars.map(({ displayName }) => displayName));
  assert.deepEqual(names, new Set(['Calendar', 'Tasks']));
  const calendar = calendars.find(({ displayName }) => displayName === 'Calendar')!;
  assert.deepEqual(calendar.components, ['VEVENT']);

  const made = await dav.createCalendarObject({
    calendar,
    filename: 'a.ics',
    iCalString: event('a', 'Lunch'),
  });
  assert.equal(made.status, 201);
  const again = await dav.createCalendarObject({
    calendar,
    filename: 'a.ics',
    iCalString: event('a', 'Lunch'),
  });
  assert.equal(again.status, 412); // If-None-Match: *

  // The second day of three.
  const found = await dav.fetchCalendarObjects({
    calendar,
    timeRange: { start: '2026-12-02T00:00:00Z', end: '2026-12-03T00:00:00Z' },
  });
  assert.equal(found.length, 1);
  assert.equal(found[0]!.data, event('a', 'Lunch').trim()); // its parser of XML trims
  const none = await dav.fetchCalendarObjects({
    calendar,
    timeRange: { start: '2026-12-05T00:00:00Z', end: '2026-12-06T00:00:00Z' },
  });
  assert.equal(none.length, 0);

  const before = (await dav.fetchCalendars()).find(
    ({ displayName }) => displayName === 'Calendar',
  )!;
  const changed = await dav.updateCalendarObject({
    calendarObject: { ...found[0]!, data: event('a', 'Supper') },
  });
  assert.equal(changed.status, 204);
  const stale = await dav.updateCalendarObject({
    calendarObject: { ...found[0]!, data: event('a', 'Breakfast') },
  });
  assert.equal(stale.status, 412);

  const synced = await dav.syncCollection({
    url: before.url,
    props: { 'd:getetag': {} },
    syncLevel: 1,
    syncToken: before.syncToken ?? '',
  });
  assert.ok(synced.some(({ href }) => href?.endsWith('/a.ics')));
  const after = (await dav.fetchCalendars()).find(({ displayName }) => displayName === 'Calendar')!;
  assert.notEqual(after.ctag, before.ctag);
  assert.notEqual(after.syncToken, before.syncToken);

  const [current] = await dav.fetchCalendarObjects({ calendar });
  assert.equal((await dav.deleteCalendarObject({ calendarObject: current! })).status, 204);
  assert.deepEqual(await dav.fetchCalendarObjects({ calendar }), []);

  const contacts = await client(server, 'carddav');
  const [book] = await contacts.fetchAddressBooks();
  assert.equal(book!.displayName, 'Contacts');
  const card = 'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:zoe\r\nFN:Zoë\r\nN:;Zoë;;;\r\nEND:VCARD\r\n';
  const put = await contacts.createVCard({
    addressBook: book!,
    filename: 'zoe.vcf',
    vCardString: card,
  });
  assert.equal(put.status, 201);
  const [fetched] = await contacts.fetchVCards({ addressBook: book! });
  assert.equal(fetched!.data, card.trim());
  assert.equal((await contacts.deleteVCard({ vCard: fetched! })).status, 204);
});
