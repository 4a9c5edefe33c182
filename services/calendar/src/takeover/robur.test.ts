import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { RunningCalendar } from '../testing/running-calendar.ts';
import type { HouseholdItem } from './household.ts';
import { readRobur } from './robur.ts';
import { moveHouse } from './testing/moving-house.ts';
import {
  APPLE,
  ace,
  CALDAV,
  calendar,
  commitFiles,
  DAV,
  displayname,
  href,
  inheritedAce,
  ROBUR,
  sidecar,
  type Tree,
} from './testing/robur-repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-robur-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const object = (uid: string, kind = 'VEVENT'): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ROBUR.IO//EN\r\nBEGIN:${kind}\r\nUID:${uid}\r\nDTSTAMP:20190301T120000Z\r\nDTSTART:20190401T100000Z\r\nSUMMARY:Grüße aus ${uid}\r\nEND:${kind}\r\nEND:VCALENDAR\r\n`;

const password = (name: string): string => `${name}: a:b`;

function principal(name: string, ...more: readonly Tree[]): readonly Tree[] {
  return [
    [DAV, 'acl', ace(href(`/principals/${name}/`), ['all']), ace([DAV, 'all'], ['read'])],
    displayname(name),
    [DAV, 'principal-URL', href(`/principals/${name}/`)],
    [DAV, 'resourcetype', [DAV, 'collection'], [DAV, 'principal']],
    ...more,
  ];
}

function user(name: string, ...more: readonly Tree[]): readonly Tree[] {
  const salt = Buffer.from(`15 octets of ${name}`).toString('base64');
  const hash = createHash('sha256')
    .update(`${salt}-${password(name)}`)
    .digest('base64');
  return principal(
    name,
    [CALDAV, 'calendar-home-set', href('/calendars/')],
    [ROBUR, 'password', hash],
    [ROBUR, 'salt', salt],
    ...more,
  );
}

/** What an event has beside it, when nobody has done anything about it. */
const plain = (path: string): string =>
  sidecar([
    [DAV, 'acl', inheritedAce(`${path.slice(0, path.lastIndexOf('/'))}/`)],
    displayname(path),
    [DAV, 'getcontenttype', 'text/calendar; charset=utf-8'],
  ]);

const timeZone =
  'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n';

/** Long atoms are broken into lines: a backslash, the end of the line, blanks. */
const broken = (text: string): string => text.replaceAll('\\n', '\\n\\\n      ');

