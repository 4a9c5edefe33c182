import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CollectedOutput } from '../testing/collected-output.ts';
import { run as runBackup } from './backup.ts';
import { run as runCalendar } from './calendar.ts';
import { run as runUser } from './user.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-commands-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const event = (uid: string, start: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:${start}\r\nSUMMARY:${uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

function configure(name: string): { config: string; state: string } {
  const state = join(folder, name);
  const config = join(folder, `${name}.yaml`);
  writeFileSync(
    config,
    `state: ${state}\nservices:\n  calendar: { type: calendar, listen: ["http://127.0.0.1:0"] }\n`,
  );
  return { config, state };
}

test('users, imports, history, undo, backup and restore, while no service runs', async () => {
  const { config } = configure('first');
  const user = async (
    action: Parameters<typeof runUser>[0],
    names: string[],
    options: object = {},
  ): Promise<string> => {
    const output = new CollectedOutput();
    await runUser(action, names, { config, ...options }, output, async () => 'a long password');
    return output.text;
  };
  const calendar = async (
    action: Parameters<typeof runCalendar>[0],
    subject: string,
    options: object = {},
    file: string = config,
  ): Promise<string> => {
    const output = new CollectedOutput();
    await runCalendar(action, subject, { config: file, ...options }, output);
    return output.text;
  };
  await user('add', ['ann'], { email: ['ann@example.org'], quota: '5M' });
  await user('group', ['family'], { add: ['ann'] });
  assert.match(await user('app-password', ['ann', 'phone']), /^([a-z2-9]{4}-){4}[a-z2-9]{4}\n$/);
  assert.equal(await user('list', []), 'ann\tann\tann@example.org\nfamily\tgroup: ann\n');
  await assert.rejects(user('add', ['ann']), { code: 'account.exists' });

  const file = join(folder, 'old.ics');
  writeFileSync(file, event('lunch', '20261201T100000Z') + event('tea', '20261202T100000Z'));
  const asked = await calendar('import', 'ann/calendar', { file, dryRun: true });
  assert.equal(asked, 'new      lunch\nnew      tea\n');
  await calendar('import', 'ann/calendar', { file });
  writeFileSync(file, event('lunch', '20261201T123000Z'));
  assert.equal(await calendar('import', 'ann/calendar', { file }), 'changed  lunch\n');
  const history = await calendar('history', 'ann/calendar', { uid: 'lunch' });
  assert.match(history, /"lunch": moved from 10:00 to 12:30 UTC on Tue 1 Dec 2026/);
  const { entries } = JSON.parse(await calendar('history', 'ann/calendar', { json: true })) as {
    entries: { revision: string }[];
  };
  const commit = entries[0]!.revision;

  // The whole of it elsewhere, and there it goes on.
  const kept = join(folder, 'kept');
  await runBackup('backup', kept, { config }, new CollectedOutput());
  const second = configure('second');
  await runBackup('restore', kept, { config: second.config }, new CollectedOutput());
  await assert.rejects(
    runBackup('restore', kept, { config: second.config }, new CollectedOutput()),
    /move it away first/,
  );
  const undone = await calendar(
    'revert',
    undefined as never,
    { commit, user: 'ann' },
    second.config,
  );
  assert.equal(undone, 'writes /calendars/ann/calendar/lunch.ics\n');
  const exported = await calendar('export', 'ann/calendar', {}, second.config);
  assert.match(exported, /DTSTART:20261201T100000Z/);
  assert.ok(existsSync(join(second.state, 'accounts', 'accounts.sqlite')));
  assert.match(await calendar('export', 'ann/calendar'), /DTSTART:20261201T123000Z/);

  // All of it as a zip file: what is there already is no change.
  const output = new CollectedOutput();
  await runCalendar('export', 'ann', { config, format: 'zip' }, output);
  const zip = join(folder, 'all.zip');
  writeFileSync(zip, output.octets);
  const plan = await calendar('import', 'ann/calendar', { file: zip, dryRun: true });
  assert.equal(plan, 'wrong    addressbooks/contacts.vcf: nothing for a calendar\n');

  // Erased for good: what was imported is undone first, and then no commit has it any more.
  const { entries: all } = JSON.parse(
    await calendar('history', 'ann/calendar', { json: true, uid: 'tea' }),
  ) as { entries: { revision: string; path: string }[] };
  const { path } = all[0]!;
  await assert.rejects(calendar('purge', undefined as never, { paths: [path] }), /--yes/);
  await assert.rejects(
    calendar('purge', undefined as never, { paths: [path], yes: true }),
    /delete it first/,
  );
  await calendar('revert', undefined as never, {
    commit: all[0]!.revision,
    user: 'ann',
    overwrite: true,
  });
  await calendar('purge', undefined as never, { paths: [path], yes: true });
  const { status, stdout } = spawnSync(
    'git',
    ['-C', join(folder, 'first', 'calendar', 'store.git'), 'log', '-p', '--all'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0);
  assert.doesNotMatch(stdout, /DTSTART:20261202T100000Z/);
});
