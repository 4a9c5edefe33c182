/** Synchronisation, S: RFC 6578. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  calendarObject,
  errorIn,
  House,
  type Multistatus,
  namespaces,
} from '../../src/testing/house.ts';

const calendar = '/calendars/ann/calendar/';
const headers = { Depth: '0' };

function body(token: string, { level = '1', limit = 0, prop = '<D:getetag/>' } = {}): string {
  const nresults = limit > 0 ? `<D:limit><D:nresults>${limit}</D:nresults></D:limit>` : '';
  return `<D:sync-collection ${namespaces}><D:sync-token>${token}</D:sync-token><D:sync-level>${level}</D:sync-level>${nresults}<D:prop>${prop}</D:prop></D:sync-collection>`;
}

function sync(house: House, token = '', more = {}, target = calendar): Promise<Multistatus> {
  return house.list('REPORT', target, { headers, body: body(token, more) });
}

async function put(house: House, uid: string, lines = ''): Promise<Answer> {
  const text = calendarObject(`DTSTART:20260301T120000Z\n${lines}`, uid);
  const answer = await house.ask('PUT', `${calendar}${uid}.ics`, { body: text });
  assert.ok(answer.status < 300, answer.text);
  return answer;
}

function remove(house: House, uid: string): Promise<Answer> {
  return house.ask('DELETE', `${calendar}${uid}.ics`);
}

/** Names → the status of each: 200 for what has properties. */
function told(answer: Multistatus): Record<string, number> {
  return Object.fromEntries(
    [...answer.responses].map(([href, { status, propstats }]) => [
      href.replace(calendar, ''),
      status ?? ([...propstats.keys()][0] as number),
    ]),
  );
}

test('S1: an empty token lists every member once and nothing that is gone (§3.4)', async () => {
  const house = new House();
  for (const uid of ['a', 'b', 'c']) await put(house, uid);
  await remove(house, 'b');
  const answer = await sync(house);
  assert.deepEqual(told(answer), { 'a.ics': 200, 'c.ics': 200 });
  assert.deepEqual(told(await sync(house, '', { limit: 10 })), { 'a.ics': 200, 'c.ics': 200 });
});

test('S2, S3, S4: new, changed, gone, come and gone, gone and come again (§3.5)', async () => {
  const house = new House();
  for (const uid of ['changed', 'gone', 'again', 'same']) await put(house, uid);
  const before = (await sync(house)).syncToken;
  await put(house, 'new');
  await put(house, 'changed', 'SUMMARY:x');
  await remove(house, 'gone');
  await put(house, 'brief');
  await remove(house, 'brief');
  await remove(house, 'again');
  await put(house, 'again');
  assert.deepEqual(told(await sync(house, before)), {
    'new.ics': 200,
    'changed.ics': 200,
    'gone.ics': 404,
    'brief.ics': 404,
    'again.ics': 200,
  });
});

