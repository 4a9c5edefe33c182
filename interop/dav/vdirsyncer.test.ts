/**
 * vdirsyncer, which keeps folders and servers the same in both directions, finds Ann's calendars and
 * address book from nothing but the address, makes a new one, and carries changes there and back.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { calendarObject, House, lunch } from '@riad/webdav/testing/house';
import { httpShell } from '@riad/webdav/testing/http-shell';
import { peer } from '../peers.ts';

const vdirsyncer = peer('vdirsyncer');
const house = new House();
const server = httpShell({ ...house.engine, pause: () => setImmediate() });
const folder = mkdtempSync(join(tmpdir(), 'riad-vdirsyncer-'));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const remote = (type: string): string =>
    `type = "${type}"\nurl = "${url}"\nusername = "ann"\npassword = "pass: word"`;
  const pair = (name: string, type: string, ending: string, metadata: string): string => `
[pair ${name}]
a = "${name}_local"
b = "${name}_remote"
collections = ["from a", "from b"]
${metadata}
[storage ${name}_local]
type = "filesystem"
path = "${folder}/${name}"
fileext = "${ending}"
[storage ${name}_remote]
${remote(type)}
`;
  writeFileSync(
    join(folder, 'config'),
    `[general]\nstatus_path = "${folder}/status"\n${pair('calendars', 'caldav', '.ics', 'metadata = ["displayname", "color"]')}${pair('cards', 'carddav', '.vcf', '')}`,
  );
});

after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<void> {
  const child = spawn(vdirsyncer.file, args, {
    env: { ...process.env, VDIRSYNCER_CONFIG: join(folder, 'config'), LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  child.stdin.on('error', () => {}); // it may not ask
  child.stdin.end('y\n'.repeat(20)); // whether to make what is on one side only
  const [status] = await once(child, 'close');
  assert.equal(status, 0, `${args.join(' ')}: ${said}`);
}

const file = (name: string): string => join(folder, 'calendars', name);

test('found, copied both ways, changed and removed', { skip: vdirsyncer.missing }, async () => {
  await house.ask('PUT', '/calendars/ann/calendar/lunch.ics', { body: lunch });
  await run('discover');
  assert.deepEqual(readdirSync(join(folder, 'calendars')).sort(), ['calendar', 'tasks']);
  mkdirSync(file('new'));
  const dinner = calendarObject('DTSTART:20260301T190000Z\nSUMMARY:Dinner; späť', 'dinner');
  writeFileSync(file('new/dinner.ics'), dinner);
  const card = 'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Žofia\r\nN:;Žofia;;;\r\nEND:VCARD\r\n';
  writeFileSync(join(folder, 'cards', 'contacts', 'c1.vcf'), card);
  await run('discover');
  await run('metasync');
  await run('sync');
  assert.equal(readFileSync(file('calendar/displayname'), 'utf8'), 'Calendar');
  const [name = ''] = readdirSync(file('calendar')).filter((one) => one.endsWith('.ics'));
  assert.equal(readFileSync(file(`calendar/${name}`), 'utf8'), lunch);
  assert.equal((await house.ask('GET', '/calendars/ann/new/dinner.ics')).text, dinner);
  assert.match((await house.ask('GET', '/addressbooks/ann/contacts/')).text, /FN:Žofia/);

  writeFileSync(file('new/dinner.ics'), dinner.replace('Dinner', 'Supper'));
  await house.ask('DELETE', '/calendars/ann/calendar/lunch.ics');
  await house.ask('PUT', '/calendars/ann/calendar/tea.ics', {
    body: lunch.replaceAll('unch', 'tea'),
  });
  await run('sync');
  assert.match((await house.ask('GET', '/calendars/ann/new/dinner.ics')).text, /SUMMARY:Supper/);
  const texts = readdirSync(file('calendar'))
    .filter((one) => one.endsWith('.ics'))
    .map((one) => readFileSync(file(`calendar/${one}`), 'utf8'));
  assert.equal(texts.length, 1);
  assert.match(texts[0]!, /UID:ltea/);
});
