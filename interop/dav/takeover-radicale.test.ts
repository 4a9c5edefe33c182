/** Radicale is filled by its own HTTP, stopped, and taken over: what it served, Riad serves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSource } from '@riad/service-calendar/takeover/source';
import { moveHouse } from '@riad/service-calendar/takeover/testing/moving-house';
import { RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { peer } from '../peers.ts';
import { DavPeer } from './dav-peer.ts';

const radicale = peer('radicale');
const htpasswd = peer('htpasswd');
const folder = mkdtempSync(join(tmpdir(), 'riad-radicale-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const password = 'Grüße aus Köln';

const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const todo = (uid: string): string =>
  event(uid, 'to do').replaceAll('VEVENT', 'VTODO').replace('DTSTART', 'DUE');
const card = (uid: string): string =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:Ann Müller\r\nN:Müller;Ann;;;\r\nEND:VCARD\r\n`;

const mkcalendar = (name: string, colour: string, component: string): string =>
  `<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:I="http://apple.com/ns/ical/"><D:set><D:prop><D:displayname>${name}</D:displayname><I:calendar-color>${colour}</I:calendar-color><C:calendar-description>of ${name}</C:calendar-description><C:supported-calendar-component-set><C:comp name="${component}"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`;
const mkbook = `<D:mkcol xmlns:D="DAV:" xmlns:R="urn:ietf:params:xml:ns:carddav" xmlns:I="http://inf-it.com/ns/ab/"><D:set><D:prop><D:resourcetype><D:collection/><R:addressbook/></D:resourcetype><D:displayname>Friends</D:displayname><R:addressbook-description>all of them</R:addressbook-description><I:addressbook-color>#00ff00ff</I:addressbook-color></D:prop></D:set></D:mkcol>`;

const rights = `# who may do what
[root]
user: .+
collection:
permissions: R
[principal]
user: .+
collection: {user}
permissions: RW
[secret]
user: carol
collection: ann/work
permissions:
[shared]
user: (bob|carol)
collection: ann/(work|tasks)
permissions: r
[own]
user: .+
collection: {user}/[^/]{{1,20}}
permissions: rw
[friends]
user: .+
collection: ann/friends
permissions: r
[open]
user: .*
collection: bob/public
permissions: r
`;

function configure(): string {
  const users = join(folder, 'users');
  for (const [index, name] of ['ann', 'bob', 'carol'].entries()) {
    const args = ['-b', ...(index === 0 ? ['-c'] : []), '-m', users, name, password];
    const { status, stderr } = spawnSync(htpasswd.file, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
  writeFileSync(join(folder, 'rights'), rights);
  const config = join(folder, 'config');
  writeFileSync(
    config,
    `[auth]\ntype = htpasswd\nhtpasswd_filename = ${users}\nhtpasswd_encryption = md5\ndelay = 0\n[rights]\ntype = from_file\nfile = ${folder}/rights\n[storage]\nfilesystem_folder = ${folder}/data\n`,
  );
  return config;
}

test('U6 Radicale: users, rights, names, colours and octets move in', {
  skip: radicale.missing || htpasswd.missing,
}, async () => {
  const config = configure();
  const served = new Map<string, string>();
  {
    await using server = await DavPeer.start(folder, (port) => [
      radicale.file,
      '--config',
      config,
      '--server-hosts',
      `127.0.0.1:${port}`,
    ]);
    const as = (name: string): { user: string } => ({ user: `${name}:${password}` });
    const calendar = { 'content-type': 'text/calendar' };
    await server.mustAsk(207, 'PROPFIND', '/ann/', { ...as('ann'), headers: { depth: '1' } });
    for (const [path, name, colour, component] of [
      ['/ann/work/', 'Büro &amp; Co', '#ff0000ff', 'VEVENT'],
      ['/ann/tasks/', 'Tasks', '#0000ffff', 'VTODO'],
      ['/bob/public/', '100 % public', '#aabbccff', 'VEVENT'],
    ] as const)
      await server.mustAsk(201, 'MKCALENDAR', path, {
        ...as(path.split('/')[1]!),
        body: mkcalendar(name, colour, component),
      });
    await server.mustAsk(201, 'MKCOL', '/ann/friends/', { ...as('ann'), body: mkbook });
    for (const [path, body, type] of [
      ['/ann/work/lunch.ics', event('lunch', 'Käse;\\, Brot'), calendar],
      ['/ann/work/two%20words.ics', event('two', 'two'), calendar],
      ['/ann/tasks/task.ics', todo('task'), calendar],
      ['/bob/public/open.ics', event('open', 'open'), calendar],
      ['/ann/friends/ann.vcf', card('ann-card'), { 'content-type': 'text/vcard' }],
    ] as const)
      await server.mustAsk(201, 'PUT', path, { ...as(path.split('/')[1]!), headers: type, body });
    for (const path of [
      '/ann/work/lunch.ics',
      '/ann/work/two%20words.ics',
      '/ann/tasks/task.ics',
      '/bob/public/open.ics',
      '/ann/friends/ann.vcf',
    ]) {
      const { text } = await server.mustAsk(200, 'GET', path, as(path.split('/')[1]!));
      served.set(path, text);
    }
  }
  const root = join(folder, 'data', 'collection-root');
  assert.ok(existsSync(join(root, 'ann', 'work', '.Radicale.props')));
  // What no server takes, and what is nobody’s.
  writeFileSync(join(root, 'ann', 'work', 'broken.ics'), 'BEGIN:VCALENDAR');
  mkdirSync(join(root, 'common'));
  writeFileSync(join(root, 'common', '.Radicale.props'), '{"tag": "VCALENDAR"}');
  writeFileSync(join(root, 'common', 'c.ics'), event('common', 'c'));

  await using house = await RunningCalendar.start([]);
  const source = {
    htpasswd: join(folder, 'users'),
    rights: join(folder, 'rights'),
  };
  const report = await moveHouse(house, openSource('radicale', join(folder, 'data'), source));
  assert.deepEqual(
    report.people.map(({ name, is }) => `${is} ${name}`),
    ['new ann', 'new bob', 'new carol'],
  );
  assert.deepEqual(
    report.collections.map(({ path, objects }) => [path, objects.new, objects.wrong]),
    [
      ['/addressbooks/ann/friends/', 1, 0],
      ['/calendars/ann/tasks/', 1, 0],
      ['/calendars/ann/work/', 2, 1],
      ['/calendars/bob/public/', 1, 0],
    ],
  );
  assert.match(report.wrong.join('\n'), /collection-root\/ann\/work\/broken\.ics: /);
  assert.match(report.wrong.join('\n'), /collection-root\/common: .*--owner/);
  assert.equal(report.revisions.length, 2);

  const as = (name: string): { user: string; password: string } => ({ user: name, password });
  for (const [path, text] of served) {
    const area = path.endsWith('.vcf') ? '/addressbooks' : '/calendars';
    const got = await house.ask('GET', `${area}${path}`, as(path.split('/')[1]!));
    assert.equal(got.status, 200, path);
    assert.equal(got.text, text, path);
    assert.equal(readFileSync(join(root, decodeURIComponent(path)), 'utf8'), text);
  }
  const body = `<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:R="urn:ietf:params:xml:ns:carddav" xmlns:I="http://apple.com/ns/ical/" xmlns:B="http://inf-it.com/ns/ab/"><D:prop><D:displayname/><I:calendar-color/><B:addressbook-color/><C:calendar-description/><R:addressbook-description/><C:supported-calendar-component-set/></D:prop></D:propfind>`;
  const properties = async (path: string, name = 'ann'): Promise<string> =>
    (await house.ask('PROPFIND', path, { ...as(name), headers: { depth: '0' }, body })).text;
  const work = await properties('/calendars/ann/work/');
  for (const part of ['>Büro &amp; Co<', '>#ff0000ff<', '>of Büro &amp; Co<', 'name="VEVENT"'])
    assert.ok(work.includes(part), `${part} in ${work}`);
  assert.doesNotMatch(work, /VTODO/);
  assert.match(await properties('/calendars/ann/tasks/'), /name="VTODO"/);
  assert.match(await properties('/calendars/bob/public/', 'bob'), />100 % public</);
  const friends = await properties('/addressbooks/ann/friends/');
  for (const part of ['>Friends<', '>all of them<', '>#00ff00ff<'])
    assert.ok(friends.includes(part), `${part} in ${friends}`);

  // The rights, as that server gave them.
  const status = async (name: string, path: string): Promise<number> =>
    (await house.ask('GET', path, name === '' ? { user: '' } : as(name))).status;
  assert.equal(await status('bob', '/calendars/ann/work/lunch.ics'), 200);
  assert.equal(await status('carol', '/calendars/ann/work/lunch.ics'), 404);
  assert.equal(await status('carol', '/calendars/ann/tasks/task.ics'), 200);
  assert.equal(await status('carol', '/addressbooks/ann/friends/ann.vcf'), 200);
  assert.equal(await status('', '/calendars/bob/public/open.ics'), 200);
  assert.equal(await status('', '/calendars/ann/work/lunch.ics'), 401);
  const headers = { 'content-type': 'text/calendar' };
  const put = await house.ask('PUT', '/calendars/ann/work/bob.ics', {
    ...as('bob'),
    headers,
    body: event('bob', 'bob'),
  });
  assert.equal(put.status, 403);

  const again = await moveHouse(house, openSource('radicale', root, source));
  assert.deepEqual(again.revisions, []);
  const owned = await moveHouse(house, openSource('radicale', root, { ...source, owner: 'carol' }));
  assert.deepEqual(owned.revisions.length, 1);
  assert.equal(await status('carol', '/calendars/carol/common/c.ics'), 200);
});
