/** Address books, B: RFC 6352. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  errorIn,
  House,
  lunch,
  type Multistatus,
  namespaces,
} from '../../src/testing/house.ts';
import { childOf } from '../../src/xml/element.ts';
import { DAV } from '../../src/xml/namespaces.ts';

const book = '/addressbooks/ann/contacts/';
const headers = { Depth: '1' };

function card(uid: string, lines: string, version = '3.0'): string {
  return `BEGIN:VCARD\nVERSION:${version}\nUID:${uid}\n${lines.trim()}\nEND:VCARD\n`.replaceAll(
    '\n',
    '\r\n',
  );
}

function put(house: House, name: string, body: string, type = 'text/vcard'): Promise<Answer> {
  return house.ask('PUT', book + name, { body, headers: { 'Content-Type': type } });
}

async function refused(answer: Answer, precondition: string, status = 403): Promise<void> {
  assert.equal(answer.status, status, answer.text);
  assert.equal(errorIn(answer), precondition);
}

const prop = (name: string, inside = '', test = ''): string =>
  `<CR:prop-filter name="${name}"${test}>${inside}</CR:prop-filter>`;
const match = (text: string, attributes = ''): string =>
  `<CR:text-match${attributes}>${text}</CR:text-match>`;

function query(filter: string, { test: kind = '', data = '', more = '' } = {}): string {
  return `<CR:addressbook-query ${namespaces}><D:prop><D:getetag/>${data}</D:prop><CR:filter${kind}>${filter}</CR:filter>${more}</CR:addressbook-query>`;
}

async function found(house: House, filter: string, kind = ''): Promise<string[]> {
  const answer = await house.list('REPORT', book, { headers, body: query(filter, { test: kind }) });
  return answer.hrefs.map((href) => href.slice(book.length));
}

async function houseWith(cards: Readonly<Record<string, string>>): Promise<House> {
  const house = new House();
  for (const [name, body] of Object.entries(cards)) {
    const { status, text } = await put(house, name, body);
    assert.equal(status, 201, text);
  }
  return house;
}

test('B1: extended MKCOL makes a book, in its home only (§5.2, §6.3.1)', async () => {
  const house = new House();
  const body = `<D:mkcol ${namespaces}><D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype><D:displayname>Club</D:displayname><CR:addressbook-description xml:lang="en">All</CR:addressbook-description></D:prop></D:set></D:mkcol>`;
  const target = '/addressbooks/ann/club/';
  assert.equal((await house.ask('MKCOL', target, { body })).status, 201);
  const names = [
    'D:resourcetype',
    'D:displayname',
    'CR:addressbook-description',
    'CR:supported-address-data',
  ];
  const properties = await house.properties(target, names);
  assert.deepEqual(properties.names(target, 'D:resourcetype'), ['collection', 'addressbook']);
  assert.equal(properties.text(target, 'CR:addressbook-description'), 'All');
  assert.deepEqual(properties.attributes(target, 'CR:supported-address-data', 'version'), [
    '3.0',
    '4.0',
  ]);
  const location = 'addressbook-collection-location-ok';
  await refused(await house.ask('MKCOL', '/calendars/ann/club/', { body }), location);
  await refused(await house.ask('MKCOL', `${target}inner/`, { body }), location);
});

test('B2: no UID, two cards, other types (§5.1, §6.3.2.1)', async () => {
  const house = new House();
  const one = card('u', 'FN:A\nN:A;;;;');
  await refused(await put(house, 'x', one.replace('UID:u\r\n', '')), 'valid-address-data');
  await refused(await put(house, 'x', one + one), 'valid-address-data');
  await refused(await put(house, 'x', lunch, 'text/calendar'), 'supported-address-data');
  await refused(await put(house, 'x', lunch), 'supported-address-data');
  await refused(await put(house, 'x', one.replace('3.0', '9.0')), 'supported-address-data');
  assert.equal((await house.ask('PUT', '/calendars/ann/calendar/x', { body: one })).status, 403);
});

test('B3: a UID twice is a conflict with its href (§6.3.2.1)', async () => {
  const house = await houseWith({ 'a.vcf': card('u', 'FN:A') });
  const answer = await put(house, 'b.vcf', card('u', 'FN:B'));
  await refused(answer, 'no-uid-conflict', 409);
  assert.match(
    answer.text,
    /<CR:no-uid-conflict><D:href>\/addressbooks\/ann\/contacts\/a.vcf<\/D:href>/,
  );
});

test('B4: anyof unless it says allof, at both levels (§10.5)', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:Ann Lee\nEMAIL;TYPE=work:ann@example.org'),
    'b.vcf': card('b', 'FN:Bob Lee\nEMAIL;TYPE=home:bob@example.com'),
  });
  const two = prop('FN', match('ann')) + prop('EMAIL', match('bob'));
  assert.deepEqual(await found(house, two), ['a.vcf', 'b.vcf']);
  assert.deepEqual(await found(house, two, ' test="allof"'), []);
  const inner = match('lee') + match('ann');
  assert.deepEqual(await found(house, prop('FN', inner)), ['a.vcf', 'b.vcf']);
  assert.deepEqual(await found(house, prop('FN', inner, ' test="allof"')), ['a.vcf']);
  assert.deepEqual(await found(house, ''), ['a.vcf', 'b.vcf']);
  assert.deepEqual(await found(house, prop('NICKNAME')), []);
  assert.deepEqual(await found(house, prop('NICKNAME', '<CR:is-not-defined/>')), [
    'a.vcf',
    'b.vcf',
  ]);
  const type = `<CR:param-filter name="TYPE">${match('work')}</CR:param-filter>`;
  assert.deepEqual(await found(house, prop('EMAIL', type)), ['a.vcf']);
});

test('B5, B6: match types, negation, collations (§8.3, §10.5.4, RFC 5051)', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:Ärzte Straße'),
    'b.vcf': card('b', 'FN:Street Doctor'),
  });
  const fn = (text: string, attributes = ''): Promise<string[]> =>
    found(house, prop('FN', match(text, attributes)));
  assert.deepEqual(await fn('street doctor', ' match-type="equals"'), ['b.vcf']);
  assert.deepEqual(await fn('street', ' match-type="equals"'), []);
  assert.deepEqual(await fn('street', ' match-type="starts-with"'), ['b.vcf']);
  assert.deepEqual(await fn('doctor', ' match-type="starts-with"'), []);
  assert.deepEqual(await fn('DOCTOR', ' match-type="ends-with"'), ['b.vcf']);
  assert.deepEqual(await fn('ärzte'), ['a.vcf']);
  assert.deepEqual(await fn('STRASSE'), []);
  assert.deepEqual(await fn('ärzte', ' collation="i;ascii-casemap"'), []);
  assert.deepEqual(await fn('street', ' negate-condition="yes"'), ['a.vcf']);
  const unknown = query(prop('FN', match('x', ' collation="i;klingon"')));
  await refused(await house.ask('REPORT', book, { headers, body: unknown }), 'supported-collation');
});

test('B7: TEL is any group’s, item1.TEL its own (§10.5.1)', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:A\nitem1.TEL:123'),
    'b.vcf': card('b', 'FN:B\nTEL:123'),
  });
  assert.deepEqual(await found(house, prop('TEL', match('123'))), ['a.vcf', 'b.vcf']);
  assert.deepEqual(await found(house, prop('item1.TEL', match('123'))), ['a.vcf']);
});

test('B8: nresults adds 507 for the book, which is not counted (§8.6.2)', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:A'),
    'b.vcf': card('b', 'FN:B'),
    'c.vcf': card('c', 'FN:C'),
  });
  const ask = (limit: number): Promise<Multistatus> =>
    house.list('REPORT', book, {
      headers,
      body: query('', { more: `<CR:limit><CR:nresults>${limit}</CR:nresults></CR:limit>` }),
    });
  const two = await ask(2);
  assert.deepEqual(two.hrefs, [`${book}a.vcf`, `${book}b.vcf`, book]);
  assert.equal(two.responses.get(book)?.status, 507);
  assert.equal((await ask(3)).responses.has(book), false);
});

test('B9: the other version is made for who asks for it (§5.1.1, §8.7.2)', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:Ann\nN:;Ann;;;\nPHOTO;ENCODING=b;TYPE=PNG:AAAA'),
    'b.vcf': card('b', 'FN:Team\nKIND:group\nMEMBER:urn:uuid:x', '4.0'),
  });
  const multiget = (version: string): string =>
    `<CR:addressbook-multiget ${namespaces}><D:prop><CR:address-data content-type="text/vcard" version="${version}"/></D:prop><D:href>${book}a.vcf</D:href><D:href>${book}b.vcf</D:href></CR:addressbook-multiget>`;
  const fourth = await house.list('REPORT', book, { body: multiget('4.0') });
  assert.match(
    fourth.text(`${book}a.vcf`, 'CR:address-data')!,
    /VERSION:4.0[\s\S]*PHOTO:data:image\/png/,
  );
  const third = await house.list('REPORT', book, { body: multiget('3.0') });
  assert.match(
    third.text(`${book}b.vcf`, 'CR:address-data')!,
    /VERSION:3.0[\s\S]*X-ADDRESSBOOKSERVER-KIND:group/,
  );
  await refused(
    await house.ask('REPORT', book, { body: multiget('2.1') }),
    'supported-address-data',
  );
  const get = (accept: string): Promise<Answer> =>
    house.ask('GET', `${book}a.vcf`, { headers: { Accept: accept } });
  const plain = await get('*/*');
  const converted = await get('text/vcard; version=4.0, */*;q=0.1');
  assert.match(converted.text, /VERSION:4.0/);
  assert.notEqual(converted.headers['ETag'], plain.headers['ETag']);
  assert.equal(converted.headers['Vary'], 'Accept');
  await refused(await get('application/json'), 'supported-address-data-conversion', 406);
  const change = {
    body: card('a', 'FN:Anna'),
    headers: { 'If-Match': converted.headers['ETag']! },
  };
  assert.equal((await house.ask('PUT', `${book}a.vcf`, change)).status, 204);
});

