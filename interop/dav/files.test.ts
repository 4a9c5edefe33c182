/** cadaver and litmus on the whole service: plain WebDAV, with logins, locks and files. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { password, RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { peer } from '../peers.ts';
import { runClient } from './run-client.ts';

const cadaver = peer('cadaver');
const litmus = peer('litmus');
const home = mkdtempSync(join(tmpdir(), 'riad-cadaver-'));
after(() => rmSync(home, { recursive: true, force: true }));

test('cadaver: put, list, copy, move, lock, edit properties, delete', {
  skip: cadaver.missing,
}, async () => {
  await using server = await RunningCalendar.start(['ann']);
  const { port } = server;
  writeFileSync(join(home, '.netrc'), `machine 127.0.0.1 login ann password "${password}"\n`, {
    mode: 0o600,
  });
  const octets = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  writeFileSync(join(home, 'here.bin'), octets);
  const script = `open http://127.0.0.1:${port}/files/ann/
mkcol folder with space
cd "folder with space"
put here.bin there.bin
copy there.bin second.bin
move second.bin third.bin
lock third.bin
propset third.bin colour green
propget third.bin colour
unlock third.bin
ls
get third.bin back.bin
delete there.bin
cd ..
rmcol "folder with space"
ls
quit
`;
  // It says yes to nothing, and asks for nothing: the password stands in .netrc.
  const said = await runClient(
    home,
    cadaver.file,
    [],
    script.replace('mkcol folder with space', 'mkcol "folder with space"'),
  );
  assert.match(said, /Value of colour is: green/);
  assert.match(said, /third\.bin +5000/);
  assert.doesNotMatch(said, /failed|Could not/i, said);
  assert.deepEqual(readFileSync(join(home, 'back.bin')), octets);
  const left = await server.ask('PROPFIND', '/files/ann/', { headers: { depth: '1' } });
  assert.doesNotMatch(left.text, /folder/);
});

test('litmus: basic, copymove, props, locks, http', { skip: litmus.missing }, async () => {
  await using server = await RunningCalendar.start(['ann']);
  const said = await runClient(
    home,
    litmus.file,
    ['-k', `${server.url}/files/ann/`, 'ann', password],
    '',
    { TESTS: 'basic copymove props locks http' },
  );
  const summaries = said.match(/summary for .*/g) ?? [];
  assert.equal(summaries.length, 5, said);
  for (const summary of summaries) assert.match(summary, / 0 failed/, said);
  assert.doesNotMatch(said, /SKIPPED|WARNING/, said);
});
