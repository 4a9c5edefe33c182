import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { password, RunningCalendar } from './testing/running-calendar.ts';

const event = (uid: string, summary: string, more = ''): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:${summary}\r\n${more}END:VEVENT\r\nEND:VCALENDAR\r\n`;
const type = { 'content-type': 'text/calendar' };
const whoAmI =
  '<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-principal/></D:prop></D:propfind>';

describe('logging in', () => {
  test('D1–D4, D6, D7: discovery, from nothing but an address', async () => {
    await using server = await RunningCalendar.start(['ann'], { domain: 'example.org' });
    for (const method of ['GET', 'PROPFIND'])
      for (const name of ['caldav', 'carddav']) {
        const found = await server.ask(method, `/.well-known/${name}`, { user: '' });
        assert.ok([301, 303, 307].includes(found.status), `${method} ${name}: ${found.status}`);
      }
    const asked = await server.ask('PROPFIND', '/', {
      user: '',
      headers: { depth: '0' },
      body: whoAmI,
    });
    assert.equal(asked.status, 401);
    assert.equal(asked.headers.get('www-authenticate'), 'Basic realm="Riad", charset="UTF-8"');
    for (const user of ['ann', 'Ann', 'ann@example.org']) {
      const me = await server.ask('PROPFIND', '/', { user, headers: { depth: '0' }, body: whoAmI });
      assert.equal(me.status, 207);
      assert.match(me.text, /<D:href>\/principals\/users\/ann\/<\/D:href>/);
    }
    assert.equal((await server.ask('PROPFIND', '/', { password: 'wrong' })).status, 401);
    assert.equal((await server.ask('PROPFIND', '/', { user: 'nobody' })).status, 401);
  });

  test('a device’s password works until it is removed, and says which device it was', async () => {
    await using server = await RunningCalendar.start(['ann']);
    using accounts = server.accounts();
    const secret = accounts.addAppPassword('ann', 'phone');
    const put = await server.ask('PUT', '/calendars/ann/calendar/a.ics', {
      password: secret,
      headers: type,
      body: event('a', 'Lunch'),
    });
    assert.equal(put.status, 201);
    const history = await server.ask('GET', '/api/history?device=phone');
    const { entries } = JSON.parse(history.text) as { entries: Record<string, string>[] };
    assert.deepEqual(entries.map(({ device, summary }) => [device, summary]).at(0), [
      'phone',
      '"Lunch" added (event, Tue 1 Dec 2026 10:00 UTC)',
    ]);
    accounts.removeAppPassword('ann', 'phone');
    await new Promise((resolve) => setTimeout(resolve, 60)); // another process is looked after so often
    assert.equal((await server.ask('GET', '/account', { password: secret })).status, 401);
  });

  test('a proxy that is believed names the user, its address and ours', async () => {
    await using server = await RunningCalendar.start(['ann'], {
      proxy: { addresses: ['127.0.0.1'], userHeader: 'X-Remote-User' },
    });
    const headers = {
      'x-remote-user': 'Ann',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'dav.example.org',
    };
    const page = await server.ask('GET', '/account', { user: '', headers });
    assert.equal(page.status, 200);
    assert.match(page.text, /https:\/\/dav\.example\.org\/calendars\/ann\/calendar\//);
    const stranger = { ...headers, 'x-remote-user': 'nobody' };
    assert.equal(
      (await server.ask('GET', '/account', { user: '', headers: stranger })).status,
      401,
    );
    await using other = await RunningCalendar.start(['ann']);
    assert.equal((await other.ask('GET', '/account', { user: '', headers })).status, 401);
  });

  test('trust on first use makes an account with its calendars', async () => {
    await using server = await RunningCalendar.start([], { trustOnFirstUse: true });
    const page = await server.ask('GET', '/account', { user: 'zoe' });
    assert.equal(page.status, 200);
    assert.match(page.text, /\/calendars\/zoe\/calendar\//);
    assert.equal(
      (await server.ask('GET', '/account', { user: 'zoe', password: 'other one' })).status,
      401,
    );
  });

  test('a hundred wrong passwords cost the server little, and the guesser his turn', async () => {
    await using server = await RunningCalendar.start(['ann']);
    assert.equal((await server.ask('GET', '/account')).status, 200);
    const guesses = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        server.ask('GET', '/account', { password: `guess ${i}` }),
      ),
    );
    const by = (status: number): number => guesses.filter((one) => one.status === status).length;
    assert.equal(by(401) + by(429) + by(503), 100);
    assert.ok(by(429) + by(503) > 0);
    assert.equal((await server.ask('GET', '/account')).status, 200);
  });
});

describe('pages', () => {
  test('tell how to connect, and change what is one’s own', async () => {
    await using server = await RunningCalendar.start(['ann'], {
      url: 'https://dav.example.org',
      domain: 'example.org',
    });
    const welcome = await server.ask('GET', '/', { user: '' });
    assert.match(welcome.text, /Sign in/);
    assert.match(welcome.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal((await server.ask('GET', '/account', { user: '' })).status, 401);
    const account = await server.ask('GET', '/account');
    assert.match(account.text, /https:\/\/dav\.example\.org\/calendars\/ann\/calendar\//);
    assert.match(account.text, /<svg/);
    assert.match(account.text, /_caldavs\._tcp\.example\.org\. SRV 0 1 443 dav\.example\.org\./);
    const profile = await server.ask('GET', '/account/riad.mobileconfig');
    assert.equal(profile.headers.get('content-type'), 'application/x-apple-aspen-config');
    assert.match(profile.text, /<key>CalDAVHostName<\/key><string>dav\.example\.org<\/string>/);
    assert.doesNotMatch(profile.text, new RegExp(password));

    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const made = await server.ask('POST', '/account/devices', {
      headers: form,
      body: 'device=%3Cb%3Ephone',
    });
    const [, secret = ''] = /<code>([a-z2-9-]{24})<\/code>/.exec(made.text) ?? [];
    assert.match(made.text, /&lt;b&gt;phone/);
    assert.equal((await server.ask('GET', '/account', { password: secret })).status, 200);
    const changed = await server.ask('POST', '/account/password', {
      headers: form,
      body: new URLSearchParams({ old: password, new: 'another password' }).toString(),
    });
    assert.equal(changed.status, 200);
    assert.equal((await server.ask('GET', '/account')).status, 401);
    const other = { password: 'another password' };
    assert.equal((await server.ask('GET', '/account', other)).status, 200);
    // A page of somebody else's makes the browser send it, password and all.
    const forged = await server.ask('POST', '/account/devices', {
      ...other,
      headers: { ...form, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      body: 'device=evil',
    });
    assert.equal(forged.status, 403);
  });

  test('of other origins may ask only where they are allowed to', async () => {
    await using server = await RunningCalendar.start(['ann'], {
      allowedOrigins: ['https://cal.example.org'],
    });
    const asking = (origin: string): Promise<{ status: number; headers: Headers }> =>
      server.ask('OPTIONS', '/calendars/ann/', {
        user: '',
        headers: {
          origin,
          'access-control-request-method': 'PROPFIND',
          'access-control-request-headers': 'authorization, depth, x-client',
        },
      });
    const ours = await asking('https://cal.example.org');
    assert.equal(ours.status, 204);
    assert.equal(ours.headers.get('access-control-allow-origin'), 'https://cal.example.org');
    assert.equal(
      ours.headers.get('access-control-allow-headers'),
      'authorization, depth, x-client',
    );
    const theirs = await asking('https://evil.example');
    assert.equal(theirs.headers.get('access-control-allow-origin'), null);
  });
});

describe('public links', () => {
  test('H5: no login, private events as busy, taken back, and nothing for who guesses', async () => {
    await using server = await RunningCalendar.start(['ann']);
    const put = (name: string, body: string): Promise<unknown> =>
      server.ask('PUT', `/calendars/ann/calendar/${name}`, { headers: type, body });
    await put('a.ics', event('a', 'Concert'));
    await put('b.ics', event('b', 'Doctor', 'CLASS:PRIVATE\r\n'));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const make = async (level: string): Promise<string> => {
      const fields = { calendar: '/calendars/ann/calendar/', level, days: '3', label: 'for <Zoë>' };
      const body = new URLSearchParams(fields).toString();
      const page = await server.ask('POST', '/account/links', { headers: form, body });
      assert.match(page.text, /for &lt;Zoë&gt;/);
      return /\/public\/[\w-]{22}\.ics/.exec(page.text)![0];
    };
    const nobody = { user: '' };
    const details = await make('details');
    const shown = await server.ask('GET', details, nobody);
    assert.equal(shown.status, 200);
    assert.match(shown.text, /SUMMARY:Concert/);
    assert.doesNotMatch(shown.text, /Doctor/);
    const etag = shown.headers.get('etag')!;
    const same = await server.ask('GET', details, {
      ...nobody,
      headers: { 'if-none-match': etag },
    });
    assert.equal(same.status, 304);
    const busy = await server.ask('GET', await make('busy'), nobody);
    assert.match(busy.text, /BEGIN:VFREEBUSY/);
    assert.doesNotMatch(busy.text, /Concert/);
    assert.equal((await server.ask('PUT', details, { ...nobody, body: 'x' })).status, 405);
    const guessed = `/public/${'A'.repeat(22)}.ics`;
    assert.equal((await server.ask('GET', guessed, nobody)).status, 404);
    await server.startAgain();
    assert.equal((await server.ask('GET', details, nobody)).status, 200);
    await server.ask('POST', '/account/links/remove', { headers: form, body: 'id=1' });
    assert.equal((await server.ask('GET', details, nobody)).status, 404);
    const foreign = new URLSearchParams({ calendar: '/calendars/bob/calendar/', days: '3' });
    const refused = await server.ask('POST', '/account/links', {
      headers: form,
      body: foreign.toString(),
    });
    assert.equal(refused.status, 422);
  });
});

describe('memory', () => {
  test('U1, U2, U7: history tells, one commit is undone, a device’s evening is, and imports are one change', async () => {
    await using server = await RunningCalendar.start(['ann']);
    using accounts = server.accounts();
    const phone = accounts.addAppPassword('ann', 'phone');
    const put = (name: string, body: string, secret?: string): Promise<{ status: number }> =>
      server.ask('PUT', `/calendars/ann/calendar/${name}`, {
        headers: type,
        body,
        ...(secret === undefined ? {} : { password: secret }),
      });
    const text = async (name: string): Promise<string> =>
      (await server.ask('GET', `/calendars/ann/calendar/${name}`)).text;
    const post = async (path: string, body: string): Promise<Record<string, unknown>> => {
      const answer = await server.ask('POST', path, { body });
      assert.equal(answer.status, 200, answer.text);
      return JSON.parse(answer.text) as Record<string, unknown>;
    };
    const history = async (query: string): Promise<Record<string, string>[]> =>
      (
        JSON.parse((await server.ask('GET', `/api/history?${query}`)).text) as {
          entries: Record<string, string>[];
        }
      ).entries;
    await put('a.ics', event('a', 'Lunch'));
    await put('b.ics', event('b', 'Tea'));
    const before = await text('a.ics');
    await put('a.ics', event('a', 'Supper'), phone);
    await server.ask('DELETE', '/calendars/ann/calendar/b.ics', { password: phone });
    const [removed, renamed] = await history('path=/calendars/ann/calendar/');
    assert.equal(removed!['summary'], '"Tea" removed (event, Tue 1 Dec 2026 10:00 UTC)');
    assert.match(renamed!['summary']!, /Lunch.*Supper|Supper.*Lunch/);

    // Only planned, then done: what the phone did since is gone, and all of it is one commit more.
    const plan = await post('/api/revert', '{"device":"phone","since":"1h","dryRun":true}');
    assert.equal((plan['steps'] as unknown[]).length, 2);
    assert.match(await text('a.ics'), /Supper/);
    await post('/api/revert', '{"device":"phone","since":"1h"}');
    assert.equal(await text('a.ics'), before);
    assert.match(await text('b.ics'), /Tea/);
    const entries = await history('path=/calendars/ann/calendar/&limit=2');
    assert.equal(entries[0]!['revision'], entries[1]!['revision']);

    // An import says what it would do, is one change, and one undo.
    const file = [event('c', 'Cake'), event('a', 'Brunch')].join('');
    const path = '/api/import?path=/calendars/ann/calendar/&fileName=party.ics';
    const preview = await post(`${path}&dryRun=1`, file);
    assert.deepEqual([preview['new'], preview['changed']], [['c'], ['a']]);
    const done = await post(path, file);
    assert.match(await text('a.ics'), /Brunch/);
    await post('/api/revert', JSON.stringify({ commit: done['revision'] }));
    assert.equal(await text('a.ics'), before);
    assert.equal((await server.ask('GET', '/calendars/ann/calendar/c.ics')).status, 404);

    // Over a restart, too, and as of a moment.
    await server.startAgain();
    const old = await server.ask(
      'GET',
      `/api/export?path=/calendars/ann/calendar/&at=${String(done['revision'])}`,
    );
    assert.match(old.text, /Brunch/);
    assert.match(old.text, /Cake/);
    const json = await server.ask('GET', '/api/export?path=/calendars/ann/calendar/&format=json');
    assert.equal((JSON.parse(json.text) as unknown[])[0], 'vcalendar');
  });

  test('nobody sees or undoes what is another’s', async () => {
    await using server = await RunningCalendar.start(['ann', 'bob']);
    await server.ask('PUT', '/calendars/ann/calendar/a.ics', {
      headers: type,
      body: event('a', 'Lunch'),
    });
    const user = 'bob';
    for (const path of [
      '/api/history?path=/calendars/ann/calendar/',
      '/api/export?path=/calendars/ann/calendar/',
    ])
      assert.equal((await server.ask('GET', path, { user })).status, 422);
    const { entries } = JSON.parse(
      (await server.ask('GET', '/api/history?path=/calendars/ann/calendar/')).text,
    ) as {
      entries: { revision: string }[];
    };
    const body = JSON.stringify({ commit: entries[0]!.revision });
    assert.equal((await server.ask('POST', '/api/revert', { user, body })).status, 422);
  });
});
