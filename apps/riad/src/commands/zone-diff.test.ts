/** `riad zone diff` of files and of revisions; the engine has tests of its own. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CollectedOutput } from '../testing/collected-output.ts';
import { GitWorkshop } from '../testing/git-workshop.ts';
import { run, type ZoneDiffOptions } from './zone-diff.ts';

const workshop = new GitWorkshop();
after(() => workshop[Symbol.dispose]());

const text = (serial: number, more: string): string => `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
  NS ns
ns A 192.0.2.1
${more}`;

before(async () => {
  await workshop.start();
  workshop.write('example.com', text(1, 'www A 192.0.2.2\n$INCLUDE "parts/hosts" ; by name\n'));
  workshop.write('example.net', text(1, 'www A 192.0.2.2\n'));
  workshop.write('gone.example', text(1, ''));
  workshop.write('parts/hosts', '$INCLUDE parts/more\nh A 192.0.2.7\n');
  workshop.write('parts/more', 'm A 192.0.2.8\n');
  workshop.write('README.md', 'x');
  await workshop.commit('one');
  await workshop.good(workshop.clone, 'tag', 'one');
  workshop.write('example.com', text(2, 'www A 192.0.2.3\n$INCLUDE "parts/hosts" ; by name\n'));
  workshop.write('new.example', text(7, ''));
  rmSync(join(workshop.clone, 'gone.example'));
  await workshop.commit('two');
  workshop.write('parts/more', 'm A 192.0.2.9\n');
  workshop.write('README.md', 'y');
  await workshop.commit('three');
});

async function diff(
  a: string,
  b: string,
  options: ZoneDiffOptions = {},
): Promise<{ status: number; text: string; errors: string }> {
  const output = new CollectedOutput();
  const status = await run(a, b, options, output);
  return { status, text: output.text, errors: output.errors };
}

const repo = workshop.clone;

describe('riad zone diff', { timeout: 60_000 }, () => {
  test('a zone that was signed anew: in sums, and a warning of signatures that have expired', async () => {
    const signed = (serial: number, until: string): string => {
      const signature = (type: string): string =>
        `@ RRSIG ${type} 13 2 60 ${until} 20200101000000 7 example.com. AAAA\n`;
      const denial = '@ NSEC ns NS SOA RRSIG NSEC\nns NSEC @ A RRSIG NSEC\n';
      return text(serial, ['SOA', 'NS', 'NSEC'].map(signature).join('') + denial);
    };
    const [one, two] = ['one', 'two'].map((name) => join(workshop.folder, `signed-${name}`));
    writeFileSync(one!, signed(1, '20200301000000'));
    writeFileSync(two!, signed(2, '20200401000000'));
    const {
      status,
      text: said,
      errors,
    } = await diff(one!, two!, { zone: 'example.com', strict: true });
    assert.equal(status, 1);
    const times = (until: string): string =>
      `from 2020-01-01 00:00:00 UTC until ${until} 00:00:00 UTC`;
    const [line, warning] = said.trim().split('\n');
    assert.equal(
      line,
      `example.com.: signatures renewed: 1 name, ${times('2020-03-01')}, now ${times('2020-04-01')}`,
    );
    assert.match(warning!, /^warning: example\.com\.: signatures have expired: .*3 signatures/);
    assert.match(errors, /serial 1, now 2: answers differ in DNSSEC alone/);
    const json = await diff(one!, two!, { zone: 'example.com', json: true });
    const [{ signing }] = JSON.parse(json.text) as [
      { signing: { names: unknown; after: unknown } },
    ];
    assert.deepEqual(signing.names, { renewed: 1, added: 0, gone: 0, denials: 0 });
  });
  test('two revisions: each zone that differs, that comes, that goes', async () => {
    const { status, text: said, errors } = await diff('one', 'HEAD~1', { repo });
    assert.equal(status, 0);
    assert.deepEqual(said.trim().split('\n').sort(), [
      'gone.example.: gone; it had serial 1 and 3 records',
      'new.example.: a new zone, serial 7, 3 records',
      'warning: gone.example.: the zone is gone',
      'www.example.com. A: 192.0.2.2, now 192.0.2.3',
    ]);
    assert.match(errors, /^example\.com\.: serial 1, now 2: 1 answer differs$/m);
    assert.equal((await diff('one', 'HEAD~1', { repo, strict: true })).status, 1);
    assert.equal((await diff('one', 'main', { repo, zone: 'example.net' })).text, '');
  });

  test('what is included counts, and a serial that is not raised is warned of', async () => {
    const { text: said } = await diff('HEAD~1', 'HEAD', { repo, zone: 'Example.COM.' });
    assert.match(said, /^m\.example\.com\. A: 192\.0\.2\.8, now 192\.0\.2\.9$/m);
    assert.match(said, /^warning: example\.com\.: the zone differs and its serial is not newer/m);
    assert.equal(said.trim().split('\n').length, 2);
  });

  test('REV:FILE, and a file that is not committed; a bare repository', async () => {
    const { text: said } = await diff('one:example.com', 'main:example.com', { repo });
    assert.equal(said.trim().split('\n').length, 2);
    workshop.write('example.net', text(2, 'www A 192.0.2.66\n'));
    const file = join(workshop.clone, 'example.net');
    const working = await diff('main:example.net', file, { repo });
    assert.equal(working.text, 'www.example.net. A: 192.0.2.2, now 192.0.2.66\n');
    await workshop.push('main', 'one');
    const bare = await diff('one', 'main', { repo: workshop.bare, zone: 'example.com' });
    assert.match(bare.text, /www\.example\.com\. A/);
  });

  test('two files, named as one likes, and JSON', async () => {
    workshop.write('a.txt', text(1, 'www 7200 A 192.0.2.2\n'));
    workshop.write('b.txt', text(2, ''));
    const [a, b] = [join(workshop.clone, 'a.txt'), join(workshop.clone, 'b.txt')];
    await assert.rejects(diff(a, b), /no zone’s name/);
    const [zone] = JSON.parse((await diff(a, b, { zone: 'example.org', json: true })).text);
    assert.equal(zone.zone, 'example.org.');
    const [difference] = zone.differences;
    assert.deepEqual(
      [difference.name, difference.type, difference.before.outcome, difference.after.outcome],
      ['www.example.org.', 'A', 'answer', 'name-error'],
    );
    assert.equal(difference.before.records[0].rdataA, '192.0.2.2');
    assert.deepEqual(
      zone.warnings.map(({ code, name, type }: Record<string, string>) => [code, name, type]),
      [['diff.slow-to-undo', 'www.example.org.', 'A']],
    );
  });

  test('what cannot be compared', async () => {
    workshop.write('bad.example', text(1, 'x AAAAA\n'));
    const bad = join(workshop.clone, 'bad.example');
    await assert.rejects(diff(bad, bad), /bad\.example:5:3: /);
    await assert.rejects(diff('one', 'nowhere', { repo }), /neither a file nor a revision/);
    await assert.rejects(diff('one', bad, { repo }), /two files, or two revisions/);
    await assert.rejects(diff('one', 'two', { repo: '/' }), /no git repository/);
    await assert.rejects(diff('--help', 'two', { repo }), /neither a file nor a revision/);
  });
});
