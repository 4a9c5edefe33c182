/** Numbers of the list of correct behaviour that only the whole service can keep: logins, commits, undo, links. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { RunningCalendar } from './testing/running-calendar.ts';

const calendar = '/calendars/ann/calendar/';
const type = { 'content-type': 'text/calendar' };

const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

test('D6: a password with colons and umlauts, in UTF-8 and as older clients write it (RFC 7617 §2)', async () => {
  await using server = await RunningCalendar.start([]);
  const password = 'Grüße: aus Köln:';
  {
    using accounts = server.accounts();
    await accounts.addUser({ name: 'zoe', password });
  }
  for (const encoding of ['utf8', 'latin1'] as const) {
    const authorization = `Basic ${Buffer.from(`zoe:${password}`, encoding).toString('base64')}`;
    const answer = await server.ask('GET', '/account', { user: '', headers: { authorization } });
    assert.equal(answer.status, 200, encoding);
  }
  const half = `Basic ${Buffer.from('zoe:Grüße').toString('base64')}`;
  const refused = await server.ask('GET', '/account', {
    user: '',
    headers: { authorization: half },
  });
  assert.equal(refused.status, 401);
});

test('D8: a name that nobody has is answered as a wrong password is, word for word', async () => {
  await using server = await RunningCalendar.start(['ann']);
  for (const [method, path] of [
    ['PROPFIND', '/'],
    ['PROPFIND', '/principals/users/nobody/'],
    ['GET', '/account'],
    ['PUT', '/calendars/nobody/calendar/x.ics'],
  ] as const) {
    const answers = await Promise.all(
      (['ann', 'nobody', 'nobody@example.org', ''] as const).map((user) =>
        server.ask(method, path, {
          headers: {
            authorization: `Basic ${Buffer.from(`${user}:wrong one`).toString('base64')}`,
          },
          user: '',
        }),
      ),
    );
    const [first, ...others] = answers.map(({ status, headers, text }) => {
      const fields = Object.fromEntries(headers);
      delete fields['date'];
      return { status, fields, text };
    });
    assert.equal(first!.status, 401);
    for (const other of others) assert.deepEqual(other, first, `${method} ${path}`);
  }
});

test('W18: of eight PUTs at once with the same If-Match one succeeds (RFC 9110 §13.1.1)', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const put = (
    summary: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; headers: Headers }> =>
    server.ask('PUT', `${calendar}a.ics`, {
      headers: { ...type, ...headers },
      body: event('a', summary),
    });
  let etag = (await put('Lunch', { 'if-none-match': '*' })).headers.get('etag') ?? '';
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => put(`Round ${round}, ${i}`, { 'if-match': etag })),
    );
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    assert.deepEqual(statuses, [204, ...Array<number>(7).fill(412)]);
    const winner = answers.find(({ status }) => status === 204)!;
    const got = await server.ask('GET', `${calendar}a.ics`);
    assert.equal(got.headers.get('etag'), winner.headers.get('etag'));
    etag = got.headers.get('etag') ?? '';
  }
});

test('W23: a chunked PUT, and an answer in gzip (RFC 9112 §7)', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const text = event('a', 'x'.repeat(200_000).replace(/.{70}/g, '$&\r\n '));
  const pieces = new Blob([text]).stream();
  const credentials = Buffer.from('ann:correct horse:battery staple').toString('base64');
  const headers = { authorization: `Basic ${credentials}`, ...type };
  const put = await fetch(`${server.url}${calendar}a.ics`, {
    method: 'PUT',
    headers,
    body: pieces,
    duplex: 'half',
  });
  assert.equal(put.status, 201);
  assert.equal((await server.ask('GET', `${calendar}a.ics`)).text, text);
  const report = await server.ask('PROPFIND', '/calendars/ann/', {
    headers: { depth: '1', 'accept-encoding': 'gzip' },
  });
  assert.equal(report.headers.get('content-encoding'), 'gzip');
  assert.match(report.text, /<D:multistatus/);
});

test('U1: each write is one commit, with user, device, client, request and UID', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const git = (...args: readonly string[]): string => {
    const repository = join(server.folder, 'calendar', 'store.git');
    const { stdout, stderr, status } = spawnSync('git', ['--git-dir', repository, ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  let password: string;
  {
    using accounts = server.accounts();
    password = accounts.addAppPassword('ann', 'telephone');
  }
  const headers = { ...type, 'user-agent': 'DAVx5/4.4 (dav4jvm)\u00e9' };
  const body = event('uid-of-lunch', 'Lunch');
  // The first request makes the homes, which is a commit of its own.
  await server.ask('PROPFIND', calendar, { headers: { depth: '0' } });
  const count = async (): Promise<number> => {
    await server.startAgain();
    return Number(git('rev-list', '--count', 'HEAD'));
  };
  const before = await count();
  await server.ask('PUT', `${calendar}a.ics`, { password, headers, body });
  assert.equal(await count(), before + 1);
  const message = git('log', '-1', '--format=%an%n%B');
  assert.match(message, /^ann\n/);
  assert.match(message, /Lunch/);
  assert.match(message, /PUT \/calendars\/ann\/calendar\/a\.ics/);
  assert.match(message, /DAVx5\/4\.4/);
  assert.match(message, /^Riad-Device: telephone$/m);
  assert.match(message, /^Riad-Request: \S+$/m);
  assert.match(
    message,
    /^Riad-Change: put \d+ calendars\/ann\/calendar a\.ics [0-9a-f]{40} uid-of-lunch$/m,
  );
  const colour = `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>Mine</D:displayname><x xmlns="urn:x">1</x></D:prop></D:set></D:propertyupdate>`;
  await server.ask('PROPPATCH', calendar, { body: colour });
  assert.equal(await count(), before + 2);
  // What is refused, or says nothing new, is none.
  await server.ask('PUT', `${calendar}a.ics`, { headers: { ...headers, 'if-match': '"x"' }, body });
  await server.ask('PUT', `${calendar}b.ics`, { headers, body });
  assert.equal(await count(), before + 2);
  await server.ask('DELETE', `${calendar}a.ics`);
  assert.equal(await count(), before + 3);
  assert.match(git('log', '-1', '--format=%B'), /^Riad-Change: delete \d+ .* uid-of-lunch$/m);
});

async function syncToken(server: RunningCalendar): Promise<string> {
  const { text } = await server.ask('PROPFIND', calendar, {
    headers: { depth: '0' },
    body: '<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>',
  });
  return /<D:sync-token>([^<]+)</.exec(text)![1]!;
}

async function since(server: RunningCalendar, token: string): Promise<string[]> {
  const { status, text } = await server.ask('REPORT', calendar, {
    headers: { depth: '0' },
    body: `<D:sync-collection xmlns:D="DAV:"><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`,
  });
  assert.equal(status, 207, text);
  return [...text.matchAll(/<D:href>[^<]*\/([^/<]+)<\/D:href>(<D:status>HTTP\/1.1 404)?/g)].map(
    ([, name, gone]) => `${name}${gone === undefined ? '' : ' gone'}`,
  );
}

async function post(
  server: RunningCalendar,
  path: string,
  body: string,
): Promise<Record<string, unknown>> {
  const answer = await server.ask('POST', path, { body });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as Record<string, unknown>;
}

async function newestCommit(server: RunningCalendar): Promise<string> {
  const { text } = await server.ask('GET', '/api/history?limit=1');
  return (JSON.parse(text) as { entries: { revision: string }[] }).entries[0]!.revision;
}

test('U2: an undone edit and an undone deletion are news to every client: octets, tag and token', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const put = (summary: string): Promise<{ headers: Headers }> =>
    server.ask('PUT', `${calendar}a.ics`, { headers: type, body: event('a', summary) });
  const first = (await put('Lunch')).headers.get('etag');
  const edited = (await put('Supper')).headers.get('etag');
  const afterEdit = await syncToken(server);
  await post(server, '/api/revert', JSON.stringify({ commit: await newestCommit(server) }));
  const got = await server.ask('GET', `${calendar}a.ics`);
  assert.equal(got.text, event('a', 'Lunch'));
  assert.equal(got.headers.get('etag'), first);
  assert.notEqual(first, edited);
  assert.notEqual(await syncToken(server), afterEdit);
  assert.deepEqual(await since(server, afterEdit), ['a.ics']);

  await server.ask('DELETE', `${calendar}a.ics`);
  const afterDelete = await syncToken(server);
  await post(server, '/api/revert', JSON.stringify({ commit: await newestCommit(server) }));
  assert.equal((await server.ask('GET', `${calendar}a.ics`)).text, event('a', 'Lunch'));
  assert.deepEqual(await since(server, afterDelete), ['a.ics']);
  // An undone undo.
  const afterUndo = await syncToken(server);
  await post(server, '/api/revert', JSON.stringify({ commit: await newestCommit(server) }));
  assert.equal((await server.ask('GET', `${calendar}a.ics`)).status, 404);
  assert.deepEqual(await since(server, afterUndo), ['a.ics gone']);
});

test('U7: 10,000 imported events are one commit, and one undo', async () => {
  await using server = await RunningCalendar.start(['ann']);
  await server.ask('PUT', `${calendar}a.ics`, { headers: type, body: event('a', 'Lunch') });
  const commits = (): string => {
    const repository = join(server.folder, 'calendar', 'store.git');
    return spawnSync('git', ['--git-dir', repository, 'rev-list', '--count', 'HEAD'], {
      encoding: 'utf8',
    }).stdout;
  };
  await server.startAgain();
  const before = Number(commits());
  const file = Array.from({ length: 10_000 }, (_, i) => event(`u${i}`, `Event ${i}`)).join('');
  const path = `/api/import?path=${calendar}&fileName=all.ics`;
  const done = await post(server, path, file);
  const token = await syncToken(server);
  assert.equal((await since(server, '')).length, 10_001);
  await server.startAgain();
  assert.equal(Number(commits()), before + 1);
  assert.equal((await since(server, token)).length, 0);
  await post(server, '/api/revert', JSON.stringify({ commit: done['revision'] }));
  await server.startAgain();
  assert.equal(Number(commits()), before + 2);
  const left = await server.ask('GET', calendar);
  assert.deepEqual(
    left.text.match(/UID:.*/g),
    ['UID:a\r'].map((line) => line.trim()),
  );
  assert.equal((await since(server, token)).length, 10_000);
});

