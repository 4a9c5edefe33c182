/** Catalogs that are made of the zones: what is in them, when that changes, and what they survive. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { framed } from '@riad/net/streams/stream-connection';
import { check, schema } from './config.ts';
import { House, type Running, until, zoneText } from './testing/running-service.ts';
import { lineOf, wholeZone } from './testing/whole-zone.ts';

const catalog = 'catalog.example.';
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

const keys = { access: { transfer: ['127.0.0.1'] }, catalogs: [{ name: 'catalog.example' }] };

async function run(more: Record<string, unknown> = {}): Promise<Running> {
  await running?.stop();
  running = undefined;
  running = await house.run({ ...keys, ...more });
  return running;
}

type Seen = {
  readonly serial: number;
  /** `zone` or `zone: group`, sorted. */
  readonly members: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
};

async function see(names: Running, zone: string = catalog): Promise<Seen> {
  const { serial, lines } = await wholeZone(
    { name: 'riad', address: '127.0.0.1', port: names.port },
    zone,
  );
  const labels = new Map<string, string>();
  const zones = new Map<string, string>();
  for (const line of lines) {
    const [owner = '', , type, ...data] = line.split(' ');
    if (type !== 'PTR') continue;
    const [label = ''] = owner.split('.');
    labels.set(data.join(' '), label);
    zones.set(label, data.join(' '));
  }
  const groups = lines.flatMap((line) => {
    const [, label = '', group] = /^group\.([^.]+)\.zones\S* \d+ TXT "(.*)"$/.exec(line) ?? [];
    return group === undefined ? [] : `${zones.get(label)}: ${group}`;
  });
  return { serial, members: [...labels.keys(), ...groups].sort(), labels };
}

/** The catalog as soon as it has these members. */
async function becomes(names: Running, members: readonly string[], zone?: string): Promise<Seen> {
  let seen: Seen | undefined;
  await until(
    async () => {
      seen = await see(names, zone).catch(() => undefined);
      return seen?.members.join() === members.join();
    },
    () => JSON.stringify([seen, names.said.slice(-5)]),
  );
  return seen!;
}

