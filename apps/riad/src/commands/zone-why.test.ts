/** `riad zone why` in a folder, in a work tree and in a bare repository, now and then. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CollectedOutput } from '../testing/collected-output.ts';
import { GitWorkshop } from '../testing/git-workshop.ts';
import { run, type ZoneWhyOptions } from './zone-why.ts';

const text = (serial: number, address: string, more: string = ''): string => `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
@ NS ns
ns A 192.0.2.1
www A ${address}
*.guests A 192.0.2.99
ftp CNAME www.example.net.
${more}`;

const workshop = new GitWorkshop();
const plain = mkdtempSync(join(tmpdir(), 'riad-why-'));
after(() => {
  workshop[Symbol.dispose]();
  rmSync(plain, { recursive: true });
});
let first = '';

const written = (day: string, name: string) => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: `${name.toLowerCase()}@example.org`,
  GIT_AUTHOR_DATE: `2026-03-${day}T12:00:00+01:00`,
  GIT_COMMITTER_DATE: `2026-03-${day}T12:00:00+01:00`,
});

before(async () => {
  await workshop.start();
  workshop.write('zones/example.com', text(1, '192.0.2.80', '$INCLUDE parts/hosts\n'));
  workshop.write('zones/example.net', text(1, '192.0.2.66'));
  workshop.write('zones/parts/hosts', 'host A 192.0.2.7\n');
  first = await workshop.commit('the first zones', written('01', 'Ada'));
  workshop.write('zones/example.com', text(2, '192.0.2.81', '$INCLUDE parts/hosts\n'));
  await workshop.commit('move www', written('10', 'Grace'));
  await workshop.push('main');
  writeFileSync(join(plain, 'example.com'), text(1, '192.0.2.80'));
});

async function why(name: string, type: string, options: ZoneWhyOptions = {}): Promise<string> {
  const output = new CollectedOutput();
  const source = join(workshop.clone, 'zones');
  assert.equal(await run(name, type, { source, ...options }, output), 0);
  return output.text;
}

describe('riad zone why', { timeout: 60_000 }, () => {
  test('the line behind an answer, its commit, author and time', async () => {
    const said = await why('www.example.com', 'a');
    assert.match(said, /^www\.example\.com\. A: the name owns these records\n/);
    assert.match(said, /^ {2}example\.com:5: www A 192\.0\.2\.81$/m);
    assert.match(
      said,
      /^ {4}[0-9a-f]{10} 2026-03-10T12:00:00\+01:00 Grace <grace@example\.org>: move www$/m,
    );
    assert.match(
      await why('ns.example.com', 'A'),
      /03-01T12:00:00\+01:00 Ada <.*>: the first zones/,
    );
  });

  test('as it was at a revision and at a time', async () => {
    for (const at of [first, 'HEAD~1', '2026-03-05', '2026-03-10T10:59:00Z']) {
      const said = await why('www.example.com', 'A', { at });
      assert.match(said, /example\.com:5: www A 192\.0\.2\.80/, at);
      assert.match(said, /Ada/);
    }
    assert.match(await why('www.example.com', 'A', { at: '2026-03-11' }), /192\.0\.2\.81/);
    await assert.rejects(
      why('www.example.com', 'A', { at: '2026-02-01' }),
      /there was nothing yet/,
    );
    await assert.rejects(
      why('www.example.com', 'A', { at: 'long ago' }),
      /neither a revision nor a time/,
    );
  });

  test('wildcards, aliases over zones, included files, names that do not exist', async () => {
    const guest = await why('anybody.guests.example.com', 'A');
    assert.match(guest, /the wildcard \*\.guests\.example\.com\. stands for it/);
    assert.match(guest, /example\.com:6: \*\.guests A 192\.0\.2\.99/);
    const alias = await why('ftp.example.com', 'A');
    assert.match(
      alias,
      /ftp\.example\.com\. A: an alias of www\.example\.net\.\n {2}example\.com:7: /,
    );
    assert.match(alias, /www\.example\.net\. A: the name owns these records\n {2}example\.net:5: /);
    assert.match(
      await why('host.example.com', 'A'),
      /parts\/hosts:1: host A 192\.0\.2\.7\n {4}.*Ada/,
    );
    const none = await why('no.example.com', 'A');
    assert.match(none, /no such name: example\.com\. exists, nothing between/);
    assert.match(none, /example\.com:2: @ SOA .*\n {4}.*Grace/);
    assert.match(none, /the answer is NXDOMAIN/);
  });

  test('a bare repository, and JSON', async () => {
    // There the zones lie at the top: another branch has them so.
    await workshop.good(workshop.clone, 'checkout', '-q', '--orphan', 'served');
    await workshop.good(workshop.clone, 'rm', '-rqf', '--cached', '.');
    workshop.write('example.com', text(2, '192.0.2.81'));
    await workshop.good(workshop.clone, 'add', 'example.com');
    await workshop.run(workshop.clone, ['commit', '-q', '-m', 'served'], written('12', 'Grace'));
    await workshop.good(workshop.clone, 'checkout', '-qf', 'main');
    await workshop.push('served');
    const output = new CollectedOutput();
    const options = { source: workshop.bare, branch: 'served', json: true };
    assert.equal(await run('www.example.com', 'A', options, output), 0);
    const { rcode, steps } = JSON.parse(output.text);
    assert.equal(rcode, 'NOERROR');
    const [{ rule, records }] = steps;
    assert.equal(rule, 'exact');
    assert.deepEqual(
      [records[0].file, records[0].line, records[0].origin.author, records[0].record.rdataA],
      ['example.com', 5, 'Grace', '192.0.2.81'],
    );
  });

  test('a folder without history: file and line; what is not committed is said to be so', async () => {
    const said = await why('www.example.com', 'A', { source: plain });
    assert.equal(
      said,
      'www.example.com. A: the name owns these records\n  example.com:5: www A 192.0.2.80\n',
    );
    await assert.rejects(why('www.example.com', 'A', { source: plain, at: 'HEAD' }), /no history/);
    workshop.write('zones/example.com', `; moved down\n${text(3, '192.0.2.82')}`);
    assert.match(
      await why('www.example.com', 'A'),
      /example\.com:6: www A 192\.0\.2\.82\n {4}not committed yet/,
    );
    assert.match(
      await why('ns.example.com', 'A'),
      /example\.com:5: ns A .*\n {4}.*Ada .*, then zones\/example\.com:4/,
    );
  });

  test('what cannot be explained', async () => {
    await assert.rejects(why('www.example.org', 'A'), /no zone here has www\.example\.org\./);
    await assert.rejects(why('www.example.com', 'AAAAA'), /no record type/);
    await assert.rejects(why('www.example.com', 'ANY'), /no type of records/);
    await assert.rejects(why('www.example.com', 'A', { source: '/nonexistent' }), /does not exist/);
    writeFileSync(join(plain, 'bad.example'), 'x\n');
    await assert.rejects(why('www.bad.example', 'A', { source: plain }), /bad\.example:1:/);
  });

  test('a repository whose settings name programs runs none of them', async () => {
    const trap = join(workshop.folder, 'trapped');
    for (const [key, value] of [
      ['core.fsmonitor', `touch ${trap}`],
      ['diff.external', `touch ${trap}`],
      ['diff.trap.textconv', `touch ${trap}; cat`],
      ['core.pager', `touch ${trap}`],
    ] as const) {
      await workshop.good(workshop.clone, 'config', key, value);
    }
    workshop.write('.gitattributes', '* diff=trap\n');
    await workshop.run(workshop.clone, ['-c', 'core.fsmonitor=false', 'add', '-A']);
    assert.match(await why('www.example.com', 'A'), /example\.com:6/);
    rmSync(trap, { force: true });
    await why('www.example.com', 'A', { at: 'HEAD' });
    await why('www.example.com', 'A');
    assert.ok(!existsSync(trap));
  });
});
