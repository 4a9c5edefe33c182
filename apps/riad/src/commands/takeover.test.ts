import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from '@riad/net/testing/free-port';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { CollectedOutput } from '../testing/collected-output.ts';
import { run as runCalendar } from './calendar.ts';
import { run } from './takeover.ts';

const main = join(import.meta.dirname, '..', '..', 'riad.mjs');
const folder = mkdtempSync(join(tmpdir(), 'riad-takeover-'));
chmodSync(folder, 0o755); // a service that is nobody's must get to its state
after(() => rmSync(folder, { recursive: true, force: true }));

const event = (uid: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

test('U6 takeover says beforehand what it will do, does it while no service runs, and is undone as one', async () => {
  const config = join(folder, 'riad.yaml');
  const state = join(folder, 'state');
  writeFileSync(
    config,
    `state: ${state}\nservices:\n  calendar: { type: calendar, listen: ["http://127.0.0.1:0"] }\n`,
  );
  const root = join(folder, 'collections', 'collection-root');
  const work = join(root, 'ann@example.org', 'work');
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, '.Radicale.props'), '{"tag": "VCALENDAR", "D:displayname": "Work"}');
  for (const uid of ['one', 'two']) writeFileSync(join(work, `${uid}.ics`), event(uid));
  writeFileSync(join(folder, 'users'), 'ann@example.org:a short one\nDora Ä:x\n');
  const take = async (options: object = {}): Promise<[number, string]> => {
    const output = new CollectedOutput();
    const all = {
      config,
      htpasswd: join(folder, 'users'),
      htpasswdEncryption: 'plain',
      rename: ['ann@example.org=ann'],
      ...options,
    };
    const status = await run('radicale', join(folder, 'collections'), all, output);
    return [status, output.text];
  };
  const [status, asked] = await take({ dryRun: true });
  assert.equal(status, 1, 'somebody cannot come along');
  assert.equal(
    asked,
    'new      user ann\nnew      /calendars/ann/work/  from collection-root/ann@example.org/work: 2 new, 0 changed, 0 the same\n' +
      'wrong    user Dora Ä: "Dora Ä": a name has 1 to 64 of a-z, 0-9, ".", "_", "@", "+" and "-", and begins with a letter or digit; --rename Dora Ä=NAME gives it one\n',
  );
  assert.deepEqual((await take())[1], asked);
  assert.match((await take())[1], /^same {5}user ann\nsame {5}.* 2 the same\n/);
  assert.deepEqual(
    readdirSync(join(state, 'calendar')).filter((name) => name.startsWith('takeover')),
    [],
  );
  {
    using accounts = new Accounts(join(state, 'accounts', 'accounts.sqlite'));
    assert.equal(await accounts.verify('ann', 'a short one'), true);
    assert.deepEqual(accounts.user('ann')?.emailAddresses, ['ann@example.org']);
    assert.equal(accounts.user('ann')?.hasOldPassword, false, 'plain text is not kept');
  }
  const history = new CollectedOutput();
  await runCalendar('history', '/calendars/ann/work/one.ics', { config, json: true }, history);
  const [entry] = (JSON.parse(history.text) as { entries: { revision: string }[] }).entries;
  const undone = new CollectedOutput();
  const order = { config, commit: entry!.revision, user: 'ann' };
  await runCalendar('revert', undefined, order, undone);
  assert.equal(undone.text, 'deletes /calendars/ann/work\n');
  // What somebody has put there since would go with it: that has to be said.
  await take();
  const file = join(folder, 'three.ics');
  writeFileSync(file, event('three'));
  await runCalendar('import', 'ann/work', { config, file }, new CollectedOutput());
  const anew = new CollectedOutput();
  await runCalendar('history', '/calendars/ann/work/one.ics', { config, json: true }, anew);
  const [newer] = (JSON.parse(anew.text) as { entries: { revision: string }[] }).entries;
  await assert.rejects(
    runCalendar('revert', undefined, { ...order, commit: newer!.revision }, new CollectedOutput()),
    /changed since by others: \/calendars\/ann\/work/,
  );
});

test('U6 takeover into a service that runs, which may not read the source itself', async () => {
  const place = join(folder, 'running');
  const root = join(folder, 'hidden', 'collection-root', 'bob', 'work');
  mkdirSync(root, { recursive: true });
  chmodSync(join(folder, 'hidden'), 0o700);
  mkdirSync(place);
  const config = join(place, 'riad.yaml');
  const port = await freePort();
  writeFileSync(
    config,
    `state: ./state\nservices:\n  calendar: { type: calendar, listen: ["http://127.0.0.1:${port}"] }\n`,
  );
  writeFileSync(join(root, '.Radicale.props'), '{"tag": "VCALENDAR"}');
  writeFileSync(join(root, 'one.ics'), event('one'));
  writeFileSync(join(place, 'users'), 'bob:$apr1$saltSALT$oHZ3hlU8lMWmkPSxr2NNj/\n');
  const child = spawn(process.execPath, [main, 'run', 'calendar', '--config', config], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  try {
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (piece: Buffer) => {
          said += piece.toString();
          if (said.includes('"answering"')) resolve();
        });
      child.once('exit', () => reject(new Error(said)));
    });
    const options = { config, htpasswd: join(place, 'users') };
    const output = new CollectedOutput();
    assert.equal(await run('radicale', join(folder, 'hidden'), options, output), 0, output.text);
    assert.match(output.text, /^new {6}user bob\nnew .* 1 new/);
    const login = Buffer.from('bob:grüße:aus Köln').toString('base64');
    const response = await fetch(`http://127.0.0.1:${port}/calendars/bob/work/one.ics`, {
      headers: { authorization: `Basic ${login}` },
    });
    assert.equal(await response.text(), event('one'));
  } finally {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  }
});

test('a server nobody knows, and a folder that is none, are refused', async () => {
  const config = join(folder, 'riad.yaml');
  await assert.rejects(run('exchange', folder, { config }), /one of robur, radicale, xandikos/);
  await assert.rejects(run('radicale', folder, { config }), /no collection-root/);
  await assert.rejects(run('xandikos', join(folder, 'nowhere'), { config }), { code: 'ENOENT' });
});
