/** `riad update` against the service itself, and against servers that go wrong. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import {
  House,
  type Running,
  until,
  zoneText,
} from '@riad/service-dns-primary/testing/running-service';
import { CollectedOutput } from '../testing/collected-output.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { run, type UpdateOptions } from './update.ts';
import { type AddressOptions, run as runAddress } from './update-address.ts';

const secret = 'c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGFueWJvZHk=';
const key = `k._update.example.com:SHA384:${secret}`;
const house = new House();
let server: Running;
before(async () => {
  const more = 'alias CNAME www.example.net.\nsub NS ns.sub\nns.sub A 192.0.2.9\n';
  house.write('example.com', zoneText(1, '192.0.2.80', more));
  house.write(
    '_keys',
    `k._update.example.com. DNSKEY 0 3 164 ${secret}\nt._transfer.example.com. DNSKEY 0 3 164 ${secret}\n`,
  );
  server = await house.run();
  await server.untilZone('example.com.', (status) => status?.serial === 1);
});
after(async () => {
  await server.stop();
  house.remove();
});

type Ended = { status: number; text: string; errors: string };

async function update(
  action: 'add' | 'delete' | 'script',
  words: readonly string[],
  options: Partial<UpdateOptions> = {},
): Promise<Ended> {
  const output = new CollectedOutput();
  const place = { server: '127.0.0.1', port: String(server.port), timeout: '5', key };
  const status = await run(action, words, { ...place, ...options }, output);
  return { status, text: output.text, errors: output.errors };
}

async function good(action: 'add' | 'delete', ...words: string[]): Promise<void> {
  const { status, errors } = await update(action, words);
  assert.equal(status, 0, errors);
}

describe('riad update', { timeout: 60_000 }, () => {
  test('adds and deletes, with the zone found by asking', async () => {
    await good('add', 'new.example.com', '60', 'A', '192.0.2.1');
    await good('add', 'new.example.com.', '1m', 'A', '192.0.2.2');
    assert.equal(await server.data('new.example.com.'), '192.0.2.1, 192.0.2.2');
    await good('delete', 'new.example.com', 'A', '192.0.2.1');
    assert.equal(await server.data('new.example.com.'), '192.0.2.2');
    await good('delete', 'new.example.com', 'a');
    assert.equal(await server.data('new.example.com.'), 'rcode 3');
    // An alias, what is delegated and what does not exist lie in this zone all the same.
    for (const name of ['alias.example.com', 'ns.sub.example.com', 'a.b.c.example.com']) {
      const { errors } = await update('delete', [name, 'TXT']);
      assert.equal(errors, 'example.com.: 1 change taken\n');
    }
  });

  test('what the shell unquoted is quoted again', async () => {
    await good('add', 'q.example.com', '60', 'TXT', 'v=spf1 -all; (not "this")');
    assert.equal(
      await server.data('q.example.com.', 'TXT'),
      '"v=spf1 -all; (not \\"this\\")"'.replaceAll(/\s+/g, ' '),
    );
    await good('delete', 'q.example.com');
    await good('add', 'q.example.com', '60', 'TXT', '"a b" c', 'd');
    await good('delete', 'q.example.com');
    await good('add', 'q.example.com', '60', 'MX', '10 mail.example.com');
    await good('add', 'q.example.com', '60', 'CAA', '0', 'issue', 'ca.example; x=1');
    assert.equal(await server.data('q.example.com.', 'CAA'), '0 issue "ca.example; x=1"');
    assert.equal(await server.data('q.example.com.', 'MX'), '10 mail.example.com.');
    await good('delete', 'q.example.com', 'MX', '10', 'mail.example.com');
    await good('delete', 'q.example.com');
  });

  test('a script: prerequisites and changes in one message, an answer, several messages', async () => {
    const file = join(house.folder, 'script');
    const { port, ...noPort } = { port: server.port };
    assert.deepEqual(noPort, {});
    writeFileSync(
      file,
      `server 127.0.0.1 ${port}
key hmac-sha384:k._update.example.com ${secret}
prereq nxdomain s.example.com
update add s.example.com 60 A 192.0.2.1
update add s.example.com 60 AAAA 2001:db8::1
send
answer
prereq nxdomain s.example.com
update add s.example.com 60 A 192.0.2.66
send
zone example.com
prereq yxrrset s.example.com A 192.0.2.1
update delete s.example.com
`,
    );
    const output = new CollectedOutput();
    const options = { server: '192.0.2.254', timeout: '5' };
    assert.equal(await run('script', [file], options, output), 1, 'one was refused');
    assert.match(output.text, /opcode: UPDATE, status: NOERROR/);
    assert.deepEqual(output.errors.trim().split('\n'), [
      'example.com.: 2 changes taken',
      'example.com.: not changed: YXDOMAIN: a name that should not exist does',
      'example.com.: 1 change taken',
    ]);
    assert.equal(await server.data('s.example.com.'), 'rcode 3');
    const json = await update('add', ['s.example.com', '60', 'A', '192.0.2.1'], { json: true });
    assert.deepEqual(JSON.parse(json.text), [
      { zone: 'example.com.', rcode: 'NOERROR', good: true },
    ]);
    await good('delete', 's.example.com');
  });

  test('nothing is sent of a script with a wrong line, and every such line is told', async () => {
    const file = join(house.folder, 'wrong');
    writeFileSync(file, 'update add w.example.com 60 A 192.0.2.1\nsend\nupdate ad x\nzone a b\n');
    await assert.rejects(update('script', [file]), (error: Error) => {
      assert.equal(error.name, 'Refusal');
      assert.match(error.message, /wrong:3:8: .*\n.*wrong:4:8: /);
      return true;
    });
    assert.equal(await server.data('w.example.com.'), 'rcode 3');
  });

  test('refusals say what is the matter', async () => {
    const record = ['x.example.com', '60', 'A', '192.0.2.1'];
    const lesser = await update('add', record, { key: `t._transfer.example.com:SHA384:${secret}` });
    assert.equal(lesser.status, 1);
    assert.match(lesser.errors, /not changed: REFUSED: its key has a lesser right/);
    const { key: _, ...bare } = { key };
    const unsigned = new CollectedOutput();
    const place = { server: '127.0.0.1', port: String(server.port), timeout: '5', ...bare };
    assert.equal(await run('add', record, place, unsigned), 1);
    assert.match(unsigned.errors, /REFUSED: it is not signed/);
    const outside = await update('add', ['x.example.net', '60', 'A', '192.0.2.1'], {
      zone: 'example.com',
    });
    assert.match(outside.errors, /NOTZONE/);
    for (const [words, options, expected] of [
      [record, { key: `x${key}` }, /does not know the key/],
      [
        ['x.example.net', '60', 'A', '192.0.2.1'],
        {},
        /has no zone for x\.example\.net\. \(REFUSED\)/,
      ],
      [['x.example.com', '60', 'A', '192.0.2.300'], {}, /command line:1:\d+: /],
      [['x.example.com', '60', 'A'], {}, /NAME TTL TYPE DATA/],
      [['x.example.com', '60', 'TXT', 'a\nb'], {}, /one line/],
      [record, { server: 'ns.example' }, /not an IP address/],
    ] as const) {
      await assert.rejects(update('add', words, options), (error: Error) => {
        assert.match(error.message, expected);
        assert.equal(error.name, 'Refusal');
        return true;
      });
    }
  });

  test('an unsigned NOERROR is not believed', async () => {
    await using fake = await fakeServer((octets) => {
      const decoded = decodeMessage(octets);
      assert.ok(decoded.ok);
      const { tsig: _, ...request } = decoded.value;
      return [
        encodeMessage({
          ...request,
          answers: [],
          authorities: [],
          flags: { ...noFlags, qr: true },
        }),
      ];
    });
    await assert.rejects(
      update('add', ['x.example.com', '60', 'A', '192.0.2.1'], {
        zone: 'example.com',
        port: String(fake.port),
      }),
      /is not signed \(NOERROR\)/,
    );
  });
});

describe('riad update address', { timeout: 60_000 }, () => {
  const base = (): AddressOptions => ({
    server: '127.0.0.1',
    port: String(server.port),
    timeout: '5',
    key,
    ttl: '60',
    every: '0.02',
    confirm: '3600',
  });
  const set = async (name: string, options: Partial<AddressOptions>): Promise<Ended> => {
    const output = new CollectedOutput();
    const status = await runAddress(name, { ...base(), ...options }, output);
    return { status, text: output.text, errors: output.errors };
  };
  const serial = async (): Promise<number> =>
    Number((await server.data('example.com.', 'SOA')).split(' ')[2]);

  test('sets what differs, and only that', async () => {
    const both = ['192.0.2.5', '2001:db8::5'];
    const first = await set('home.example.com', { address: both });
    assert.match(first.errors, /home\.example\.com\. has now A 192\.0\.2\.5, AAAA 2001:db8::5/);
    assert.equal(await server.data('home.example.com.', 'AAAA'), '2001:db8::5');
    const before = await serial();
    const again = await set('home.example.com', { address: ['2001:DB8::5', '192.0.2.5'] });
    assert.match(again.errors, /has the address already/);
    assert.equal(await serial(), before);
    const other = await set('home.example.com', { address: ['192.0.2.6'], json: true });
    assert.deepEqual(JSON.parse(other.text), {
      name: 'home.example.com.',
      good: true,
      changes: ['A 192.0.2.6'],
    });
    assert.equal(await server.data('home.example.com.'), '192.0.2.6');
    assert.equal(await server.data('home.example.com.', 'AAAA'), '2001:db8::5', 'left alone');
    assert.equal(await serial(), before + 1);
  });

  test('the address that leads to the server; an interface says that there is no other', async () => {
    await set('here.example.com', {});
    assert.equal(await server.data('here.example.com.'), '127.0.0.1');
    await set('home.example.com', { address: ['2001:db8::7'] });
    const outcome = await set('home.example.com', { interface: 'lo' });
    assert.equal(outcome.status, 0, outcome.errors);
    assert.equal(await server.data('home.example.com.'), '127.0.0.1');
    assert.notEqual(await server.data('home.example.com.', 'AAAA'), '2001:db8::7');
  });

  test('refusals', async () => {
    await assert.rejects(set('alias.example.com', { address: ['192.0.2.1'] }), /is an alias/);
    await assert.rejects(set('x.example.com', { address: ['host'] }), /not an IP address/);
    await assert.rejects(set('x.example.com', { address: ['::1'], interface: 'lo' }), /not both/);
    const lesser = { address: ['192.0.2.1'], key: `t._transfer.example.com:SHA384:${secret}` };
    assert.equal((await set('x.example.com', lesser)).status, 1);
  });

  test('watching: it goes on after failures, sets the address once, and ends when told', async () => {
    let queries = 0;
    await using fake = await fakeServer(() => {
      queries++;
      return [];
    });
    const output = new CollectedOutput();
    const stop = new AbortController();
    const options = { ...base(), watch: true, address: ['192.0.2.9'] };
    const failing = runAddress(
      'watch.example.com',
      { ...options, port: String(fake.port) },
      output,
      stop.signal,
    );
    await until(
      () => queries > 2,
      () => `${queries} queries`,
    );
    stop.abort();
    assert.equal(await failing, 0);
    assert.match(output.errors, /closed without an answer/);
    const second = new AbortController();
    const watched = new CollectedOutput();
    const watching = runAddress('watch.example.com', options, watched, second.signal);
    await server.becomes('watch.example.com.', 'A', '192.0.2.9');
    await until(
      () => watched.errors !== '',
      () => 'told',
    );
    second.abort();
    assert.equal(await watching, 0);
    assert.equal(watched.errors, 'watch.example.com. has now A 192.0.2.9\n');
  });

  test('watching: what the server has lost is set again', async () => {
    const stop = new AbortController();
    const watched = new CollectedOutput();
    const options = { ...base(), watch: true, confirm: '0.05', address: ['192.0.2.9'] };
    const watching = runAddress('lost.example.com', options, watched, stop.signal);
    await server.becomes('lost.example.com.', 'A', '192.0.2.9');
    await good('delete', 'lost.example.com');
    await server.becomes('lost.example.com.', 'A', '192.0.2.9');
    stop.abort();
    assert.equal(await watching, 0);
    const told = watched.errors.trimEnd().split('\n');
    assert.deepEqual([...new Set(told)], ['lost.example.com. has now A 192.0.2.9']);
  });
});
