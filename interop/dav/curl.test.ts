/**
 * What Apple's clients, DAVx5 and Thunderbird ask from the first request to the first event, in their order, by
 * curl against the whole service, over HTTP/1.1 and HTTP/2. Told from their sources and documentation; each answer
 * must hold what the client needs for its next request. CalDavZAP, a page of another origin, is here for its CORS.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CurlAnswer, curl, type HttpVersion, Transcript } from './curl.ts';

const versions: readonly HttpVersion[] = ['1.1', '2'];
const namespaces =
  'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/" xmlns:ICAL="http://apple.com/ns/ical/" xmlns:P="https://bitfire.at/webdav-push"';
const depth0 = { Depth: '0' };
const depth1 = { Depth: '1' };
const ics = { 'Content-Type': 'text/calendar; charset=utf-8' };

const propfind = (...names: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<D:propfind ${namespaces}><D:prop>${names.map((name) => `<${name}/>`).join('')}</D:prop></D:propfind>`;

const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//client//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

/** `D:response` of one href, as text. */
function responseOf({ body }: CurlAnswer, href: string): string {
  const found = body
    .split('<D:response>')
    .slice(1)
    .find((one) => one.startsWith(`<D:href>${href}</D:href>`));
  assert.ok(found !== undefined, `${href} is not in\n${body}`);
  return found;
}

/** What stands in a property that was found; fails if it was not. */
function property(answer: CurlAnswer, href: string, name: string): string {
  const response = responseOf(answer, href);
  const [found = ''] = response.split('HTTP/1.1 404');
  const [, empty, inside] =
    new RegExp(`<${name}(?: [^>]*)?(?:(/)>|>([\\s\\S]*?)</${name}>)`).exec(found) ?? [];
  assert.ok(empty !== undefined || inside !== undefined, `${name} of ${href} in\n${response}`);
  return inside ?? '';
}

function hrefIn(text: string): string {
  const [, href] = /<D:href(?: [^>]*)?>([^<]*)<\/D:href>/.exec(text) ?? [];
  assert.ok(href !== undefined, `no href in ${text}`);
  return href;
}

function tokenIn({ body }: CurlAnswer): string {
  const [, token = ''] = /<D:sync-token>([^<]+)<\/D:sync-token>/.exec(body) ?? [];
  assert.match(token, /^\w+:/, 'a token is a URI');
  return token;
}

function is401(answer: CurlAnswer): void {
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Riad", charset="UTF-8"');
}

