/** Xandikos is filled by its own HTTP, stopped, and taken over: what it served, Riad serves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSource } from '@riad/service-calendar/takeover/source';
import { moveHouse } from '@riad/service-calendar/takeover/testing/moving-house';
import { RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { peer } from '../peers.ts';
import { DavPeer } from './dav-peer.ts';

const xandikos = peer('xandikos');
const folder = mkdtempSync(join(tmpdir(), 'riad-xandikos-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const password = 'bcrypt and umlauts äöü';
const event = (uid: string, summary: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const card = (uid: string): string =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:Ann Müller\r\nN:Müller;Ann;;;\r\nEND:VCARD\r\n`;
const proppatch = (name: string, colour: string): string =>
  `<D:propertyupdate xmlns:D="DAV:" xmlns:I="http://apple.com/ns/ical/" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>${name}</D:displayname><I:calendar-color>${colour}</I:calendar-color></D:prop></D:set></D:propertyupdate>`;

function git(...args: string[]): void {
  const { status, stderr } = spawnSync('git', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

const htpasswd = peer('htpasswd');

test('U6 Xandikos: collections of git repositories, bare or not, move in', {
  skip: xandikos.missing || htpasswd.missing,
}, async () => {
  const data = join(folder, 'data');
  const served = new Map<string, string>();
  {
    await using server = await DavPeer.start(folder, (port) => [
      xandikos.file,
      ...['-d', data, '-l', '127.0.0.1', '-p', String(port)],
      ...['--current-user-principal', '/ann/', '--defaults', '--autocreate'],
    ]);
    const calendar = { 'content-type': 'text/calendar' };
    for (const [path, body, headers] of [
      ['/ann/calendars/calendar/lunch.ics', event('lunch', 'Käse;\\, Brot'), calendar],
      ['/ann/calendars/calendar/two%20words.ics', event('two', 'two'), calendar],
      ['/ann/contacts/addressbook/ann.vcf', card('ann-card'), { 'content-type': 'text/vcard' }],
    ] as const) {
      await server.mustAsk(201, 'PUT', path, { headers, body });
      served.set(path, (await server.mustAsk(200, 'GET', path)).text);
    }
    await server.mustAsk(201, 'MKCOL', '/ann/calendars/work/', {
      body: `<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype></D:prop></D:set></D:mkcol>`,
      headers: { 'content-type': 'text/xml' },
    });
    const patched = await server.mustAsk(207, 'PROPPATCH', '/ann/calendars/work/', {
      body: proppatch('Büro &amp; Co', '#ff0000'),
      headers: { 'content-type': 'text/xml' },
    });
    assert.match(patched.text, /200 OK/);
    await server.mustAsk(201, 'PUT', '/ann/calendars/work/w.ics', {
      headers: calendar,
      body: event('w', 'w'),
    });
    const path = '/ann/calendars/work/w.ics';
    served.set(path, (await server.mustAsk(200, 'GET', path)).text);
  }
  // A bare one, as that server takes it as well.
  const home = join(data, 'ann', 'calendars');
  git('clone', '-q', '--bare', join(home, 'work'), join(home, 'bare'));
  rmSync(join(home, 'work'), { recursive: true });
  renameSync(join(home, 'bare'), join(home, 'work'));
  // One of the first versions: what it is stands in git’s own configuration.
  const old = join(data, 'ann', 'calendars', 'old');
  mkdirSync(old);
  git('init', '-q', '-b', 'master', old);
  for (const [name, value] of [
    ['type', 'calendar'],
    ['displayname', 'Of old'],
    ['color', '#00ff00'],
  ])
    git('-C', old, 'config', `xandikos.${name}`, value!);
  writeFileSync(join(old, '.git', 'description'), 'what was');
  writeFileSync(join(old, 'o.ics'), event('old', 'old'));
  writeFileSync(join(old, 'broken.ics'), 'BEGIN:VCALENDAR\r\nEND:VEVENT\r\n');
  git('-C', old, 'add', '-A');
  const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.org'];
  git('-C', old, ...author, 'commit', '-q', '-m', 'o');
  served.set('/ann/calendars/old/o.ics', event('old', 'old'));

  const users = join(folder, 'users');
  const made = spawnSync(htpasswd.file, ['-b', '-c', '-B', '-C', '5', users, 'ann', password]);
  assert.equal(made.status, 0);
  await using house = await RunningCalendar.start([]);
  const open = (): ReturnType<typeof openSource> =>
    openSource('xandikos', data, { htpasswd: users });
  const report = await moveHouse(house, open());
  assert.deepEqual(
    report.collections.map(({ path, objects }) => [path, objects.new, objects.wrong]),
    [
      ['/calendars/ann/calendar/', 2, 0],
      ['/calendars/ann/old/', 1, 1],
      ['/calendars/ann/work/', 1, 0],
      ['/addressbooks/ann/addressbook/', 1, 0],
    ],
  );
  assert.equal(report.revisions.length, 1);
  assert.equal(report.wrong.length, 1, report.wrong.join('\n'));
  assert.match(report.wrong[0]!, /^ann\/calendars\/old\/broken\.ics: /);

  for (const [path, text] of served) {
    const here = path
      .replace('/ann/calendars/', '/calendars/ann/')
      .replace('/ann/contacts/', '/addressbooks/ann/');
    const got = await house.ask('GET', here, { password });
    assert.equal(got.status, 200, path);
    assert.equal(got.text, text, path);
  }
  const body = `<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:I="http://apple.com/ns/ical/"><D:prop><D:displayname/><I:calendar-color/><C:calendar-description/></D:prop></D:propfind>`;
  for (const [path, parts] of [
    ['/calendars/ann/work/', ['>Büro &amp; Co<', '>#ff0000<']],
    ['/calendars/ann/old/', ['>Of old<', '>#00ff00<', '>what was<']],
  ] as const) {
    const headers = { depth: '0' };
    const { text } = await house.ask('PROPFIND', path, { password, headers, body });
    for (const part of parts) assert.ok(text.includes(part), `${part} in ${text}`);
  }
  assert.deepEqual((await moveHouse(house, open())).revisions, []);
});
