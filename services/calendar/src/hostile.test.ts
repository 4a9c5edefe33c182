/**
 * Requests that mean ill, over real connections against the whole service: each is refused with the right status
 * and costs little, and others are answered meanwhile. That is told by the order of the answers, never by a clock.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Answer, password, RunningCalendar } from './testing/running-calendar.ts';

const calendar = '/calendars/ann/calendar/';
const namespaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
const ics = { 'content-type': 'text/calendar' };
const basic = (user: string, secret = password): string =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

let server: RunningCalendar;
before(async () => {
  server = await RunningCalendar.start(['ann', 'bob']);
  // Both are known from now on: their next requests cost no computing of a password.
  for (const user of ['ann', 'bob'])
    assert.equal(
      (await server.ask('PROPFIND', '/', { user, headers: { depth: '0' } })).status,
      207,
    );
  assert.equal(
    (await server.ask('PUT', '/files/bob/small.txt', { user: 'bob', body: 'small' })).status,
    201,
  );
});
after(() => server[Symbol.asyncDispose]());

function small(): Promise<Answer> {
  return server.ask('GET', '/files/bob/small.txt', { user: 'bob' });
}

/** What is sent as it stands; what came until the server closed. `from`: the address it comes from. */
function raw(octets: string | Buffer, from = '127.0.0.1'): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port: server.port, localAddress: from });
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    text += piece;
  });
  socket.once('error', (error) => (text === '' ? reject(error) : resolve(text)));
  socket.once('close', () => resolve(text));
  socket.write(octets, 'latin1');
  return promise;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

/** Some requests at once, and a small one of Bob's after another until they are all answered. */
async function besides<Value>(
  requests: readonly Promise<Value>[],
): Promise<{ answers: Value[]; smallAnswers: number }> {
  let running = true;
  const all = Promise.all(requests).finally(() => {
    running = false;
  });
  let smallAnswers = 0;
  while (running) {
    const answer = await small();
    assert.deepEqual([answer.status, answer.text], [200, 'small']);
    if (running) smallAnswers++;
  }
  return { answers: await all, smallAnswers };
}