test('B9: a card that cannot be read is refused in another version, not given as it is', async () => {
  const house = await houseWith({ 'a.vcf': card('a', 'FN:Ann\nN:;Ann;;;') });
  // None that a PUT brings in; somebody has pushed it to the repository.
  const broken = card('b', 'FN:B', '9.9');
  await house.push([
    {
      type: 'put',
      path: ['addressbooks', 'ann', 'contacts', 'b.vcf'],
      octets: new TextEncoder().encode(broken),
      contentType: 'text/vcard',
      facts: undefined,
    },
  ]);
  const get = (accept?: string): Promise<Answer> =>
    house.ask('GET', `${book}b.vcf`, accept === undefined ? {} : { headers: { Accept: accept } });
  const precondition = 'supported-address-data-conversion';
  await refused(await get('text/vcard; version=4.0'), precondition, 406);
  await refused(await get('text/vcard; version=3.0, application/json'), precondition, 406);
  // The client takes it as it is after all, or has not said what it takes.
  const plain = await get();
  assert.equal(plain.text, broken);
  for (const accept of ['text/vcard; version=4.0, */*;q=0.1', 'text/vcard']) {
    const answer = await get(accept);
    assert.equal(answer.text, broken, accept);
    assert.equal(answer.headers['ETag'], plain.headers['ETag'], accept);
  }

  const multiget = (data: string): string =>
    `<CR:addressbook-multiget ${namespaces}><D:prop><D:getetag/>${data}</D:prop><D:href>${book}b.vcf</D:href><D:href>${book}a.vcf</D:href></CR:addressbook-multiget>`;
  for (const version of ['3.0', '4.0']) {
    const data = `<CR:address-data content-type="text/vcard" version="${version}"/>`;
    const answer = await house.list('REPORT', book, { body: multiget(data) });
    // §8.7.2: the others come; this one says why it does not.
    assert.match(answer.text(`${book}a.vcf`, 'CR:address-data')!, /FN:Ann/);
    const { status, propstats, element } = answer.responses.get(`${book}b.vcf`)!;
    assert.equal(status, 415);
    assert.equal(propstats.size, 0);
    const names = childOf(element, DAV, 'error')?.children.map((one) =>
      typeof one === 'string' ? one : one.name,
    );
    assert.equal(names?.[0], precondition);
  }
  for (const data of ['<CR:address-data/>', '<CR:address-data content-type="text/vcard"/>', '']) {
    const answer = await house.list('REPORT', book, { body: multiget(data) });
    const text = answer.text(`${book}b.vcf`, 'CR:address-data');
    assert.equal(text, data === '' ? undefined : broken);
  }
});

