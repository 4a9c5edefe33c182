/** The service with a primary that does as it is told: what comes of transfers, restarts, time and orders. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { exchange, until } from '@riad/name-server/testing/asking';
import { type RunningSecondary, SecondaryHouse } from './testing/running-secondary.ts';
import {
  answerWith,
  givingZone,
  type Script,
  ScriptedPrimary,
  type Version,
} from './testing/scripted-primary.ts';

const zone = 'example.com.';
let house: SecondaryHouse;
let running: RunningSecondary | undefined;
let primary: ScriptedPrimary | undefined;
let version: Version;

beforeEach(() => {
  house = new SecondaryHouse();
  version = { serial: 1, more: 'www 60 A 192.0.2.2\n' };
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await primary?.close();
  primary = undefined;
  house.remove();
});

async function startPrimary(script: Script = givingZone(zone, () => version)): Promise<number> {
  primary = await ScriptedPrimary.open(script);
  return primary.port;
}

const from = (port: number): Record<string, unknown> => ({
  zones: [{ name: 'example.com', primaries: [{ address: '127.0.0.1', port }] }],
});

async function run(keys: Record<string, unknown>): Promise<RunningSecondary> {
  await running?.stop();
  running = undefined;
  running = await house.run(keys);
  return running;
}

const serialBecomes = (names: RunningSecondary, serial: number): Promise<void> =>
  names.untilZone(zone, (status) => status?.serial === serial);
/** RCODE and extended errors (RFC 8914) of an answer. */
async function failure(
  names: RunningSecondary,
  name: string = 'www.example.com',
  type: string = 'A',
): Promise<string> {
  const question = { name: parseName(`${name}.`), type: parseRecordType(type)!, class: 1 };
  const { rcode, edns } = await exchange(
    names.port,
    encodeMessage({
      ...{ id: 4711, opcode: 0, rcode: 0, flags: noFlags, questions: [question] },
      ...{ answers: [], authorities: [], additionals: [] },
      edns: { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] },
    }),
  );
  const errors = (edns?.options ?? []).filter(({ code }) => code === EdnsOptionCode.EDE);
  const codes = errors.map(({ octets }) => (octets[0]! << 8) | octets[1]!);
  return [`rcode ${rcode}`, ...codes].join(' ');
}
const { InvalidData, NoReachableAuthority, NotReady } = ExtendedError;
const expired = `rcode ${Rcode.SERVFAIL} ${InvalidData} ${NoReachableAuthority}`;
const notReady = `rcode ${Rcode.SERVFAIL} ${NotReady}`;

