/**
 * vdirsyncer with khal, todoman and khard: what people use on a command line. They find everything from the
 * server's address, and what one of them writes the others read.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { password, RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { peer } from '../peers.ts';
import { runClient } from './run-client.ts';

const vdirsyncer = peer('vdirsyncer');
const khal = peer('khal');
const todo = peer('todoman');
const khard = peer('khard');
const missing = vdirsyncer.missing || khal.missing || todo.missing || khard.missing;

const home = mkdtempSync(join(tmpdir(), 'riad-vdirsyncer-'));
after(() => rmSync(home, { recursive: true, force: true }));

const run = (file: string, args: readonly string[], input = ''): Promise<string> =>
  runClient(home, file, args, input);

function configure(url: string): void {
  const storage = (name: string, text: string): string => `[storage ${name}]\n${text}\n`;
  const remote = `url = "${url}/"\nusername = "ann"\npassword = "${password}"`;
  mkdirSync(join(home, '.config', 'vdirsyncer'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'vdirsyncer', 'config'),
    `[general]
status_path = "${home}/status/"

[pair calendars]
a = "calendars_here"
b = "calendars_there"
collections = ["from a", "from b"]
metadata = ["color", "displayname"]
conflict_resolution = "b wins"

[pair contacts]
a = "contacts_here"
b = "contacts_there"
collections = ["from a", "from b"]

${storage('calendars_here', `type = "filesystem"\npath = "${home}/calendars/"\nfileext = ".ics"`)}
${storage('calendars_there', `type = "caldav"\n${remote}`)}
${storage('contacts_here', `type = "filesystem"\npath = "${home}/contacts/"\nfileext = ".vcf"`)}
${storage('contacts_there', `type = "carddav"\n${remote}`)}
`,
  );
  mkdirSync(join(home, '.config', 'khal'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'khal', 'config'),
    `[calendars]
[[calendar]]
path = ${home}/calendars/calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
[default]
default_calendar = calendar
[sqlite]
path = ${home}/khal.db
`,
  );
  mkdirSync(join(home, '.config', 'todoman'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'todoman', 'config.py'),
    `path = "${home}/calendars/tasks"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\ndefault_list = "tasks"\n`,
  );
  mkdirSync(join(home, '.config', 'khard'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'khard', 'khard.conf'),
    `[addressbooks]\n[[contacts]]\npath = ${home}/contacts/contacts\n[general]\ndefault_action = list\neditor = true\nmerge_editor = true\n`,
  );
}

const sync = (): Promise<string> => run(vdirsyncer.file, ['sync']);

describe('vdirsyncer, khal, todoman, khard', { skip: missing, timeout: 300_000 }, () => {
  test('discover, create, change, recur, delete, both ways, and a conflict', async () => {
    await using server = await RunningCalendar.start(['ann']);
    configure(server.url);

    // Discover: everything that is there, from the address alone.
    await run(vdirsyncer.file, ['discover'], 'y\n'.repeat(20));
    await sync();
    await run(vdirsyncer.file, ['metasync']);
    assert.deepEqual(readdirSync(join(home, 'calendars')).sort(), ['calendar', 'tasks']);
    assert.deepEqual(readdirSync(join(home, 'contacts')), ['contacts']);
    assert.equal(
      readFileSync(join(home, 'calendars', 'calendar', 'displayname'), 'utf8'),
      'Calendar',
    );

    // Create here, see it there.
    await run(khal.file, ['new', '2026-12-01', '10:00', '11:00', 'Lunch with Zoë :: at Mario’s']);
    await sync();
    const week = (body = ''): string =>
      `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${body}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;
    const report = async (body: string): Promise<string> =>
      (await server.ask('REPORT', '/calendars/ann/calendar/', { headers: { depth: '1' }, body }))
        .text;
    const range = '<C:time-range start="20261201T090000Z" end="20261201T093000Z"/>';
    assert.match(await report(week(range)), /Lunch with Zoë/);

    // Create there with a recurrence and a moved instance, see it here.
    const recurring = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//phone//EN\r\nBEGIN:VEVENT\r\nUID:standup\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261207T090000\r\nDURATION:PT15M\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Standup\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:standup\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261214T090000\r\nDTSTART;TZID=Europe/Berlin:20261215T140000\r\nDURATION:PT15M\r\nSUMMARY:Standup\\, late\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    const put = await server.ask('PUT', '/calendars/ann/calendar/standup.ics', {
      headers: { 'content-type': 'text/calendar', 'if-none-match': '*' },
      body: recurring,
    });
    assert.equal(put.status, 201);
    await sync();
    const listed = await run(khal.file, [
      'list',
      '2026-12-01',
      '2026-12-31',
      '--format',
      '{start} {title}',
    ]);
    assert.match(listed, /2026-12-01 10:00 Lunch with Zoë/);
    assert.match(listed, /2026-12-07 09:00 Standup/);
    assert.match(listed, /2026-12-15 14:00 Standup, late/);
    assert.match(listed, /2026-12-21 09:00 Standup/);
    assert.doesNotMatch(listed, /2026-12-14/);

    // Change there, see it here.
    const moved = recurring.replace('20261207T090000', '20261207T091500');
    const got = await server.ask('GET', '/calendars/ann/calendar/standup.ics');
    const etag = got.headers.get('etag') ?? '';
    const changed = await server.ask('PUT', '/calendars/ann/calendar/standup.ics', {
      headers: { 'content-type': 'text/calendar', 'if-match': etag },
      body: moved,
    });
    assert.equal(changed.status, 204);
    await sync();
    assert.match(
      await run(khal.file, ['list', '2026-12-01', '2026-12-31', '--format', '{start} {title}']),
      /2026-12-07 09:15 Standup/,
    );

    // Tasks and contacts.
    await run(todo.file, ['new', '-l', 'tasks', '-d', '2026-12-24', 'Buy a tree']);
    await run(todo.file, ['new', '-l', 'tasks', 'Water the garden']);
    writeFileSync(
      join(home, 'contacts', 'contacts', 'zoe.vcf'),
      'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:zoe\r\nFN:Zoë Ünal\r\nN:Ünal;Zoë;;;\r\nEMAIL;TYPE=HOME:zoe@example.net\r\nEND:VCARD\r\n',
    );
    await sync();
    const tasks = await server.ask('GET', '/calendars/ann/tasks/');
    assert.match(tasks.text, /SUMMARY:Buy a tree/);
    assert.match(
      await run(khard.file, ['email', '--parsable', 'zoe']),
      /zoe@example\.net\tZoë Ünal/,
    );
    const book = await server.ask('GET', '/addressbooks/ann/contacts/');
    assert.match(book.text, /FN:Zoë Ünal/);

    // Delete here, and it is gone there; and the other way.
    await run(todo.file, ['--porcelain', 'delete', '--yes', '1']);
    assert.equal((await server.ask('DELETE', '/calendars/ann/calendar/standup.ics')).status, 204);
    await sync();
    assert.doesNotMatch((await server.ask('GET', '/calendars/ann/tasks/')).text, /Buy a tree/);
    assert.doesNotMatch(
      await run(khal.file, ['list', '2026-12-01', '2026-12-31', '--format', '{title}']),
      /Standup/,
    );

    // Both sides changed one event: the server's wins, and what was here is in the memory of nobody but khal.
    const [file] = readdirSync(join(home, 'calendars', 'calendar')).filter((name) =>
      name.endsWith('.ics'),
    );
    const path = join(home, 'calendars', 'calendar', file!);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('Lunch', 'Supper'));
    const theirs = await server.ask('PUT', `/calendars/ann/calendar/${file}`, {
      headers: { 'content-type': 'text/calendar' },
      body: before.replace('Lunch', 'Breakfast'),
    });
    assert.equal(theirs.status, 204);
    await sync();
    assert.match(readFileSync(path, 'utf8'), /Breakfast/);
    assert.match((await server.ask('GET', `/calendars/ann/calendar/${file}`)).text, /Breakfast/);

    // Nothing is left to do: a second sync changes nothing.
    assert.doesNotMatch(await sync(), /Copying|Deleting/);
  });
});