describe('XML', () => {
  const entities = Array.from(
    { length: 40 },
    (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`,
  ).join('');
  const bodies: readonly (readonly [string, string, number])[] = [
    ['100,000 levels, open', '<a>'.repeat(100_000), 400],
    ['100,000 levels', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`, 400],
    [
      '100,000 levels of filters',
      `<C:calendar-query ${namespaces}><C:filter>${'<C:comp-filter name="VCALENDAR">'.repeat(100_000)}`,
      400,
    ],
    ['a bomb of entities', `<!DOCTYPE x [<!ENTITY e0 "x">${entities}]><x>&e40;</x>`, 403],
    ['an external entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 403],
    ['an external document type', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>', 403],
    [
      'a parameter entity',
      '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/"> %e;]><x/>',
      403,
    ],
    ['300,000 elements', `<D:propfind ${namespaces}>${'<a/>'.repeat(300_000)}</D:propfind>`, 400],
    [
      '200,000 attributes',
      `<D:propfind ${Array.from({ length: 200_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      400,
    ],
    [
      'an attribute of three megabytes',
      `<D:propfind ${namespaces} a="${'x'.repeat(3 << 20)}"><D:prop/></D:propfind>`,
      207,
    ],
    ['a name of three megabytes', `<${'x'.repeat(3 << 20)}/>`, 400],
    [
      'a comment of three megabytes',
      `<D:propfind ${namespaces}><!--${'x'.repeat(3 << 20)}--><D:prop/></D:propfind>`,
      207,
    ],
    ['five megabytes', `<D:propfind ${namespaces}>${' '.repeat(5 << 20)}</D:propfind>`, 413],
    ['no end', `<D:propfind ${namespaces}><D:prop>`, 400],
    ['UTF-7', '<?xml version="1.0" encoding="UTF-7"?><x/>', 400],
    ['a NUL', '<D:propfind xmlns:D="DAV:"><D:prop>\u0000</D:prop></D:propfind>', 400],
  ];
  for (const [what, body, status] of bodies) {
    test(`${what}: ${status}, and others are answered meanwhile`, async () => {
      // Some at once: if the work of each were not bounded, the small ones would wait for all of them.
      const requests = Array.from({ length: body.length > 1 << 20 ? 2 : 8 }, () =>
        server.ask('PROPFIND', '/files/ann/', { headers: { depth: '0' }, body }),
      );
      const { answers, smallAnswers } = await besides(requests);
      // A long one that is read to its end pauses hundreds of times.
      if (/of three megabytes/.test(what))
        assert.ok(smallAnswers >= 20, `only ${smallAnswers} small answers beside it`);
      assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([status]));
      for (const { text } of answers) assert.doesNotMatch(text, /root:|stack|node:/);
    });
  }

  test('every method that reads XML refuses the same', async () => {
    for (const method of ['PROPPATCH', 'REPORT', 'MKCALENDAR', 'MKCOL', 'LOCK', 'ACL']) {
      const target = method.startsWith('MK') ? '/calendars/ann/new/' : calendar;
      const headers = { 'content-type': 'application/xml' };
      for (const body of ['<a>'.repeat(100_000), '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>']) {
        const { status } = await server.ask(method, target, { headers, body });
        assert.ok(status === 400 || status === 403, `${method}: ${status}`);
      }
    }
    const { status } = await server.ask('PROPFIND', '/calendars/ann/new/', {
      headers: { depth: '0' },
    });
    assert.equal(status, 404);
  });

  test('strangers may send little of it', async () => {
    const body = `<D:propfind ${namespaces}>${' '.repeat(300_000)}<D:prop/></D:propfind>`;
    for (const method of ['PROPFIND', 'REPORT'])
      assert.equal((await server.ask(method, '/calendars/ann/', { user: '', body })).status, 413);
  });
});

describe('recurrence', () => {
  const event = (uid: string, lines: string): string =>
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nDURATION:PT1S\r\n${lines}END:VEVENT\r\nEND:VCALENDAR\r\n`;
  const put = (name: string, lines: string): Promise<Answer> =>
    server.ask('PUT', `${calendar}${name}.ics`, { headers: ics, body: event(name, lines) });
  const ask = (body: string): Promise<Answer> =>
    server.ask('REPORT', calendar, { headers: { depth: '1' }, body });
  const query = (data: string, range: string): string =>
    `<C:calendar-query ${namespaces}><D:prop>${data}</D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range ${range}/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;
  const dates = Array.from({ length: 50_000 }, (_, i) =>
    new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString().replace(/[-:]|\.000/g, ''),
  );

  test('what has an end and too many instances is refused by name', async () => {
    for (const [name, lines] of [
      ['until', 'RRULE:FREQ=SECONDLY;UNTIL=21260101T000000Z\r\n'],
      ['count', 'RRULE:FREQ=SECONDLY;COUNT=2000000000\r\n'],
      ['dates', `RDATE:${dates.join(',')}\r\n`],
      ['lines', dates.map((date) => `RDATE:${date}\r\n`).join('')],
    ] as const) {
      const answer = await put(name, lines);
      assert.equal(answer.status, 403, `${name}: ${answer.status} ${answer.text}`);
      assert.match(answer.text, /<C:max-instances>|<C:valid-calendar-data>/, name);
    }
  });

  test('what never ends or never happens is found or not, in a bounded time, beside others', async () => {
    const rules = [
      ['second', 'RRULE:FREQ=SECONDLY\r\n'],
      ['never', 'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n'],
      [
        'rarely',
        'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYHOUR=3;BYMINUTE=7;BYSECOND=9\r\n',
      ],
      ['excluded', 'RRULE:FREQ=SECONDLY\r\nEXRULE:FREQ=SECONDLY\r\n'],
      ['interval', 'RRULE:FREQ=YEARLY;INTERVAL=1000000000\r\n'],
    ] as const;
    for (const [name, lines] of rules) {
      const { status, text } = await put(name, lines);
      assert.ok(status === 201 || status === 403, `${name}: ${status} ${text}`);
    }
    const thousand = await put(
      'thousand',
      'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3\r\n'.repeat(1000),
    );
    assert.ok(thousand.status === 201 || thousand.status === 403, thousand.text);
    const far = 'start="20900615T110000Z" end="20900615T110001Z"';
    const { answers, smallAnswers } = await besides([
      ask(query('<D:getetag/>', far)),
      ask(query('<D:getetag/>', 'start="20260101T000000Z" end="21260101T000000Z"')),
      ask(
        `<C:free-busy-query ${namespaces}><C:time-range start="20260101T000000Z" end="20260201T000000Z"/></C:free-busy-query>`,
      ),
      ask(
        query(
          '<C:calendar-data><C:expand start="20260101T000000Z" end="21260101T000000Z"/></C:calendar-data>',
          far,
        ),
      ),
    ]);
    const [found, century, busy, expanded] = answers;
    assert.equal(found!.status, 207);
    assert.match(found!.text, /second\.ics/);
    assert.equal(century!.status, 207);
    assert.ok([200, 403].includes(busy!.status), `${busy!.status}`);
    assert.ok(
      expanded!.status === 403 || / 507 /.test(expanded!.text),
      expanded!.text.slice(0, 300),
    );
    assert.ok(smallAnswers > 0, 'a small request waited for all of them');
  });
});

describe('U10: others', () => {
  test('a large REPORT lets small requests through, one after another', async () => {
    const one = (i: number): string =>
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:big-${i}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:${'x'.repeat(200)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    assert.equal((await server.ask('MKCALENDAR', '/calendars/ann/big/')).status, 201);
    const file = Array.from({ length: 3000 }, (_, i) => one(i)).join('');
    const imported = await server.ask(
      'POST',
      '/api/import?path=/calendars/ann/big/&fileName=a.ics',
      {
        body: file,
      },
    );
    assert.equal(imported.status, 200, imported.text);
    const body = `<C:calendar-query ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20900101T000000Z" end="20900102T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;
    const { answers, smallAnswers } = await besides([
      server.ask('REPORT', '/calendars/ann/big/', { headers: { depth: '1' }, body }),
    ]);
    assert.equal(answers[0]!.text.match(/<D:response>/g)?.length, 3000);
    // Between two pieces of work others have their turn; the whole has hundreds.
    assert.ok(smallAnswers >= 10, `only ${smallAnswers} small answers beside it`);
  });

  test('who logs in with wrong passwords waits, and keeps nobody else waiting', async () => {
    // From an address that no test comes from; each asks for another account.
    const guess = (i: number): Promise<string> =>
      raw(
        `GET /files/ann/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${basic(i % 2 === 0 ? 'ann' : `nobody${i}`, `guess ${i}`)}\r\n\r\n`,
        '127.0.0.77',
      );
    const { answers, smallAnswers } = await besides(
      Array.from({ length: 150 }, (_, i) => guess(i)),
    );
    const statuses = answers.map(statusOf);
    const by = (status: number): number => statuses.filter((one) => one === status).length;
    assert.equal(by(401) + by(429) + by(503), 150);
    assert.ok(
      by(401) <= 21, // time passes, and may forgive one
      'no more is computed for one address than it may guess',
    );
    assert.ok(by(429) >= 100);
    for (const answer of answers.filter((one) => statusOf(one) === 429))
      assert.match(answer, /\r\nRetry-After: \d+\r\n/i);
    assert.ok(smallAnswers >= 5, `only ${smallAnswers} small answers beside it`);
    // From many addresses: no more is computed at a time than the queue holds, and the rest is told so.
    const many = await besides(
      Array.from({ length: 150 }, (_, i) =>
        raw(
          `GET /files/ann/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${basic('ann', `other ${i}`)}\r\n\r\n`,
          `127.0.1.${i + 1}`,
        ),
      ),
    );
    const all = many.answers.map(statusOf);
    assert.deepEqual(new Set(all), new Set([401, 503]));
    assert.ok(many.smallAnswers >= 5, `only ${many.smallAnswers} small answers beside it`);
  });

  test('clients that send nothing more, or take nothing, hold nobody up', async () => {
    const idle = Array.from({ length: 50 }, () => {
      const socket = connect({ host: '127.0.0.1', port: server.port, localAddress: '127.0.0.78' });
      socket.on('error', () => {});
      socket.write(
        `PROPFIND /calendars/ann/big/ HTTP/1.1\r\nHost: x\r\nDepth: 1\r\nAuthorization: ${basic('ann')}\r\nContent-Length: 100000\r\n\r\n<D:prop`,
      );
      return socket;
    });
    const deaf = Array.from({ length: 20 }, () => {
      const socket = connect({ host: '127.0.0.1', port: server.port, localAddress: '127.0.0.79' });
      socket.on('error', () => {});
      socket.pause();
      socket.write(
        `GET /calendars/ann/big/ HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('ann')}\r\n\r\n`.repeat(
          5,
        ),
      );
      return socket;
    });
    for (let i = 0; i < 20; i++) assert.equal((await small()).status, 200);
    for (const socket of [...idle, ...deaf]) socket.destroy();
  });
});

describe('paths', () => {
  const ask = (method: string, target: string, body = '', more = ''): Promise<string> =>
    raw(
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\nAuthorization: ${basic('ann')}\r\n${more}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`,
    );
  const tricks = [
    ...[
      '/files/ann/../bob/small.txt',
      '/files/ann/%2e%2e/bob/small.txt',
      '/files/ann/%2e%2e%2fbob',
    ],
    ...['/files/ann/..%2fbob%2fsmall.txt', '/files/ann/.%2e/bob/small.txt', '/files/./ann/x'],
    ...['/files/ann/%c0%ae%c0%ae/bob/small.txt', '/files/ann/%c0%af', '/files/ann/%e0%80%af'],
    ...['/files/ann/%ed%a0%80', '/files/ann/%ff', '/files/ann/%f8%88%80%80%80', '/files/ann/%'],
    ...[
      '/files/ann/a%00b',
      '/files/ann/a%0d%0ab',
      '/files/ann/a%0ab',
      '/files/ann/%7f',
      '/files/ann/%1b[2J',
    ],
  ];
  test('that leave the tree, or are no UTF-8, are 400 for every method', async () => {
    for (const target of tricks) {
      for (const method of ['GET', 'PUT', 'DELETE', 'MKCOL', 'PROPFIND', 'COPY', 'MOVE', 'LOCK']) {
        const answer = await ask(
          method,
          target,
          method === 'PUT' ? 'x' : '',
          'Destination: /files/ann/y\r\n',
        );
        assert.equal(statusOf(answer), 400, `${method} ${target}: ${answer.slice(0, 200)}`);
      }
      const answer = await ask('COPY', '/files/ann/', '', `Destination: ${target}\r\nDepth: 0\r\n`);
      assert.ok([400, 403, 409].includes(statusOf(answer)), `${target}: ${answer.slice(0, 60)}`);
    }
    assert.equal((await small()).text, 'small');
  });

  test('octets that no request line has end the connection', async () => {
    for (const target of [
      '/files/ann/a\0b',
      '/files/ann/a\rb',
      '/files/ann/ b',
      '/files/ann/\x01',
    ]) {
      const status = statusOf(await ask('GET', target));
      assert.ok(status === 400 || status === 404, `${JSON.stringify(target)}: ${status}`);
    }
    // Octets above ASCII are the client’s own idea of an encoding: UTF-8 or nothing.
    assert.equal(statusOf(await ask('GET', '/files/ann/\xff\xfe')), 400);
    assert.equal(statusOf(await ask('GET', `/files/ann/${'x/'.repeat(9000)}`)), 431);
  });

  test('names that git, the layout or a file system keeps are names, and spoil nothing', async () => {
    const names = [
      ...[
        '.git',
        '.GIT',
        '.Git',
        'git~1',
        'GIT~2',
        '.gitmodules',
        '.gitattributes',
        '.git\u200cignore',
      ],
      ...['.g\u200cit', '\ufeff.git', '.git.', '.git ', '.git\\x', '.git:x', '.collection.json'],
      ...[
        '.x.properties.json',
        '%2Egit',
        '%252e%252e',
        '%+x',
        '=0',
        '=f',
        '\\..\\..\\x',
        'a\\b',
        'c:x',
      ],
      ...[
        'CON',
        'nul.txt',
        '-rf',
        '--help',
        '*',
        '?x',
        '"quoted"',
        "it's",
        '$(id)',
        '`id`',
        '<script>',
      ],
      ...[
        'HEAD',
        'refs',
        'a\u0301',
        '\u00e1',
        '\u202ecod.txt',
        '🎉'.repeat(60),
        'x'.repeat(255),
        '~',
        '@{1}',
      ],
      ...['con:..', '...', '. ', ' .', '....'],
    ];
    const kept: string[] = [];
    for (const name of names) {
      const target = `/files/ann/${encodeURIComponent(name)}`;
      const put = await server.ask('PUT', target, { body: `I am ${name}` });
      assert.ok([201, 204, 400, 403].includes(put.status), `${name}: ${put.status} ${put.text}`);
      if (put.status === 201) kept.push(name);
    }
    assert.ok(kept.length > 40, `only ${kept.length} are kept`);
    await server.startAgain();
    for (const name of kept) {
      const got = await server.ask('GET', `/files/ann/${encodeURIComponent(name)}`);
      assert.deepEqual([got.status, got.text], [200, `I am ${name}`], name);
    }
    const listed = await server.ask('PROPFIND', '/files/ann/', {
      headers: { depth: '1' },
      body: '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>',
    });
    assert.equal(listed.text.match(/<D:getetag>/g)?.length, kept.length);
    await server.stop();
    const repository = join(server.folder, 'calendar', 'store.git');
    const git = (...args: readonly string[]): { status: number | null; text: string } => {
      const { status, stdout, stderr } = spawnSync('git', ['--git-dir', repository, ...args], {
        encoding: 'utf8',
      });
      return { status, text: stdout + stderr };
    };
    const checked = git('fsck', '--strict', '--full');
    assert.equal(checked.status, 0, checked.text);
    assert.doesNotMatch(checked.text, /^(error|warning)/m);
    // A checkout on a file system that folds case and knows short names finds no door to its own folder.
    const paths = git('ls-tree', '-r', '-z', '--name-only', 'HEAD').text.split('\0');
    for (const path of paths)
      for (const piece of path.split('/'))
        assert.doesNotMatch(
          piece.normalize('NFKC').replaceAll(/\p{Cf}/gu, ''),
          /^(\.git|git~\d+)[. ]*$/i,
          path,
        );
    await server.startAgain();
    // No more than may go in a minute.
    for (const name of kept.slice(0, 15)) {
      const gone = await server.ask('DELETE', `/files/ann/${encodeURIComponent(name)}`);
      assert.equal(gone.status, 204, name);
    }
  });

  test('double encoding is decoded once', async () => {
    const put = await server.ask('PUT', '/files/ann/%252e%252e', { body: 'twice' });
    assert.equal(put.status, 201);
    assert.match(put.headers.get('location') ?? '', /\/files\/ann\/%252e%252e$/);
    assert.equal((await server.ask('GET', '/files/ann/%252E%252E')).status, 404); // another name
    assert.equal((await server.ask('GET', '/files/ann/%252e%252e')).text, 'twice');
  });
});

describe('headers', () => {
  const ask = (method: string, target: string, fields: string, body = ''): Promise<string> =>
    raw(
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\nAuthorization: ${basic('ann')}\r\n${fields}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`,
    );
  const head = (answer: string): string => answer.slice(0, answer.indexOf('\r\n\r\n'));

  test('are split by nothing that a client sends', async () => {
    await server.ask('PUT', '/files/ann/source', { body: 'x' });
    for (const evil of [
      '/files/ann/x%0d%0aSet-Cookie:%20a=b',
      `http://127.0.0.1:${0}/files/ann/x%0d%0aX-Evil:1`,
      '/files/ann/x%E5%98%8A%E5%98%8DSet-Cookie:a=b', // two characters that end in 0a and 0d
      '/files/ann/x%C2%85X-Evil:1',
    ]) {
      for (const method of ['COPY', 'MOVE']) {
        const answer = await ask(method, '/files/ann/source', `Destination: ${evil}\r\n`);
        assert.doesNotMatch(head(answer), /\n(Set-Cookie|X-Evil)/i, `${method} ${evil}`);
        assert.ok(statusOf(answer) < 500 || statusOf(answer) === 502, `${method} ${evil}`);
        await server.ask('PUT', '/files/ann/source', { body: 'x' });
      }
    }
    const name = encodeURIComponent('x\u560a\u560dSet-Cookie:a=b');
    const put = await ask('PUT', `/files/ann/${name}`, '', 'x');
    assert.doesNotMatch(head(put), /\nSet-Cookie/i);
    for (const type of ['text/html\tx', 'a/b; x="\xff"', '']) {
      await ask('PUT', '/files/ann/typed', `Content-Type: ${type}\r\n`, 'x');
      assert.equal(statusOf(await ask('GET', '/files/ann/typed', '')), 200);
    }
  });

  test('show display names without their lines', async () => {
    const evil = 'x&#13;&#10;Set-Cookie: a=b&#10;"; filename="evil.exe';
    const patched = await server.ask('PROPPATCH', calendar, {
      body: `<D:propertyupdate ${namespaces}><D:set><D:prop><D:displayname>${evil}</D:displayname></D:prop></D:set></D:propertyupdate>`,
    });
    assert.equal(patched.status, 207);
    for (const target of [calendar, `/api/export?path=${calendar}&format=ics`]) {
      const answer = await ask('GET', target, '');
      assert.equal(statusOf(answer), 200, answer);
      assert.doesNotMatch(head(answer), /\nSet-Cookie|filename="evil/i);
      // Nor does a name become lines of the calendar.
      assert.doesNotMatch(answer, /\r\nSet-Cookie/);
    }
    const history = await server.ask('GET', '/api/history?limit=1');
    assert.equal(history.status, 200);
    await server.stop();
    const repository = join(server.folder, 'calendar', 'store.git');
    const { stdout } = spawnSync('git', ['--git-dir', repository, 'log', '-3', '--format=%B'], {
      encoding: 'utf8',
    });
    assert.doesNotMatch(stdout, /^Set-Cookie/m);
    await server.startAgain();
  });

  test('that two readers would read in two ways end the connection', async () => {
    const start = `Host: x\r\nAuthorization: ${basic('ann')}\r\n`;
    for (const fields of [
      'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /files/bob/ HTTP/1.1\r\n\r\n',
      'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      'Content-Length: +5\r\n\r\nhello',
      'X: a\r\n b\0c\r\n\r\n',
      `X: ${'x'.repeat(20_000)}\r\n\r\n`,
    ]) {
      const answer = await raw(
        `PUT /files/ann/smuggled HTTP/1.1\r\n${start}Connection: close\r\n${fields}`,
      );
      const status = statusOf(answer);
      assert.ok(
        [400, 413, 431].includes(status),
        `${JSON.stringify(fields.slice(0, 60))}: ${answer.slice(0, 100)}`,
      );
      assert.equal(answer.match(/^HTTP\/1\.1 /gm)?.length, 1, 'one request, one answer');
    }
    assert.equal((await server.ask('GET', '/files/ann/smuggled')).status, 404);
  });
});

test('bodies together have a bound: more is told to come later, and memory stays', async () => {
  // Each may be sent alone; a dozen that all wait for their last octet may not.
  const size = 40 << 20;
  const piece = Buffer.alloc(1 << 20, 'x');
  const sent = Array.from({ length: 12 }, (_, i) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const request = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      method: 'PUT',
      path: `/files/ann/large-${i}`,
      localAddress: '127.0.0.80',
      headers: { authorization: basic('ann'), 'content-length': size + 1 },
    });
    request.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    request.once('error', () => resolve(0));
    const pump = (left: number): void => {
      if (left === 0 || request.destroyed) return;
      request.write(piece, () => pump(left - 1));
    };
    pump(size >> 20);
    return { request, promise };
  });
  const first = await Promise.race(sent.map(({ promise }) => promise));
  assert.equal(first, 503);
  assert.equal((await small()).status, 200);
  for (const { request } of sent) request.destroy();
  // What they held is free again, once what is still on its way of them has been read up to its end.
  const statuses: number[] = [];
  do {
    const answer = await server.ask('PUT', '/files/ann/large', { body: new Uint8Array(size) });
    statuses.push(answer.status);
  } while (statuses.at(-1) === 503 && statuses.length < 20);
  assert.equal(statuses.at(-1), 201, statuses.join(' '));
});