describe('a catalog of the zones', { timeout: 120_000 }, () => {
  test('has what is served, follows it, and keeps labels and serial over restarts', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('Two.example', zoneText(1, '192.0.2.2'));
    const begun = Math.floor(Date.now() / 1000);
    let names = await run();
    const first = await becomes(names, ['one.example.', 'two.example.']);
    assert.ok(first.serial >= begun && first.serial <= begun + 60);
    assert.equal(await names.data(`version.${catalog}`, 'TXT'), '"2"');
    assert.equal(await names.data(catalog, 'NS'), 'invalid.');
    house.write('three.example', zoneText(1, '192.0.2.3'));
    const second = await becomes(names, ['one.example.', 'three.example.', 'two.example.']);
    assert.equal(second.serial, first.serial + 1);
    assert.equal(second.labels.get('one.example.'), first.labels.get('one.example.'));
    // A file that is gone is no order, a removal is.
    rmSync(join(house.zones, 'one.example'));
    await names.untilZone('one.example.', (zone) => zone?.trouble === 'missing');
    assert.deepEqual(await see(names), second);
    assert.deepEqual(names.zone(catalog)?.state, 'served');
    await names.command('zone-remove', 'one.example');
    const third = await becomes(names, ['three.example.', 'two.example.']);
    assert.equal(third.serial, second.serial + 1);
    // The same zone once more is another one (RFC 9432 §5.4).
    house.write('one.example', zoneText(1, '192.0.2.1'));
    const fourth = await becomes(names, ['one.example.', 'three.example.', 'two.example.']);
    assert.notEqual(fourth.labels.get('one.example.'), first.labels.get('one.example.'));
    assert.equal(fourth.labels.get('two.example.'), first.labels.get('two.example.'));
    for (const loss of [undefined, 'zones.snapshot']) {
      await running!.stop();
      running = undefined;
      if (loss !== undefined) rmSync(join(house.state, loss), { force: true });
      names = await run();
      assert.deepEqual(await see(names), fourth, String(loss));
      assert.equal(names.zone(catalog)?.state, 'served');
    }
    house.write('four.example', zoneText(1, '192.0.2.4'));
    const fifth = await becomes(names, [
      'four.example.',
      'one.example.',
      'three.example.',
      'two.example.',
    ]);
    assert.equal(fifth.serial, fourth.serial + 1);
    assert.deepEqual(names.health, { healthy: true });
  });

  test('what changed comes as a difference', async () => {
    for (const zone of ['a', 'b', 'c', 'd'])
      house.write(`${zone}.example`, zoneText(1, '192.0.2.1'));
    const names = await run();
    const all = ['a.example.', 'b.example.', 'c.example.', 'd.example.'];
    const first = await becomes(names, all);
    house.write('e.example', zoneText(1, '192.0.2.1'));
    const second = await becomes(names, [...all, 'e.example.']);
    // What is published is served a moment before those who give differences hear of it.
    await names.untilZone(catalog, (status) => status?.serial === second.serial);
    const socket = connect(names.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(framed(transferQuery(parseName(catalog), 1, first.serial)));
    const [octets] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const answer = decodeMessage(Uint8Array.from(octets.subarray(2)));
    assert.ok(answer.ok);
    assert.deepEqual(
      answer.value.answers.map((record) => lineOf(record).split(' ').slice(2).join(' ')),
      [
        ...Array.from({ length: 3 }, () => `SOA invalid. invalid. 0 3600 600 2147483646 0`),
        'PTR e.example.',
        'SOA invalid. invalid. 0 3600 600 2147483646 0',
      ],
    );
    assert.equal(serialOfSoa(answer.value.answers[0]!.rdata), second.serial);
  });

  test('several, with the zones and groups that riad.yaml says; none has another', async () => {
    for (const zone of ['a.example', 'b.example', 'sub.a.example', 'x.test'])
      house.write(zone, zoneText(1, '192.0.2.1'));
    const some = { name: 'Some.Example.', members: ['*.example'] };
    const names = await run({
      catalogs: [
        { name: 'all.test', groups: { inner: ['*.a.example', 'x.test'], outer: ['a.example'] } },
        { ...some, groups: { inner: ['b.example'] } },
      ],
    });
    await becomes(
      names,
      [
        'a.example.',
        'a.example.: outer',
        'b.example.',
        'sub.a.example.',
        'sub.a.example.: inner',
        'x.test.',
        'x.test.: inner',
      ],
      'all.test.',
    );
    const then = ['a.example.', 'b.example.', 'b.example.: inner', 'sub.a.example.'];
    const before = await becomes(names, then, 'some.example.');
    // Another rule, the same zones: the labels stay.
    const changed = await run({ catalogs: [some] });
    const now = ['a.example.', 'b.example.', 'sub.a.example.'];
    const after = await becomes(changed, now, 'some.example.');
    assert.deepEqual(after.labels, before.labels);
    assert.equal(after.serial, before.serial + 1);
    await changed.untilZone('all.test.', (zone) => zone?.trouble === 'set-aside');
  });

  test('that riad.yaml names no more is set aside: not given out, in no other, kept, and goes on when named again', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    const two = { catalogs: [{ name: 'catalog.example' }, { name: 'other.test' }] };
    let names = await run(two);
    await becomes(names, ['one.example.'], 'other.test.');
    const before = await becomes(names, ['one.example.']);
    for (const loss of [undefined, 'zones.snapshot']) {
      await running!.stop();
      running = undefined;
      if (loss !== undefined) rmSync(join(house.state, loss), { force: true });
      names = await run({ catalogs: [{ name: 'other.test' }] });
      const answer = await names.ask(catalog, 'SOA');
      assert.deepEqual([answer.rcode, answer.answers.length], [Rcode.SERVFAIL, 0]);
      await assert.rejects(see(names));
      const status = names.zone(catalog)!;
      assert.deepEqual([status.state, status.trouble], ['not-served', 'set-aside']);
      assert.match(status.sentences[0]!, /riad zone remove catalog\.example\./);
      assert.equal(names.saidAbout('catalog set aside').length, 1);
      // Looked at, and still no fault; nor is it a zone for the other one.
      house.write(`${loss ?? 'new'}.example`, zoneText(1, '192.0.2.1'));
      await names.becomes(`www.${loss ?? 'new'}.example`, 'A', '192.0.2.1');
      await until(
        async () => (await see(names, 'other.test.')).members.includes(`${loss ?? 'new'}.example.`),
        () => JSON.stringify(names.said.slice(-5)),
      );
      assert.ok(!(await see(names, 'other.test.')).members.includes(catalog));
      assert.deepEqual(names.health, { healthy: true });
    }
    // Named again: the same labels, and secondaries notice nothing but what has come since.
    names = await run(two);
    const after = await becomes(names, ['new.example.', 'one.example.', 'zones.snapshot.example.']);
    assert.equal(after.labels.get('one.example.'), before.labels.get('one.example.'));
    assert.equal(after.serial, before.serial + 1);
    assert.equal(names.zone(catalog)?.trouble, undefined);

    // Removed for good, and where a file has its name, a zone like others.
    names = await run({ catalogs: [] });
    await names.command('zone-remove', 'other.test');
    assert.equal(names.zone('other.test.'), undefined);
    assert.equal((await names.ask('other.test', 'SOA')).rcode, Rcode.REFUSED);
    house.write('catalog.example', zoneText(1, '192.0.2.7'));
    await names.becomes('www.catalog.example', 'A', '192.0.2.7');
    await names.untilZone(catalog, (zone) => zone?.state === 'served');
    assert.deepEqual(names.health, { healthy: true });
    names = await run({ catalogs: [] });
    assert.equal(names.zone(catalog)?.trouble, undefined);
    assert.equal(await names.data('www.catalog.example'), '192.0.2.7');
  });

  test('the root and a zone whose file is broken stay in it; one that never was good does not come', async () => {
    house.write('@', zoneText(1, '192.0.2.1'));
    house.write('good.example', zoneText(1, '192.0.2.1'));
    house.write('notes', 'no zone at all\n');
    let names = await run();
    await becomes(names, ['.', 'good.example.']);
    assert.equal(names.zone('notes.')?.trouble, 'refused');
    house.write('good.example', 'nonsense\n');
    await names.untilZone('good.example.', (zone) => zone?.trouble === 'refused');
    // Even where its last good text is lost, and nothing is served.
    await running!.stop();
    running = undefined;
    rmSync(join(house.state, 'zones.snapshot'), { force: true });
    for (const file of readdirSync(join(house.state, 'zones')))
      if (file.startsWith('good.example')) rmSync(join(house.state, 'zones', file));
    names = await run();
    await names.untilZone('good.example.', (zone) => zone?.state === 'not-served');
    house.write('another.example', zoneText(1, '192.0.2.1'));
    await becomes(names, ['.', 'another.example.', 'good.example.']);
    // Its file goes, and with it all that is known of it.
    rmSync(join(house.zones, 'good.example'));
    await becomes(names, ['.', 'another.example.']);
  });

  test('state that is lost: the same labels, a newer serial', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    let names = await run();
    const first = await becomes(names, ['one.example.']);
    await running!.stop();
    running = undefined;
    rmSync(house.state, { recursive: true });
    house = new House(house.folder);
    names = await run();
    const second = await becomes(names, ['one.example.']);
    assert.deepEqual(second.labels, first.labels);
    assert.ok(second.serial > first.serial);
  });

  test('a file with its name: an error that says what to do; then taken over as it was', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    const text = `$TTL 60
@ SOA invalid. invalid. 4000000000 60 60 60 0
@ NS invalid.
version TXT "2"
mine.zones PTR one.example.
`;
    house.write('catalog.example', text);
    let names = await run({ catalogs: [] });
    await becomes(names, ['one.example.']);
    names = await run();
    await names.untilZone(catalog, (zone) => zone?.trouble === 'refused');
    assert.match(
      names.zone(catalog)?.sentences[0] ?? '',
      /catalog\.example: a catalog .*take the file away/,
    );
    assert.equal(names.saidAbout('zone refused').length, 1);
    const [said] = names.saidAbout('zone refused');
    assert.match(JSON.stringify(said?.fields), /"code":"catalog\.name-taken"/);
    house.write('two.example', zoneText(1, '192.0.2.1'));
    await names.becomes('www.two.example', 'A', '192.0.2.1');
    assert.equal((await see(names)).labels.get('one.example.'), 'mine');
    assert.match(
      (
        await check({ ...schema.parse({ zones: { folder: 'zones' }, ...keys }) }, () => house.zones)
      ).complaints.join(),
      /catalog\.example: a catalog of this name/,
    );
    rmSync(join(house.zones, 'catalog.example'));
    const seen = await becomes(names, ['one.example.', 'two.example.']);
    assert.equal(seen.labels.get('one.example.'), 'mine');
    assert.equal(seen.serial, 4_000_000_001);
    assert.deepEqual(names.health, { healthy: true });
    await assert.rejects(names.command('zone-remove', 'catalog.example'), /catalogs in riad\.yaml/);
    names = await run();
    assert.deepEqual(await see(names), seen);
  });

  test('takes no updates, with whatever right', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    const names = await run({ access: { transfer: ['127.0.0.1'], update: ['127.0.0.1'] } });
    await becomes(names, ['one.example.']);
    const message = encodeMessage({
      id: 1,
      opcode: Opcode.UPDATE,
      rcode: 0,
      flags: noFlags,
      questions: [{ name: parseName(catalog), type: RecordTypeCode.SOA, class: 1 }],
      answers: [],
      authorities: [
        {
          owner: parseName(`x.${catalog}`),
          type: RecordTypeCode.A,
          class: 1,
          ttlSeconds: 1,
          rdata: Uint8Array.of(192, 0, 2, 1),
        },
      ],
      additionals: [],
    });
    const socket = connect(names.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(framed(message));
    const [octets] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const answer = decodeMessage(Uint8Array.from(octets.subarray(2)));
    assert.equal(answer.ok && answer.value.rcode, Rcode.REFUSED);
  });

  test('a commit that deletes a zone and one that has it again', async () => {
    const git = (...words: string[]): string =>
      execFileSync('git', ['-c', 'user.name=S', '-c', 'user.email=s@example.com', ...words], {
        cwd: house.zones,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: house.folder, GIT_CONFIG_NOSYSTEM: '1' },
      });
    const commit = (): void => {
      git('add', '--all');
      git('commit', '--quiet', '--message', 'change');
    };
    git('init', '--quiet', '--initial-branch', 'main');
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('two.example', zoneText(1, '192.0.2.1'));
    commit();
    const names = await run({ zones: { git: 'zones' } });
    const first = await becomes(names, ['one.example.', 'two.example.']);
    rmSync(join(house.zones, 'one.example'));
    commit();
    await becomes(names, ['two.example.']);
    git('revert', '--no-edit', 'HEAD');
    const again = await becomes(names, ['one.example.', 'two.example.']);
    assert.notEqual(again.labels.get('one.example.'), first.labels.get('one.example.'));
    assert.equal(again.labels.get('two.example.'), first.labels.get('two.example.'));
  });
});

describe('catalogs in riad.yaml', () => {
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(26)}`;
  for (const [why, catalogs, complaint] of [
    ['no name', [{ name: 'a..b' }], /no name of a catalog/],
    ['the root', [{ name: '.' }], /no name of a catalog/],
    ['a name without room for members', [{ name: long }], /no name of a catalog/],
    ['one name twice', [{ name: 'a.b' }, { name: 'A.B.' }], /two catalogs of one name/],
    ['a star inside', [{ name: 'a', members: ['a.*.b'] }], /stands at the front only/],
    ['a group of no character', [{ name: 'a', groups: { '': ['*'] } }], /no group/],
    ['a group with a space', [{ name: 'a', groups: { 'a b': ['*'] } }], /no group/],
    ['an unknown key', [{ name: 'a', member: ['*'] }], /member/],
  ] as const) {
    test(why, () =>
      assert.throws(() => schema.parse({ zones: { folder: 'zones' }, catalogs }), complaint),
    );
  }
});
