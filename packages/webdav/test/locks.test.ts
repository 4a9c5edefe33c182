/** Locks (RFC 4918 §6, §7, §9.10, §9.11), beyond what litmus tries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, errorIn, House, lunch } from '../src/testing/house.ts';

const file = '/files/ann/note.txt';

function lockInfo(scope: 'exclusive' | 'shared'): string {
  return `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner><x:who xmlns:x="urn:x">Ann &amp; co</x:who></D:owner></D:lockinfo>`;
}

function lock(
  house: House,
  target: string,
  {
    scope = 'exclusive',
    ...headers
  }: { scope?: 'exclusive' | 'shared'; [name: string]: string } = {},
  user = 'ann',
): Promise<Answer> {
  return house.ask('LOCK', target, { user, body: lockInfo(scope), headers });
}

function token({ headers }: Answer): string {
  return headers['Lock-Token']!.slice(1, -1);
}

test('a locked file is changed by who has the token, and by nobody else', async () => {
  const house = new House();
  await house.ask('PUT', file, { body: 'one' });
  const locked = await lock(house, file, { Timeout: 'Infinite, Second-100' });
  assert.equal(locked.status, 200);
  assert.match(token(locked), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  assert.match(
    locked.text,
    /<D:owner xmlns:D="DAV:"><x:who xmlns:x="urn:x">Ann &amp; co<\/x:who><\/D:owner>/,
  );
  assert.match(locked.text, /<D:timeout>Second-86400<\/D:timeout>/);
  for (const [method, more] of [
    ['PUT', { body: 'x' }],
    ['DELETE', {}],
    ['MOVE', { headers: { Destination: '/files/ann/other' } }],
    ['PROPPATCH', { body: '<D:propertyupdate xmlns:D="DAV:"/>' }],
  ] as const) {
    const answer = await house.ask(method, file, more);
    assert.equal(answer.status, 423, method);
    assert.equal(errorIn(answer), 'lock-token-submitted');
    assert.match(answer.text, /<D:href>\/files\/ann\/note.txt<\/D:href>/);
  }
  const headers = { If: `(<${token(locked)}>)` };
  assert.equal((await house.ask('PUT', file, { body: 'two', headers })).status, 204);
  assert.equal(
    (await house.ask('COPY', file, { headers: { Destination: '/files/ann/c' } })).status,
    201,
  );
  assert.equal((await house.ask('DELETE', file, { headers })).status, 204);
  assert.equal((await house.ask('PUT', file, { body: 'free again' })).status, 201);
});

test('a token works for its maker only (§6.4)', async () => {
  const house = new House();
  const acl = `<D:acl xmlns:D="DAV:"><D:ace><D:principal><D:authenticated/></D:principal><D:grant><D:privilege><D:read/></D:privilege><D:privilege><D:write/></D:privilege></D:grant></D:ace></D:acl>`;
  await house.ask('PUT', file, { body: 'one' });
  await house.ask('ACL', file, { body: acl });
  const locked = await lock(house, file);
  const headers = { If: `(<${token(locked)}>)` };
  assert.equal((await house.ask('PUT', file, { user: 'bob', body: 'x', headers })).status, 423);
  const found = await house.properties(file, ['D:lockdiscovery'], { user: 'bob' });
  assert.doesNotMatch(found.answer.text, /urn:uuid/);
  const unlock = { user: 'bob', headers: { 'Lock-Token': `<${token(locked)}>` } };
  assert.equal((await house.ask('UNLOCK', file, unlock)).status, 403);
  assert.equal((await house.ask('UNLOCK', file, { ...unlock, user: 'ann' })).status, 204);
  assert.equal((await house.ask('PUT', file, { user: 'bob', body: 'x' })).status, 204);
});

test('shared locks bear each other, exclusive ones none (§6.2)', async () => {
  const house = new House();
  await house.ask('MKCOL', '/files/ann/a');
  await house.ask('PUT', '/files/ann/a/x', { body: 'x' });
  const first = await lock(house, '/files/ann/a/x', { scope: 'shared' });
  const second = await lock(house, '/files/ann/a/x', { scope: 'shared' });
  assert.deepEqual([first.status, second.status], [200, 200]);
  const exclusive = await lock(house, '/files/ann/a/');
  assert.equal(exclusive.status, 423);
  assert.equal(errorIn(exclusive), 'no-conflicting-lock');
  assert.equal((await lock(house, '/files/ann/a/', { Depth: '0' })).status, 200);
  const headers = { If: `(<${token(second)}>)` };
  assert.equal((await house.ask('PUT', '/files/ann/a/x', { body: 'y', headers })).status, 204);
});

test('a lock on a collection covers what is in it, or with Depth 0 its list of members (§7.4)', async () => {
  const house = new House();
  await house.ask('MKCOL', '/files/ann/a');
  await house.ask('PUT', '/files/ann/a/x', { body: 'x' });
  const shallow = await lock(house, '/files/ann/a/', { Depth: '0' });
  assert.equal((await house.ask('PUT', '/files/ann/a/x', { body: 'y' })).status, 204);
  assert.equal((await house.ask('PUT', '/files/ann/a/new', { body: 'y' })).status, 423);
  assert.equal((await house.ask('DELETE', '/files/ann/a/x')).status, 423);
  await house.ask('UNLOCK', '/files/ann/a/', { headers: { 'Lock-Token': `<${token(shallow)}>` } });
  const deep = await lock(house, '/files/ann/a/');
  assert.equal((await house.ask('PUT', '/files/ann/a/x', { body: 'z' })).status, 423);
  const tagged = { If: `</files/ann/a/> (<${token(deep)}>)` };
  assert.equal(
    (await house.ask('PUT', '/files/ann/a/x', { body: 'z', headers: tagged })).status,
    204,
  );
  // Unlocking is done at any place the lock covers (§9.11).
  const headers = { 'Lock-Token': `<${token(deep)}>` };
  assert.equal((await house.ask('UNLOCK', '/files/ann/a/x', { headers })).status, 204);
  const gone = await house.ask('UNLOCK', '/files/ann/a/x', { headers });
  assert.deepEqual([gone.status, errorIn(gone)], [409, 'lock-token-matches-request-uri']);
});

test('a lock ends by itself, or is refreshed (§6.6, §9.10.2)', async () => {
  const house = new House();
  const locked = await lock(house, file, { Timeout: 'Second-60' });
  assert.equal(locked.status, 201); // the name is taken by an empty file (§7.3)
  assert.equal((await house.ask('GET', file)).text, '');
  house.nowSeconds += 50;
  const headers = { If: `(<${token(locked)}>)`, Timeout: 'Second-60' };
  assert.equal((await house.ask('LOCK', file, { headers })).status, 200);
  house.nowSeconds += 50;
  assert.equal((await house.ask('PUT', file, { body: 'x' })).status, 423);
  house.nowSeconds += 11;
  assert.equal((await house.ask('PUT', file, { body: 'x' })).status, 204);
  assert.equal((await house.ask('LOCK', file, { headers })).status, 412);
});

test('calendars and their objects can be locked; a name in them cannot be taken by nothing', async () => {
  const house = new House();
  const object = '/calendars/ann/calendar/x.ics';
  await house.ask('PUT', object, { body: lunch });
  assert.equal((await lock(house, object)).status, 200);
  assert.equal((await house.ask('PUT', object, { body: lunch })).status, 423);
  assert.equal((await lock(house, '/calendars/ann/calendar/new.ics')).status, 403);
});

for (const [what, headers, body] of [
  ['Depth 1', { Depth: '1' }, lockInfo('exclusive')],
  ['an unknown scope', {}, lockInfo('exclusive').replace('exclusive', 'friendly')],
  ['another root', {}, '<D:lock xmlns:D="DAV:"/>'],
  ['an If that is malformed', { If: '(<x>' }, lockInfo('exclusive')],
  ['an owner that is too long', {}, lockInfo('exclusive').replace('Ann', 'x'.repeat(5000))],
] as const) {
  test(`LOCK with ${what} is 400`, async () => {
    const house = new House();
    assert.equal((await house.ask('LOCK', file, { headers, body })).status, 400);
    assert.equal((await house.ask('GET', file)).status, 404);
  });
}