for (const version of versions) {
  describe(`by curl over HTTP/${version}`, { skip: curl.missing, timeout: 120_000 }, () => {
    test('Apple: D1 D2 D3 D4 D9 D10, and the first event', async () => {
      await using apple = await Transcript.start(version, 'macOS/15.1 (24B83) dataaccessd/1.0');
      const minimal = { Brief: 't', Prefer: 'return=minimal' };
      const who = propfind('D:current-user-principal', 'D:principal-URL', 'D:resourcetype');

      // It begins without a password, and takes the 401 for an invitation.
      for (const [service, set] of [
        ['caldav', 'C:calendar-home-set'],
        ['carddav', 'CR:addressbook-home-set'],
      ] as const) {
        const wellKnown = `/.well-known/${service}`;
        const redirected = await apple.ask('PROPFIND', wellKnown, {
          anonymous: true,
          headers: depth0,
          body: who,
        });
        assert.equal(redirected.status, 301);
        assert.match(
          redirected.headers.get('location') ?? '',
          /^https?:\/\/dav\.example\.org:\d+\//,
        );
        assert.equal(redirected.headers.get('cache-control'), 'no-cache');
        const asked = { headers: { ...depth0, ...minimal }, body: who, follow: true };
        is401(await apple.ask('PROPFIND', wellKnown, { ...asked, anonymous: true }));
        const found = await apple.ask('PROPFIND', wellKnown, asked);
        assert.deepEqual([found.status, found.redirects], [207, 1]);
        assert.notEqual(found.path, wellKnown);
        const principal = hrefIn(property(found, found.path, 'D:current-user-principal'));
        const home = await apple.ask('PROPFIND', principal, {
          headers: { ...depth0, ...minimal },
          body: propfind(set, 'D:principal-URL', 'CS:notification-URL'),
        });
        assert.equal(hrefIn(property(home, principal, 'D:principal-URL')), principal);
        // The first is the only one it takes.
        assert.equal(property(home, principal, set).match(/<D:href>/g)?.length, 1);
      }

      const principal = '/principals/users/ann/';
      const options = await apple.ask('OPTIONS', principal);
      assert.equal(options.status, 200);
      const tokens = options.headers.get('dav')?.split(', ') ?? [];
      for (const token of ['1', '3', 'access-control', 'calendar-access', 'addressbook'])
        assert.ok(tokens.includes(token), token);

      const about = await apple.ask('PROPFIND', principal, {
        headers: { ...depth0, ...minimal },
        body: propfind(
          ...['C:calendar-home-set', 'C:calendar-user-address-set', 'C:schedule-inbox-URL'],
          ...['C:schedule-outbox-URL', 'CS:dropbox-home-URL', 'CS:email-address-set'],
          ...['CS:notification-URL', 'D:displayname', 'D:principal-collection-set'],
          ...['D:principal-URL', 'D:resource-id', 'D:supported-report-set'],
        ),
      });
      assert.equal(about.headers.get('preference-applied'), 'return=minimal');
      assert.doesNotMatch(about.body, /404/);
      assert.equal(
        hrefIn(property(about, principal, 'C:calendar-user-address-set')),
        'mailto:ann@example.org',
      );
      const collections = hrefIn(property(about, principal, 'D:principal-collection-set'));
      const search = await apple.ask('REPORT', collections, {
        headers: depth0,
        body: `<D:principal-search-property-set ${namespaces}/>`,
      });
      assert.equal(search.status, 200);
      assert.match(search.body, /<D:principal-search-property>/);

      const home = hrefIn(property(about, principal, 'C:calendar-home-set'));
      const listed = await apple.ask('PROPFIND', home, {
        headers: { ...depth1, ...minimal },
        body: propfind(
          ...['D:add-member', 'CS:allowed-sharing-modes', 'ICAL:autoprovisioned'],
          ...['C:calendar-alarm', 'ICAL:calendar-color', 'C:calendar-description'],
          ...['C:calendar-free-busy-set', 'ICAL:calendar-order', 'C:calendar-timezone'],
          ...['D:current-user-privilege-set', 'C:default-alarm-vevent-date', 'D:displayname'],
          ...[
            'CS:getctag',
            'D:owner',
            'CS:pre-publish-url',
            'CS:publish-url',
            'CS:push-transports',
          ],
          ...['CS:pushkey', 'D:quota-available-bytes', 'D:quota-used-bytes', 'ICAL:refreshrate'],
          ...['D:resource-id', 'D:resourcetype', 'C:schedule-calendar-transp', 'CS:source'],
          ...['CS:subscribed-strip-alarms', 'C:supported-calendar-component-set'],
          ...['C:supported-calendar-component-sets', 'D:supported-report-set', 'D:sync-token'],
        ),
      });
      assert.equal(listed.status, 207);
      const calendar = `${home}calendar/`;
      assert.match(property(listed, calendar, 'D:current-user-privilege-set'), /<D:write\/>/);
      const ctag = property(listed, calendar, 'CS:getctag');
      assert.match(property(listed, calendar, 'D:resourcetype'), /<C:calendar\/>/);
      // Reminders shows lists of tasks alone.
      const tasks = property(listed, `${home}tasks/`, 'C:supported-calendar-component-set');
      assert.deepEqual(tasks.match(/name="[^"]+"/g), ['name="VTODO"']);
      assert.match(
        property(listed, home, 'C:supported-calendar-component-sets'),
        /VEVENT[\s\S]*VTODO/,
      );
      const created = await apple.ask('PROPFIND', calendar, {
        headers: depth0,
        body: propfind('D:creationdate'),
      });
      assert.match(property(created, calendar, 'D:creationdate'), /^\d{4}-\d\d-\d\dT[\d:]+Z$/);

      // Its own wishes, kept as they were written.
      const patched = await apple.ask('PROPPATCH', calendar, {
        body: `<D:propertyupdate ${namespaces}><D:set><D:prop><ICAL:calendar-color symbolic-color="custom">#1BADF8FF</ICAL:calendar-color></D:prop></D:set><D:set><D:prop><ICAL:calendar-order>2</ICAL:calendar-order></D:prop></D:set></D:propertyupdate>`,
      });
      assert.equal(patched.status, 207);
      assert.doesNotMatch(patched.body, /403|424/);
      const alarm = await apple.ask('PROPPATCH', home, {
        body: `<D:propertyupdate ${namespaces}><D:set><D:prop><C:default-alarm-vevent-datetime>BEGIN:VALARM&#13;\nX-WR-ALARMUID:1&#13;\nUID:1&#13;\nTRIGGER:-PT15M&#13;\nACTION:DISPLAY&#13;\nEND:VALARM&#13;\n</C:default-alarm-vevent-datetime></D:prop></D:set></D:propertyupdate>`,
      });
      assert.match(alarm.body, /200 OK/);
      const again = await apple.ask('PROPFIND', calendar, {
        headers: depth0,
        body: propfind('ICAL:calendar-color', 'CS:getctag'),
      });
      assert.equal(property(again, calendar, 'ICAL:calendar-color'), '#1BADF8FF');
      assert.match(again.body, /symbolic-color="custom"/);
      assert.equal(property(again, calendar, 'CS:getctag'), ctag); // no member has changed

      const item = `${calendar}6BA7B810-9DAD-11D1-80B4-00C04FD430C8.ics`;
      const put = await apple.ask('PUT', item, {
        headers: { ...ics, 'If-None-Match': '*' },
        body: event('6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 'Lunch'),
      });
      assert.equal(put.status, 201);
      const tags = await apple.ask('PROPFIND', calendar, {
        headers: depth1,
        body: propfind('D:getetag', 'D:getcontenttype', 'CS:getctag'),
      });
      assert.equal(
        property(tags, item, 'D:getetag').replaceAll('&quot;', '"'),
        put.headers.get('etag'),
      );
      assert.match(property(tags, item, 'D:getcontenttype'), /^text\/calendar/);
      assert.notEqual(property(tags, calendar, 'CS:getctag'), ctag);
      const multiget = await apple.ask('REPORT', calendar, {
        headers: depth1,
        body: `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/><C:calendar-data/><CS:created-by/></D:prop><D:href>${item}</D:href></C:calendar-multiget>`,
      });
      assert.match(property(multiget, item, 'C:calendar-data'), /SUMMARY:Lunch/);
    });

    test('DAVx5: services by OPTIONS, collections, sync, and every kind of conflict', async () => {
      await using davx5 = await Transcript.start(
        version,
        'DAVx5/4.4.2-ose (2024/10/15; dav4jvm; okhttp/4.12.0) Android/14',
      );
      const who = propfind(
        ...['D:resourcetype', 'D:displayname', 'D:current-user-principal'],
        ...['C:calendar-home-set', 'C:calendar-description', 'CR:addressbook-home-set'],
      );
      // What the user has typed, first; it has an answer there, and no need of a well-known URL.
      is401(await davx5.ask('PROPFIND', '/', { anonymous: true, headers: depth0, body: who }));
      const first = await davx5.ask('PROPFIND', '/', { headers: depth0, body: who });
      assert.equal(first.status, 207);
      const principal = hrefIn(property(first, '/', 'D:current-user-principal'));
      for (const service of ['caldav', 'carddav']) {
        const found = await davx5.ask('PROPFIND', `/.well-known/${service}`, {
          headers: depth0,
          body: propfind('D:current-user-principal'),
          follow: true,
        });
        assert.equal(hrefIn(property(found, found.path, 'D:current-user-principal')), principal);
      }
      const { headers } = await davx5.ask('OPTIONS', principal);
      assert.match(headers.get('dav') ?? '', /calendar-access/);
      assert.match(headers.get('dav') ?? '', /addressbook/);

      const about = await davx5.ask('PROPFIND', principal, {
        headers: depth0,
        body: propfind(
          ...['D:displayname', 'D:resourcetype', 'D:group-membership', 'C:calendar-home-set'],
          ...[
            'CR:addressbook-home-set',
            'CS:calendar-proxy-read-for',
            'CS:calendar-proxy-write-for',
          ],
          'C:calendar-user-address-set',
        ),
      });
      assert.match(property(about, principal, 'D:resourcetype'), /<D:principal\/>/);
      const home = hrefIn(property(about, principal, 'C:calendar-home-set'));
      const listed = await davx5.ask('PROPFIND', home, {
        headers: depth1,
        body: propfind(
          ...['D:resourcetype', 'D:displayname', 'D:owner', 'D:current-user-privilege-set'],
          ...['CR:addressbook-description', 'C:calendar-description', 'ICAL:calendar-color'],
          ...['C:calendar-timezone', 'C:calendar-timezone-id', 'CS:source'],
          ...['C:supported-calendar-component-set', 'P:transports', 'P:topic'],
        ),
      });
      // Whether it offers to make a calendar.
      assert.match(property(listed, home, 'D:current-user-privilege-set'), /<D:bind\/>/);
      const calendar = `${home}calendar/`;
      assert.equal(hrefIn(property(listed, calendar, 'D:owner')), principal);

      const made = `${home}0b2e5bd8-7c3d-4c49-9f6b-0c4b7a9d7f11/`;
      const making = await davx5.ask('MKCALENDAR', made, {
        body: `<C:mkcalendar ${namespaces}><D:set><D:prop><D:displayname>Ärzte &amp; Co</D:displayname><ICAL:calendar-color>#FF00AA55</ICAL:calendar-color><C:calendar-timezone-id>Europe/Berlin</C:calendar-timezone-id><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`,
      });
      assert.equal(making.status, 201);

      const state = await davx5.ask('PROPFIND', made, {
        headers: depth0,
        body: propfind(
          ...['C:max-resource-size', 'C:supported-calendar-data', 'D:supported-report-set'],
          ...['CS:getctag', 'D:sync-token'],
        ),
      });
      assert.match(property(state, made, 'D:supported-report-set'), /<D:sync-collection\/>/);
      assert.ok(Number(property(state, made, 'C:max-resource-size')) > 100_000);

      const sync = (token: string): Promise<CurlAnswer> =>
        davx5.ask('REPORT', made, {
          headers: depth0,
          body: `<D:sync-collection ${namespaces}><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`,
        });
      const empty = tokenIn(await sync(''));
      assert.equal(empty, property(state, made, 'D:sync-token'));

      // Upload, with what keeps a push from coming back to itself.
      const item = `${made}a.ics`;
      const write = { ...ics, 'Push-Dont-Notify': '*' };
      const put = await davx5.ask('PUT', item, {
        headers: { ...write, 'If-None-Match': '*' },
        body: event('a', 'Lunch'),
      });
      assert.equal(put.status, 201);
      const etag = put.headers.get('etag') ?? '';
      assert.match(etag, /^"[^"]+"$/);
      const uploaded = await sync(empty);
      assert.equal(property(uploaded, item, 'D:getetag').replaceAll('&quot;', '"'), etag);
      const fetched = await davx5.ask('REPORT', made, {
        body: `<C:calendar-multiget ${namespaces}><D:prop><D:getcontenttype/><D:getetag/><C:schedule-tag/><C:calendar-data content-type="text/calendar" version="2.0"/></D:prop><D:href>${item}</D:href><D:href>${made}no.ics</D:href></C:calendar-multiget>`,
      });
      assert.match(property(fetched, item, 'C:calendar-data'), /SUMMARY:Lunch/);
      assert.match(responseOf(fetched, `${made}no.ics`), /404/);

      // Already there: taken for a conflict, as are changes and deletions of what is no more what it was.
      const twice = { headers: { ...write, 'If-None-Match': '*' }, body: event('a', 'Tea') };
      assert.equal((await davx5.ask('PUT', item, twice)).status, 412);
      const update = (tag: string): Promise<CurlAnswer> =>
        davx5.ask('PUT', item, {
          headers: { ...write, 'If-Match': tag },
          body: event('a', 'Supper'),
        });
      const changed = await update(etag);
      assert.equal(changed.status, 204);
      assert.equal((await update(etag)).status, 412);
      const drop = (tag: string): Promise<CurlAnswer> =>
        davx5.ask('DELETE', item, { headers: { 'If-Match': tag } });
      assert.equal((await drop(etag)).status, 412);
      assert.equal((await drop(changed.headers.get('etag') ?? '')).status, 204);
      assert.equal((await drop(changed.headers.get('etag') ?? '')).status, 404);
      const gone = await sync(tokenIn(uploaded));
      assert.match(responseOf(gone, item), /404/);
      // What it remembers of a window of time.
      const past = await davx5.ask('REPORT', made, {
        headers: depth1,
        body: `<C:calendar-query ${namespaces}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20260901T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
      });
      assert.equal(past.status, 207);
      assert.doesNotMatch(past.body, /D:response/);

      const books = hrefIn(property(about, principal, 'CR:addressbook-home-set'));
      const book = `${books}6f0c/`;
      const bookMade = await davx5.ask('MKCOL', book, {
        body: `<D:mkcol ${namespaces}><D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype><D:displayname>Verein</D:displayname></D:prop></D:set></D:mkcol>`,
      });
      assert.equal(bookMade.status, 201);
      const data = await davx5.ask('PROPFIND', book, {
        headers: depth0,
        body: propfind('CR:supported-address-data', 'D:supported-report-set', 'D:sync-token'),
      });
      assert.match(property(data, book, 'CR:supported-address-data'), /version="4.0"/);
    });

    test('Thunderbird: from the address to a calendar, its rights, and what has changed', async () => {
      await using thunderbird = await Transcript.start(
        version,
        'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.1',
      );
      const names = [
        ...['D:resourcetype', 'D:owner', 'D:displayname', 'D:current-user-principal'],
        ...['D:current-user-privilege-set', 'ICAL:calendar-color', 'C:calendar-home-set'],
      ];
      const asking = { headers: depth0, body: propfind(...names) };
      is401(
        await thunderbird.ask('PROPFIND', '/.well-known/caldav', {
          ...asking,
          anonymous: true,
          follow: true,
        }),
      );
      const found = await thunderbird.ask('PROPFIND', '/.well-known/caldav', {
        ...asking,
        follow: true,
      });
      assert.equal(found.status, 207);
      const principal = hrefIn(property(found, found.path, 'D:current-user-principal'));
      const about = await thunderbird.ask('PROPFIND', principal, {
        headers: depth0,
        body: propfind('D:resourcetype', 'C:calendar-home-set'),
      });
      assert.match(property(about, principal, 'D:resourcetype'), /<D:principal\/>/);
      const home = hrefIn(property(about, principal, 'C:calendar-home-set'));
      const listed = await thunderbird.ask('PROPFIND', home, {
        headers: depth1,
        body: propfind(...names.slice(0, 3), ...names.slice(4, 6)),
      });
      const calendar = `${home}calendar/`;
      assert.match(property(listed, calendar, 'D:resourcetype'), /<C:calendar\/>/);
      assert.equal(property(listed, calendar, 'D:displayname'), 'Calendar');

      // Of the calendar itself, each time it starts.
      const state = await thunderbird.ask('PROPFIND', calendar, {
        headers: depth0,
        body: propfind(
          ...[
            'D:resourcetype',
            'D:owner',
            'D:current-user-principal',
            'D:current-user-privilege-set',
          ],
          ...['D:supported-report-set', 'C:supported-calendar-component-set', 'CS:getctag'],
        ),
      });
      assert.equal(hrefIn(property(state, calendar, 'D:owner')), principal);
      assert.match(property(state, calendar, 'D:current-user-privilege-set'), /<D:write\/>/);
      assert.match(property(state, calendar, 'D:supported-report-set'), /<D:sync-collection\/>/);
      assert.ok(property(state, calendar, 'CS:getctag'));
      const options = await thunderbird.ask('OPTIONS', home);
      const tokens = options.headers.get('dav')?.split(/, ?/) ?? [];
      assert.ok(tokens.includes('calendar-access'));
      // Then it keeps to invitations by mail.
      assert.ok(!tokens.includes('calendar-auto-schedule'));
      const set = await thunderbird.ask('PROPFIND', home, {
        headers: depth0,
        body: propfind('D:owner', 'D:principal-collection-set'),
      });
      const principals = hrefIn(property(set, home, 'D:principal-collection-set'));
      const own = await thunderbird.ask('REPORT', principals, {
        headers: depth0,
        body: `<D:principal-property-search ${namespaces}><D:property-search><D:prop><C:calendar-home-set/></D:prop><D:match>${home}</D:match></D:property-search><D:prop><C:calendar-home-set/><C:calendar-user-address-set/><C:schedule-inbox-URL/><C:schedule-outbox-URL/></D:prop></D:principal-property-search>`,
      });
      assert.equal(own.status, 207); // it looks further where that finds nobody
      const addresses = await thunderbird.ask('PROPFIND', principal, {
        headers: depth0,
        body: propfind(
          ...['C:calendar-home-set', 'C:calendar-user-address-set'],
          ...['C:schedule-inbox-URL', 'C:schedule-outbox-URL'],
        ),
      });
      assert.match(
        property(addresses, principal, 'C:calendar-user-address-set'),
        /mailto:ann@example\.org/,
      );

      // It says the level of the synchronisation twice, in the body and by Depth.
      const sync = async (token: string): Promise<CurlAnswer> => {
        const answer = await thunderbird.ask('REPORT', calendar, {
          headers: depth1,
          body: `<?xml version="1.0" encoding="UTF-8"?>\n<sync-collection xmlns="DAV:">${token === '' ? '<sync-token/>' : `<sync-token>${token}</sync-token>`}<sync-level>1</sync-level><prop><getcontenttype/><getetag/></prop></sync-collection>`,
        });
        assert.equal(answer.status, 207, answer.body);
        return answer;
      };
      const empty = await sync('');
      assert.doesNotMatch(empty.body, /D:response/);
      const item = `${calendar}lunch.ics`;
      const put = await thunderbird.ask('PUT', item, {
        headers: { ...ics, 'If-None-Match': '*' },
        body: event('lunch', 'Lunch'),
      });
      assert.equal(put.status, 201);
      const one = await sync(tokenIn(empty));
      // Of an item without this type it does not take notice.
      assert.match(property(one, item, 'D:getcontenttype'), /^text\/calendar/);
      const data = await thunderbird.ask('REPORT', calendar, {
        headers: depth1,
        body: `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>${item}</D:href></C:calendar-multiget>`,
      });
      assert.match(property(data, item, 'C:calendar-data'), /SUMMARY:Lunch/);
      const tag = property(data, item, 'D:getetag').replaceAll('&quot;', '"');
      assert.equal(
        (await thunderbird.ask('DELETE', item, { headers: { 'If-Match': tag } })).status,
        204,
      );
      assert.match(responseOf(await sync(tokenIn(one)), item), /404/);
      // A token it has from elsewhere: a 4xx makes it begin anew.
      const odd = await thunderbird.ask('REPORT', calendar, {
        headers: depth1,
        body: '<sync-collection xmlns="DAV:"><sync-token>http://other.example/1</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>',
      });
      assert.equal(odd.status, 403);
      assert.match(odd.body, /valid-sync-token/);
    });

    test('CalDavZAP: a page of another origin, its settings, and MOVE between calendars', async () => {
      const origin = 'https://cal.example.org';
      await using zap = await Transcript.start(version, 'Mozilla/5.0 Gecko Firefox/115.0', {
        allowedOrigins: [origin],
      });
      const principal = '/principals/users/ann/';
      const from = { Origin: origin };
      for (const method of ['PROPFIND', 'PROPPATCH', 'REPORT', 'PUT', 'MOVE', 'DELETE']) {
        const wanted =
          'authorization,content-type,depth,destination,if-match,if-none-match,overwrite,x-client';
        const preflight = await zap.ask('OPTIONS', principal, {
          anonymous: true,
          headers: {
            ...from,
            'Access-Control-Request-Method': method,
            'Access-Control-Request-Headers': wanted,
          },
        });
        assert.equal(preflight.status, 204);
        assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
        assert.ok(
          preflight.headers.get('access-control-allow-methods')?.split(', ').includes(method),
        );
        assert.ok(preflight.headers.get('access-control-allow-headers')?.includes('x-client'));
      }
      const headers = { ...from, ...depth0, 'X-client': 'CalDavZAP 0.13.1' };
      const settings = 'xmlns:INF="http://inf-it.com/ns/dav/"';
      const read = (): Promise<CurlAnswer> =>
        zap.ask('PROPFIND', principal, {
          headers,
          body: `<D:propfind ${namespaces} ${settings}><D:prop><D:current-user-privilege-set/><D:displayname/><INF:settings/></D:prop></D:propfind>`,
        });
      const before = await read();
      assert.equal(before.headers.get('access-control-allow-origin'), origin);
      assert.match(before.headers.get('vary') ?? '', /Origin/);
      assert.match(before.headers.get('access-control-expose-headers') ?? '', /ETag/);
      const kept = await zap.ask('PROPPATCH', principal, {
        headers,
        body: `<D:propertyupdate ${namespaces} ${settings}><D:set><D:prop><INF:settings>{"activeview":"agendaWeek","x":"&lt;&amp;&gt;"}</INF:settings></D:prop></D:set></D:propertyupdate>`,
      });
      assert.equal(kept.status, 207);
      assert.match(kept.body, /200 OK/);
      await zap.server.startAgain();
      assert.match((await read()).body, /\{"activeview":"agendaWeek","x":"&lt;&amp;&gt;"\}/);

      const home = '/calendars/ann/';
      const expanded = await zap.ask('REPORT', principal, {
        headers,
        body: `<D:expand-property ${namespaces}><D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav"><D:property name="displayname"/></D:property></D:expand-property>`,
      });
      assert.match(expanded.body, /<D:href>\/calendars\/ann\/<\/D:href>/);
      const item = `${home}calendar/a.ics`;
      const put = await zap.ask('PUT', item, {
        headers: { ...from, ...ics, 'If-None-Match': '*' },
        body: event('a', 'Lunch'),
      });
      assert.equal(put.status, 201);
      assert.equal((await zap.ask('MKCALENDAR', `${home}other/`, { headers: from })).status, 201);
      const moved = await zap.ask('MOVE', item, {
        headers: { ...from, Destination: `${zap.origin}${home}other/a.ics`, Overwrite: 'F' },
      });
      assert.equal(moved.status, 201);
      assert.equal(
        (await zap.ask('GET', `${home}other/a.ics`, { headers: from })).body,
        event('a', 'Lunch'),
      );
    });
  });
}