const files: Readonly<Record<string, string>> = {
  'principals/.prop': sidecar([
    [DAV, 'acl', ace(href('/principals/root/'), ['all']), ace([DAV, 'all'], ['read'])],
    [ROBUR, 'default_groups', href('/principals/staff/')],
  ]),
  'principals/root/.prop': sidecar(user('root')),
  'principals/ann/.prop': sidecar(user('ann')),
  // Names have capitals there.
  'principals/Bob/.prop': sidecar(user('Bob'), 1),
  'principals/carol/.prop': sidecar(
    user('carol', [DAV, 'group-membership', href('/principals/staff/')]),
    0,
  ),
  'principals/staff/.prop': sidecar(
    principal('staff', [
      DAV,
      'group-member-set',
      href('/principals/ann/'),
      href('https://dav.example.org/principals/Bob'),
      href('/principals/gone/'),
    ]),
  ),
  'principals/damaged/.prop': '((DAV: displayname',
  'calendars/.prop': sidecar([
    [
      DAV,
      'acl',
      ace(href('/principals/root/'), ['all']),
      ace([DAV, 'all'], ['read', 'bind', 'unbind']),
    ],
  ]),
  'calendars/root/.prop': sidecar(
    calendar([ace(href('/principals/root/'), ['all'])], displayname('root')),
  ),
  'calendars/ann/.prop': sidecar(
    calendar(
      [ace(href('/principals/ann/'), ['all'])],
      displayname('ann'),
      [CALDAV, 'supported-calendar-component-set'],
      [DAV, 'supported-report-set'],
    ),
    1,
  ),
  'calendars/ann/lunch.ics': object('lunch'),
  'calendars/ann/lunch.ics.prop': plain('/calendars/ann/lunch.ics'),
  'calendars/ann/caf%C3%A9%20noir.ics': object('café'),
  'calendars/ann/caf%C3%A9%20noir.ics.prop': plain('/calendars/ann/caf%C3%A9%20noir.ics'),
  'calendars/ann/twice.ics': object('lunch'),
  'calendars/ann/twice.ics.prop': plain('/calendars/ann/twice.ics'),
  'calendars/ann/garbage.ics': 'not a calendar',
  'calendars/ann/bare.ics': object('bare'), // its sidecar is gone
  'calendars/ann/hidden.prop': object('hidden'),
  'calendars/work/.prop': broken(
    sidecar(
      calendar(
        [
          ace(href('https://dav.example.org/principals/ann/'), ['all']),
          ace(href('/principals/Bob/'), ['write'], 'deny'),
          ace(href('/principals/staff/'), ['read', 'write']),
          ace([DAV, 'unauthenticated'], ['read']),
        ],
        displayname('Büro "& Co\\"'),
        [APPLE, 'calendar-color', '#FF2968FF'],
        [CALDAV, 'calendar-timezone', timeZone],
        [CALDAV, 'calendar-description', 'Zeile 1\nZeile 2'],
        [
          'http://inf-it.com/ns/dav/',
          'settings',
          ['http://inf-it.com/ns/dav/', 'list', '{"a":"<b>"}'],
        ],
        [DAV, 'getetag', 'written by a client'],
      ),
    ),
  ),
  'calendars/work/task.ics': object('task', 'VTODO'),
  'calendars/work/task.ics.prop': plain('/calendars/work/task.ics'),
  'calendars/work/open.ics': object('open'),
  'calendars/work/open.ics.prop': sidecar([
    [DAV, 'acl', ace([DAV, 'all'], ['read']), inheritedAce('/calendars/work/')],
    displayname('/calendars/work/open.ics'),
  ]),
  // Made without a name: its own path is no name.
  'calendars/plain/.prop': sidecar(
    calendar(
      [ace(href('/principals/ann/'), ['all']), ace([DAV, 'all'], ['read'])],
      displayname('/calendars/plain/'),
    ),
    undefined,
  ),
  'calendars/plain/p.ics': object('p'),
  'calendars/staff/.prop': sidecar(
    calendar([ace(href('/principals/staff/'), ['all'])], displayname('staff')),
  ),
  'calendars/staff/s.ics': object('s'),
  'README.md': 'somebody wrote this',
};

const bare = join(folder, 'data.git');
const checkedOut = join(folder, 'data');
before(() => {
  commitFiles(bare, files, true);
  commitFiles(checkedOut, files, false);
});

