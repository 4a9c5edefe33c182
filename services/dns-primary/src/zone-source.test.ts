/** Where zones come from, and that none goes away by accident. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { House, manyHosts, type Running, until, zoneText } from './testing/running-service.ts';

let house: House;
let running: Running | undefined;
beforeEach(() => {
  house = new House();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  house.remove();
});

async function run(keys: Record<string, unknown> = {}): Promise<Running> {
  running = await house.run(keys);
  return running;
}

describe('a folder of zones', { timeout: 120_000 }, () => {
  test('file name is zone name; edits, new files and included files are noticed', async () => {
    house.write('example.com', zoneText(1, '192.0.2.10'));
    house.write('Upper.Example', zoneText(1, '192.0.2.11'));
    house.write('README.md', 'not a zone');
    house.write('.example.com.swp', 'not a zone');
    mkdirSync(join(house.zones, 'parts'));
    house.write('parts/hosts', 'included A 192.0.2.20\n');
    house.write('including.example', `${zoneText(1, '192.0.2.12')}$INCLUDE parts/hosts\n`);
    const names = await run();
    await names.becomes('www.example.com', 'A', '192.0.2.10');
    await names.becomes('WWW.UPPER.example', 'A', '192.0.2.11');
    await names.becomes('included.including.example', 'A', '192.0.2.20');
    assert.equal(await names.data('www.example.com', 'A', 'tcp'), '192.0.2.10');
    assert.equal(await names.data('elsewhere.example'), 'rcode 5');
    assert.deepEqual(names.health, { healthy: true });

    house.write('example.com', zoneText(2, '192.0.2.110'));
    await names.becomes('www.example.com', 'A', '192.0.2.110');
    house.write('new.example', zoneText(1, '192.0.2.13'));
    await names.becomes('www.new.example', 'A', '192.0.2.13');
    house.write('parts/hosts', 'included A 192.0.2.21\n');
    await names.becomes('included.including.example', 'A', '192.0.2.21');
    assert.equal(await names.data('hosts'), 'rcode 5', 'what is included is no zone');
    // Replaced as editors do it.
    house.write('.example.com.new', zoneText(3, '192.0.2.111'));
    renameSync(join(house.zones, '.example.com.new'), join(house.zones, 'example.com'));
    await names.becomes('www.example.com', 'A', '192.0.2.111');
    await names.untilZone('example.com.', (zone) => zone?.serial === 3);
  });

  test('includes stay below the folder: no zone, nothing above, no link out', async () => {
    house.write('other.example', zoneText(1, '192.0.2.9'));
    writeFileSync(join(house.folder, 'secret'), 'secret A 192.0.2.66\n');
    mkdirSync(join(house.zones, 'parts'));
    symlinkSync(join(house.folder, 'secret'), join(house.zones, 'parts', 'link'));
    for (const [i, path] of ['../secret', 'other.example', 'parts/link', '/etc/hosts'].entries())
      house.write(`bad${i}.example`, `${zoneText(1, '192.0.2.9')}$INCLUDE ${path}\n`);
    const names = await run();
    for (const i of [0, 1, 2, 3])
      await names.untilZone(`bad${i}.example.`, (zone) => zone?.trouble === 'refused');
    assert.equal(await names.data('www.bad2.example'), 'rcode 5');
    await names.becomes('www.other.example', 'A', '192.0.2.9');
  });

  test('a broken zone leaves its last good version serving and others alone', async () => {
    house.write('good.example', zoneText(1, '192.0.2.1'));
    house.write('bad.example', zoneText(1, '192.0.2.2'));
    house.write('never.example', 'nonsense\n');
    const names = await run();
    await names.becomes('www.bad.example', 'A', '192.0.2.2');
    await names.untilZone('never.example.', (zone) => zone?.state === 'not-served');

    house.write('bad.example', `${zoneText(2, '192.0.2.3')}oops AAAAA 1\n`);
    house.write('good.example', zoneText(2, '192.0.2.4'));
    await names.becomes('www.good.example', 'A', '192.0.2.4');
    await names.untilZone('bad.example.', (zone) => zone?.trouble === 'refused');
    await names.untilZone('good.example.', (zone) => zone?.serial === 2); // served before it is told
    const status = names.zone('bad.example.');
    assert.equal(status?.state, 'serving-last-good');
    assert.equal(status?.serial, 1);
    assert.match(String(status?.sentences[0]), /bad\.example:6:6: /);
    assert.equal(await names.data('www.bad.example'), '192.0.2.2');
    assert.ok(!names.health.healthy);
    assert.match(
      names.health.healthy ? '' : names.health.complaints.join('\n'),
      /bad\.example:6:6/,
    );
    const metrics = await names.metrics();
    assert.match(metrics, /^riad_dns_zones\{state="served"\} 1$/m);
    assert.match(metrics, /^riad_dns_zones\{state="serving-last-good"\} 1$/m);
    assert.match(metrics, /^riad_dns_zones\{state="not-served"\} 1$/m);
    assert.match(metrics, /^riad_dns_zone_trouble\{zone="bad\.example\.",reason="refused"\} 1$/m);
    assert.match(metrics, /^riad_dns_zone_serial\{zone="good\.example\."\} 2$/m);
    assert.ok(names.saidAbout('zone refused').length >= 2);

    // An apex without a SOA or an NS record is as broken as a file that does not parse.
    for (const text of ['www A 192.0.2.5\n', '@ SOA ns h 3 1 1 1 1\nwww A 192.0.2.5\n']) {
      house.write('bad.example', `$TTL 60\n${text}`);
      const before = names.saidAbout('zone refused').length;
      await until(
        () => names.saidAbout('zone refused').length > before,
        () => 'refused again',
      );
      assert.equal(await names.data('www.bad.example'), '192.0.2.2');
    }
    house.write('bad.example', zoneText(4, '192.0.2.6'));
    await names.becomes('www.bad.example', 'A', '192.0.2.6');
    await names.untilZone('bad.example.', (zone) => zone?.trouble === undefined);
  });

  test('missing, empty and cut short are faults; removal is a command', async () => {
    const text = zoneText(1, '192.0.2.30');
    for (const zone of ['missing.example', 'empty.example', 'cut.example']) house.write(zone, text);
    const names = await run();
    for (const zone of ['missing.example', 'empty.example', 'cut.example'])
      await names.becomes(`www.${zone}`, 'A', '192.0.2.30');
    rmSync(join(house.zones, 'missing.example'));
    house.write('empty.example', '');
    // `www A 192.0.2.3`: without the last octets another address, and still a record.
    truncateSync(join(house.zones, 'cut.example'), text.length - 2);
    await names.untilZone('missing.example.', (zone) => zone?.trouble === 'missing');
    await names.untilZone('empty.example.', (zone) => zone?.trouble === 'refused');
    await names.untilZone('cut.example.', (zone) => zone?.trouble === 'refused');
    assert.match(String(names.zone('cut.example.')?.sentences[0]), /cut short/);
    for (const zone of ['missing.example', 'empty.example', 'cut.example'])
      assert.equal(await names.data(`www.${zone}`), '192.0.2.30');

    await assert.rejects(names.command('zone-remove', 'cut.example'), /its file is still there/);
    await assert.rejects(names.command('zone-remove', 'other.example'), /no such zone/);
    await assert.rejects(names.command('zone-remove', 'a..b'), { name: 'CommandError' });
    await assert.rejects(names.command('zone-remove'), /say which zone/);
    assert.deepEqual(await names.command('zone-remove', 'missing.example'), {
      removed: 'missing.example.',
    });
    assert.equal(await names.data('www.missing.example'), 'rcode 5');
    assert.equal(names.zone('missing.example.'), undefined);

    // The folder itself goes: everything is served on, and said once.
    renameSync(house.zones, `${house.zones}-away`);
    await until(
      () => names.saidAbout('zones cannot be read: serving what is known').length > 0,
      () => 'the folder is missed',
    );
    assert.equal(await names.data('www.cut.example'), '192.0.2.30');
    renameSync(`${house.zones}-away`, house.zones);
    house.write('cut.example', zoneText(2, '192.0.2.31'));
    await names.becomes('www.cut.example', 'A', '192.0.2.31');
  });

  test('a change that takes away more than a fifth of a large zone is held', async () => {
    house.write('large.example', zoneText(1, '192.0.2.1', manyHosts(100)));
    house.write('small.example', zoneText(1, '192.0.2.1', manyHosts(20)));
    const names = await run();
    await names.becomes('host99.large.example', 'A', '192.0.2.99');
    await names.becomes('host19.small.example', 'A', '192.0.2.19');
    house.write('small.example', zoneText(2, '192.0.2.2'));
    await names.becomes('www.small.example', 'A', '192.0.2.2');
    // A fifth may go without a word: 20 of 104.
    house.write('large.example', zoneText(2, '192.0.2.2', manyHosts(80)));
    await names.becomes('www.large.example', 'A', '192.0.2.2');
    house.write('large.example', zoneText(3, '192.0.2.3', manyHosts(60)));
    await names.untilZone('large.example.', (zone) => zone?.trouble === 'held');
    assert.equal(await names.data('www.large.example'), '192.0.2.2');
    assert.match(String(names.zone('large.example.')?.sentences[0]), /takes away 20 of 84 records/);
    await assert.rejects(
      names.command('zone-confirm', 'small.example'),
      /waits for a confirmation/,
    );
    await names.command('zone-confirm', 'large.example');
    assert.equal(await names.data('www.large.example'), '192.0.2.3');
    assert.equal(await names.data('host70.large.example'), 'rcode 3');
    assert.deepEqual(names.health, { healthy: true });
  });

  test('two files for one zone: neither is taken', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    const names = await run();
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    house.write('Example.com', zoneText(2, '192.0.2.2'));
    await names.untilZone('example.com.', (zone) => zone?.trouble === 'refused');
    assert.match(String(names.zone('example.com.')?.sentences[0]), /several files/);
    assert.equal(await names.data('www.example.com'), '192.0.2.1');
    rmSync(join(house.zones, 'example.com'));
    await names.becomes('www.example.com', 'A', '192.0.2.2');
  });

  test('what is hardly meant is counted, in the log, the status and the metrics', async () => {
    house.write('careless.example', zoneText(1, '192.0.2.1', '@ MX 10 nobody\n'));
    const names = await run();
    await names.untilZone('careless.example.', (zone) => zone?.warnings === 2);
    assert.match(
      await names.metrics(),
      /^riad_dns_zone_warnings\{zone="careless\.example\."\} 2$/m,
    );
    assert.equal(names.saidAbout('zone check warns').length, 1);
    assert.deepEqual(names.health, { healthy: true });
    house.write('careless.example', zoneText(2, '192.0.2.1', '@ NS ns.elsewhere.example.\n'));
    await names.untilZone('careless.example.', (zone) => zone?.warnings === 0);
  });

  test('serials that do not rise are warned of, where they are left to the file', async () => {
    house.write('serial.example', zoneText(5, '192.0.2.1'));
    const names = await run({ serial: 'file' });
    await names.becomes('www.serial.example', 'A', '192.0.2.1');
    house.write('serial.example', zoneText(5, '192.0.2.2'));
    await names.becomes('www.serial.example', 'A', '192.0.2.2');
    house.write('serial.example', zoneText(4, '192.0.2.3'));
    await names.becomes('www.serial.example', 'A', '192.0.2.3');
    for (const start of ['zone changed but not its serial', 'zone serial went backwards']) {
      await until(
        () => names.said.some(({ level, event }) => level === 'warn' && event.startsWith(start)),
        () => start,
      );
    }
  });

  test('serials that do not rise are raised, edited or read whole, and over a restart', async () => {
    const generated = '$GENERATE 1-3 host$ A 192.0.2.$\n';
    house.write('serial.example', zoneText(5, '192.0.2.1'));
    let names = await run();
    await names.becomes('www.serial.example', 'A', '192.0.2.1');
    for (const [written, address, more, served] of [
      [5, '192.0.2.2', '', 6], // the same serial
      [3, '192.0.2.3', '', 7], // a lower one
      [3, '192.0.2.4', generated, 8], // read whole
      [4, '192.0.2.5', generated, 9],
      [100, '192.0.2.6', '', 100], // people may do it as well
      [2 ** 31 + 100, '192.0.2.7', '', 101], // neither newer nor older
    ] as const) {
      house.write('serial.example', zoneText(written, address, more));
      await names.becomes('www.serial.example', 'A', address);
      const soa = await names.data('serial.example', 'SOA');
      assert.equal(Number(soa.split(' ')[2]), served, address);
    }
    await names.stop();
    running = undefined;
    names = await run();
    await names.becomes('www.serial.example', 'A', '192.0.2.7');
    assert.equal(Number((await names.data('serial.example', 'SOA')).split(' ')[2]), 101);
  });
});

describe('a git repository of zones', { timeout: 120_000 }, () => {
  const git = (...words: string[]): string =>
    execFileSync('git', words, {
      cwd: house.zones,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: house.folder,
        GIT_AUTHOR_NAME: 'Somebody',
        GIT_AUTHOR_EMAIL: 'somebody@example.com',
        GIT_COMMITTER_NAME: 'Somebody',
        GIT_COMMITTER_EMAIL: 'somebody@example.com',
        GIT_CONFIG_NOSYSTEM: '1',
      },
    });
  const commit = (message: string): void => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
  };
  beforeEach(() => void git('init', '--quiet', '--initial-branch', 'main'));
  const keys = { zones: { git: 'zones' } };

  test('commits are noticed; a deletion in one removes, an uncommitted edit is nothing', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    house.write('leaving.example', zoneText(1, '192.0.2.2'));
    mkdirSync(join(house.zones, 'parts'));
    house.write('parts/hosts', 'included A 192.0.2.20\n');
    house.write('including.example', `${zoneText(1, '192.0.2.3')}$INCLUDE parts/hosts\n`);
    commit('first');
    const names = await run(keys);
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    await names.becomes('www.leaving.example', 'A', '192.0.2.2');
    await names.becomes('included.including.example', 'A', '192.0.2.20');
    rmSync(join(house.zones, 'leaving.example'));
    house.write('example.com', zoneText(2, '192.0.2.11'));
    house.write('parts/hosts', 'included A 192.0.2.21\n');
    assert.equal(await names.data('www.example.com'), '192.0.2.1');
    commit('second');
    await names.becomes('www.example.com', 'A', '192.0.2.11');
    await names.becomes('www.leaving.example', 'A', 'rcode 5');
    await names.becomes('included.including.example', 'A', '192.0.2.21');
    await names.untilZone('leaving.example.', (zone) => zone === undefined);
    assert.deepEqual(names.health, { healthy: true });

    // A broken commit leaves what was good; the next one mends it.
    house.write('example.com', 'nonsense\n');
    commit('third');
    await names.untilZone('example.com.', (zone) => zone?.trouble === 'refused');
    assert.equal(await names.data('www.example.com'), '192.0.2.11');
    house.write('example.com', zoneText(3, '192.0.2.12'));
    commit('fourth');
    await names.becomes('www.example.com', 'A', '192.0.2.12');

    // The repository goes: everything is served on.
    renameSync(join(house.zones, '.git'), join(house.folder, 'git-away'));
    await until(
      () => !names.health.healthy,
      () => 'the repository is missed',
    );
    assert.equal(await names.data('www.example.com'), '192.0.2.12');
    await names.untilZone('example.com.', (zone) => zone?.serial === 3); // kept for a restart
    await names.stop();
    running = await house.run(keys);
    assert.equal(await running.data('www.example.com'), '192.0.2.12', 'from the state folder');
    renameSync(join(house.folder, 'git-away'), join(house.zones, '.git'));
    await until(
      () => running?.health.healthy === true,
      () => 'the repository is found again',
    );
  });

  test('what was deleted while nobody served is removed; rewritten history removes nothing', async () => {
    // Who writes to the branch merges what comes, and takes no rewritten history for it.
    const unwritten = { ...keys, writeBack: false };
    house.write('example.com', zoneText(1, '192.0.2.1'));
    house.write('leaving.example', zoneText(1, '192.0.2.2'));
    commit('first');
    let names = await run(unwritten);
    await names.becomes('www.leaving.example', 'A', '192.0.2.2');
    await until(
      () => existsSync(join(house.state, 'commit')),
      () => 'the commit is noted',
    );
    await names.stop();
    rmSync(join(house.zones, 'leaving.example'));
    commit('second');
    names = await run(unwritten);
    await names.becomes('www.leaving.example', 'A', 'rcode 5');
    await names.becomes('www.example.com', 'A', '192.0.2.1');

    rmSync(join(house.zones, 'example.com'));
    house.write('another.example', zoneText(1, '192.0.2.3'));
    git('checkout', '--quiet', '--orphan', 'rewritten');
    commit('a new beginning');
    git('branch', '--quiet', '--force', 'main', 'rewritten');
    git('reflog', 'expire', '--expire=now', '--all');
    git('gc', '--quiet', '--prune=now');
    await names.becomes('www.another.example', 'A', '192.0.2.3');
    await names.untilZone(
      'example.com.',
      (zone) => zone === undefined || zone.trouble === 'missing',
    );
    // Between two commits that both are known the deletion shows; without the older one it does not.
    const kept = names.zone('example.com.');
    if (kept !== undefined) assert.equal(await names.data('www.example.com'), '192.0.2.1');
  });

  test('a link in the repository leads nowhere', async () => {
    writeFileSync(join(house.folder, 'secret'), zoneText(1, '192.0.2.66'));
    symlinkSync(join(house.folder, 'secret'), join(house.zones, 'link.example'));
    house.write('example.com', zoneText(1, '192.0.2.1'));
    commit('a link');
    const names = await run(keys);
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    await names.untilZone('link.example.', (zone) => zone?.trouble === 'refused');
    assert.equal(await names.data('www.link.example'), 'rcode 5');
  });

  test('neither its settings nor its attributes run a program or change a text', async () => {
    const ran = join(house.folder, 'ran');
    house.write('example.com', `; $Id$\n${zoneText(1, '192.0.2.1')}`);
    house.write('.gitattributes', '* ident eol=crlf filter=program\n');
    commit('first');
    git('config', 'filter.program.smudge', `touch ${ran}; cat`);
    git('config', 'filter.program.required', 'true');
    git('config', 'core.fsmonitor', `touch ${ran}; true`);
    git('config', 'core.hooksPath', house.zones);
    git('config', 'core.autocrlf', 'true');
    const names = await run(keys);
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    assert.equal(
      readFileSync(join(house.state, 'checkout', 'files', 'example.com'), 'utf8'),
      `; $Id$\n${zoneText(1, '192.0.2.1')}`,
    );
    assert.equal(existsSync(ran), false, 'a program of the repository ran');
  });

  test('a linked working tree, and a repository that is replaced by one of another hash', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    commit('first');
    git('branch', '--quiet', 'served');
    git('worktree', 'add', '--quiet', join(house.folder, 'linked'), 'served');
    const names = await run({ zones: { git: 'linked' } });
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    rmSync(join(house.folder, 'linked'), { recursive: true });
    const elsewhere = ['init', '--quiet', '--initial-branch', 'main', '--object-format', 'sha256'];
    git(...elsewhere, join(house.folder, 'other'));
    writeFileSync(join(house.folder, 'other', 'example.com'), zoneText(2, '192.0.2.2'));
    git('-C', join(house.folder, 'other'), 'add', '--all');
    git('-C', join(house.folder, 'other'), 'commit', '--quiet', '--message', 'another');
    renameSync(join(house.folder, 'other'), join(house.folder, 'linked'));
    await names.becomes('www.example.com', 'A', '192.0.2.2');
  });
});
