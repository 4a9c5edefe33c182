/** The base, W: RFC 4918 and what HTTP asks of it. Mostly below /files/, where anything can be kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarObject, errorIn, House, lunch, namespaces } from '../../src/testing/house.ts';

const file = '/files/ann/note.txt';

async function withFile(text = 'one'): Promise<House> {
  const house = new House();
  const { status } = await house.ask('PUT', file, { body: text });
  assert.equal(status, 201);
  return house;
}

function update(inside: string): string {
  return `<D:propertyupdate ${namespaces}>${inside}</D:propertyupdate>`;
}

const set = (inside: string): string => `<D:set><D:prop>${inside}</D:prop></D:set>`;
const drop = (inside: string): string => `<D:remove><D:prop>${inside}</D:prop></D:remove>`;

test('W1: PROPFIND without a body is allprop (§9.1)', async () => {
  const house = await withFile();
  const found = await house.list('PROPFIND', file, { headers: { Depth: '0' } });
  assert.equal(found.text(file, 'D:getcontentlength'), '3');
  assert.deepEqual(found.names(file, 'D:resourcetype'), []);
});

test('W2: 404 for what is not there, and a 404 propstat for properties that are not (§9.1.2)', async () => {
  const house = await withFile();
  assert.equal(
    (await house.ask('PROPFIND', '/files/ann/no', { headers: { Depth: '0' } })).status,
    404,
  );
  const found = await house.properties(file, ['D:getetag', 'X:unknown', 'D:unknown']);
  assert.ok(found.find(file, 'D:getetag'));
  assert.ok(found.find(file, 'D:unknown', 404));
  assert.equal(
    found.responses.get(file)?.propstats.get(404)?.[0]?.namespace,
    'http://example.com/x',
  );
});

test('W3: Depth infinity is refused by name, also where there is no Depth (§9.1, §16)', async () => {
  const house = new House();
  for (const headers of [{ Depth: 'infinity' }, {}]) {
    const answer = await house.ask('PROPFIND', '/files/ann/', { headers });
    assert.equal(answer.status, 403);
    assert.equal(errorIn(answer), 'propfind-finite-depth');
  }
  assert.equal((await house.ask('PROPFIND', '/', { headers: { Depth: '2' } })).status, 400);
});

test('W4: propname gives names without values, include adds to allprop (§9.1.4, §9.1.6)', async () => {
  const house = await withFile();
  await house.ask('PROPPATCH', file, { body: update(set('<X:colour>red</X:colour>')) });
  const headers = { Depth: '0' };
  const names = await house.list('PROPFIND', file, {
    headers,
    body: `<D:propfind ${namespaces}><D:propname/></D:propfind>`,
  });
  assert.equal(names.text(file, 'D:getetag'), '');
  assert.ok(names.find(file, 'D:acl'));
  assert.equal(names.find(file, 'D:sync-token'), undefined);
  const found = names.responses
    .get(file)
    ?.propstats.get(200)
    ?.some(({ name }) => name === 'colour');
  assert.ok(found);
  const included = await house.list('PROPFIND', file, {
    headers,
    body: `<D:propfind ${namespaces}><D:allprop/><D:include><D:owner/><D:no/></D:include></D:propfind>`,
  });
  assert.ok(included.find(file, 'D:getetag'));
  assert.deepEqual(included.hrefIn(file, 'D:owner'), ['/principals/users/ann/']);
  assert.ok(included.find(file, 'D:no', 404));
});

test('W5: allprop leaves out what CalDAV, ACL and sync define (RFC 4791 §5.2, 3744 §5, 6578 §4)', async () => {
  const house = new House();
  await house.ask('PROPPATCH', '/calendars/ann/calendar/', {
    body: update(
      set('<C:calendar-description>mine</C:calendar-description><X:colour>1</X:colour>'),
    ),
  });
  const found = await house.list('PROPFIND', '/calendars/ann/calendar/', {
    headers: { Depth: '0' },
  });
  const names = found.responses.get('/calendars/ann/calendar/')?.propstats.get(200) ?? [];
  assert.deepEqual(names.map(({ name }) => name).sort(), [
    'colour',
    'creationdate',
    'displayname',
    'getlastmodified',
    'lockdiscovery',
    'resourcetype',
    'supportedlock',
  ]);
});

test('W6: one protected property, and nothing changes (§9.2, §16)', async () => {
  const house = await withFile();
  const answer = await house.list('PROPPATCH', file, {
    body: update(set('<X:colour>red</X:colour><D:getetag>mine</D:getetag>')),
  });
  const { propstats, element } = answer.responses.get(file)!;
  assert.equal(propstats.get(403)?.[0]?.name, 'getetag');
  assert.equal(propstats.get(424)?.[0]?.name, 'colour');
  assert.match(JSON.stringify(element), /cannot-modify-protected-property/);
  const after = await house.properties(file, ['X:colour']);
  assert.equal(after.responses.get(file)?.propstats.has(200), false);
});

test('W7: a dead property comes back with namespaces, attributes, mixed content and language (§4.3)', async () => {
  const house = await withFile();
  const value =
    '<note xmlns="urn:a" xmlns:b="urn:b" b:kind="&quot;x&quot;" plain="y">Grüße <b:em>🎉 &amp; &lt;co&gt;</b:em> tail</note>';
  await house.ask('PROPPATCH', file, {
    body: `<D:propertyupdate xmlns:D="DAV:" xml:lang="de">${set(value)}</D:propertyupdate>`,
  });
  const { text } = await house.ask('PROPFIND', file, { headers: { Depth: '0' } });
  assert.match(
    text,
    /<note xmlns="urn:a" xmlns:b="urn:b" b:kind="&quot;x&quot;" plain="y" xml:lang="de">/,
  );
  assert.match(text, /Grüße <b:em>🎉 &amp; &lt;co&gt;<\/b:em> tail<\/note>/);
});

test('W8: instructions run in document order; removing what is absent succeeds (§9.2)', async () => {
  const house = await withFile();
  const body = update(
    drop('<X:never/>') +
      set('<X:a>1</X:a>') +
      set('<X:b>1</X:b>') +
      drop('<X:a/>') +
      set('<X:b>2</X:b>'),
  );
  const answer = await house.list('PROPPATCH', file, { body });
  assert.deepEqual([...answer.responses.get(file)!.propstats.keys()], [200]);
  const after = await house.properties(file, ['X:a', 'X:b']);
  const { propstats } = after.responses.get(file)!;
  assert.deepEqual(
    propstats.get(200)?.map(({ name, children }) => [name, children[0]]),
    [['b', '2']],
  );
  assert.deepEqual(
    propstats.get(404)?.map(({ name }) => name),
    ['a'],
  );
});

test('W9: MKCOL: 405 on what is there, 409 without a parent, 415 for an unknown body (§9.3.1)', async () => {
  const house = new House();
  assert.equal((await house.ask('MKCOL', '/files/ann/a')).status, 201);
  assert.equal((await house.ask('MKCOL', '/files/ann/a/')).status, 405);
  assert.equal((await house.ask('MKCOL', '/files/ann/no/a')).status, 409);
  const xml = await house.ask('MKCOL', '/files/ann/b', { body: '<unknown/>' });
  assert.equal(xml.status, 415);
  const other = { body: '{}', headers: { 'Content-Type': 'application/json' } };
  assert.equal((await house.ask('MKCOL', '/files/ann/b', other)).status, 415);
});

test('W10: PUT: 409 without a parent, 405 on a collection (§9.7)', async () => {
  const house = new House();
  assert.equal((await house.ask('PUT', '/files/ann/no/x', { body: 'x' })).status, 409);
  assert.equal((await house.ask('PUT', '/files/ann/', { body: 'x' })).status, 405);
  assert.equal((await house.ask('PUT', '/calendars/ann/calendar/', { body: lunch })).status, 405);
  assert.equal((await house.ask('PUT', '/principals/users/ann/', { body: 'x' })).status, 403);
});

test('W11: COPY and MOVE: 201, 204, 412, 403, 409, 502; properties travel (§9.8, §9.9)', async () => {
  const house = await withFile();
  await house.ask('PROPPATCH', file, { body: update(set('<X:colour>red</X:colour>')) });
  const go = async (method: string, from: string, to: string, more = {}): Promise<number> =>
    (await house.ask(method, from, { headers: { Destination: to, ...more } })).status;
  const colour = async (target: string): Promise<unknown> => {
    const found = await house.properties(target, ['X:colour']);
    return found.responses.get(target)?.propstats.get(200)?.[0]?.children[0];
  };
  assert.equal(await go('COPY', file, '/files/ann/copy.txt'), 201);
  assert.equal(await colour('/files/ann/copy.txt'), 'red');
  assert.equal(await go('COPY', file, '/files/ann/copy.txt'), 204);
  assert.equal(await go('COPY', file, '/files/ann/copy.txt', { Overwrite: 'F' }), 412);
  assert.equal(await go('COPY', file, file), 403);
  assert.equal(await go('COPY', file, '/files/ann/no/x'), 409);
  assert.equal(await go('COPY', file, 'https://elsewhere.example/x'), 502);
  assert.equal(await go('COPY', '/files/ann/no', '/files/ann/x'), 404);
  assert.equal(await go('MOVE', file, '/files/ann/moved.txt'), 201);
  assert.equal((await house.ask('GET', file)).status, 404);
  assert.equal(await colour('/files/ann/moved.txt'), 'red');
  assert.equal(await go('MOVE', '/files/ann/moved.txt', '/files/ann/copy.txt'), 204);
  await house.ask('MKCOL', '/files/ann/a/');
  assert.equal(await go('MOVE', '/files/ann/a/', '/files/ann/a/b/'), 403);
});

test('W11: a collection is copied whole, or with Depth 0 alone, and replaces what was there', async () => {
  const house = new House();
  for (const path of ['a', 'a/b', 'c']) await house.ask('MKCOL', `/files/ann/${path}`);
  await house.ask('PUT', '/files/ann/a/b/x', { body: 'x' });
  await house.ask('PUT', '/files/ann/c/old', { body: 'old' });
  const headers = { Destination: '/files/ann/c/' };
  assert.equal((await house.ask('COPY', '/files/ann/a/', { headers })).status, 204);
  assert.equal((await house.ask('GET', '/files/ann/c/b/x')).text, 'x');
  assert.equal((await house.ask('GET', '/files/ann/c/old')).status, 404);
  const shallow = { Destination: '/files/ann/d/', Depth: '0' };
  assert.equal((await house.ask('COPY', '/files/ann/a/', { headers: shallow })).status, 201);
  assert.equal((await house.ask('GET', '/files/ann/d/b/x')).status, 404);
});

test('W12: DELETE of a collection removes everything (§9.6.1)', async () => {
  const house = new House();
  await house.ask('MKCOL', '/files/ann/a');
  await house.ask('PUT', '/files/ann/a/x', { body: 'x' });
  assert.equal(
    (await house.ask('DELETE', '/files/ann/a/', { headers: { Depth: '0' } })).status,
    400,
  );
  assert.equal((await house.ask('DELETE', '/files/ann/a/')).status, 204);
  assert.equal((await house.ask('GET', '/files/ann/a/x')).status, 404);
  assert.equal((await house.ask('DELETE', '/files/ann/a/')).status, 404);
  assert.equal((await house.ask('DELETE', '/files/ann/')).status, 403);
});

const odd = '/files/ann/a%20b@%C3%BC%26%3C%27.txt';

test('W13: hrefs are encoded in one way, and collections end in a slash (§5.2, §8.3)', async () => {
  const house = new House();
  const put = await house.ask('PUT', '/files/ann/a%20b%40ü&%3c%27.txt', { body: 'x' });
  assert.equal(put.status, 201);
  assert.equal(put.headers['Location'], `http://dav.example.org${odd}`);
  await house.ask('MKCOL', '/files/ann/ordner');
  const listed = await house.properties('/files/ann', ['D:resourcetype'], {
    headers: { Depth: '1' },
  });
  assert.deepEqual(listed.hrefs, ['/files/ann/', odd, '/files/ann/ordner/']);
});

test('W14: absolute and differently encoded URLs name the same in Destination, If and multiget (§8.3)', async () => {
  const house = new House();
  await house.ask('PUT', odd, { body: 'x' });
  const headers = { Destination: 'http://DAV.example.org:80/files/ann/%63opy' };
  assert.equal((await house.ask('COPY', odd, { headers })).status, 201);
  const etag = (await house.ask('GET', odd)).headers['ETag']!;
  const tagged = `<http://dav.example.org/files/ann/a%20b%40%c3%bc%26%3C%27.txt> ([${etag}])`;
  assert.equal((await house.ask('PUT', odd, { body: 'y', headers: { If: tagged } })).status, 204);
  assert.equal((await house.ask('PUT', odd, { body: 'z', headers: { If: tagged } })).status, 412);
  await house.ask('PUT', '/calendars/ann/calendar/a b.ics', { body: lunch });
  const report = await house.list('REPORT', '/calendars/ann/calendar/', {
    body: `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/></D:prop><D:href>https://dav.example.org/calendars/ann/%63alendar/a%20b.ics</D:href></C:calendar-multiget>`,
  });
  assert.deepEqual(report.hrefs, ['/calendars/ann/calendar/a%20b.ics']);
  assert.ok(report.find('/calendars/ann/calendar/a%20b.ics', 'D:getetag'));
});

test('W15: with and without a slash it is the same collection (§5.2)', async () => {
  const house = new House();
  for (const target of [
    '/calendars/ann/calendar',
    '/calendars/ann/calendar/',
    '//calendars//ann/calendar',
  ]) {
    const found = await house.properties(target, ['D:resourcetype']);
    assert.deepEqual(found.hrefs, ['/calendars/ann/calendar/']);
  }
});

test('W16: no encoding of dots and slashes leaves the tree', async () => {
  const house = new House();
  for (const target of [
    '/files/ann/../bob/x',
    '/files/ann/%2e%2e/bob/x',
    '/files/ann/%2E./bob/x',
    '/files/ann/..%2fbob/x',
    '/files/ann/%2e%2e%2fbob',
    '/files/ann/a%2Fb',
    '/files/ann/%00',
    '/files/ann/a%0D%0Ab',
    '/files/ann/%',
    '/files/ann/%zz',
    '/files/ann/%c3%28',
    '/files/ann/%c0%ae%c0%ae/x',
    'files/ann/x',
    '',
  ]) {
    for (const method of ['GET', 'PUT', 'DELETE', 'MKCOL']) {
      const { status, headers } = await house.ask(method, target, {
        body: method === 'PUT' ? 'x' : '',
      });
      assert.equal(status, 400, `${method} ${target}`);
      assert.equal(headers['Location'], undefined);
    }
    const copied = await house.ask('COPY', '/files/ann/', { headers: { Destination: target } });
    assert.ok(copied.status >= 400, target);
  }
  assert.equal((await house.ask('GET', `/files/ann/${'x'.repeat(256)}`)).status, 414);
  assert.equal((await house.ask('GET', `/files/ann${'/x'.repeat(40)}`)).status, 414);
});

test('W17: If-None-Match: * and a stale If-Match give 412 and change nothing (RFC 9110 §13)', async () => {
  const house = await withFile();
  const first = (await house.ask('GET', file)).headers['ETag']!;
  const put = async (headers: Record<string, string>): Promise<number> =>
    (await house.ask('PUT', file, { body: 'two', headers })).status;
  assert.equal(await put({ 'If-None-Match': '*' }), 412);
  assert.equal(await put({ 'If-None-Match': first }), 412);
  assert.equal(await put({ 'If-Match': '"stale"' }), 412);
  assert.equal(await put({ 'If-Match': `W/${first}` }), 412);
  assert.equal(await put({ 'If-Match': first.slice(1, -1) }), 412); // unquoted, as seen in the wild
  assert.equal(await put({ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' }), 412);
  assert.equal((await house.ask('GET', file)).text, 'one');
  assert.equal(await put({ 'If-Match': `"a,b", ${first}` }), 204);
  const missing = { body: 'x', headers: { 'If-Match': '*' } };
  assert.equal((await house.ask('PUT', '/files/ann/no', missing)).status, 412);
  const stale = await house.ask('DELETE', file, { headers: { 'If-Match': first } });
  assert.equal(stale.status, 412);
});

test('W17: GET with If-None-Match and If-Modified-Since answers 304 with the tag', async () => {
  const house = await withFile();
  const { headers } = await house.ask('GET', file);
  const same = await house.ask('GET', file, {
    headers: { 'If-None-Match': `"x", W/${headers['ETag']}` },
  });
  assert.deepEqual([same.status, same.headers['ETag'], same.text], [304, headers['ETag'], '']);
  const since = { 'If-Modified-Since': headers['Last-Modified']! };
  assert.equal((await house.ask('HEAD', file, { headers: since })).status, 304);
  const broken = { 'If-Modified-Since': 'yesterday' };
  assert.equal((await house.ask('GET', file, { headers: broken })).status, 200);
});

test('W18: of two PUTs with the same If-Match one succeeds (RFC 9110 §13.1.1)', async () => {
  const house = await withFile();
  const headers = { 'If-Match': (await house.ask('GET', file)).headers['ETag']! };
  // Both have read the same state before either has written.
  house.storage.beforeWrite = async () => {
    assert.equal((await house.ask('PUT', file, { body: 'second', headers })).status, 204);
  };
  assert.equal((await house.ask('PUT', file, { body: 'first', headers })).status, 412);
  assert.equal((await house.ask('GET', file)).text, 'second');
});

test('W18: the tag of a PUT is that of its own octets, whoever comes after it', async () => {
  const house = await withFile();
  const write = house.storage.write.bind(house.storage);
  house.storage.write = async (request) => {
    const result = await write(request);
    house.storage.write = write;
    await house.ask('PUT', file, { body: 'later' });
    return result.type === 'written' ? { ...result, view: await house.storage.view() } : result;
  };
  const { headers } = await house.ask('PUT', file, { body: 'first' });
  assert.notEqual(headers['ETag'], (await house.ask('GET', file)).headers['ETag']);
});

test('W18: without a condition the later PUT goes through after the other', async () => {
  const house = await withFile();
  house.storage.beforeWrite = async () => {
    await house.ask('PUT', file, { body: 'second' });
  };
  assert.equal((await house.ask('PUT', file, { body: 'first' })).status, 204);
  assert.equal((await house.ask('GET', file)).text, 'first');
});

test('W19: If with a stale sync token is 412 on any method (RFC 6578 §5)', async () => {
  const house = new House();
  const calendar = '/calendars/ann/calendar/';
  const token = (await house.properties(calendar, ['D:sync-token'])).text(calendar, 'D:sync-token');
  const headers = { If: `<${calendar}> (<${token}>)` };
  const put = (uid: string): Promise<{ status: number }> =>
    house.ask('PUT', `${calendar}${uid}.ics`, {
      body: calendarObject('DTSTART:20260301T120000Z', uid),
      headers,
    });
  assert.equal((await put('a')).status, 201);
  assert.equal((await put('b')).status, 412);
});

test('W19: of two requests with the same sync token in If one succeeds', async () => {
  const house = new House();
  const calendar = '/calendars/ann/calendar/';
  const token = (await house.properties(calendar, ['D:sync-token'])).text(calendar, 'D:sync-token');
  const headers = { If: `<${calendar}> (<${token}>)` };
  const put = async (uid: string): Promise<number> =>
    (
      await house.ask('PUT', `${calendar}${uid}.ics`, {
        body: calendarObject('DTSTART:20260301T120000Z', uid),
        headers,
      })
    ).status;
  house.storage.beforeWrite = async () => {
    assert.equal(await put('first'), 201);
  };
  assert.equal(await put('second'), 412);
});

test('W20: malformed XML is 400, a DOCTYPE is refused by name (§16, §20.6)', async () => {
  const house = new House();
  for (const body of [
    '<D:propfind',
    '<a></b>',
    '<D:propfind xmlns:D="DAV:"><D:prop>&x;</D:prop>',
    'x',
  ]) {
    assert.equal((await house.ask('PROPFIND', '/', { body, headers: { Depth: '0' } })).status, 400);
  }
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><D:propfind xmlns:D="DAV:">&b;</D:propfind>`;
  const answer = await house.ask('PROPFIND', '/', { body: bomb, headers: { Depth: '0' } });
  assert.equal(answer.status, 403);
  assert.equal(errorIn(answer), 'no-external-entities');
});

test('W21: return=minimal leaves out what is not there, and is echoed (RFC 8144 §2)', async () => {
  const house = await withFile();
  for (const [name, value] of [
    ['Prefer', 'return=minimal'],
    ['Prefer', 'respond-async, return="minimal"; x=y'],
    ['Brief', 't'],
  ] as const) {
    const found = await house.properties(file, ['D:getetag', 'X:no'], {
      headers: { [name]: value },
    });
    assert.deepEqual([...found.responses.get(file)!.propstats.keys()], [200]);
    assert.equal(found.answer.headers['Vary'], 'Prefer, Brief');
    const applied = found.answer.headers['Preference-Applied'];
    assert.equal(applied, name === 'Prefer' ? 'return=minimal' : undefined);
  }
  const none = await house.properties(file, ['X:no'], { headers: { Brief: 't' } });
  assert.deepEqual([...none.responses.get(file)!.propstats.keys()], [200]);
  const patched = await house.ask('PROPPATCH', file, {
    body: update(set('<X:a>1</X:a>')),
    headers: { Prefer: 'return=minimal' },
  });
  assert.deepEqual([patched.status, patched.text], [200, '']);
  const noRoot = await house.properties('/files/ann/', ['D:getetag'], {
    headers: { Depth: '1', Prefer: 'depth-noroot' },
  });
  assert.deepEqual(noRoot.hrefs, [file]);
});

test('W21: return=representation gives the resource back, also when a condition fails (RFC 8144 §3)', async () => {
  const house = await withFile();
  const headers = { Prefer: 'return=representation' };
  const put = await house.ask('PUT', file, { body: 'two', headers });
  assert.deepEqual([put.status, put.text], [200, 'two']);
  const stale = { ...headers, 'If-Match': '"stale"' };
  const refused = await house.ask('PUT', file, { body: 'three', headers: stale });
  assert.deepEqual(
    [refused.status, refused.text, refused.headers['ETag']],
    [412, 'two', put.headers['ETag']],
  );
});

test('W22: 401 and the refusal of rights win over 404, 409, 412 (§8.1)', async () => {
  const house = await withFile();
  for (const target of [file, '/files/ann/no', '/files/ann/no/x', '/nothing']) {
    for (const method of ['GET', 'PUT', 'DELETE', 'PROPFIND', 'MKCOL', 'LOCK', 'REPORT']) {
      const { status } = await house.ask(method, target, {
        user: undefined,
        headers: { 'If-Match': '"stale"' },
      });
      assert.equal(status, 401, `${method} ${target}`);
    }
  }
  const bob = { user: 'bob', headers: { 'If-Match': '"stale"' }, body: 'x' };
  assert.equal((await house.ask('PUT', file, bob)).status, 404); // the same for what is and is not there
  assert.equal((await house.ask('PUT', '/files/ann/no/x', bob)).status, 404);
});

test('W24: an unknown report is 403 supported-report (RFC 3253 §3.6)', async () => {
  const house = await withFile();
  const answer = await house.ask('REPORT', file, { body: `<X:report ${namespaces}/>` });
  assert.equal(answer.status, 403);
  assert.equal(errorIn(answer), 'supported-report');
  const misplaced = await house.ask('REPORT', file, { body: `<C:calendar-query ${namespaces}/>` });
  assert.equal(errorIn(misplaced), 'supported-report');
});

test('W25: supported-report-set lists what works, and nothing else (RFC 3253 §3.1.5)', async () => {
  const house = await withFile();
  await house.ask('PUT', '/calendars/ann/calendar/x.ics', { body: lunch });
  const every = [
    'D:expand-property',
    'D:principal-match',
    'D:principal-property-search',
    'D:principal-search-property-set',
    'D:acl-principal-prop-set',
    'D:sync-collection',
    'D:version-tree',
    'C:calendar-query',
    'C:calendar-multiget',
    'C:free-busy-query',
    'CR:addressbook-query',
    'CR:addressbook-multiget',
    'CS:calendarserver-principal-search',
  ];
  for (const target of [
    '/',
    '/principals/users/ann/',
    '/calendars/ann/',
    '/calendars/ann/calendar/',
    '/calendars/ann/calendar/x.ics',
    '/addressbooks/ann/contacts/',
    '/files/ann/',
    file,
  ]) {
    const found = await house.properties(target, ['D:supported-report-set']);
    const listed: string[] = found.answer.text.match(/(?<=<D:report><)[\w:-]+/g) ?? [];
    for (const report of every) {
      const answer = await house.ask('REPORT', target, { body: `<${report} ${namespaces}/>` });
      const refused = answer.status === 403 && errorIn(answer) === 'supported-report';
      assert.equal(refused, !listed.includes(report), `${report} on ${target}`);
    }
  }
});

test('a method nobody knows is 501, POST 405', async () => {
  const house = new House();
  assert.equal((await house.ask('BREW', '/')).status, 501);
  assert.equal((await house.ask('constructor', '/')).status, 501);
  assert.equal((await house.ask('POST', '/calendars/ann/')).status, 405);
});
