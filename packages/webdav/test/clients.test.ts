/** What clients do from the first request to the first event, told from their documentation and sources; each step must give what the next one needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House, lunch, type Multistatus, namespaces } from '../src/testing/house.ts';

const headers = { Depth: '1' };

test('Apple’s calendars: 401, well-known, principal, home, ctag, multiget', async () => {
  const house = new House();
  const first = await house.ask('PROPFIND', '/', { user: undefined, headers: { Depth: '0' } });
  assert.equal(first.status, 401);
  const redirect = await house.ask('PROPFIND', '/.well-known/caldav', { user: undefined });
  assert.equal(redirect.status, 301);
  const context = redirect.headers['Location']!.replace('http://dav.example.org', '');
  const found = await house.properties(context, [
    'D:current-user-principal',
    'D:principal-URL',
    'D:resourcetype',
  ]);
  const [principal = ''] = found.hrefIn(context, 'D:current-user-principal');
  const allowed = await house.ask('OPTIONS', principal);
  assert.match(allowed.headers['DAV']!, /calendar-access/);
  const asked = [
    'C:calendar-home-set',
    'C:calendar-user-address-set',
    'C:schedule-inbox-URL',
    'C:schedule-outbox-URL',
    'CS:dropbox-home-URL',
    'CS:email-address-set',
    'CS:notification-URL',
    'D:displayname',
    'D:principal-collection-set',
    'D:principal-URL',
    'D:resource-id',
    'D:supported-report-set',
  ];
  const about = await house.properties(principal, asked, {
    headers: { Depth: '0', Prefer: 'return=minimal', Brief: 't' },
  });
  assert.equal(about.hrefIn(principal, 'C:calendar-home-set').length, 1);
  assert.deepEqual(about.hrefIn(principal, 'C:calendar-user-address-set'), [
    'mailto:ann@example.org',
    principal,
  ]);
  assert.equal(about.find(principal, 'C:schedule-inbox-URL'), undefined); // there is no scheduling
  const [home = ''] = about.hrefIn(principal, 'C:calendar-home-set');
  const listed = await house.properties(
    home,
    [
      'D:add-member',
      'CS:allowed-sharing-modes',
      'ICAL:autoprovisioned',
      'C:calendar-alarm',
      'ICAL:calendar-color',
      'C:calendar-description',
      'C:calendar-free-busy-set',
      'ICAL:calendar-order',
      'C:calendar-timezone',
      'D:current-user-privilege-set',
      'C:default-alarm-vevent-date',
      'D:displayname',
      'CS:getctag',
      'D:owner',
      'CS:pre-publish-url',
      'CS:publish-url',
      'CS:push-transports',
      'CS:pushkey',
      'D:quota-available-bytes',
      'D:quota-used-bytes',
      'ICAL:refreshrate',
      'D:resource-id',
      'D:resourcetype',
      'C:schedule-calendar-transp',
      'CS:source',
      'CS:subscribed-strip-alarms',
      'C:supported-calendar-component-set',
      'C:supported-calendar-component-sets',
      'D:supported-report-set',
      'D:sync-token',
      'CS:xmpp-uri',
    ],
    { headers },
  );
  const calendar = `${home}calendar/`;
  assert.match(listed.answer.text, /<D:write\/>/); // or it would be shown as read-only
  assert.ok(listed.text(calendar, 'CS:getctag'));
  assert.ok(listed.text(calendar, 'D:sync-token'));
  assert.deepEqual(listed.attributes(`${home}tasks/`, 'C:supported-calendar-component-set'), [
    'VTODO',
  ]);
  const sets = listed.find(home, 'C:supported-calendar-component-sets');
  assert.equal(sets?.children.length, 2);
  const creation = await house.properties(calendar, ['D:creationdate']);
  assert.match(creation.text(calendar, 'D:creationdate')!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await seeLunch(house, calendar);
});

async function seeLunch(house: House, calendar: string): Promise<void> {
  const put = await house.ask('PUT', `${calendar}lunch.ics`, {
    body: lunch,
    headers: { 'If-None-Match': '*', 'Content-Type': 'text/calendar; charset=utf-8' },
  });
  assert.equal(put.status, 201);
  const listed = await house.properties(calendar, ['D:getetag', 'D:getcontenttype'], { headers });
  assert.equal(listed.text(`${calendar}lunch.ics`, 'D:getetag'), put.headers['ETag']);
  assert.match(listed.text(`${calendar}lunch.ics`, 'D:getcontenttype')!, /^text\/calendar/);
  const data = await house.list('REPORT', calendar, {
    body: `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>${calendar}lunch.ics</D:href></C:calendar-multiget>`,
  });
  assert.equal(data.text(`${calendar}lunch.ics`, 'C:calendar-data'), lunch);
}

test('DAVx5: principal with groups and proxies, collections, sync', async () => {
  const house = new House();
  const names = [
    'D:displayname',
    'C:calendar-home-set',
    'CR:addressbook-home-set',
    'CS:calendar-proxy-read-for',
    'CS:calendar-proxy-write-for',
    'D:group-membership',
    'D:resourcetype',
  ];
  const principal = '/principals/users/carol/';
  const about = await house.properties(principal, names, { user: 'carol' });
  assert.deepEqual(about.hrefIn(principal, 'D:group-membership'), ['/principals/groups/team/']);
  const group = await house.properties('/principals/groups/team/', names, { user: 'carol' });
  assert.ok(group.find('/principals/groups/team/', 'C:calendar-home-set', 404));
  const home = await house.properties(
    '/calendars/carol/',
    [
      'D:resourcetype',
      'D:displayname',
      'D:owner',
      'D:current-user-privilege-set',
      'CR:addressbook-description',
      'C:calendar-description',
      'ICAL:calendar-color',
      'C:calendar-timezone',
      'C:calendar-timezone-id',
      'C:supported-calendar-component-set',
      'CS:source',
    ],
    { user: 'carol', headers },
  );
  // `bind` on the home is what lets it offer to make a calendar.
  const privileges = home.find('/calendars/carol/', 'D:current-user-privilege-set');
  assert.match(JSON.stringify(privileges), /"name":"bind"/);
  const reports = await house.properties(
    '/calendars/carol/calendar/',
    ['D:supported-report-set', 'CS:getctag', 'D:sync-token'],
    { user: 'carol' },
  );
  assert.match(reports.answer.text, /<D:sync-collection\/>/);
  const sync = (token: string): Promise<Multistatus> =>
    house.list('REPORT', '/calendars/carol/calendar/', {
      user: 'carol',
      headers: { Depth: '0' },
      body: `<D:sync-collection ${namespaces}><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`,
    });
  const { syncToken } = await sync('');
  // It first makes a calendar the way the RFC of CalDAV wants it, with a body.
  const made = await house.ask(
    'MKCALENDAR',
    '/calendars/carol/6ba7b810-9dad-11d1-80b4-00c04fd430c8/',
    {
      user: 'carol',
      body: `<C:mkcalendar ${namespaces}><D:set><D:prop><D:displayname>Ärzte</D:displayname><ICAL:calendar-color>#FF00FF00</ICAL:calendar-color><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`,
    },
  );
  assert.equal(made.status, 201);
  await house.ask('PUT', '/calendars/carol/calendar/lunch.ics', { user: 'carol', body: lunch });
  assert.deepEqual((await sync(syncToken)).hrefs, ['/calendars/carol/calendar/lunch.ics']);
});

test('Thunderbird, vdirsyncer, CalDavZAP: home from the principal, and events that move between calendars', async () => {
  const house = new House();
  const expanded = await house.list('REPORT', '/principals/users/ann/', {
    body: `<D:expand-property ${namespaces}><D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav"><D:property name="displayname"/></D:property></D:expand-property>`,
  });
  assert.match(expanded.answer.text, /<D:href>\/calendars\/ann\/<\/D:href>/);
  const query = `<C:calendar-query ${namespaces}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`;
  await house.ask('PUT', '/calendars/ann/calendar/lunch.ics', { body: lunch });
  await house.ask('MKCALENDAR', '/calendars/ann/other/');
  const moved = await house.ask('MOVE', '/calendars/ann/calendar/lunch.ics', {
    headers: {
      Destination: 'http://dav.example.org/calendars/ann/other/lunch.ics',
      Overwrite: 'F',
    },
  });
  assert.equal(moved.status, 201);
  const found = await house.list('REPORT', '/calendars/ann/other/', { headers, body: query });
  assert.deepEqual(found.hrefs, ['/calendars/ann/other/lunch.ics']);
});
