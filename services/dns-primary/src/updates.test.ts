/** Updates through the whole service: answered, served, journalled, written into files and repositories. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Rcode } from '@riad/dns/iana/rcodes';
import { exchange } from '@riad/name-server/testing/asking';
import { nodeDisk } from '@riad/store/node-disk';
import { House, type Running, until, zoneText } from './testing/running-service.ts';
import { key, keyLine, signed, update, updateMessage } from './testing/update-client.ts';
import { makeRepository } from './testing/zone-repository.ts';

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

const commented = `; our zone
$TTL 60
@ SOA ns hostmaster 1 3600 900 2419200 300 ; the serial is the server’s
  NS ns ; only one
ns A 192.0.2.1

; the web
www A 192.0.2.2 ; old machine
`;

async function run(keys: Record<string, unknown> = {}): Promise<Running> {
  await running?.stop();
  running = undefined;
  running = await house.run(keys);
  return running;
}

/** The zone is served, and all of the service knows it. */
const served = (names: Running, zone: string): Promise<void> =>
  names.untilZone(zone, (status) => status?.serial !== undefined);

const fileBecomes = (path: string, expected: string): Promise<void> =>
  until(
    () => readFileSync(path, 'utf8') === expected,
    () => `${readFileSync(path, 'utf8')}\ninstead of\n${expected}`,
  );

