/** RFC 6352, its worked examples, §8.6.3, §8.6.4 and §8.7.1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House } from '../../src/testing/house.ts';

const book = '/addressbooks/ann/contacts/';

async function bernardsBook(): Promise<House> {
  const house = new House();
  for (const [name, nickname] of [
    ['v102.vcf', 'me'],
    ['v104.vcf', 'oliver'],
  ]) {
    const body = `BEGIN:VCARD\r\nVERSION:3.0\r\nNICKNAME:${nickname}\r\nUID:34222-${name}\r\nFN:Cyrus Daboo ${name}\r\nEMAIL:daboo@example.com\r\nEND:VCARD\r\n`;
    assert.equal((await house.ask('PUT', book + name, { body })).status, 201);
  }
  return house;
}

function query(filter: string, data: string, more = ''): string {
  return `<?xml version="1.0" encoding="utf-8" ?>
   <C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
     <D:prop><D:getetag/>${data}</D:prop>
     ${filter}${more}
   </C:addressbook-query>`;
}

const headers = { Depth: '1' };

test('§8.6.3: partial retrieval of cards by nickname', async () => {
  const house = await bernardsBook();
  const answer = await house.list('REPORT', book, {
    headers,
    body: query(
      `<C:filter><C:prop-filter name="NICKNAME"><C:text-match collation="i;unicode-casemap" match-type="equals">me</C:text-match></C:prop-filter></C:filter>`,
      `<C:address-data><C:prop name="VERSION"/><C:prop name="UID"/><C:prop name="NICKNAME"/><C:prop name="EMAIL"/><C:prop name="FN"/></C:address-data>`,
    ),
  });
  assert.deepEqual(answer.hrefs, [`${book}v102.vcf`]);
  assert.match(answer.text(`${book}v102.vcf`, 'CR:address-data')!, /NICKNAME:me\r\n/);
});

test('§8.6.4: a full name or an address that contains “daboo”, one result', async () => {
  const house = await bernardsBook();
  const contains = (name: string): string =>
    `<C:prop-filter name="${name}"><C:text-match collation="i;unicode-casemap" match-type="contains">daboo</C:text-match></C:prop-filter>`;
  const answer = await house.list('REPORT', book, {
    headers,
    body: query(
      `<C:filter test="anyof">${contains('FN')}${contains('EMAIL')}</C:filter>`,
      '<C:address-data/>',
      '<C:limit><C:nresults>1</C:nresults></C:limit>',
    ),
  });
  assert.deepEqual(answer.hrefs, [`${book}v102.vcf`, book]);
  assert.equal(answer.responses.get(book)?.status, 507);
});

test('§8.7.1: multiget, with one that is not there', async () => {
  const house = await bernardsBook();
  const answer = await house.list('REPORT', book, {
    headers,
    body: `<?xml version="1.0" encoding="utf-8" ?>
   <C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
     <D:prop><D:getetag/><C:address-data><C:prop name="VERSION"/><C:prop name="UID"/></C:address-data></D:prop>
     <D:href>${book}v102.vcf</D:href>
     <D:href>${book}vcf1.vcf</D:href>
   </C:addressbook-multiget>`,
  });
  const data = answer.text(`${book}v102.vcf`, 'CR:address-data');
  assert.equal(data, 'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:34222-v102.vcf\r\nEND:VCARD\r\n');
  assert.equal(answer.responses.get(`${book}vcf1.vcf`)?.status, 404);
});

test('§6.3.1.1: extended MKCOL with a name and a description in a language', async () => {
  const house = new House();
  const target = '/addressbooks/ann/addressbook/';
  const made = await house.ask('MKCOL', target, {
    headers: { 'Content-Type': 'text/xml; charset="utf-8"' },
    body: `<?xml version="1.0" encoding="utf-8" ?>
   <D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
     <D:set>
       <D:prop>
         <D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>
         <D:displayname>Lisa's Contacts</D:displayname>
         <C:addressbook-description xml:lang="en">My primary address book.</C:addressbook-description>
       </D:prop>
     </D:set>
   </D:mkcol>`,
  });
  assert.equal(made.status, 201);
  assert.equal(made.headers['Cache-Control'], 'no-cache');
  const found = await house.properties(target, [
    'D:resourcetype',
    'D:displayname',
    'CR:addressbook-description',
  ]);
  assert.deepEqual(found.names(target, 'D:resourcetype'), ['collection', 'addressbook']);
  assert.equal(found.text(target, 'D:displayname'), "Lisa's Contacts");
  assert.match(found.answer.text, /xml:lang="en">My primary address book\./);
});

test('§8.7.2: multiget in version 4.0 gives what it asks for, of cards in 3.0 too', async () => {
  const house = await bernardsBook();
  const answer = await house.list('REPORT', book, {
    headers,
    body: `<?xml version="1.0" encoding="utf-8" ?>
   <C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
     <D:prop><D:getetag/><C:address-data content-type='text/vcard' version='4.0'/></D:prop>
     <D:href>${book}v102.vcf</D:href>
     <D:href>${book}v104.vcf</D:href>
   </C:addressbook-multiget>`,
  });
  for (const name of ['v102.vcf', 'v104.vcf']) {
    const data = answer.text(book + name, 'CR:address-data')!;
    assert.match(data, /^BEGIN:VCARD\r\nVERSION:4\.0\r\n/);
    assert.match(data, new RegExp(`UID[^:]*:34222-${name}`));
  }
});