test('B10: a part of the card (§10.4)', async () => {
  const house = await houseWith({ 'a.vcf': card('a', 'FN:Ann\nN:;Ann;;;\nNOTE:long') });
  const data =
    '<CR:address-data><CR:prop name="FN"/><CR:prop name="NOTE" novalue="yes"/></CR:address-data>';
  const answer = await house.list('REPORT', book, { headers, body: query('', { data }) });
  assert.equal(
    answer.text(`${book}a.vcf`, 'CR:address-data'),
    'BEGIN:VCARD\r\nFN:Ann\r\nNOTE:\r\nEND:VCARD\r\n',
  );
});

test('B11: a photo of two megabytes comes back octet for octet (§6.3.2.3)', async () => {
  const photo = 'A'.repeat(2_800_000).replace(/.{74}/g, '$&\r\n ');
  const body = card('a', 'FN:A').replace('END:', `PHOTO;ENCODING=b;TYPE=JPEG:${photo}\r\nEND:`);
  const house = await houseWith({ 'a.vcf': body });
  assert.equal((await house.ask('GET', `${book}a.vcf`)).text, body);
  const limit = (await house.properties(book, ['CR:max-resource-size'])).text(
    book,
    'CR:max-resource-size',
  );
  const large = card('b', `FN:B\nNOTE:${'x'.repeat(Number(limit))}`);
  await refused(await put(house, 'b.vcf', large), 'max-resource-size');
});

