/** Primaries and secondaries of ours together, each a whole service with threads, sockets and disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { Rcode } from '@riad/dns/iana/rcodes';
import { exchange, until } from '@riad/name-server/testing/asking';
import { House, type Running, zoneText } from '@riad/service-dns-primary/testing/running-service';
import { keyLine, update, updateMessage } from '@riad/service-dns-primary/testing/update-client';
import {
  type RunningSecondary,
  SecondaryHouse,
} from '@riad/service-dns-secondary/testing/running-secondary';

const secret = Buffer.alloc(32, 9).toString('base64');
const keyOf = (name: string, algorithm = 163): string =>
  `${name} DNSKEY 0 3 ${algorithm} ${secret}\n`;
/** The key of a secondary that the primary does not know the address of. */
const hidden = keyOf('127.0.0.1._transfer.');

let house: House;
let copies: SecondaryHouse;
let more: SecondaryHouse;
const open = new Set<{ stop: () => Promise<void> }>();

beforeEach(() => {
  house = new House();
  copies = new SecondaryHouse();
  more = new SecondaryHouse();
});
afterEach(async () => {
  for (const running of [...open].reverse()) await running.stop();
  open.clear();
  for (const each of [house, copies, more]) each.remove();
});

async function primary(keys: Record<string, unknown> = {}, port = 0): Promise<Running> {
  const running = await house.run(keys, undefined, port);
  open.add(running);
  return running;
}

async function secondary(
  keys: Record<string, unknown>,
  at: SecondaryHouse = copies,
): Promise<RunningSecondary> {
  const running = await at.run(keys);
  open.add(running);
  return running;
}

async function stop(running: { stop: () => Promise<void> }): Promise<void> {
  open.delete(running);
  await running.stop();
}

const at = (port: number, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  address: '127.0.0.1',
  port,
  ...rest,
});

const transfersIn = (names: RunningSecondary): string[] =>
  names
    .saidAbout('zone transferred in')
    .map(({ fields }) => fields as { kind: string; shape: string; serial: number })
    .map(({ kind, shape, serial }) => `${kind} ${shape} ${serial}`);

/** What is published is answered before it is logged. */
const untilTransfer = (copy: RunningSecondary, last: string): Promise<unknown> =>
  until(
    () => transfersIn(copy).at(-1) === last,
    () => `transfers: ${transfersIn(copy).join(', ')} instead of ${last}`,
  );