describe('a secondary', { timeout: 120_000 }, () => {
  test('transfers, answers over UDP and TCP, and takes what is newer when told to look', async () => {
    const names = await run(from(await startPrimary()));
    await names.becomes('www.example.com', 'A', '192.0.2.2');
    assert.equal(await names.data('www.example.com', 'A', 'tcp'), '192.0.2.2');
    assert.deepEqual(primary!.asked, ['tcp AXFR']);
    version = { serial: 2, more: 'www 60 A 192.0.2.3\n' };
    await until(
      async () => {
        await names.command('zone-refresh', 'example.com');
        return (await names.data('www.example.com')) === '192.0.2.3';
      },
      () => JSON.stringify(names.zones),
    );
    assert.deepEqual(primary!.asked.slice(1, 3), ['udp SOA', 'tcp IXFR']);
    await serialBecomes(names, 2); // what is served is told a moment later
    const status = names.zone(zone)!;
    assert.deepEqual(
      [status.state, status.serial, status.origin, status.failures],
      ['fresh', 2, 'configured', 0],
    );
    assert.ok(status.expiresInSeconds! > 1_209_000);
    assert.deepEqual(names.health, { healthy: true });
    const figures = await names.metrics();
    assert.match(figures, /riad_dns_zones\{state="fresh"\} 1/);
    assert.match(figures, /riad_dns_primary_questions_total\{kind="axfr"\} 1/);
    assert.match(figures, /riad_dns_zone_serial\{zone="example.com."\} 2/);
  });

  test('with the primary gone, a restart answers as before, from a snapshot or without', async () => {
    const keys = from(await startPrimary());
    let names = await run(keys);
    await names.becomes('www.example.com', 'A', '192.0.2.2');
    await primary!.close();
    primary = undefined;
    for (const loss of [undefined, 'zones.snapshot', 'secondary.json']) {
      await running!.stop();
      running = undefined;
      if (loss !== undefined) rmSync(join(house.state, loss), { force: true });
      names = await run(keys);
      assert.equal(await names.data('www.example.com'), '192.0.2.2', String(loss));
      // Without the file the journal knows when it came.
      assert.equal(names.zone(zone)?.state, 'fresh', String(loss));
      await names.untilZone(zone, (status) => status?.trouble?.detail === 'primary.unreachable');
    }
  });

  test('expires when nobody confirms it, says SERVFAIL, over restarts too, and is there again', async () => {
    version = { ...version, expire: 7200 };
    const port = await startPrimary();
    let names = await run(from(port));
    await serialBecomes(names, 1);
    await names.stop();
    running = undefined;
    await primary!.close();
    const confirmedAt = (
      JSON.parse(readFileSync(join(house.state, 'secondary.json'), 'utf8')) as {
        zones: Record<string, { facts: { confirmedAt: number } }>;
      }
    ).zones[zone]!.facts.confirmedAt;
    const aheadFor = (wall: number): number => wall - Math.floor(Date.now() / 1000);
    house.ahead = aheadFor(confirmedAt + 7200 - 60);
    names = await run(from(port));
    assert.equal(await names.data('www.example.com'), '192.0.2.2');
    await names.stop();
    running = undefined;
    house.ahead = aheadFor(confirmedAt + 7200);
    names = await run(from(port));
    assert.equal(await failure(names), expired);
    assert.equal(names.zone(zone)?.state, 'expired');
    assert.equal(names.health.healthy, false);
    // It goes on asking.
    primary = await ScriptedPrimary.open(
      givingZone(zone, () => version),
      port,
    );
    await names.command('zone-refresh', zone);
    await until(
      async () => {
        await names.command('zone-refresh', zone);
        return (await names.data('www.example.com')) === '192.0.2.2';
      },
      () => JSON.stringify(names.zones),
    );
    await names.untilZone(zone, (status) => status?.state === 'fresh');
    assert.deepEqual(names.health, { healthy: true });
    // That it was good again is remembered as well.
    names = await run(from(port));
    assert.equal(await names.data('www.example.com'), '192.0.2.2');
  });

  test('expires while it runs', async () => {
    version = { ...version, expire: 1 };
    const names = await run(from(await startPrimary()));
    await serialBecomes(names, 1);
    await until(
      async () => (await failure(names)) === expired,
      () => JSON.stringify(names.zones),
    );
    assert.equal(names.saidAbout('zone expired').length > 0, true);
  });

  test('says SERVFAIL for a zone that has not come yet, and not what its parent would', async () => {
    const ds = `example 60 DS 1 13 2 ${'00'.repeat(32)}`;
    const parent = givingZone('com.', () => ({ serial: 1, more: `example 60 NS ns\n${ds}\n` }));
    const child = givingZone(zone, () => version);
    let given = false;
    const script: Script = (query, ...rest) =>
      query.questions[0]?.name.length === 5
        ? parent(query, ...rest)
        : given
          ? child(query, ...rest)
          : Rcode.REFUSED;
    const port = await startPrimary(script);
    const primaries = [{ address: '127.0.0.1', port }];
    const com = { name: 'com', primaries };
    const both = { zones: [com, { name: 'example.com', primaries }] };
    let names = await run({ ...both, access: { transfer: ['127.0.0.1'] } });
    await names.becomes('ns.com', 'A', '192.0.2.1');
    for (const type of ['A', 'SOA', 'NS'])
      assert.equal(await failure(names, 'example.com', type), notReady);
    assert.equal(await names.data('www.example.com', 'A', 'tcp'), `rcode ${Rcode.SERVFAIL}`);
    assert.match(await names.data('example.com', 'DS'), /^1 13 2/, 'that is the parent’s to say');
    assert.equal(await failure(names, 'other.com'), `rcode ${Rcode.NXDOMAIN}`);
    assert.equal(await failure(names, 'elsewhere.test'), `rcode ${Rcode.REFUSED} 20`);
    const axfr = await exchange(names.port, transferQuery(parseName(zone), 1, undefined));
    assert.equal(axfr.rcode, Rcode.SERVFAIL);
    const away = await exchange(
      names.port,
      transferQuery(parseName('elsewhere.test.'), 1, undefined),
    );
    assert.equal(away.rcode, Rcode.NOTAUTH);
    assert.equal(names.zone(zone)?.state, 'absent');
    // Over restarts, too, with a snapshot or without.
    for (const loss of [undefined, 'zones.snapshot']) {
      await running!.stop();
      running = undefined;
      if (loss !== undefined) rmSync(join(house.state, loss), { force: true });
      names = await run(both);
      assert.equal(await failure(names), notReady, String(loss));
    }
    // Who is not named any more is nobody's again, whatever is lost.
    await running!.stop();
    running = undefined;
    rmSync(join(house.state, 'secondary.json'), { force: true });
    names = await run({ zones: [com] });
    assert.equal(await failure(names), `rcode ${Rcode.NOERROR}`, 'its parent refers to it again');
    names = await run(both);
    assert.equal(await failure(names), notReady);
    given = true;
    await names.command('zone-retransfer', zone);
    await names.becomes('www.example.com', 'A', '192.0.2.2');
  });

  describe('broken transfers change nothing', () => {
    const good = givingZone(zone, () => version);
    const soa2 = '@ 60 SOA ns h 2 3600 900 1209600 60\n';
    for (const [why, script, code] of [
      ['refused', () => Rcode.REFUSED, 'transfer.rcode'],
      [
        'cut before the end',
        (query) => [answerWith(query, zone, `${soa2}@ 60 NS ns\n`), 'cut'],
        'transfer.cut-short',
      ],
      ['closed without a word', () => ['cut'], 'primary.unreachable'],
      [
        'a zone without NS',
        (query) => [answerWith(query, zone, `${soa2}a 60 A 192.0.2.9\n${soa2}`)],
        'transfer.zone',
      ],
      [
        'another id',
        (query) => [answerWith({ ...query, id: query.id ^ 1 }, zone, soa2)],
        'transfer.not-this',
      ],
      ['garbage', (query) => [answerWith(query, zone, soa2).slice(0, 30)], 'transfer.message'],
      [
        'older than ours',
        (query) => [answerWith(query, zone, soa2.replace(' 2 ', ' 0 '))],
        'transfer.serial-back',
      ],
      [
        'data behind the end',
        (query) => [answerWith(query, zone, `${soa2}@ 60 NS ns\n${soa2}x 60 A 192.0.2.1\n`)],
        'transfer.trailing',
      ],
    ] as readonly (readonly [string, Script, string])[]) {
      test(why, async () => {
        const names = await run(from(await startPrimary()));
        await serialBecomes(names, 1);
        primary!.script = (query, octets, transport) =>
          query.questions[0]?.type === 6
            ? [answerWith(query, zone, soa2)]
            : script(query, octets, transport);
        await until(
          async () => {
            await names.command('zone-refresh', zone);
            return (names.zone(zone)?.failures ?? 0) > 0;
          },
          () => JSON.stringify(names.zones),
        );
        const said = names
          .saidAbout('primary trouble')
          .map(({ fields }) => (fields as { detail: string }).detail);
        assert.ok(said.includes(code), said.join(', '));
        assert.equal(await names.data('www.example.com'), '192.0.2.2');
        assert.equal(names.zone(zone)?.serial, 1);
        primary!.script = good;
        version = { serial: 3, more: 'www 60 A 192.0.2.4\n' };
        await until(
          async () => {
            await names.command('zone-refresh', zone);
            return (await names.data('www.example.com')) === '192.0.2.4';
          },
          () => JSON.stringify(names.zones),
        );
      });
    }
  });

  test('asks over TCP where UDP brings nothing or is cut, and the next primary where one is gone', async () => {
    const port = await startPrimary();
    const gone = await ScriptedPrimary.open(() => 5);
    await gone.close();
    const names = await run({
      zones: [
        {
          name: zone,
          primaries: [
            { address: '127.0.0.1', port: gone.port },
            { address: '127.0.0.1', port },
          ],
        },
      ],
    });
    await serialBecomes(names, 1);
    version = { ...version, serial: 2 };
    const good = primary!.script;
    primary!.script = (query, octets, transport) => {
      if (transport === 'tcp') return good(query, octets, transport);
      return [
        encodeMessage({
          ...query,
          flags: { ...noFlags, qr: true, tc: true },
          additionals: [],
          authorities: [],
        }),
      ];
    };
    await until(
      async () => {
        await names.command('zone-refresh', zone);
        return names.zone(zone)?.serial === 2;
      },
      () => JSON.stringify(names.zones),
    );
    assert.deepEqual(primary!.asked, ['tcp AXFR', 'udp SOA', 'tcp SOA', 'tcp IXFR']);
  });

  test('a serial that went back takes an order, and whatever there is then', async () => {
    version = { ...version, serial: 5 };
    const names = await run(from(await startPrimary()));
    await serialBecomes(names, 5);
    version = { serial: 4, more: 'www 60 A 192.0.2.9\n' };
    await until(
      async () => {
        await names.command('zone-refresh', zone);
        return names.saidAbout('primary trouble').length > 0;
      },
      () => 'no trouble',
    );
    assert.equal(names.zone(zone)?.serial, 5);
    await names.command('zone-retransfer', zone);
    await serialBecomes(names, 4);
    assert.equal(await names.data('www.example.com'), '192.0.2.9');
  });

  test('a zone that stands in riad.yaml no more is gone, with all that was kept', async () => {
    const port = await startPrimary();
    let names = await run(from(port));
    await serialBecomes(names, 1);
    await assert.rejects(names.command('zone-remove', zone) as Promise<unknown>, /riad\.yaml/);
    names = await run({});
    assert.deepEqual(
      [names.zones, await names.data('www.example.com')],
      [[], `rcode ${Rcode.REFUSED}`],
    );
    names = await run(from(port));
    await serialBecomes(names, 1);
    assert.equal(primary!.asked.filter((each) => each === 'tcp AXFR').length, 2);
  });

  test('a damaged list of zones loses none before it expires', async () => {
    const port = await startPrimary();
    let names = await run(from(port));
    await serialBecomes(names, 1);
    await running!.stop();
    running = undefined;
    writeFileSync(join(house.state, 'secondary.json'), '{"zo');
    names = await run({});
    assert.equal(await names.data('www.example.com'), '192.0.2.2');
    assert.match(JSON.stringify(names.health), /nobody is known who has it/);
    assert.deepEqual(await names.command('zone-remove', zone), { removed: zone });
    assert.equal(await names.data('www.example.com'), `rcode ${Rcode.REFUSED}`);
  });

  test('orders about zones that are not here', async () => {
    const names = await run({});
    for (const order of ['zone-refresh', 'zone-retransfer', 'zone-remove', 'zone-status'])
      await assert.rejects(names.command(order, 'x.example') as Promise<unknown>, /no such zone/);
    await assert.rejects(names.command('zone-refresh') as Promise<unknown>, /say which zone/);
    assert.deepEqual(await names.command('notify-pending'), { pending: [] });
  });
});
