/** Dead properties of principals, as web clients keep their settings (`settings` of CalDavZAP). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, House, namespaces } from '../src/testing/house.ts';

const principal = '/principals/users/ann/';
const settings =
  '<S:settings xmlns:S="http://inf-it.com/ns/dav/">{"view":"month &amp; day"}</S:settings>';

function patch(house: House, inside: string, target = principal, user = 'ann'): Promise<Answer> {
  const body = `<D:propertyupdate ${namespaces}>${inside}</D:propertyupdate>`;
  return house.ask('PROPPATCH', target, { user, body });
}

const set = (inside: string): string => `<D:set><D:prop>${inside}</D:prop></D:set>`;

async function seen(house: House, user = 'ann', target = principal): Promise<string> {
  const body = `<D:propfind ${namespaces}><D:prop><S:settings xmlns:S="http://inf-it.com/ns/dav/"/><D:displayname/></D:prop></D:propfind>`;
  return (await house.ask('PROPFIND', target, { user, body, headers: { Depth: '0' } })).text;
}

test('are set, read by name, in allprop and propname, replaced and removed', async () => {
  const house = new House();
  assert.match((await patch(house, set(settings))).text, /200 OK/);
  assert.match(
    await seen(house),
    /<S:settings xmlns:S="http:\/\/inf-it.com\/ns\/dav\/">\{"view":"month &amp; day"\}<\/S:settings>/,
  );
  for (const kind of ['allprop', 'propname']) {
    const body = `<D:propfind ${namespaces}><D:${kind}/></D:propfind>`;
    const { text } = await house.ask('PROPFIND', principal, { body, headers: { Depth: '0' } });
    assert.match(text, /settings/, kind);
  }
  await patch(house, set(settings.replace('month', 'week')) + set('<X:other>1</X:other>'));
  assert.match(await seen(house), /week/);
  await patch(house, `<D:remove><D:prop>${settings}</D:prop></D:remove>`);
  assert.doesNotMatch(await seen(house), /view/);
  const left = await house.properties(principal, ['X:other']);
  assert.match(left.answer.text, />1</);
  // One commit each, by who did it.
  assert.equal(house.storage.history.at(-1)?.actor.user, 'ann');
});

test('are the user’s own: others neither see nor set them', async () => {
  const house = new House();
  await patch(house, set(settings));
  assert.doesNotMatch(await seen(house, 'bob'), /view/);
  const theirs = await patch(house, set(settings.replace('month', 'bob')), principal, 'bob');
  assert.equal(theirs.status, 403);
  assert.match(theirs.text, /need-privileges/);
  assert.match(await seen(house), /month/);
  const group = '/principals/groups/team/';
  assert.equal((await patch(house, set(settings), group, 'carol')).status, 403);
  const privileges = await house.properties(principal, ['D:current-user-privilege-set']);
  assert.match(privileges.answer.text, /<D:write-properties\/>/);
  const bobs = await house.properties(principal, ['D:current-user-privilege-set'], { user: 'bob' });
  assert.doesNotMatch(bobs.answer.text, /<D:write/);
});

test('what the account says stays as it is, and then nothing else is changed either', async () => {
  const house = new House();
  for (const live of [
    '<D:displayname>Queen</D:displayname>',
    '<C:calendar-home-set><D:href>/calendars/bob/</D:href></C:calendar-home-set>',
    '<D:group-membership/>',
  ]) {
    const { status, text } = await patch(house, set(settings + live));
    assert.equal(status, 207);
    assert.match(text, /cannot-modify-protected-property/);
    assert.match(text, /424 Failed Dependency/);
  }
  assert.doesNotMatch(await seen(house), /view|Queen/);
});

test('stand in no list of the home’s own properties, and have a bound', async () => {
  const house = new House();
  await patch(house, set(settings));
  const home = await house.ask('PROPFIND', '/calendars/ann/', { headers: { Depth: '0' } });
  assert.doesNotMatch(home.text, /principal-properties|settings/);
  const record = '<R:principal-properties xmlns:R="urn:riad:dav"/>';
  const stolen = await patch(house, set(record), '/calendars/ann/');
  assert.match(stolen.text, /cannot-modify-protected-property/);
  const large = (name: string): string => set(`<X:${name}>${'x'.repeat(60_000)}</X:${name}>`);
  for (let i = 0; i < 8; i++) assert.equal((await patch(house, large(`a${i}`))).status, 207);
  assert.equal((await patch(house, large('b'))).status, 507);
  assert.match(await seen(house), /view/);
});
