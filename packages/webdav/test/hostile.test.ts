/** Requests that mean ill: what they ask for is refused, soon, and never with an error of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { handle } from '../src/handle.ts';
import { formatHref, parseUrlPath } from '../src/path/url-path.ts';
import { calendarObject, collect, House, namespaces } from '../src/testing/house.ts';

const depth0 = { Depth: '0' };

async function quickly(run: () => Promise<{ status: number }>, status: number): Promise<void> {
  const started = performance.now();
  assert.equal((await run()).status, status);
  assert.ok(performance.now() - started < 5000);
}

test('XML that is deep, wide, or a bomb', async () => {
  const house = new House();
  const ask = (body: string): Promise<{ status: number }> =>
    house.ask('PROPFIND', '/files/ann/', { headers: depth0, body });
  await quickly(() => ask('<a>'.repeat(10_000)), 400);
  await quickly(() => ask(`${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`), 400);
  await quickly(() => ask(`<D:propfind ${namespaces}>${'<a/>'.repeat(250_000)}</D:propfind>`), 400);
  await quickly(
    () => ask(`<D:propfind ${namespaces}><D:prop>${'<X:a/>'.repeat(500)}</D:prop></D:propfind>`),
    400,
  );
  const attributes = Array.from({ length: 250_000 }, (_, i) => `a${i}=""`).join(' ');
  await quickly(() => ask(`<D:propfind ${namespaces} ${attributes}/>`), 400);
  const entities = Array.from(
    { length: 20 },
    (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`,
  ).join('');
  await quickly(() => ask(`<!DOCTYPE x [<!ENTITY e0 "x">${entities}]><x>&e20;</x>`), 403);
  await quickly(() => ask('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'), 403);
  await quickly(() => ask(`${'<?x y?>'.repeat(1000)}<!DOCTYPE x>`), 403);
  await quickly(() => ask('<x>&#0;</x>'), 400);
  await quickly(() => ask('<x xmlns:xml="urn:x"/>'), 400);
});

test('XML that is no UTF-8, or UTF-16', async () => {
  const house = new House();
  const ask = (body: Uint8Array): Promise<{ status: number }> =>
    house.ask('PROPFIND', '/files/ann/', { headers: depth0, body });
  assert.equal((await ask(Uint8Array.of(0x3c, 0xff, 0x3e))).status, 400);
  const text = `\uFEFF<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>`;
  const little = new Uint8Array(Buffer.from(text, 'utf16le'));
  assert.equal((await ask(little)).status, 207);
  assert.equal((await ask(new Uint8Array(Buffer.from(little).swap16()))).status, 207);
  assert.equal((await ask(little.subarray(0, 11))).status, 400);
});

test('headers are never split, whatever a client puts into names and types', async () => {
  const house = new House();
  const type = 'text/html\r\nSet-Cookie: a=b';
  await house.ask('PUT', '/files/ann/x', { body: '<script>', headers: { 'Content-Type': type } });
  const { headers } = await house.ask('GET', '/files/ann/x');
  assert.equal(headers['Content-Type'], 'application/octet-stream');
  await house.ask('PUT', '/files/ann/y', {
    body: '<script>',
    headers: { 'Content-Type': 'text/html' },
  });
  const page = await house.ask('GET', '/files/ann/y');
  assert.equal(page.headers['Content-Security-Policy'], "sandbox; default-src 'none'");
  assert.equal(page.headers['X-Content-Type-Options'], 'nosniff');
  const odd = '/files/ann/%22%3E%3Cscript%3E';
  await house.ask('PUT', odd, { body: 'x' });
  const listed = await house.ask('GET', '/files/ann/');
  assert.doesNotMatch(listed.text, /<script>/);
  assert.match(listed.text, /<a href="\/files\/ann\/%22%3E%3Cscript%3E">/);
});

test('what people write reaches XML escaped', async () => {
  const house = new House();
  // What XML has no character for is not taken (the writer has a test of its own for what is there already).
  const body = calendarObject('DTSTART:20260301T120000Z\nSUMMARY:]]><D:evil/>&"\'');
  for (const none of ['\u0001', '\uffff']) {
    const odd = { body: body.replace('evil', none) };
    assert.equal((await house.ask('PUT', '/calendars/ann/calendar/y.ics', odd)).status, 403);
  }
  await house.ask('PUT', '/calendars/ann/calendar/x.ics', { body });
  const answer = await house.list('REPORT', '/calendars/ann/calendar/', {
    headers: { Depth: '1' },
    body: `<C:calendar-query ${namespaces}><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>`,
  });
  const data = answer.text('/calendars/ann/calendar/x.ics', 'C:calendar-data');
  assert.equal(data, body);
  assert.equal((await house.ask('PROPFIND', '/files/ann/%01', { headers: depth0 })).status, 400);
});

test('a name asked for cannot leave its element', async () => {
  const house = new House();
  for (const namespace of ['urn:a&quot;>&lt;D:evil/>&lt;a b=&quot;', 'urn:&lt;&amp;']) {
    const body = `<D:propfind ${namespaces}><D:prop><p xmlns="${namespace}"/></D:prop></D:propfind>`;
    const answer = await house.list('PROPFIND', '/files/ann/', { headers: depth0, body });
    assert.equal(answer.responses.get('/files/ann/')?.propstats.get(404)?.length, 1);
  }
  const odd = '<xml:lang/><ä:ö xmlns:ä="urn:ä"/><plain xmlns=""/><_.-x xmlns="DAV:"/>';
  const body = `<D:propfind ${namespaces}><D:prop>${odd}</D:prop></D:propfind>`;
  const answer = await house.list('PROPFIND', '/files/ann/', { headers: depth0, body });
  const names = answer.responses
    .get('/files/ann/')
    ?.propstats.get(404)
    ?.map(({ name }) => name);
  assert.deepEqual(names, ['lang', 'ö', 'plain', '_.-x']);
});

test('headers that no parser would expect', async () => {
  const house = new House();
  await house.ask('PUT', '/files/ann/x', { body: 'x' });
  const odd = [
    '(',
    ')',
    '((',
    '<',
    '<>',
    '(<>)',
    '([',
    '(["',
    '(Not)',
    '()',
    '(<a>) <b>',
    '<b> <c> (<a>)',
    'x',
  ];
  for (const value of [...odd, '(<a>)'.repeat(2000), '('.repeat(100_000)]) {
    const { status } = await house.ask('PUT', '/files/ann/x', {
      body: 'y',
      headers: { If: value },
    });
    assert.ok(status === 400 || status === 412, `${value.slice(0, 20)}: ${status}`);
  }
  for (const [name, value] of [
    ['Depth', 'many'],
    ['If-Match', '"'],
    ['If-Match', '"'.repeat(100_001)],
    ['If-None-Match', ',,,'],
    ['If-Modified-Since', '0'],
    ['Timeout', 'Second-'],
    ['Prefer', ';;;==='],
    ['Accept', ',;q=x,'],
    ['Content-Type', ';;'],
    ['Destination', 'http://'],
    ['Destination', '//evil'],
    ['Lock-Token', '<'],
    ['Overwrite', '?'],
  ] as const) {
    for (const method of ['GET', 'PROPFIND', 'PUT', 'COPY', 'LOCK', 'UNLOCK', 'DELETE']) {
      const { status } = await house.ask(method, '/files/ann/y', { headers: { [name]: value } });
      assert.ok(status < 500 || status === 502, `${method} ${name}: ${status}`);
    }
  }
});

test('filters without end are refused (RFC 4791 §11)', async () => {
  const house = new House();
  const ask = (inside: string): Promise<{ status: number }> =>
    house.ask('REPORT', '/calendars/ann/calendar/', {
      body: `<C:calendar-query ${namespaces}><C:filter><C:comp-filter name="VCALENDAR">${inside}</C:comp-filter></C:filter></C:calendar-query>`,
    });
  await quickly(() => ask('<C:comp-filter name="VEVENT"/>'.repeat(1000)), 403);
  await quickly(
    () => ask('<C:comp-filter name="VEVENT">'.repeat(50) + '</C:comp-filter>'.repeat(50)),
    403,
  );
  const hrefs = '<D:href>/x</D:href>'.repeat(10_001);
  const multiget = `<C:calendar-multiget ${namespaces}><D:prop/>${hrefs}</C:calendar-multiget>`;
  await quickly(() => house.ask('REPORT', '/calendars/ann/calendar/', { body: multiget }), 507);
});

test('properties have a size and a number', async () => {
  const house = new House();
  const set = (inside: string): string =>
    `<D:propertyupdate ${namespaces}><D:set><D:prop>${inside}</D:prop></D:set></D:propertyupdate>`;
  const large = await house.list('PROPPATCH', '/files/ann/', {
    body: set(`<X:a>${'x'.repeat(70_000)}</X:a>`),
  });
  assert.match(large.answer.text, /507/);
  const many = Array.from({ length: 301 }, (_, i) => `<X:a${i}/>`).join('');
  const answer = await house.list('PROPPATCH', '/files/ann/', { body: set(many) });
  assert.match(answer.answer.text, /507/);
  const after = await house.list('PROPFIND', '/files/ann/', { headers: depth0 });
  assert.doesNotMatch(after.answer.text, /example\.com/);
});

test('a body that streams is bounded, too', async () => {
  const house = new House();
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1 << 20);
  }
  const request = { ...house.request('PUT', '/files/ann/x', { user: 'ann' }), body: endless() };
  assert.equal((await handle(house.engine, request)).status, 413);
  async function* two(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0x61);
    yield Uint8Array.of(0x62);
  }
  const { status } = await handle(house.engine, { ...request, body: two() });
  assert.equal(status, 201);
  assert.equal((await house.ask('GET', '/files/ann/x')).text, 'ab');
});

test('any octets as a target or a body are answered', async () => {
  const house = new House();
  const methods = [
    'GET',
    'PROPFIND',
    'REPORT',
    'PUT',
    'MKCOL',
    'PROPPATCH',
    'LOCK',
    'ACL',
    'MKCALENDAR',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...methods),
      fc.oneof(
        fc.string(),
        fc.webPath().map((path) => `/files/ann${path}`),
      ),
      fc.uint8Array({ maxLength: 200 }),
      async (method, target, body) => {
        const { status } = await house.ask(method, target, { body, headers: depth0 });
        assert.ok(status < 500, `${method} ${target}: ${status}`);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

test('a path goes through an href unchanged, and every href is canonical', () => {
  const segment = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => !/^\.\.?$|[/\x7f]/.test(text) && text.isWellFormed())
    .filter((text) => Array.from(text).every((character) => character >= ' '));
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 8 }), fc.boolean(), (segments, collection) => {
      const href = formatHref(segments, collection);
      if (segments.length === 0 && !collection) return;
      const parsed = parseUrlPath(href);
      assert.deepEqual(parsed.segments, segments);
      assert.equal(parsed.slash, collection);
      assert.match(href, /^[\w\-.~@:()%/]+$/);
      const lower = href.replace(/%../g, (octet) => octet.toLowerCase());
      assert.equal(formatHref(parseUrlPath(lower).segments, collection), href);
    }),
    { seed: 1 },
  );
});

test('a large answer is streamed in pieces, and others get their turn', async () => {
  const house = new House();
  const octets = new Uint8Array(0);
  await house.ask('GET', '/files/ann/');
  await house.push(
    Array.from({ length: 10_000 }, (_, i) => ({
      type: 'put' as const,
      path: ['files', 'ann', `file-${i}`],
      octets,
      contentType: 'text/plain',
      facts: undefined,
    })),
  );
  const body = `<D:propfind ${namespaces}><D:prop><D:getetag/></D:prop></D:propfind>`;
  const request = house.request('PROPFIND', '/files/ann/', {
    user: 'ann',
    headers: { Depth: '1' },
    body,
  });
  const response = await handle(house.engine, request);
  assert.ok(response.body !== undefined && !(response.body instanceof Uint8Array));
  const made = house.pauses;
  assert.ok(made <= 4, 'no more is made than is taken');
  const whole = await collect(response.body);
  assert.ok(whole.length > 1_000_000);
  assert.ok(house.pauses - made > whole.length / 40_000);
  // A client that goes away ends it.
  const left = await handle(house.engine, request);
  const pieces = (left.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  assert.equal((await pieces.next()).done, false);
  await pieces.return?.();
  assert.equal((await pieces.next()).done, true);
});

test('a property in the repository that is no XML is left out, and spoils nothing else', async () => {
  const house = new House();
  await house.ask('PUT', '/files/ann/x', { body: 'x' });
  const property = (namespace: string, name: string, xml: string) => ({ namespace, name, xml });
  for (const path of [
    ['files', 'ann', 'x'],
    ['calendars', 'ann'],
    ['calendars', 'ann', 'calendar'],
  ]) {
    await house.push([
      {
        type: 'set-metadata',
        path,
        metadata: {
          acl: [],
          properties: [
            property('DAV:', 'displayname', '<displayname'),
            property('urn:x', 'a', '</D:multistatus>'),
            property('urn:x', 'b', '<other xmlns="urn:x"/>'),
            property('urn:riad:dav', 'shared-collections', 'x'),
            property('urn:ietf:params:xml:ns:caldav', 'calendar-timezone', '&'),
            property('urn:x', 'good', '<good xmlns="urn:x">1</good>'),
          ],
        },
      },
    ]);
    const target = `/${path.join('/')}${path[0] === 'files' ? '' : '/'}`;
    const all = await house.list('PROPFIND', target, { headers: depth0 });
    assert.match(all.answer.text, /<good xmlns="urn:x">1<\/good>/);
    assert.doesNotMatch(all.answer.text, /<other/);
    const named = await house.properties(target, ['D:displayname', 'D:sync-token']);
    assert.ok(named.responses.has(target));
  }
  const query = `<C:calendar-query ${namespaces}><D:prop/><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>`;
  await house.list('REPORT', '/calendars/ann/calendar/', { headers: { Depth: '1' }, body: query });
});
