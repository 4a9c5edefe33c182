/** RFC 6578, its worked examples, §3.8 to §3.13: one collection seen again and again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorIn, House, type Multistatus } from '../../src/testing/house.ts';

const home = '/files/ann/';

function request(token: string, level = '1', limit = ''): string {
  return `<?xml version="1.0" encoding="utf-8" ?>
   <D:sync-collection xmlns:D="DAV:">
     <D:sync-token>${token}</D:sync-token>
     <D:sync-level>${level}</D:sync-level>${limit}
     <D:prop xmlns:R="urn:ns.example.com:boxschema">
       <D:getetag/>
       <R:bigbox/>
     </D:prop>
   </D:sync-collection>`;
}

const bigbox = `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><R:bigbox xmlns:R="urn:ns.example.com:boxschema"><R:BoxType>Box type A</R:BoxType></R:bigbox></D:prop></D:set></D:propertyupdate>`;

async function boxHouse(): Promise<{
  house: House;
  report: (body: string) => Promise<Multistatus>;
}> {
  const house = new House();
  for (const name of ['test.doc', 'vcard.vcf', 'calendar.ics']) {
    await house.ask('PUT', home + name, { body: name });
    await house.ask('PROPPATCH', home + name, { body: bigbox });
  }
  return { house, report: (body) => house.list('REPORT', home, { headers: { Depth: '0' }, body }) };
}

test('§3.8: initial synchronisation', async () => {
  const { report } = await boxHouse();
  const answer = await report(request(''));
  assert.deepEqual(answer.hrefs.sort(), [
    `${home}calendar.ics`,
    `${home}test.doc`,
    `${home}vcard.vcf`,
  ]);
  const names = answer.responses
    .get(`${home}test.doc`)
    ?.propstats.get(200)
    ?.map(({ name }) => name);
  assert.deepEqual(names, ['getetag', 'bigbox']);
});

test('§3.9: synchronisation with a token', async () => {
  const { house, report } = await boxHouse();
  const { syncToken } = await report(request(''));
  await house.ask('PUT', `${home}file.xml`, { body: 'new' });
  await house.ask('PUT', `${home}vcard.vcf`, { body: 'changed' });
  await house.ask('DELETE', `${home}test.doc`);
  const answer = await report(request(syncToken));
  assert.ok(answer.find(`${home}file.xml`, 'D:getetag'));
  assert.equal(answer.responses.get(`${home}file.xml`)?.propstats.get(404)?.[0]?.name, 'bigbox');
  assert.equal(answer.responses.get(`${home}vcard.vcf`)?.propstats.has(404), false);
  assert.equal(answer.responses.get(`${home}test.doc`)?.status, 404);
  assert.equal(answer.hrefs.length, 3);
});

test('§3.10: results cut short by the client’s limit', async () => {
  const { report } = await boxHouse();
  const limit = '<D:limit><D:nresults>2</D:nresults></D:limit>';
  const answer = await report(request('', '1', limit));
  assert.equal(answer.hrefs.length, 3);
  assert.equal(answer.responses.get(home)?.status, 507);
  assert.match(answer.answer.text, /<D:error><D:number-of-matches-within-limits>/);
  const rest = await report(request(answer.syncToken, '1', limit));
  assert.equal(rest.hrefs.length, 1);
});

test('§3.11: a limit of one', async () => {
  const { report } = await boxHouse();
  const answer = await report(request('', '1', '<D:limit><D:nresults>1</D:nresults></D:limit>'));
  assert.equal(answer.hrefs.length, 2);
});

test('§3.12: a level that reaches into collections, told where it does not', async () => {
  const { house, report } = await boxHouse();
  await house.ask('MKCOL', `${home}collection1/`);
  const answer = await report(request('', 'infinite'));
  assert.equal(answer.responses.get(`${home}collection1/`)?.status, 403);
  assert.ok(answer.find(`${home}test.doc`, 'D:getetag'));
});

test('§3.13: an invalid token', async () => {
  const { house } = await boxHouse();
  const answer = await house.ask('REPORT', home, {
    body: request('http://example.com/ns/sync/1234'),
  });
  assert.equal(answer.status, 403);
  assert.equal(errorIn(answer), 'valid-sync-token');
});