describe('primary and secondary', { timeout: 180_000 }, () => {
  test('an update reaches a secondary at once, by NOTIFY and as a difference', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    house.write('_keys', `${keyLine}${keyOf('s._transfer.example.com.', 165)}`);
    copies.key(keyOf('s._transfer.example.com.', 165));
    let names = await primary();
    const key = 's._transfer.example.com.';
    const copy = await secondary({
      zones: [{ name: 'example.com', primaries: [at(names.port, { key })] }],
    });
    await copy.becomes('www.example.com', 'A', '192.0.2.1');
    // Told by its address from now on.
    await stop(names);
    names = await primary({ alsoNotify: [at(copy.port, { key })] }, names.port);
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    assert.equal(await update(names.port, 'example.com.', 'new 60 A 192.0.2.9'), Rcode.NOERROR);
    await copy.becomes('new.example.com', 'A', '192.0.2.9');
    await untilTransfer(copy, 'ixfr changes 2');
    // TTL alone (dns: a change like any other).
    await update(names.port, 'example.com.', 'new 30 A 192.0.2.9');
    await copy.untilZone('example.com.', (zone) => zone?.serial === 3);
    const { answers } = await copy.ask('new.example.com');
    assert.deepEqual(
      answers.map(({ ttlSeconds }) => ttlSeconds),
      [30],
    );
    await until(
      () => (names.service.status() as { notifies: { pending: number } }).notifies.pending === 0,
      () => 'NOTIFY goes on',
    );
  });

  test('a root key is all there is to configure: zones are found, later ones too, over one connection', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('two.example', zoneText(1, '192.0.2.2'));
    house.write('_keys', `${hidden}${keyLine}`);
    copies.key(hidden);
    let names = await primary();
    const copy = await secondary({ primaries: [at(names.port)] });
    await copy.becomes('www.one.example', 'A', '192.0.2.1');
    await copy.becomes('www.two.example', 'A', '192.0.2.2');
    assert.deepEqual(
      copy.zones.map(({ origin }) => origin),
      ['notify', 'notify'],
    );
    house.write('example.com', zoneText(1, '192.0.2.3'));
    await copy.becomes('www.example.com', 'A', '192.0.2.3');
    await update(names.port, 'example.com.', 'new 60 A 192.0.2.9');
    await copy.becomes('new.example.com', 'A', '192.0.2.9');
    await untilTransfer(copy, 'ixfr changes 2');
    // The connection is lost with the primary, and there again soon after it.
    await stop(names);
    await until(
      () => copy.saidAbout('connection for announcements lost').length > 0,
      () => 'not lost',
    );
    names = await primary({}, names.port);
    await names.becomes('www.example.com', 'A', '192.0.2.3');
    await until(
      () => copy.saidAbout('primary announces over a connection').length === 2,
      () => 'not there again',
    );
    assert.equal(await update(names.port, 'example.com.', 'newer 60 A 192.0.2.8'), Rcode.NOERROR);
    await copy.becomes('newer.example.com', 'A', '192.0.2.8');
    // All of it outlives a restart without the primary.
    await stop(names);
    await stop(copy);
    const again = await secondary({ primaries: [at(names.port)] });
    assert.equal(await again.data('newer.example.com'), '192.0.2.8');
    assert.equal(await again.data('www.two.example'), '192.0.2.2');
    assert.equal(again.zones.length, 3);
  });

  test('keys bring no more zones than they may, and strangers none', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('two.example', zoneText(1, '192.0.2.2'));
    house.write('_keys', hidden);
    copies.key(hidden);
    const names = await primary();
    const copy = await secondary({ primaries: [at(names.port)], maxAddedPerKey: 1 });
    await until(
      () => copy.saidAbout('NOTIFY refused').length > 0 && copy.zones[0]?.state === 'fresh',
      () => JSON.stringify(copy.zones),
    );
    assert.equal(copy.zones.length, 1);
    // An unsigned one from elsewhere is refused, too; this primary has no key for it.
    await stop(names);
    const stranger = await primary({ alsoNotify: [at(copy.port)] });
    await until(
      () => stranger.saidAbout('secondary not told').length > 0,
      () => 'told',
    );
    assert.equal(copy.zones.length, 1);
  });

  test('a key with a zone in its name is all there is to configure, and another on the fly', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('two.example', zoneText(1, '192.0.2.2'));
    const [one, two] = ['one', 'two'].map((zone) => keyOf(`127.0.0.1._transfer.${zone}.example.`));
    house.write('_keys', `${one}${two}`);
    copies.key(one!);
    const names = await primary();
    const copy = await secondary({ primaries: [at(names.port)] });
    await copy.becomes('www.one.example', 'A', '192.0.2.1');
    assert.equal(await copy.data('www.two.example'), `rcode ${Rcode.REFUSED}`);
    copies.key(two!);
    await copy.becomes('www.two.example', 'A', '192.0.2.2');
    assert.deepEqual(
      copy.zones.map(({ origin }) => origin),
      ['key', 'key'],
    );
    await assert.rejects(copy.command('zone-remove', 'one.example') as Promise<unknown>, /key/);
    // Without its key a zone stays, and that is said.
    rmSync(join(copies.state, 'keys', '127.0.0.1._transfer.one.example.key'));
    await until(
      () => JSON.stringify(copy.health).includes('one.example.: nobody is known'),
      () => JSON.stringify(copy.health),
    );
    assert.equal(await copy.data('www.one.example'), '192.0.2.1');
    await copy.command('zone-remove', 'one.example');
    assert.equal(await copy.data('www.one.example'), `rcode ${Rcode.REFUSED}`);
  });

  test('a chain: the second secondary has what the first has, differences too, and expires no later', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    house.write('_keys', `${hidden}${keyLine}`);
    for (const each of [copies, more]) each.key(hidden);
    const names = await primary();
    const first = await secondary({ primaries: [at(names.port)] });
    await first.becomes('www.example.com', 'A', '192.0.2.1');
    const second = await secondary({ primaries: [at(first.port)] }, more);
    await second.becomes('www.example.com', 'A', '192.0.2.1');
    await update(names.port, 'example.com.', 'new 60 A 192.0.2.9');
    await second.becomes('new.example.com', 'A', '192.0.2.9');
    await untilTransfer(second, 'ixfr changes 2');
    const left = (copy: RunningSecondary): number => copy.zone('example.com.')!.expiresInSeconds!;
    assert.ok(left(second) <= left(first), `${left(second)} and ${left(first)}`);
    // Time goes by while the primary is gone: the first has less to grant (RFC 7314 §4).
    await stop(names);
    for (const each of [copies, more]) each.ahead = 1_000_000;
    const before = second.zone('example.com.')?.confirmedAt;
    await until(
      async () => {
        await second.command('zone-refresh', 'example.com');
        return second.zone('example.com.')?.confirmedAt !== before;
      },
      () => JSON.stringify(second.zones),
    );
    assert.ok(left(second) <= 1_419_200, String(left(second)));
    await second.command('zone-retransfer', 'example.com');
    await second.untilZone('example.com.', (zone) => zone?.doing === undefined);
    await untilTransfer(second, 'axfr zone 2');
    assert.ok(left(second) <= 1_419_200, String(left(second)));
    // An update is the primary's.
    const message = updateMessage('example.com.', ['x 60 A 192.0.2.9']);
    assert.equal((await exchange(first.port, message)).rcode, Rcode.REFUSED);
  });

  test('a catalog that the primary makes: a file brings a zone, its removal takes it away', async () => {
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('_keys', hidden);
    copies.key(hidden);
    const names = await primary({ catalogs: [{ name: 'cat.example' }] });
    // Its key lets the primary bring zones by NOTIFY as well, which is often quicker.
    const copy = await secondary({
      primaries: [at(names.port)],
      catalogs: [{ name: 'cat.example' }],
    });
    const isMember = (zone: string): Promise<void> =>
      copy.untilZone(zone, (status) => status?.catalog === 'cat.example.');
    await copy.becomes('www.one.example', 'A', '192.0.2.1');
    await isMember('one.example.');
    house.write('two.example', zoneText(7, '192.0.2.2'));
    await copy.becomes('www.two.example', 'A', '192.0.2.2');
    await isMember('two.example.');
    const remove = async (zone: string): Promise<void> => {
      rmSync(join(house.zones, zone));
      await names.untilZone(`${zone}.`, (status) => status?.trouble === 'missing');
      await names.command('zone-remove', zone);
      await copy.becomes(`www.${zone}`, 'A', `rcode ${Rcode.REFUSED}`);
    };
    await remove('two.example');
    assert.equal(await copy.data('www.one.example'), '192.0.2.1');
    // The same name again is another zone, whose serial begins where it likes.
    house.write('two.example', zoneText(3, '192.0.2.3'));
    await copy.becomes('www.two.example', 'A', '192.0.2.3');
    await isMember('two.example.');
    await remove('one.example');
  });

  test('a catalog: its zones come and go with it, and only those', async () => {
    const catalog = (serial: number, ...members: string[]): string =>
      `@ 60 SOA invalid. invalid. ${serial} 3600 600 86400 0
@ 60 NS invalid.
version 60 TXT "2"
${members.join('\n')}\n`;
    house.write(
      'cat.example',
      catalog(1, 'a.zones 60 PTR one.example.', 'x.zones 60 PTR example.com.'),
    );
    house.write('one.example', zoneText(1, '192.0.2.1'));
    house.write('two.example', zoneText(1, '192.0.2.2'));
    house.write('example.com', zoneText(1, '192.0.2.3'));
    const keys = { access: { transfer: ['127.0.0.1'] } };
    const names = await primary(keys);
    const config = {
      catalogs: [{ name: 'cat.example', primaries: [at(names.port)] }],
      zones: [{ name: 'example.com', primaries: [at(names.port)] }],
    };
    let copy = await secondary(config);
    await copy.becomes('www.one.example', 'A', '192.0.2.1');
    assert.equal(copy.zone('one.example.')?.catalog, 'cat.example.');
    house.write(
      'cat.example',
      catalog(2, 'b.zones 60 PTR two.example.', 'x.zones 60 PTR example.com.'),
    );
    await names.untilZone('cat.example.', (zone) => zone?.serial === 2);
    await copy.command('zone-refresh', 'cat.example');
    await copy.becomes('www.two.example', 'A', '192.0.2.2');
    await copy.becomes('www.one.example', 'A', `rcode ${Rcode.REFUSED}`);
    await assert.rejects(copy.command('zone-remove', 'two.example') as Promise<unknown>, /catalog/);
    // Broken, it changes nothing.
    house.write('cat.example', catalog(3, 'version 60 TXT "3"', 'b.zones 60 PTR one.example.'));
    await names.untilZone('cat.example.', (zone) => zone?.serial === 3);
    await copy.command('zone-refresh', 'cat.example');
    await until(
      () => JSON.stringify(copy.health).includes('cat.example.: a catalog zone has no version'),
      () => JSON.stringify(copy.health),
    );
    assert.equal(await copy.data('www.two.example'), '192.0.2.2');
    // A restart knows which came from it; without the catalog those go.
    await stop(copy);
    copy = await secondary({ zones: config.zones });
    assert.equal(await copy.data('www.two.example'), `rcode ${Rcode.REFUSED}`);
    assert.equal(await copy.data('www.example.com'), '192.0.2.3');
    assert.deepEqual(
      copy.zones.map(({ zone }) => zone),
      ['example.com.'],
    );
    assert.equal(existsSync(join(copies.state, 'secondary.json')), true);
  });

  const missing = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here';
  test('over TLS, from who has the right key and from nobody else', { skip: missing }, async () => {
    const certificate = join(house.folder, 'crt');
    const key = join(house.folder, 'key');
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '1', '-subj', '/CN=ns.example', '-addext', 'subjectAltName=DNS:ns.example'],
      ...['-out', certificate, '-keyout', key],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const cert = readFileSync(certificate, 'utf8');
    const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
    const pin = createHash('sha256').update(spki).digest('base64');
    house.write('example.com', zoneText(1, '192.0.2.1'));
    const names = await primary({ access: { transfer: ['127.0.0.1'] } });
    let connections = 0;
    const front = createTlsServer(
      { cert, key: readFileSync(key, 'utf8'), ALPNProtocols: ['dot'] },
      (socket) => {
        connections++;
        const behind = connect(names.port, '127.0.0.1');
        for (const each of [socket, behind]) each.on('error', () => each.destroy());
        socket.pipe(behind).pipe(socket);
      },
    );
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    open.add({ stop: async () => void front.close() });
    const { port } = front.address() as AddressInfo;
    const from = (tls: Record<string, unknown>): Record<string, unknown> => ({
      zones: [{ name: 'example.com', primaries: [at(port, { tls })] }],
    });
    let copy = await secondary(from({ pins: [Buffer.alloc(32).toString('base64')] }));
    await copy.untilZone('example.com.', (zone) => (zone?.failures ?? 0) > 0);
    assert.equal(copy.zone('example.com.')?.state, 'absent');
    assert.match(
      JSON.stringify(copy.saidAbout('primary not reached')),
      /another key than the pinned/,
    );
    await stop(copy);
    for (const tls of [{ pins: [pin] }, { name: 'ns.example', caFile: certificate }]) {
      const before = connections;
      copy = await secondary(from(tls));
      await copy.becomes('www.example.com', 'A', '192.0.2.1');
      await until(
        () => copy.zone('example.com.')?.doing === undefined,
        () => JSON.stringify(copy.zones),
      );
      await copy.command('zone-refresh', 'example.com');
      // The query for the SOA goes that way, too.
      await until(
        () => connections >= before + 1,
        () => 'not over TLS',
      );
      await stop(copy);
    }
  });
});