test('B12: If-Match and sync are as in calendars (RFC 6578)', async () => {
  const house = await houseWith({ 'a.vcf': card('a', 'FN:A') });
  const stale = { body: card('a', 'FN:B'), headers: { 'If-Match': '"x"' } };
  assert.equal((await house.ask('PUT', `${book}a.vcf`, stale)).status, 412);
  const sync = `<D:sync-collection ${namespaces}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`;
  const first = await house.list('REPORT', book, { body: sync });
  assert.deepEqual(first.hrefs, [`${book}a.vcf`]);
  const since = sync.replace('<D:sync-token/>', `<D:sync-token>${first.syncToken}</D:sync-token>`);
  assert.deepEqual((await house.list('REPORT', book, { body: since })).hrefs, []);
  await house.ask('DELETE', `${book}a.vcf`);
  const last = await house.list('REPORT', book, { body: since });
  assert.equal(last.responses.get(`${book}a.vcf`)?.status, 404);
});

test('GET on a book is all cards', async () => {
  const house = await houseWith({
    'a.vcf': card('a', 'FN:A').trimEnd(),
    'b.vcf': card('b', 'FN:B'),
  });
  const { status, text, headers: sent } = await house.ask('GET', book);
  assert.equal(status, 200);
  assert.equal(sent['Content-Type'], 'text/vcard; charset=utf-8');
  assert.equal(text.match(/END:VCARD\r\n/g)?.length, 2);
});
