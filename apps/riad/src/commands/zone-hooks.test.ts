/** The hooks as git runs them: one push per case, into a repository that a name server serves. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { House, type Running, zoneText } from '@riad/service-dns-primary/testing/running-service';
import { CollectedOutput } from '../testing/collected-output.ts';
import { GitWorkshop } from '../testing/git-workshop.ts';
import { type HookOptions, install, postReceive, preReceive } from './zone-hooks.ts';

const secret = 'c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGFueWJvZHk=';
const keyLine = (name: string, number: number): string =>
  `${name} DNSKEY 0 3 ${number} ${secret}\n`;

const workshop = new GitWorkshop();
const house = new House();
let server: Running;
let options: HookOptions;

before(async () => {
  await workshop.start();
  server = await house.run({ zones: { git: workshop.bare } });
  options = {
    branch: 'main',
    serial: 'auto',
    notify: [`127.0.0.1#${server.port}`],
    timeout: '2',
  };
  assert.equal(await install(workshop.bare, options, new CollectedOutput()), 0);
  // What is pushed first of all, into a branch that is not there yet.
  workshop.write('example.com', zoneText(1, '192.0.2.80'));
  workshop.write('example.net', zoneText(1, '192.0.2.81', '$INCLUDE parts/hosts\n'));
  workshop.write('parts/hosts', 'host A 192.0.2.9\n');
  workshop.write('_keys', keyLine('k._notify.', 165));
  workshop.write('README.md', '# not a zone\n');
  await workshop.commit('first');
});
after(async () => {
  await server.stop();
  house.remove();
  workshop[Symbol.dispose]();
});

async function pushed(message: string, ...references: string[]): Promise<string> {
  await workshop.commit(message);
  const { status, said } = await workshop.push(
    ...(references.length === 0 ? ['main'] : references),
  );
  assert.equal(status, 0, said);
  return said;
}

async function refused(message: string, expected: RegExp): Promise<void> {
  await workshop.commit(message);
  const { status, said } = await workshop.push('main');
  assert.notEqual(status, 0, said);
  assert.match(said, expected);
  assert.match(said, /nothing is taken/);
  assert.doesNotMatch(said, /acknowledged/);
  await workshop.forget();
}

describe('a push', { timeout: 180_000 }, () => {
  test('makes a new branch, and all of its zones are told', async () => {
    const { status, said } = await workshop.push('main');
    assert.equal(status, 0, said);
    // The server may have looked at the branch by itself already, and so know the key.
    for (const zone of ['example\\.com', 'example\\.net']) {
      assert.match(said, new RegExp(`127\\.0\\.0\\.1 port \\d+: ${zone}\\. (?:not )?acknowledged`));
    }
    await server.becomes('www.example.com.', 'A', '192.0.2.80');
  });

  test('changes a zone, and the server hears of it, signed', async () => {
    workshop.write('example.com', zoneText(2, '192.0.2.82'));
    const said = await pushed('change');
    assert.match(
      said,
      /remote: 127\.0\.0\.1 port \d+: example\.com\. acknowledged, signed by k\._notify/,
    );
    assert.doesNotMatch(said, /warning: .*example\.net|example\.net\. ack/);
    await server.becomes('www.example.com.', 'A', '192.0.2.82');
  });

  test('of a typo is refused with file, line and column', async () => {
    workshop.write('example.com', `${zoneText(3, '192.0.2.83')}x AAAAA 192.0.2.3\n`);
    await refused('typo', /remote: example\.com:6:3: /);
  });

  test('of many files tells of all that are wrong', async () => {
    workshop.write('bad1.example', 'x\n');
    workshop.write('bad2.example', '');
    await workshop.commit('two');
    const { said } = await workshop.push('main');
    assert.match(said, /bad1\.example:/);
    assert.match(said, /bad2\.example:1:1: the file is empty/);
    assert.match(said, /nothing is taken/);
    await workshop.forget();
  });

  test('deletes a zone, which is said', async () => {
    workshop.write('gone.example', zoneText(1, '192.0.2.1'));
    await pushed('add');
    rmSync(join(workshop.clone, 'gone.example'));
    const said = await pushed('delete');
    assert.match(said, /gone\.example\. is deleted: name servers will stop serving it/);
    assert.match(said, /gone\.example\. acknowledged/);
  });

  test('renames a zone: the old one goes, the new one is judged as new', async () => {
    workshop.write('old.example', zoneText(5, '192.0.2.1'));
    await pushed('add');
    renameSync(join(workshop.clone, 'old.example'), join(workshop.clone, 'new.example'));
    const said = await pushed('rename');
    assert.match(said, /old\.example\. is deleted/);
    assert.match(said, /new\.example\. acknowledged/);
    assert.match(said, /old\.example\. acknowledged/);
  });

  test('of keys is judged as keys, and told under the name of any zone', async () => {
    workshop.write('example.com._keys', keyLine('ours._update', 161));
    assert.match(await pushed('keys of a zone'), /acknowledged, signed by/);
    workshop.write(
      'example.com._keys',
      `${keyLine('ours._update', 161)}${keyLine('x._update', 8)}`,
    );
    await refused('an algorithm of DNSSEC', /example\.com\._keys:2:\d+: /);
    workshop.write('example.net._keys', keyLine('k._notify.', 165));
    await refused('outside its zone', /example\.net\._keys:1:1: .*outside/);
    workshop.write('@._keys', keyLine('k._notify.', 165));
    await refused('the same key twice', /remote: .*_keys:1:1: .*another file/);
    workshop.write('_policy.yaml', 'rules:\n  - kesy: "*"\n');
    await refused('a policy', /_policy\.yaml:\d+:\d+: /);
  });

  test('of an included file is judged by the zones that include it', async () => {
    workshop.write('parts/hosts', 'host A 192.0.2.300\n');
    await refused('included', /parts\/hosts:1:\d+: /);
    workshop.write('parts/hosts', 'host A 192.0.2.30\n');
    assert.match(await pushed('included'), /example\.net\. acknowledged/);
  });

  test('of a link, and of a second file for one zone, is refused', async () => {
    symlinkSync('/etc/hostname', join(workshop.clone, 'link.example'));
    await refused('link', /link\.example:1:1: .*link/);
    workshop.write('Example.com', zoneText(1, '192.0.2.1'));
    await refused('twice', /Example\.com:1:1: two files are the same zone.*: example\.com/);
  });

  test('of other branches and tags is none of our business', async () => {
    await workshop.good(workshop.clone, 'checkout', '-q', '-b', 'draft');
    workshop.write('example.com', 'nonsense\n');
    const said = await pushed('draft', 'draft');
    assert.doesNotMatch(said, /example\.com/);
    await workshop.good(workshop.clone, 'checkout', '-q', 'main');
    await workshop.good(workshop.clone, 'tag', 'v1');
    workshop.write('example.com', zoneText(9, '192.0.2.89'));
    const several = await pushed('several references', 'main', 'draft', 'v1');
    assert.equal(several.match(/example\.com\. acknowledged/g)?.length, 1);
    assert.doesNotMatch(await pushed('nothing', ':draft'), /remote: (?!$)/);
  });

  test('that deletes the served branch is done, and warned of', async () => {
    await workshop.good(workshop.bare, 'config', 'receive.denyDeleteCurrent', 'ignore');
    const { status, said } = await workshop.push(':main');
    assert.equal(status, 0, said);
    assert.match(said, /main is deleted; name servers go on with what they have/);
    assert.equal((await workshop.push('main')).status, 0, 'and it comes again');
  });
});

describe('the hooks', { timeout: 120_000 }, () => {
  let cwd: string;
  beforeEach(() => {
    cwd = process.cwd();
  });

  async function inRepository<Value>(body: () => Promise<Value>): Promise<Value> {
    process.chdir(workshop.bare);
    try {
      return await body();
    } finally {
      process.chdir(cwd);
    }
  }

  const zeros = '0'.repeat(40);

  test('sign with every algorithm, the fittest key for each zone', async () => {
    for (const [i, number] of [161, 162, 163, 164, 165].entries()) {
      workshop.write(`alg${i}.example`, zoneText(1, '192.0.2.1'));
      workshop.write(
        `alg${i}.example._keys`,
        `${keyLine('u._update', number)}${keyLine(`n${number}._notify`, number)}${keyLine('1.2.3.4._transfer', number)}`,
      );
    }
    const commit = await workshop.commit('keys of all kinds');
    assert.equal((await workshop.push('main')).status, 0);
    await server.becomes('www.alg4.example.', 'A', '192.0.2.1');
    await server.command('keys.reload');
    const output = new CollectedOutput();
    const input = `${zeros} ${commit} refs/heads/main\n`;
    assert.equal(await inRepository(() => postReceive(options, input, output)), 0);
    for (const [i, number] of [161, 162, 163, 164, 165].entries()) {
      const line = `alg${i}.example. acknowledged, signed by n${number}._notify.alg${i}.example\n`;
      assert.ok(output.errors.includes(line), output.errors);
    }
    const file = join(workshop.folder, 'own.key');
    writeFileSync(file, `u._update.alg0.example:SHA1:${secret}`, { mode: 0o600 });
    const unknown = join(workshop.folder, 'unknown.key');
    writeFileSync(unknown, `x._notify:SHA256:${secret}`, { mode: 0o600 });
    const warned = new CollectedOutput();
    assert.equal(
      await inRepository(() => postReceive({ ...options, keyFile: unknown }, input, warned)),
      0,
    );
    assert.match(warned.errors, /warning: .*alg0\.example\. not acknowledged: .*BADKEY/);
    const own = new CollectedOutput();
    await inRepository(() => postReceive({ ...options, keyFile: file }, input, own));
    assert.match(own.errors, /alg0\.example\. acknowledged, signed by u\._update\.alg0/);
  });

  test('a server that is away, a key that is wrong, a line that is none: a warning and 0', async () => {
    const commit = (await workshop.good(workshop.clone, 'rev-parse', 'HEAD')).trim();
    const input = `${zeros} ${commit} refs/heads/main\n`;
    for (const [more, text, expected] of [
      [
        { notify: ['127.0.0.1#1'], timeout: '0.1' },
        input,
        /warning: 127\.0\.0\.1 port 1: .*not ack/,
      ],
      [{ notify: ['[::1]'] }, input, /warning: name servers were not told: \[::1\]: not an IP/],
      [{ keyFile: '/nonexistent' }, input, /warning: name servers were not told: ENOENT/],
      [{}, 'what?\n', /warning: .*OLD NEW REF/],
      [{ notify: ['::1#1'], timeout: '0.1' }, input, /warning: ::1 port 1: /],
    ] as const) {
      const output = new CollectedOutput();
      assert.equal(await inRepository(() => postReceive({ ...options, ...more }, text, output)), 0);
      assert.match(output.errors, expected);
    }
  });

  test('the name server’s own pushes are not told to it, over IPv6 neither', async () => {
    const commit = (await workshop.good(workshop.clone, 'rev-parse', 'HEAD')).trim();
    const input = `${zeros} ${commit} refs/heads/main\n`;
    for (const [connection, address, told] of [
      ['192.0.2.1 5555 192.0.2.2 22', '192.0.2.1', false],
      ['2001:db8:0::1 5555 2001:db8::2 22', '2001:DB8::1', false],
      ['::ffff:192.0.2.1 5555 ::ffff:192.0.2.2 22', '192.0.2.1', false],
      ['192.0.2.9 5555 192.0.2.2 22', `127.0.0.1#${server.port}`, true],
    ] as const) {
      process.env['SSH_CONNECTION'] = connection;
      try {
        const output = new CollectedOutput();
        await inRepository(() => postReceive({ ...options, notify: [address] }, input, output));
        assert.equal(output.errors !== '', told, output.errors);
      } finally {
        delete process.env['SSH_CONNECTION'];
      }
    }
  });

  test('--serial file wants a newer serial', async () => {
    workshop.write('example.com', zoneText(9, '192.0.2.99'));
    const before = (await workshop.good(workshop.bare, 'rev-parse', 'main')).trim();
    const commit = await workshop.commit('not raised');
    assert.equal((await workshop.push('main')).status, 0, 'auto lets it through');
    const output = new CollectedOutput();
    const input = `${before} ${commit} refs/heads/main\n`;
    const strict = { ...options, serial: 'file' };
    assert.equal(await inRepository(() => preReceive(strict, input, output)), 1);
    assert.match(output.text, /^example\.com:2:1: example\.com\. had serial 9 and has 9/);
  });

  test('install quotes, replaces its own scripts, and nobody else’s', async () => {
    using other = new GitWorkshop();
    await other.start();
    const place = join(other.clone, '.git', 'hooks');
    const wild = { ...options, branch: "it's", rootOrigin: true, keyFile: 'a key' };
    await install(other.clone, wild, new CollectedOutput());
    await install(other.clone, wild, new CollectedOutput());
    const script = readFileSync(join(place, 'post-receive'), 'utf8');
    assert.match(script, /^#!\/bin\/sh\n/);
    assert.ok(script.includes(`--branch 'it'\\''s' --notify 127.0.0.1#${server.port} --timeout 2`));
    assert.match(script, /--key-file '\/.*\/a key' --root-origin/);
    writeFileSync(join(place, 'pre-receive'), '#!/bin/sh\nmine\n');
    rmSync(join(place, 'post-receive'));
    await assert.rejects(install(other.clone, wild, new CollectedOutput()), /somebody’s own/);
    assert.ok(!existsSync(join(place, 'post-receive')), 'all or nothing');
    await install(other.clone, { ...wild, force: true }, new CollectedOutput());
    assert.doesNotMatch(readFileSync(join(place, 'pre-receive'), 'utf8'), /mine/);
    await assert.rejects(install('/', options, new CollectedOutput()), /no git repository/);
    const wrong = { ...options, serial: 'x' };
    await assert.rejects(install(other.clone, wrong, new CollectedOutput()), /auto and file/);
  });
});