describe('an update', { timeout: 120_000 }, () => {
  test('is answered, served, and written into the file with its comments and layout', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    const names = await run();
    await served(names, 'example.com.');
    assert.equal(
      await update(
        names.port,
        'example.com.',
        '- www 60 A 192.0.2.2',
        'www 60 A 192.0.2.3',
        'new 30 TXT "x"',
      ),
      Rcode.NOERROR,
    );
    assert.equal(await names.data('www.example.com'), '192.0.2.3'); // at once
    await fileBecomes(
      join(house.zones, 'example.com'),
      `${commented.replace('hostmaster 1 ', 'hostmaster 2 ').replace('192.0.2.2 ;', '192.0.2.3 ;')}new 30 TXT "x"\n`,
    );
    // What came out of the server is nothing new to it.
    await names.untilZone(
      'example.com.',
      (zone) => zone?.serial === 2 && zone.trouble === undefined,
    );
    assert.equal(await update(names.port, 'example.com.', '-- new TXT'), Rcode.NOERROR);
    await fileBecomes(
      join(house.zones, 'example.com'),
      commented.replace('hostmaster 1 ', 'hostmaster 3 ').replace('192.0.2.2 ;', '192.0.2.3 ;'),
    );
  });

  test('and an edit of the file meet: both are there', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    const names = await run({ writeBack: false });
    await served(names, 'example.com.');
    assert.equal(await update(names.port, 'example.com.', 'new 30 A 192.0.2.9'), Rcode.NOERROR);
    house.write('example.com', commented.replace('192.0.2.2', '192.0.2.4'));
    await names.becomes('www.example.com', 'A', '192.0.2.4');
    assert.equal(await names.data('new.example.com'), '192.0.2.9');
    // One that has to be read whole.
    house.write(
      'example.com',
      `${commented.replace('192.0.2.2', '192.0.2.5')}$GENERATE 1-2 host$ A 192.0.2.$
`,
    );
    await names.becomes('www.example.com', 'A', '192.0.2.5');
    assert.equal(await names.data('new.example.com'), '192.0.2.9');
    assert.equal(await names.data('host2.example.com'), '192.0.2.2');
    const serial = Number((await names.data('example.com', 'SOA')).split(' ')[2]);
    assert.ok(serial > 3);
    // Written into the file as soon as it may be.
    house.write('example.com', commented.replace('192.0.2.2', '192.0.2.6'));
    await names.becomes('www.example.com', 'A', '192.0.2.6');
    const again = await run();
    await again.becomes('www.example.com', 'A', '192.0.2.6');
    assert.equal(await again.data('new.example.com'), '192.0.2.9');
    await until(
      () => readFileSync(join(house.zones, 'example.com'), 'utf8').endsWith('new 30 A 192.0.2.9\n'),
      () => readFileSync(join(house.zones, 'example.com'), 'utf8'),
    );
  });

  test('survives a restart before it was written anywhere but to the journal', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    let names = await run({ writeBack: false });
    await served(names, 'example.com.');
    for (let i = 0; i < 20; i++)
      assert.equal(
        await update(names.port, 'example.com.', `n${i} 30 A 192.0.2.${i}`),
        Rcode.NOERROR,
      );
    names = await run({ writeBack: false });
    assert.equal(await names.data('n19.example.com'), '192.0.2.19');
    assert.equal(names.zone('example.com.')?.serial, 21);
    rmSync(join(house.state, 'zones.snapshot'), { force: true });
    names = await run({ writeBack: false });
    assert.equal(await names.data('n0.example.com'), '192.0.2.0');
    assert.equal(names.zone('example.com.')?.serial, 21);
  });

  test('is applied once, however often its message comes, over a restart too', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    let names = await run();
    await served(names, 'example.com.');
    const { octets } = signed(updateMessage('example.com.', ['new 30 A 192.0.2.9']));
    assert.equal((await exchange(names.port, octets)).rcode, Rcode.NOERROR);
    assert.equal(await update(names.port, 'example.com.', '-- new A'), Rcode.NOERROR);
    assert.equal((await exchange(names.port, octets)).rcode, Rcode.NOERROR); // as before
    assert.equal(await names.data('new.example.com'), 'rcode 3');
    names = await run();
    await until(
      () => names.saidAbout('keys read').length > 0,
      () => 'keys',
    );
    assert.equal((await exchange(names.port, octets)).rcode, Rcode.NOERROR);
    assert.equal(await names.data('new.example.com'), 'rcode 3');
  });

  for (const [what, message, rcode] of [
    [
      'without a signature',
      () => updateMessage('example.com.', ['new 30 A 192.0.2.9']),
      Rcode.REFUSED,
    ],
    [
      'with another secret',
      () =>
        signed(updateMessage('example.com.', ['new 30 A 192.0.2.9']), {
          ...key,
          secret: new Uint8Array(32),
        }).octets,
      Rcode.NOTAUTH,
    ],
    [
      'of a zone that is not here',
      () => signed(updateMessage('example.net.', ['new 30 A 192.0.2.9'])).octets,
      Rcode.NOTAUTH,
    ],
    [
      'of a zone that the key is not for',
      () => signed(updateMessage('other.example.', ['new 30 A 192.0.2.9'])).octets,
      Rcode.REFUSED,
    ],
    [
      'cut short',
      () => updateMessage('example.com.', ['new 30 A 192.0.2.9']).subarray(0, 40),
      Rcode.FORMERR,
    ],
  ] as const) {
    test(`${what} changes nothing and is logged`, async () => {
      house.write('example.com', commented);
      house.write('other.example', zoneText(1, '192.0.2.7'));
      house.write('_keys', keyLine);
      const names = await run();
      await served(names, 'example.com.');
      await served(names, 'other.example.');
      assert.equal((await exchange(names.port, message())).rcode, rcode);
      assert.equal(await names.data('new.example.com'), 'rcode 3');
      assert.equal(names.zone('example.com.')?.serial, 1);
      assert.equal(readFileSync(join(house.zones, 'example.com'), 'utf8'), commented);
      if (what !== 'of a zone that is not here' && what !== 'cut short')
        assert.ok(names.said.some(({ level }) => level === 'warn'));
    });
  }

  test('of a zone that came signed, or has $GENERATE, is refused with a reason', async () => {
    house.write(
      'signed.example.com',
      zoneText(1, '192.0.2.7', '@ NSEC www A NS SOA RRSIG NSEC\nwww NSEC @ A RRSIG NSEC\n'),
    );
    house.write(
      'generated.example.com',
      zoneText(1, '192.0.2.7', '$GENERATE 1-3 host$ A 192.0.2.$\n'),
    );
    house.write('_keys', keyLine);
    const names = await run();
    for (const [zone, word] of [
      ['signed.example.com', 'sign'],
      ['generated.example.com', '$GENERATE'],
    ] as const) {
      await served(names, `${zone}.`);
      const { octets } = signed(updateMessage(`${zone}.`, ['new 30 A 192.0.2.9']));
      assert.equal((await exchange(names.port, octets)).rcode, Rcode.REFUSED);
      const refused = names.saidAbout('update refused').map(({ fields }) => JSON.stringify(fields));
      assert.ok(
        refused.some((text) => text.includes(word)),
        refused.join('\n'),
      );
    }
  });

  test('may name the zone of its key, the root too, when all its names are in one hosted zone', async () => {
    house.write('example.com', commented);
    house.write('sub.example.com', zoneText(1, '192.0.2.7'));
    house.write('_keys', keyLine.replaceAll('k._update.example.com.', 'k._update.'));
    const names = await run();
    await served(names, 'sub.example.com.');
    await served(names, 'example.com.');
    const root = {
      ...key,
      name: Uint8Array.of(1, 0x6b, 7, 0x5f, 0x75, 0x70, 0x64, 0x61, 0x74, 0x65, 0),
    };
    const send = async (...updates: string[]): Promise<number> =>
      (await exchange(names.port, signed(updateMessage('.', updates), root).octets)).rcode;
    assert.equal(await send('new.sub.example.com. 30 A 192.0.2.9'), Rcode.NOERROR);
    assert.equal(await names.data('new.sub.example.com'), '192.0.2.9');
    assert.equal(
      await send('a.sub.example.com. 30 A 192.0.2.9', 'a.example.com. 30 A 192.0.2.9'),
      Rcode.NOTZONE,
    );
    assert.equal(await send('a.example.net. 30 A 192.0.2.9'), Rcode.NOTAUTH);
  });

  test('that the policy narrows away is refused, what it leaves is done', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    house.write(
      '_policy.yaml',
      'rules:\n  - keys: k._update.example.com\n    allow: [{ names: [host.example.com], types: [A] }]\n    changesPerHour: 2\n',
    );
    const names = await run();
    await served(names, 'example.com.');
    assert.equal(await update(names.port, 'example.com.', 'other 30 A 192.0.2.9'), Rcode.REFUSED);
    assert.equal(await update(names.port, 'example.com.', 'host 30 TXT "x"'), Rcode.REFUSED);
    assert.equal(await update(names.port, 'example.com.', 'host 30 A 192.0.2.9'), Rcode.NOERROR);
    assert.equal(await update(names.port, 'example.com.', 'host 30 A 192.0.2.10'), Rcode.NOERROR);
    assert.equal(await update(names.port, 'example.com.', 'host 30 A 192.0.2.11'), Rcode.REFUSED);
  });
});