test('U9: what is exported as iCalendar, jCal or a table is imported as the same set (RFC 7265)', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const plain = event('plain', 'Lunch\\, with "quotes"\\; and ünï');
  const recurring = event('weekly', 'Standup').replace(
    'SUMMARY',
    'RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20261208T100000Z\r\nX-OWN;VALUE=TEXT:kept\r\nSUMMARY',
  );
  const day = event('day', 'Holiday')
    .replace('DTSTART:20261201T100000Z', 'DTSTART;VALUE=DATE:20261224')
    .replace('DTEND:20261201T110000Z', 'DTEND;VALUE=DATE:20261227');
  for (const [name, body] of Object.entries({ plain, recurring, day }))
    await server.ask('PUT', `${calendar}${name}.ics`, { headers: type, body });
  const facts = async (collection: string): Promise<string[]> => {
    const { text } = await server.ask('GET', collection);
    const events = text.replace(/\r\n[ \t]/g, '').match(/BEGIN:VEVENT[\s\S]*?END:VEVENT/g) ?? [];
    return events
      .map((one) =>
        one
          .split('\r\n')
          .filter((line) => /^(UID|DTSTART|DTEND|SUMMARY|RRULE|EXDATE|X-OWN)/.test(line))
          .map((line) => line.replace(';VALUE=TEXT', ''))
          .sort()
          .join('\n'),
      )
      .sort();
  };
  const all = await facts(calendar);
  assert.equal(all.length, 3);
  for (const format of ['ics', 'json', 'csv']) {
    const exported = await server.ask('GET', `/api/export?path=${calendar}&format=${format}`);
    assert.equal(exported.status, 200, exported.text);
    const other = `/calendars/ann/${format}/`;
    assert.equal((await server.ask('MKCALENDAR', other)).status, 201);
    const path = `/api/import?path=${other}&fileName=all.${format}`;
    await post(server, path, exported.text);
    const came = await facts(other);
    // A table has a row for each event: no rules, and no lines of one's own.
    if (format === 'csv')
      assert.deepEqual(
        came.map((one) => /UID:\w+/.exec(one)?.[0]),
        all.map((one) => /UID:\w+/.exec(one)?.[0]),
      );
    else assert.deepEqual(came, all, format);
  }
});

test('H5: a public link ends on its day', async () => {
  await using server = await RunningCalendar.start(['ann']);
  await server.ask('PUT', `${calendar}a.ics`, { headers: type, body: event('a', 'Concert') });
  const body = new URLSearchParams({
    calendar,
    level: 'details',
    days: '1',
    label: 'x',
  }).toString();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const page = await server.ask('POST', '/account/links', { headers: form, body });
  const [link] = /\/public\/[\w-]{22}\.ics/.exec(page.text)!;
  const see = async (): Promise<number> => (await server.ask('GET', link, { user: '' })).status;
  assert.equal(await see(), 200);
  const state = new DatabaseSync(join(server.folder, 'calendar', 'state.db'), { timeout: 5000 });
  const shift = state.prepare('UPDATE links SET created = created - ?, expires = expires - ?');
  shift.run(86_400 - 100, 86_400 - 100);
  assert.equal(await see(), 200);
  shift.run(200, 200);
  state.close();
  assert.equal(await see(), 404);
});
