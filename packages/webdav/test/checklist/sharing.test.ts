/** Sharing, H: Ann's calendar in Bob's own home. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarObject, errorIn, House, lunch, namespaces } from '../../src/testing/house.ts';

const calendar = '/calendars/ann/calendar/';
const alias = '/calendars/bob/ann~calendar/';
const user = 'bob';

async function grant(house: House, inside: string, target = calendar): Promise<void> {
  const { status } = await house.ask('ACL', target, {
    body: `<D:acl ${namespaces}>${inside}</D:acl>`,
  });
  assert.equal(status, 200);
}

function toBob(...privileges: string[]): string {
  const list = privileges.map((name) => `<D:privilege><${name}/></D:privilege>`).join('');
  return `<D:ace><D:principal><D:href>/principals/users/bob/</D:href></D:principal><D:grant>${list}</D:grant></D:ace>`;
}

function toGroup(principal: string): string {
  return `<D:ace><D:principal>${principal}</D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>`;
}

async function sharedHouse(...privileges: string[]): Promise<House> {
  const house = new House();
  await house.ask('PUT', `${calendar}lunch.ics`, { body: lunch });
  await grant(house, toBob(...privileges));
  return house;
}

const syncHome = (token: string): string =>
  `<D:sync-collection ${namespaces}><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:resourcetype/></D:prop></D:sync-collection>`;

const home = (house: House): ReturnType<House['properties']> =>
  house.properties('/calendars/bob/', ['D:displayname', 'D:resourcetype', 'D:owner'], {
    user,
    headers: { Depth: '1' },
  });

test('H1: a shared calendar appears in the one home, with its members under its alias', async () => {
  const house = await sharedHouse('D:read');
  const listed = await home(house);
  assert.deepEqual(listed.hrefs, [
    '/calendars/bob/',
    '/calendars/bob/calendar/',
    '/calendars/bob/tasks/',
    alias,
  ]);
  assert.deepEqual(listed.names(alias, 'D:resourcetype'), ['collection', 'calendar']);
  assert.deepEqual(listed.hrefIn(alias, 'D:owner'), ['/principals/users/ann/']);
  assert.equal(listed.text(alias, 'D:displayname'), 'Calendar (Ann)');
  assert.equal((await house.ask('GET', `${alias}lunch.ics`, { user })).text, lunch);
  const members = await house.properties(alias, ['D:getetag'], { user, headers: { Depth: '1' } });
  assert.deepEqual(members.hrefs, [alias, `${alias}lunch.ics`]);
  const multiget = await house.list('REPORT', alias, {
    user,
    body: `<C:calendar-multiget ${namespaces}><D:prop><C:calendar-data/></D:prop><D:href>${alias}lunch.ics</D:href></C:calendar-multiget>`,
  });
  assert.equal(multiget.text(`${alias}lunch.ics`, 'C:calendar-data'), lunch);
});

test('H1: it comes into the home’s sync, and goes out of it', async () => {
  const house = new House();
  const sync = async (token: string): Promise<Awaited<ReturnType<House['list']>>> =>
    house.list('REPORT', '/calendars/bob/', { user, body: syncHome(token) });
  let answer = await sync('');
  assert.deepEqual(answer.hrefs, ['/calendars/bob/calendar/', '/calendars/bob/tasks/']);
  const before = answer.syncToken;
  await house.ask('PUT', `${calendar}lunch.ics`, { body: lunch });
  await grant(house, toBob('D:read'));
  answer = await sync(before);
  assert.deepEqual(answer.hrefs, [alias]);
  assert.notEqual(answer.syncToken, before);
  const home = await house.properties('/calendars/bob/', ['D:sync-token'], { user });
  assert.equal(home.text('/calendars/bob/', 'D:sync-token'), answer.syncToken);
  assert.deepEqual((await sync(answer.syncToken)).hrefs, []);
  await grant(house, '');
  const gone = await sync(answer.syncToken);
  assert.equal(gone.responses.get(alias)?.status, 404);
  assert.deepEqual((await sync(gone.syncToken)).hrefs, []);
});

test('H1: the group’s and everybody’s calendars appear, the world’s do not', async () => {
  const house = await sharedHouse('D:read');
  const aliasOf = async (who: string): Promise<boolean> => {
    const listed = await house.properties(`/calendars/${who}/`, ['D:resourcetype'], {
      user: who,
      headers: { Depth: '1' },
    });
    return listed.hrefs.includes(`/calendars/${who}/ann~calendar/`);
  };
  await grant(house, toGroup('<D:href>/principals/groups/team/</D:href>'));
  assert.deepEqual([await aliasOf('bob'), await aliasOf('carol')], [false, true]);
  await grant(house, toGroup('<D:authenticated/>'));
  assert.deepEqual([await aliasOf('bob'), await aliasOf('carol')], [true, true]);
  await grant(house, toGroup('<D:all/>'));
  assert.deepEqual([await aliasOf('bob'), await aliasOf('carol')], [false, false]);
});

test('H1: changes made under the alias are the owner’s, and the author is who made them', async () => {
  const house = await sharedHouse('D:read', 'D:write');
  const body = calendarObject('DTSTART:20260301T120000Z\nSUMMARY:Tea', 'tea');
  const put = await house.ask('PUT', `${alias}tea.ics`, { user, body });
  assert.equal(put.status, 201);
  assert.equal(put.headers['Location'], `http://dav.example.org${alias}tea.ics`);
  assert.equal(
    put.headers['ETag'],
    (await house.ask('GET', `${alias}tea.ics`, { user })).headers['ETag'],
  );
  assert.equal((await house.ask('GET', `${calendar}tea.ics`)).text, body);
  assert.equal(house.storage.history.at(-1)?.actor.user, 'bob');
  const conflict = await house.ask('PUT', `${alias}again.ics`, { user, body });
  assert.equal(errorIn(conflict), 'no-uid-conflict');
  assert.match(conflict.text, /<D:href>\/calendars\/bob\/ann~calendar\/tea.ics<\/D:href>/);
  assert.equal((await house.ask('DELETE', `${alias}tea.ics`, { user })).status, 204);
  assert.equal((await house.ask('GET', `${calendar}tea.ics`)).status, 404);
});

test('H1: a token names one state, whichever way it was reached', async () => {
  const house = new House();
  const sync = async (token: string): Promise<string> =>
    (await house.list('REPORT', '/calendars/bob/', { user, body: syncHome(token) })).syncToken;
  let token = await sync('');
  for (const name of ['tasks', 'calendar']) {
    await house.ask('GET', '/calendars/ann/');
    await grant(house, toBob('D:read'), `/calendars/ann/${name}/`);
    token = await sync(token);
  }
  assert.equal(await sync(''), token);
  const found = await house.properties('/calendars/bob/', ['D:sync-token'], { user });
  assert.equal(found.text('/calendars/bob/', 'D:sync-token'), token);
});

test('H1: objects move between one’s own calendars and shared ones', async () => {
  const house = await sharedHouse('D:read', 'D:write');
  const headers = { Destination: '/calendars/bob/calendar/mine.ics' };
  assert.equal((await house.ask('MOVE', `${alias}lunch.ics`, { user, headers })).status, 201);
  assert.equal((await house.ask('GET', `${calendar}lunch.ics`)).status, 404);
  const back = { Destination: `${alias}again.ics` };
  const returned = await house.ask('MOVE', '/calendars/bob/calendar/mine.ics', {
    user,
    headers: back,
  });
  assert.equal(returned.status, 201);
  assert.equal(returned.headers['Location'], `http://dav.example.org${alias}again.ics`);
  assert.equal((await house.ask('GET', `${calendar}again.ics`)).text, lunch);
  const lock = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`;
  assert.equal((await house.ask('LOCK', `${calendar}again.ics`, { body: lock })).status, 200);
  assert.equal((await house.ask('PUT', `${alias}again.ics`, { user, body: lunch })).status, 423);
});

test('H2: DELETE by the sharee is leaving: the owner’s data stay', async () => {
  const house = await sharedHouse('D:all');
  assert.equal((await house.ask('DELETE', alias, { user })).status, 204);
  assert.ok(!(await home(house)).hrefs.includes(alias));
  assert.equal((await house.ask('GET', `${alias}lunch.ics`, { user })).status, 404);
  assert.equal((await house.ask('GET', `${calendar}lunch.ics`)).text, lunch);
  for (const method of ['MOVE', 'COPY']) {
    const other = await sharedHouse('D:all');
    const headers = { Destination: '/calendars/bob/mine/' };
    assert.equal((await other.ask(method, alias, { user, headers })).status, 403);
    const over = { Destination: alias };
    const onto = await other.ask(method, '/calendars/bob/calendar/', { user, headers: over });
    assert.equal(onto.status, 403);
    assert.equal((await other.ask('GET', `${calendar}lunch.ics`)).text, lunch);
  }
});

test('H3: name, colour and order are each user’s own, for readers too', async () => {
  const house = await sharedHouse('D:read');
  const patch = (target: string, name: string, colour: string, who: string): Promise<unknown> =>
    house.list('PROPPATCH', target, {
      user: who,
      body: `<D:propertyupdate ${namespaces}><D:set><D:prop><D:displayname>${name}</D:displayname><ICAL:calendar-color>${colour}</ICAL:calendar-color></D:prop></D:set></D:propertyupdate>`,
    });
  await patch(calendar, 'Hers', '#111111FF', 'ann');
  const see = async (target: string, who: string): Promise<unknown[]> => {
    const found = await house.properties(target, ['D:displayname', 'ICAL:calendar-color'], {
      user: who,
    });
    return [found.text(target, 'D:displayname'), found.text(target, 'ICAL:calendar-color')];
  };
  assert.deepEqual(await see(alias, 'bob'), ['Hers (Ann)', '#111111FF']);
  await patch(alias, 'His', '#222222FF', 'bob');
  assert.deepEqual(await see(alias, 'bob'), ['His', '#222222FF']);
  assert.deepEqual(await see(calendar, 'ann'), ['Hers', '#111111FF']);
  const other = await house.list('PROPPATCH', alias, {
    user,
    body: `<D:propertyupdate ${namespaces}><D:set><D:prop><X:a>1</X:a></D:prop></D:set></D:propertyupdate>`,
  });
  assert.match(other.answer.text, /need-privileges/);
  // What is kept of it is nobody's property.
  const allprop = await house.ask('PROPFIND', '/calendars/bob/', { user, headers: { Depth: '0' } });
  assert.doesNotMatch(allprop.text, /shared-collections/);
});

test('F3, H4: with free-busy alone the times can be asked for and nothing else', async () => {
  const house = await sharedHouse('C:read-free-busy');
  const report = await house.ask('REPORT', calendar, {
    user,
    headers: { Depth: '1' },
    body: `<C:free-busy-query ${namespaces}><C:time-range start="20260301T000000Z" end="20260302T000000Z"/></C:free-busy-query>`,
  });
  assert.equal(report.status, 200);
  assert.match(report.text, /FREEBUSY:20260301T120000Z\/20260301T130000Z/);
  assert.doesNotMatch(report.text, /Lunch/);
  // The same for what is there and what is not.
  assert.equal((await house.ask('GET', `${calendar}lunch.ics`, { user })).status, 403);
  assert.equal((await house.ask('GET', `${calendar}no.ics`, { user })).status, 403);
  assert.ok(!(await home(house)).hrefs.includes(alias));
});

test('H4: a private object shows when it is and not what it is; its tag is another', async () => {
  const house = await sharedHouse('D:read');
  const secret = calendarObject(
    'DTSTART:20260302T120000Z\nDTEND:20260302T130000Z\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:Doctor\nLOCATION:Clinic\nCLASS:PRIVATE\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nDESCRIPTION:Go\nEND:VALARM',
    'secret',
  );
  const { headers } = await house.ask('PUT', `${calendar}secret.ics`, { body: secret });
  const seen = await house.ask('GET', `${alias}secret.ics`, { user });
  assert.doesNotMatch(seen.text, /Doctor|Clinic|Go/);
  assert.match(seen.text, /SUMMARY:Busy/);
  assert.match(seen.text, /RRULE:FREQ=DAILY;COUNT=2/);
  assert.notEqual(seen.headers['ETag'], headers['ETag']);
  const data = await house.list('REPORT', alias, {
    user,
    headers: { Depth: '1' },
    body: `<C:calendar-query ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`,
  });
  assert.doesNotMatch(data.answer.text, /Doctor/);
  assert.equal(data.text(`${alias}secret.ics`, 'D:getetag'), seen.headers['ETag']);
  // Nor can it be found by what is hidden.
  const probing = await house.list('REPORT', alias, {
    user,
    headers: { Depth: '1' },
    body: `<C:calendar-query ${namespaces}><D:prop/><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:text-match>Doctor</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
  });
  assert.deepEqual(probing.hrefs, []);
  assert.doesNotMatch((await house.ask('GET', alias, { user })).text, /Doctor/);
  const copied = { user, headers: { Destination: '/calendars/bob/calendar/stolen.ics' } };
  await house.ask('COPY', `${alias}secret.ics`, copied);
  assert.doesNotMatch(
    (await house.ask('GET', '/calendars/bob/calendar/stolen.ics', { user })).text,
    /Doctor/,
  );
});

test('H4: what is masked cannot be moved away from who knows all of it', async () => {
  const house = await sharedHouse('D:read', 'D:bind', 'D:unbind');
  const secret = lunch.replace('SUMMARY', 'CLASS:PRIVATE\r\nSUMMARY');
  await house.ask('PUT', `${calendar}lunch.ics`, { body: secret });
  const headers = { Destination: '/calendars/bob/calendar/x.ics' };
  const moved = await house.ask('MOVE', `${alias}lunch.ics`, { user, headers });
  assert.equal(moved.status, 403);
  assert.equal(errorIn(moved), 'need-privileges');
  assert.equal((await house.ask('GET', `${calendar}lunch.ics`)).text, secret);
  assert.equal((await house.ask('COPY', `${alias}lunch.ics`, { user, headers })).status, 201);
});

test('H4: a private task is there, and says nothing', async () => {
  const house = await sharedHouse('D:read');
  const tasks = '/calendars/ann/tasks/';
  await grant(house, toBob('D:read'), tasks);
  const body = calendarObject(
    'DUE:20260301T120000Z\nSUMMARY:Doctor\nCLASS:CONFIDENTIAL',
    't',
  ).replaceAll('VEVENT', 'VTODO');
  assert.equal((await house.ask('PUT', `${tasks}t.ics`, { body })).status, 201);
  const seen = await house.ask('GET', '/calendars/bob/ann~tasks/t.ics', { user });
  assert.equal(seen.status, 200);
  assert.match(seen.text, /SUMMARY:Private/);
  assert.doesNotMatch(seen.text, /Doctor|DUE/);
});

test('H4: who may change a calendar sees all of it, or would destroy what is hidden', async () => {
  const house = await sharedHouse('D:read', 'D:write');
  const secret = lunch.replace('SUMMARY', 'CLASS:PRIVATE\r\nSUMMARY');
  await house.ask('PUT', `${calendar}lunch.ics`, { body: secret });
  assert.equal((await house.ask('GET', `${alias}lunch.ics`, { user })).text, secret);
});

test('no calendar is made under the name of a shared one', async () => {
  const house = new House();
  for (const target of [
    '/calendars/ann/x~y/',
    '/calendars/bob/ann~calendar/',
    '/addressbooks/bob/a~b/',
  ]) {
    const who = target.includes('/ann/') ? 'ann' : 'bob';
    const method = target.startsWith('/calendars') ? 'MKCALENDAR' : 'MKCOL';
    const body =
      method === 'MKCOL'
        ? `<D:mkcol ${namespaces}><D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>`
        : '';
    const made = await house.ask(method, target, { user: who, body });
    assert.equal(made.status, 403);
    assert.equal(errorIn(made), 'name-reserved');
  }
  await grant(house, toBob('D:read'));
  // Nobody else's home shows Bob's aliases.
  assert.equal((await house.ask('GET', `${alias}x`, { user: 'carol' })).status, 404);
  assert.equal((await house.ask('GET', alias, { user: 'ann' })).status, 404);
});