describe('a repository', { timeout: 120_000 }, () => {
  const files = { 'example.com': commented, _keys: keyLine };
  /** A service that has answered an update. */
  const updated = async (): Promise<Running> => {
    const names = await run({ zones: { git: 'zones.git' } });
    await served(names, 'example.com.');
    await until(
      () =>
        names.saidAbout('keys read').some(({ fields }) => (fields as { keys: number }).keys === 1),
      () => 'keys',
    );
    assert.equal(await update(names.port, 'example.com.', 'new 30 A 192.0.2.9'), Rcode.NOERROR);
    return names;
  };
  const writeAnUpdate = async (): Promise<void> => {
    const names = await updated();
    await until(
      () => names.saidAbout('zone file written').length > 0,
      () => 'the file is written',
    );
    await names.stop();
    running = undefined;
  };

  test('whose files were laid out before the last update was written is no edit of it', async () => {
    const { git } = makeRepository(house.folder, 'zones.git', files);
    const first = git('-C', 'zones.git', 'rev-parse', 'main');
    await writeAnUpdate();
    // As if it had been killed before it looked at its own commit, and in the middle of a look.
    const checkout = join(house.state, 'checkout');
    writeFileSync(join(house.state, 'commit'), first);
    writeFileSync(join(checkout, 'files', 'example.com'), commented);
    rmSync(join(checkout, 'index'));
    writeFileSync(join(checkout, 'index.lock'), '');
    // Nor while the branch cannot be read.
    const branch = join(house.folder, 'zones.git', 'refs', 'heads', 'main');
    renameSync(branch, join(house.folder, 'main'));
    const blind = await run({ zones: { git: 'zones.git' }, writeBack: false });
    await until(
      () => !blind.health.healthy,
      () => 'the branch is missed',
    );
    await blind.untilZone('example.com.', (zone) => zone?.serial === 2);
    assert.equal(await blind.data('new.example.com'), '192.0.2.9');
    renameSync(join(house.folder, 'main'), branch);
    await until(
      () => blind.health.healthy,
      () => 'the branch is found again',
    );
    const again = await run({ zones: { git: 'zones.git' } });
    assert.equal(await update(again.port, 'example.com.', 'newer 30 A 192.0.2.9'), Rcode.NOERROR);
    await until(
      () => git('-C', 'zones.git', 'show', 'main:example.com').endsWith('newer 30 A 192.0.2.9\n'),
      () => git('-C', 'zones.git', 'show', 'main:example.com'),
    );
    assert.equal(await again.data('new.example.com'), '192.0.2.9');
    assert.equal(again.zone('example.com.')?.serial, 3);
    for (const { said } of [blind, again])
      assert.ok(!said.some(({ event }) => event === 'zone served')); // nothing was read as an edit
  });

  test('whose branch may be older than what is served is not read before that is known', async () => {
    const { git } = makeRepository(house.folder, 'zones.git', files);
    const first = git('-C', 'zones.git', 'rev-parse', 'main').trim();
    await writeAnUpdate();
    const written = git('-C', 'zones.git', 'rev-parse', 'main').trim();
    assert.notEqual(written, first);

    // As a crash leaves it before the store's journal came to the branch; and somebody has the store.
    git('-C', 'zones.git', 'update-ref', 'refs/heads/main', first);
    const unlock = nodeDisk().lock(join(house.state, 'store', 'lock'))!;
    const behind = await run({ zones: { git: 'zones.git' } });
    await until(
      () =>
        behind
          .saidAbout('zones cannot be read: serving what is known')
          .some(({ fields }) =>
            String((fields as { error: Error }).error).includes('may be older'),
          ),
      () => JSON.stringify(behind.said),
    );
    assert.equal(behind.health.healthy, false);
    assert.equal(await behind.data('new.example.com'), '192.0.2.9');
    unlock();
    await until(
      () => git('-C', 'zones.git', 'rev-parse', 'main').trim() === written,
      () => 'the branch has what was written',
    );
    await until(
      () => behind.health.healthy,
      () => 'the branch is read',
    );
    assert.equal(await behind.data('new.example.com'), '192.0.2.9');
    assert.equal(behind.zone('example.com.')?.serial, 2);
    assert.ok(!behind.said.some(({ event }) => event === 'zone served')); // nothing was read as an edit
  });

  test('gets each update as a commit that says who asked for what; files of others are not touched', async () => {
    const { git, write, push } = makeRepository(house.folder, 'zones.git', {
      ...files,
      README: 'about our zones\n',
      'broken.example': 'not a zone\n',
    });
    const names = await updated();
    await until(
      () => git('-C', 'zones.git', 'log', '--oneline', 'main').trim().split('\n').length === 2,
      () => git('-C', 'zones.git', 'log', 'main'),
    );
    const shown = git('-C', 'zones.git', 'show', '--format=%an%n%B', 'main');
    assert.match(shown, /^k\._update\.example\.com\n/);
    assert.match(
      shown,
      /changed by 127\.0\.0\.1 with k\._update\.example\.com\. at \d{4}-.*serial 1 to 2/,
    );
    assert.match(shown, /\n\+ new 30 A 192\.0\.2\.9\n/);
    assert.deepEqual(
      git('-C', 'zones.git', 'diff', '--name-only', 'main~', 'main'),
      'example.com\n',
    );
    assert.match(shown, /\n\+new 30 A 192\.0\.2\.9\n/);
    git('-C', 'zones.git', 'fsck', '--strict');

    // Somebody edits and pushes while an update comes: both are there, and the serial rises by itself.
    git('-C', 'work', 'pull', '--quiet', 'origin', 'main');
    const text = readFileSync(join(house.folder, 'work', 'example.com'), 'utf8');
    write('example.com', text.replace('192.0.2.2', '192.0.2.4'));
    push('second');
    assert.equal(await update(names.port, 'example.com.', 'newer 30 A 192.0.2.10'), Rcode.NOERROR);
    await names.becomes('www.example.com', 'A', '192.0.2.4');
    assert.equal(await names.data('newer.example.com'), '192.0.2.10');
    await until(
      () => git('-C', 'zones.git', 'show', 'main:example.com').endsWith('newer 30 A 192.0.2.10\n'),
      () =>
        `${git('-C', 'zones.git', 'show', 'main:example.com')}\n${JSON.stringify(names.said.slice(-12))}`,
    );
    assert.match(git('-C', 'zones.git', 'show', 'main:example.com'), /192\.0\.2\.4 ; old machine/);
    assert.equal(existsSync(join(house.folder, 'zones.git', 'refs', 'heads', 'main.lock')), false);
  });

  test('elsewhere is kept in step both ways, and merged record by record', async () => {
    const { git, write, push } = makeRepository(house.folder, 'forge.git', files);
    writeFileSync(join(house.folder, 'secret'), 'between us\n');
    const followed = {
      zones: {
        git: 'zones.git', // made here
        remote: { url: join(house.folder, 'forge.git'), pullSeconds: 0 },
        hookSecretFile: 'secret',
      },
    };
    const names = await run(followed);
    const hook = async (headers: Record<string, string>, body = ''): Promise<boolean> => {
      const header = (name: string): string | undefined => headers[name];
      return names.service.hooks!['git']!({
        header,
        body: async () => new TextEncoder().encode(body),
      });
    };
    assert.equal(await hook({}), false);
    assert.equal(await hook({ 'x-gitlab-token': 'between you' }), false);
    assert.equal(await hook({ 'x-hub-signature-256': `sha256=${'00'.repeat(32)}` }, '{}'), false);
    const signature = createHmac('sha256', 'between us').update('{}').digest('hex');
    assert.equal(await hook({ 'x-hub-signature-256': `sha256=${signature}` }, '{}'), true);
    await served(names, 'example.com.');
    await until(
      () =>
        names.saidAbout('keys read').some(({ fields }) => (fields as { keys: number }).keys === 1),
      () => 'keys',
    );

    assert.equal(await update(names.port, 'example.com.', 'new 30 A 192.0.2.9'), Rcode.NOERROR);
    await until(
      () => git('-C', 'forge.git', 'show', 'main:example.com').includes('new 30 A 192.0.2.9'),
      () => git('-C', 'forge.git', 'log', 'main'),
    );

    // Both sides change other records: the forge gets ours, and we get theirs, by a push that finds them.
    git('-C', 'work', 'pull', '--quiet', 'origin', 'main');
    const file = join(house.folder, 'work', 'example.com');
    write('example.com', readFileSync(file, 'utf8').replace('192.0.2.2 ; old', '192.0.2.4 ; new'));
    push('theirs');
    assert.equal(await update(names.port, 'example.com.', 'newer 30 A 192.0.2.10'), Rcode.NOERROR);
    await names.becomes('www.example.com', 'A', '192.0.2.4');
    await until(
      () => {
        const text = git('-C', 'forge.git', 'show', 'main:example.com');
        return text.includes('192.0.2.4 ; new machine') && text.includes('newer 30 A 192.0.2.10');
      },
      () => `${git('-C', 'forge.git', 'show', 'main:example.com')}${JSON.stringify(names.said)}`,
    );
    assert.equal(await names.data('newer.example.com'), '192.0.2.10');
    git('-C', 'zones.git', 'fsck', '--strict');
    assert.deepEqual(names.health, { healthy: true });

    // Both change the same record: ours stays, and theirs is named until somebody has dealt with it.
    git('-C', 'work', 'pull', '--quiet', 'origin', 'main');
    write('example.com', readFileSync(file, 'utf8').replace('192.0.2.10', '192.0.2.11'));
    push('at odds');
    const ours = ['- newer 30 A 192.0.2.10', 'newer 30 A 192.0.2.12'];
    assert.equal(await update(names.port, 'example.com.', ...ours), Rcode.NOERROR);
    const complaint = (): string =>
      (running!.health as { complaints?: readonly string[] }).complaints?.join('\n') ?? '';
    await until(() => complaint().includes('both sides changed'), complaint);
    assert.equal(await names.data('newer.example.com'), '192.0.2.12');
    const told = complaint();
    const [kept = ''] = /refs\/heads\/conflict\/\w+/.exec(told) ?? [];
    await run(followed);
    await until(() => complaint() === told, complaint);
    git('-C', 'zones.git', 'update-ref', '-d', kept);
    await until(() => complaint() === '', complaint);
  });

  test('is frozen while its owner wishes', async () => {
    house.write('example.com', commented);
    house.write('_keys', keyLine);
    const names = await run();
    await served(names, 'example.com.');
    assert.equal(await update(names.port, 'example.com.', 'new 30 A 192.0.2.9'), Rcode.NOERROR);
    assert.deepEqual(await names.command('zone-freeze', 'example.com'), { frozen: 'example.com.' });
    assert.match(readFileSync(join(house.zones, 'example.com'), 'utf8'), /new 30 A/);
    assert.equal(await update(names.port, 'example.com.', 'more 30 A 192.0.2.9'), Rcode.REFUSED);
    assert.deepEqual(await names.command('zone-thaw', 'example.com'), { thawed: 'example.com.' });
    assert.equal(await update(names.port, 'example.com.', 'more 30 A 192.0.2.9'), Rcode.NOERROR);
    await assert.rejects(names.command('zone-thaw', 'example.com'), /was not frozen/);
    await assert.rejects(names.command('zone-freeze', 'example.net'), /no such zone/);
  });
});