async function gathered(items: AsyncIterable<HouseholdItem>): Promise<HouseholdItem[]> {
  const all: HouseholdItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const names = `<D:propfind xmlns:D="DAV:" xmlns:C="${CALDAV}" xmlns:A="${APPLE}" xmlns:I="http://inf-it.com/ns/dav/"><D:prop><D:displayname/><A:calendar-color/><C:calendar-description/><C:calendar-timezone/><I:settings/></D:prop></D:propfind>`;

describe('Robur’s data repository', () => {
  test('U6 moves in with users, groups, rights, colours and objects; then all is the same', async () => {
    const before = treeOf(bare);
    await using server = await RunningCalendar.start([]);
    const source = { folder: bare, owner: 'carol' };
    const asked = await moveHouse(server, readRobur(source), true);
    assert.deepEqual(asked.revisions, []);
    {
      using accounts = server.accounts();
      assert.deepEqual(accounts.users(), []);
    }
    const report = await moveHouse(server, readRobur(source));
    assert.deepEqual({ ...report, revisions: [] }, asked);
    assert.equal(report.revisions.length, 3, 'one commit for each user');
    assert.deepEqual(
      report.people.map(({ kind, name, is }) => `${is} ${kind} ${name}`),
      ['new user bob', 'new user ann', 'new user carol', 'new user root', 'new group staff'],
    );
    assert.deepEqual(
      report.collections.map(({ path, objects }) => [path, objects.new, objects.wrong]),
      [
        ['/calendars/ann/ann/', 3, 2],
        ['/calendars/ann/plain/', 1, 0],
        ['/calendars/ann/work/', 2, 0],
        ['/calendars/carol/staff/', 1, 0],
        ['/calendars/root/root/', 0, 0],
      ],
    );
    assert.deepEqual(
      report.wrong.map((sentence) => sentence.slice(0, sentence.indexOf(':'))).sort(),
      [
        'README.md',
        'calendars/ann/garbage.ics',
        'calendars/ann/hidden.prop',
        'calendars/ann/twice.ics',
        'principals/damaged',
      ],
    );
    assert.match(report.wrong.join('\n'), /twice\.ics: It has the UID of lunch\.ics/);
    assert.match(report.remarks.join('\n'), /denied/);
    assert.match(report.remarks.join('\n'), /unauthenticated/);
    assert.match(report.remarks.join('\n'), /default_groups/);
    assert.deepEqual(treeOf(bare), before, 'the source is as it was');

    // Everybody logs in as before; the second time by our own hash.
    const as = (name: string): { user: string; password: string } => ({
      user: name,
      password: password(name),
    });
    for (const name of ['ann', 'Bob', 'carol', 'root', 'ann'])
      assert.equal((await server.ask('GET', '/account', as(name))).status, 200, name);
    assert.equal((await server.ask('GET', '/account', { user: 'ann', password: 'a' })).status, 401);
    {
      using accounts = server.accounts();
      assert.equal(
        accounts.users().some(({ hasOldPassword }) => hasOldPassword),
        false,
      );
      assert.deepEqual(accounts.membersOf('staff'), ['ann', 'bob', 'carol']);
    }

    // Bytes and names.
    for (const [path = '', uid = ''] of [
      ['ann/caf%C3%A9%20noir.ics', 'café'],
      ['ann/bare.ics', 'bare'],
      ['plain/p.ics', 'p'],
    ]) {
      const got = await server.ask('GET', `/calendars/ann/${path}`, as('ann'));
      assert.equal(got.text, object(uid), path);
    }
    const task = await server.ask('GET', '/calendars/ann/work/task.ics', as('ann'));
    assert.equal(task.text, object('task', 'VTODO'));

    // Names, colours, dead properties.
    const headers = { depth: '0' };
    const work = await server.ask('PROPFIND', '/calendars/ann/work/', {
      ...as('ann'),
      headers,
      body: names,
    });
    assert.match(work.text, /displayname[^>]*>Büro "&amp; Co\\"</);
    assert.match(work.text, /#FF2968FF/);
    assert.match(work.text, /Zeile 1\nZeile 2/);
    assert.match(work.text, /TZID:Europe\/Berlin&#13;/);
    assert.match(work.text, /\{"a":"&lt;b&gt;"\}/);
    const unnamed = await server.ask('PROPFIND', '/calendars/ann/plain/', {
      ...as('ann'),
      headers,
      body: names,
    });
    assert.doesNotMatch(unnamed.text, /calendars\/plain\/<\/D:displayname/);

    // Rights: staff writes in work, but for Bob; whoever has logged in reads what everybody might.
    const seen = async (name: string, path: string): Promise<number> =>
      (await server.ask('GET', path, as(name))).status;
    const put = async (name: string, uid: string): Promise<number> => {
      const body = object(uid);
      const headers = { 'content-type': 'text/calendar' };
      const path = `/calendars/${name.toLowerCase()}/ann~work/${uid}.ics`;
      return (await server.ask('PUT', path, { ...as(name), headers, body })).status;
    };
    assert.equal(await seen('carol', '/calendars/ann/work/task.ics'), 200);
    assert.equal(await put('carol', 'by-carol'), 201);
    assert.equal(await seen('Bob', '/calendars/bob/ann~work/task.ics'), 200);
    assert.equal(await put('Bob', 'by-bob'), 403);
    assert.equal(await seen('root', '/calendars/ann/work/task.ics'), 404);
    assert.equal(await seen('root', '/calendars/ann/work/open.ics'), 200);
    assert.equal(await seen('root', '/calendars/ann/plain/p.ics'), 200);
    assert.equal(await seen('root', '/calendars/ann/ann/lunch.ics'), 404);
    assert.equal((await server.ask('GET', '/calendars/ann/plain/p.ics', { user: '' })).status, 401);
    assert.equal(await seen('Bob', '/calendars/carol/staff/s.ics'), 200);

    // Once more, from the other form, after the restart: nothing is left to do.
    await server.startAgain();
    const again = await moveHouse(server, readRobur({ ...source, folder: checkedOut }));
    assert.deepEqual(again.revisions, []);
    assert.ok(again.people.every(({ is }) => is === 'same'));
    assert.ok(
      again.collections.every(
        ({ is, objects }) => is === 'same' && objects.new + objects.changed === 0,
      ),
    );
    assert.equal((await server.ask('GET', '/account', as('ann'))).status, 200);
  });

  test('U6 what has changed there since comes along; what is new here stays', async () => {
    await using server = await RunningCalendar.start([]);
    const owner = 'carol';
    await moveHouse(server, readRobur({ folder: bare, owner }));
    const ann = { user: 'ann', password: password('ann') };
    await server.ask('PUT', '/calendars/ann/plain/here.ics', {
      ...ann,
      headers: { 'content-type': 'text/calendar' },
      body: object('here'),
    });
    const newer = join(folder, 'newer');
    const changed = object('p').replace('Grüße', 'Neues');
    commitFiles(newer, { ...files, 'calendars/plain/p.ics': changed }, false);
    const report = await moveHouse(server, readRobur({ folder: newer, owner }));
    assert.equal(report.revisions.length, 1);
    const told = report.collections.find(({ path }) => path === '/calendars/ann/plain/');
    assert.deepEqual(told?.objects, { new: 0, changed: 1, same: 0, wrong: 0 });
    assert.equal((await server.ask('GET', '/calendars/ann/plain/p.ics', ann)).text, changed);
    assert.equal((await server.ask('GET', '/calendars/ann/plain/here.ics', ann)).status, 200);
    // One commit, which is undone as one.
    const [revision] = report.revisions;
    await server.service.commands['calendar-revert']!({ commit: revision, user: 'ann' });
    assert.equal((await server.ask('GET', '/calendars/ann/plain/p.ics', ann)).text, object('p'));
  });

  test('U6 without --owner the calendars of groups stay, and are named', async () => {
    const items = await gathered(readRobur({ folder: checkedOut }));
    const left = items.filter(({ type }) => type === 'left');
    assert.ok(left.some((item) => item.type === 'left' && item.from === 'calendars/staff'));
    const renamed = new Map([['Bob', 'robert']]);
    const others = await gathered(readRobur({ folder: checkedOut, renamed }));
    assert.ok(others.some((item) => item.type === 'user' && item.name === 'robert'));
  });

  test('what the repository’s own configuration names does not run, and a link to it serves', async () => {
    const mark = join(folder, 'mark');
    const script = join(folder, 'monitor');
    writeFileSync(script, `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    const clone = join(folder, 'monitored');
    commitFiles(clone, files, false);
    spawnSync('git', ['-C', clone, 'config', 'core.fsmonitor', script]);
    rmSync(mark, { force: true }); // git itself has run it
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    writeFileSync(join(linked, '.git'), `gitdir: ${join(clone, '.git')}\n`);
    const items = await gathered(readRobur({ folder: linked }));
    assert.ok(items.some((item) => item.type === 'user' && item.name === 'ann'));
    assert.equal(existsSync(mark), false);
  });

  test('a folder that is something else is refused', async () => {
    await assert.rejects(gathered(readRobur({ folder })), /no git repository/);
    await assert.rejects(
      gathered(readRobur({ folder: bare, branch: 'nowhere' })),
      /no commit at nowhere/,
    );
    const other = join(folder, 'other');
    commitFiles(other, { 'a.txt': 'a' }, false);
    await assert.rejects(gathered(readRobur({ folder: other })), /neither principals/);
  });
});

/** Every file below, with its octets. */
function treeOf(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    entries
      .sort()
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}