test('S5, S6: nothing changed: an empty answer with the same token, which the property has (§3.2, §4)', async () => {
  const house = new House();
  await put(house, 'a');
  const { syncToken } = await sync(house);
  const again = await sync(house, syncToken);
  assert.deepEqual([again.hrefs, again.syncToken], [[], syncToken]);
  const found = await house.properties(calendar, ['D:sync-token']);
  assert.equal(found.text(calendar, 'D:sync-token'), syncToken);
  assert.match(syncToken, /^[a-z]+:[^\s<>"]+$/); // a URI
  await put(house, 'a', 'SUMMARY:x');
  assert.notEqual((await sync(house, syncToken)).syncToken, syncToken);
});

test('S7: tokens that are foreign, of elsewhere, of the future, or none are refused by name (§3.2)', async () => {
  const house = new House();
  await put(house, 'a');
  const { syncToken } = await sync(house);
  const elsewhere = (await sync(house, '', {}, '/calendars/ann/tasks/')).syncToken;
  for (const token of [
    'rubbish',
    'https://other.example/token/1',
    elsewhere,
    `${syncToken}9999`,
    'data:,',
    'data:,999999-1',
    `${syncToken}/%zz`,
  ]) {
    const answer = await house.ask('REPORT', calendar, { headers, body: body(token) });
    assert.equal(answer.status, 403, token);
    assert.equal(errorIn(answer), 'valid-sync-token');
  }
});

test('S8: Depth 1 with a level is refused, without one it is an old client (§3.2)', async () => {
  const house = new House();
  await put(house, 'a');
  for (const depth of ['1', 'infinity']) {
    const asking = { headers: { Depth: depth }, body: body('') };
    assert.equal((await house.ask('REPORT', calendar, asking)).status, 400);
  }
  // Thunderbird 128, and 60 as well, says Depth: 1 beside the level.
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.1';
  const thunderbird = { Depth: '1', 'User-Agent': agent };
  const both = await house.list('REPORT', calendar, { headers: thunderbird, body: body('') });
  assert.deepEqual(told(both), { 'a.ics': 200 });
  const deep = { headers: { ...thunderbird, Depth: 'infinity' }, body: body('') };
  assert.equal((await house.ask('REPORT', calendar, deep)).status, 400);
  const old = body('').replace('<D:sync-level>1</D:sync-level>', '');
  const answer = await house.list('REPORT', calendar, { headers: { Depth: '1' }, body: old });
  assert.deepEqual(told(answer), { 'a.ics': 200 });
  for (const level of ['2', '']) {
    assert.equal(
      (await house.ask('REPORT', calendar, { headers, body: body('', { level }) })).status,
      400,
    );
  }
  for (const limit of ['0', '-1', 'x']) {
    const bad = body('', { limit: 1 }).replace('>1</D:nresults>', `>${limit}</D:nresults>`);
    assert.equal((await house.ask('REPORT', calendar, { headers, body: bad })).status, 400);
  }
});

test('S9: pages of two through seven changes: none lost, none twice, 507 until the last (§3.6, §3.7)', async () => {
  for (const initial of [true, false]) {
    const house = new House();
    const start = initial ? '' : (await sync(house)).syncToken;
    const names = ['1', '2', '3', '4', '5', '6', '7'];
    for (const uid of names) await put(house, uid);
    const seen: string[] = [];
    let token = start;
    for (let page = 1; page <= 4; page++) {
      const answer = await sync(house, token, { limit: 2 });
      const { [calendar]: limited, '': own, ...members } = told(answer);
      assert.equal(own ?? limited, page < 4 ? 507 : undefined);
      if (page < 4) assert.match(answer.answer.text, /number-of-matches-within-limits/);
      seen.push(...Object.keys(members));
      token = answer.syncToken;
    }
    assert.deepEqual(
      seen.sort(),
      names.map((name) => `${name}.ics`),
    );
    assert.deepEqual((await sync(house, token)).hrefs, []);
  }
});

test('S9: what changes between two pages is not lost', async () => {
  const house = new House();
  for (const uid of ['1', '2', '3']) await put(house, uid);
  const first = await sync(house, '', { limit: 2 });
  await put(house, '1', 'SUMMARY:x');
  await remove(house, '3');
  assert.deepEqual(told(await sync(house, first.syncToken, { limit: 5 })), {
    '1.ics': 200,
    '3.ics': 404,
  });
});

test('S11: a calendar made again knows none of the old tokens (§3.2)', async () => {
  const house = new House();
  await put(house, 'a');
  const { syncToken } = await sync(house);
  await house.ask('DELETE', calendar);
  assert.equal((await house.ask('MKCALENDAR', calendar)).status, 201);
  await put(house, 'a');
  const answer = await house.ask('REPORT', calendar, { headers, body: body(syncToken) });
  assert.equal(errorIn(answer), 'valid-sync-token');
});

test('S12: the home tells of calendars that come and go; infinite does not descend (§3.3, §3.5)', async () => {
  const house = new House();
  const home = '/calendars/ann/';
  const before = (await sync(house, '', {}, home)).syncToken;
  await house.ask('MKCALENDAR', `${home}new/`);
  await house.ask('DELETE', `${home}tasks/`);
  const answer = await sync(house, before, { prop: '<D:resourcetype/>' }, home);
  assert.deepEqual(answer.names(`${home}new/`, 'D:resourcetype'), ['collection', 'calendar']);
  assert.equal(answer.responses.get(`${home}tasks/`)?.status, 404);
  const deep = await sync(house, '', { level: 'infinite' }, home);
  assert.deepEqual(told(deep), {
    [`${home}calendar/`.replace(calendar, '')]: 403,
    [`${home}new/`]: 403,
  });
  assert.match(deep.answer.text, /<D:sync-traversal-supported>/);
  assert.deepEqual(told(await sync(house, deep.syncToken, { level: 'infinite' }, home)), {});
  await put(house, 'a');
  assert.deepEqual(told(await sync(house, '', { level: 'infinite' })), { 'a.ics': 200 });
});

test('S13: getctag changes when members do, and not with the calendar’s colour', async () => {
  const house = new House();
  const ctag = async (): Promise<string | undefined> =>
    (await house.properties(calendar, ['CS:getctag'])).text(calendar, 'CS:getctag');
  const seen = [await ctag()];
  await put(house, 'a');
  seen.push(await ctag());
  await put(house, 'a', 'SUMMARY:x');
  seen.push(await ctag());
  await remove(house, 'a');
  seen.push(await ctag());
  assert.equal(new Set(seen).size, 4);
  await house.ask('PROPPATCH', calendar, {
    body: `<D:propertyupdate ${namespaces}><D:set><D:prop><ICAL:calendar-color>#000000</ICAL:calendar-color></D:prop></D:set></D:propertyupdate>`,
  });
  assert.equal(await ctag(), seen[3]);
});

test('plain folders synchronise, too, with their folders', async () => {
  const house = new House();
  await house.ask('PUT', '/files/ann/x', { body: 'x' });
  const first = await sync(house, '', {}, '/files/ann/');
  await house.ask('MKCOL', '/files/ann/sub');
  await house.ask('PUT', '/files/ann/sub/y', { body: 'y' });
  await house.ask('MOVE', '/files/ann/x', { headers: { Destination: '/files/ann/z' } });
  assert.deepEqual(told(await sync(house, first.syncToken, {}, '/files/ann/')), {
    '/files/ann/sub/': 404, // it has no getetag
    '/files/ann/x': 404,
    '/files/ann/z': 200,
  });
});
