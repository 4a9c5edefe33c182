/** Discovery and login, D: how a client that knows nothing but a name finds its calendars. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House } from '../../src/testing/house.ts';

for (const [number, service] of [
  ['D1', 'caldav'],
  ['D2', 'carddav'],
] as const) {
  test(`${number}: /.well-known/${service} redirects, by any method and without login (RFC 6764 §5)`, async () => {
    const house = new House();
    for (const method of ['GET', 'HEAD', 'PROPFIND', 'OPTIONS']) {
      const { status, headers } = await house.ask(method, `/.well-known/${service}`, {
        user: undefined,
      });
      assert.equal(status, 301);
      assert.equal(headers['Location'], 'http://dav.example.org/principals/');
      assert.equal(headers['Cache-Control'], 'no-cache');
    }
  });
}

test('D3: without login 401 comes at once, with the scheme and UTF-8 (RFC 7617 §2.1)', async () => {
  const house = new House();
  for (const target of [
    '/',
    '/principals/',
    '/principals/users/ann/',
    '/calendars/ann/',
    '/nothing',
  ]) {
    const { status, headers } = await house.ask('PROPFIND', target, { user: undefined });
    assert.equal(status, 401, target);
    assert.equal(headers['WWW-Authenticate'], 'Basic realm="Riad", charset="UTF-8"');
  }
});

test('D4, D5: current-user-principal is everywhere, and is the principal-URL (RFC 5397 §3)', async () => {
  const house = new House();
  await house.ask('PUT', '/calendars/ann/calendar/x.ics', { body: event });
  for (const target of [
    '/',
    '/principals/',
    '/principals/users/',
    '/principals/users/ann/',
    '/principals/users/bob/',
    '/calendars/',
    '/calendars/ann/',
    '/calendars/ann/calendar/',
    '/calendars/ann/calendar/x.ics',
    '/addressbooks/ann/contacts/',
    '/files/ann/',
  ]) {
    const found = await house.properties(target, ['D:current-user-principal']);
    assert.deepEqual(found.hrefs, [target]);
    assert.deepEqual(found.hrefIn(target, 'D:current-user-principal'), ['/principals/users/ann/']);
  }
  const own = await house.properties('/principals/users/ann/', ['D:principal-URL']);
  assert.deepEqual(own.hrefIn('/principals/users/ann/', 'D:principal-URL'), [
    '/principals/users/ann/',
  ]);
});

test('D9: one calendar home and one address book home (RFC 4791 §6.2.1, RFC 6352 §7.1.1)', async () => {
  const house = new House();
  const principal = '/principals/users/ann/';
  const found = await house.properties(principal, [
    'C:calendar-home-set',
    'CR:addressbook-home-set',
  ]);
  assert.deepEqual(found.hrefIn(principal, 'C:calendar-home-set'), ['/calendars/ann/']);
  assert.deepEqual(found.hrefIn(principal, 'CR:addressbook-home-set'), ['/addressbooks/ann/']);
});

test('D9: groups are told to their members and have no home, which clients would look into', async () => {
  const house = new House();
  const user = 'carol';
  const principal = '/principals/users/carol/';
  const about = await house.properties(principal, ['D:group-membership'], { user });
  const [group = ''] = about.hrefIn(principal, 'D:group-membership');
  assert.equal(group, '/principals/groups/team/');
  const homes = ['C:calendar-home-set', 'CR:addressbook-home-set'];
  const found = await house.properties(group, homes, { user });
  for (const home of homes) assert.ok(found.find(group, home, 404));
});

test('D10: the home lists its collections with their types (RFC 4791 §4.2)', async () => {
  const house = new House();
  const headers = { Depth: '1' };
  const home = await house.properties('/calendars/ann/', ['D:resourcetype'], { headers });
  assert.deepEqual(home.hrefs, [
    '/calendars/ann/',
    '/calendars/ann/calendar/',
    '/calendars/ann/tasks/',
  ]);
  assert.deepEqual(home.names('/calendars/ann/', 'D:resourcetype'), ['collection']);
  assert.deepEqual(home.names('/calendars/ann/tasks/', 'D:resourcetype'), [
    'collection',
    'calendar',
  ]);
  const books = await house.properties('/addressbooks/ann/', ['D:resourcetype'], { headers });
  assert.deepEqual(books.names('/addressbooks/ann/contacts/', 'D:resourcetype'), [
    'collection',
    'addressbook',
  ]);
});

test('D10: every account has a list of tasks alone and a calendar of events alone', async () => {
  const house = new House();
  const sets = await house.properties('/calendars/ann/', ['C:supported-calendar-component-set'], {
    headers: { Depth: '1' },
  });
  const name = 'C:supported-calendar-component-set';
  assert.deepEqual(sets.attributes('/calendars/ann/tasks/', name), ['VTODO']);
  assert.deepEqual(sets.attributes('/calendars/ann/calendar/', name), ['VEVENT']);
});

test('D11: OPTIONS tells all of DAV, and what is allowed (RFC 4918 §10.1)', async () => {
  const house = new House();
  await house.ask('PUT', '/calendars/ann/calendar/x.ics', { body: event });
  const allow = async (target: string, user = 'ann'): Promise<string[]> => {
    const { status, headers } = await house.ask('OPTIONS', target, { user });
    assert.equal(status, 200);
    for (const token of ['1', '2', '3', 'access-control', 'calendar-access', 'addressbook']) {
      assert.ok(headers['DAV']?.split(', ').includes(token), token);
    }
    assert.ok(!headers['DAV']?.includes('calendar-auto-schedule'), 'nothing that is not there');
    return headers['Allow']!.split(', ');
  };
  // Evolution takes a calendar without PUT and DELETE for read-only.
  const calendar = await allow('/calendars/ann/calendar/');
  for (const method of ['PUT', 'DELETE', 'PROPPATCH', 'REPORT', 'ACL']) {
    assert.ok(calendar.includes(method), method);
  }
  const object = await allow('/calendars/ann/calendar/x.ics');
  assert.ok(object.includes('PUT') && object.includes('DELETE') && object.includes('MOVE'));
  const principal = await allow('/principals/users/ann/');
  assert.deepEqual(principal, ['OPTIONS', 'GET', 'HEAD', 'PROPFIND', 'REPORT', 'PROPPATCH']);
  const others = await allow('/principals/users/ann/', 'bob');
  assert.deepEqual(others, ['OPTIONS', 'GET', 'HEAD', 'PROPFIND', 'REPORT']);
  assert.ok((await allow('/calendars/ann/')).includes('MKCALENDAR'));
  assert.ok(!(await allow('/calendars/ann/')).includes('DELETE'));
  assert.deepEqual(await allow('/calendars/ann/calendar/new.ics'), ['OPTIONS', 'PUT']);
  assert.deepEqual(await allow('/calendars/ann/new/'), ['OPTIONS', 'MKCOL', 'MKCALENDAR']);
  assert.deepEqual(await allow('/files/ann/new'), ['OPTIONS', 'PUT', 'MKCOL', 'LOCK']);
  assert.deepEqual(await allow('/files/ann/no/new'), ['OPTIONS']);
});

const event = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//Example//EN',
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTAMP:20260101T000000Z',
  'DTSTART:20260301T120000Z',
  'SUMMARY:Lunch',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');
