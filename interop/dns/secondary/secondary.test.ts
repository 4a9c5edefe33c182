/**
 * Our secondary with BIND, NSD and Knot as primaries: zones signed with each algorithm, of a few records
 * and of thousands, differences after their NOTIFY, restarts without them, and TLS.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseName } from '@riad/dns/name';
import { hmacAlgorithms } from '@riad/dns/tsig/hmac';
import { emptyImage, linesOf, recordsOf, sortedLines } from '@riad/dns-server/testing/built-zone';
import { freePort } from '@riad/net/testing/free-port';
import {
  type RunningSecondary,
  SecondaryHouse,
} from '@riad/service-dns-secondary/testing/running-secondary';
import { writeCertificate } from '../../peers/certificate.ts';
import { loopback, startServer } from '../../peers/server.ts';
import { fetchZone } from '../transfer/fetch.ts';
import { algorithms } from '../tsig/keys.ts';
import { type KeyedZone, primaries } from './primaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-secondary-peers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const zones = algorithms.map(
  (algorithm): KeyedZone => ({
    zone: `${algorithm}.test`,
    key: `k._transfer.${algorithm}.test`,
    algorithm,
    secret: randomBytes(32).toString('base64'),
  }),
);
/** The first has next to nothing, the last has thousands, the others a few. */
const hostsOf = (zone: string): number =>
  zone === zones[0]!.zone ? 0 : zone === zones.at(-1)!.zone ? 10_000 : 20;

function textOf(zone: string, serial: number): string {
  const hosts = hostsOf(zone);
  const lines = ['$TTL 300', `@ SOA ns.elsewhere.test. hostmaster ${serial} 3600 600 86400 60`];
  lines.push('@ NS ns.elsewhere.test.');
  for (let i = 0; i < hosts; i++) {
    // Of the second version one is gone, one is other, one is new.
    if (serial > 1 && i === 3) continue;
    lines.push(`host${i} A 10.${serial > 1 && i === 4 ? 1 : 0}.${i >> 8}.${i & 255}`);
  }
  if (serial > 1) lines.push('new TXT "new"');
  return `${lines.join('\n')}\n`;
}

const lower = (lines: readonly string[]): string[] =>
  lines.map((line) => line.toLowerCase()).sort();

/** Everything that our secondary gives out of a zone. */
async function contentsOf(copies: RunningSecondary, zone: string): Promise<string[]> {
  const image = emptyImage(64 << 20);
  const target = { name: 'riad', address: loopback, port: copies.port };
  const { outcome } = await fetchZone(image, parseName(`${zone}.`), target);
  assert.equal(outcome.kind, 'zone', JSON.stringify(outcome));
  return lower(linesOf(image, parseName(`${zone}.`)));
}

const expected = (zone: string, serial: number): string[] =>
  lower(sortedLines(recordsOf(`${zone}.`, textOf(zone, serial))));

for (const { name, missing, withoutTls, program } of primaries) {
  describe(`from ${name}`, { skip: missing }, () => {
    test('zones with each algorithm; NOTIFY brings differences; a restart needs nobody', {
      timeout: 120_000,
    }, async () => {
      const house = new SecondaryHouse();
      let copies: RunningSecondary | undefined;
      const secondaryPort = await freePort();
      const home = join(folder, name);
      const served = zones.map(({ zone }) => ({ name: zone, text: textOf(zone, 1) }));
      const server = await startServer(
        program({ zones, secondaryPort, tls: undefined }),
        served,
        home,
      );
      try {
        for (const { key, algorithm, secret } of zones)
          house.key(`${key}. DNSKEY 0 3 ${hmacAlgorithms[algorithm].keyNumber} ${secret}\n`);
        const keys = {
          access: { transfer: [loopback] },
          zones: zones.map(({ zone, key }) => ({
            name: zone,
            primaries: [{ address: loopback, port: server.port, key }],
          })),
        };
        copies = await house.run(keys, { port: secondaryPort });
        for (const { zone } of zones) {
          await copies.untilZone(`${zone}.`, (status) => status?.serial === 1);
          assert.deepEqual(await contentsOf(copies, zone), expected(zone, 1), zone);
        }
        // Peers look at the time of a file, some of them to the second.
        await sleep(1100);
        for (const [i, { zone }] of zones.entries())
          writeFileSync(join(home, `zone-${i}`), textOf(zone, 2));
        process.kill(server.pid, 'SIGHUP');
        for (const { zone } of zones) {
          await copies.untilZone(`${zone}.`, (status) => status?.serial === 2);
          assert.deepEqual(await contentsOf(copies, zone), expected(zone, 2), zone);
        }
        const shapes = copies
          .saidAbout('zone transferred in')
          .map(({ fields }) => fields as { shape: string; serial: number; zone: string })
          .filter(({ serial }) => serial === 2);
        const large = shapes.find(({ zone }) => zone === `${zones.at(-1)!.zone}.`);
        assert.equal(large?.shape, 'changes', JSON.stringify(shapes));
        await copies.stop();
        copies = undefined;
        await server.stop();
        copies = await house.run(keys, { port: secondaryPort });
        for (const { zone } of zones) {
          assert.equal(copies.zone(`${zone}.`)?.state, 'fresh');
          assert.deepEqual(await contentsOf(copies, zone), expected(zone, 2), zone);
        }
      } finally {
        await copies?.stop();
        await server.stop();
        house.remove();
      }
    });

    test('over TLS', { timeout: 60_000, skip: withoutTls }, async () => {
      const house = new SecondaryHouse();
      let copies: RunningSecondary | undefined;
      const files = writeCertificate(house.folder);
      const certificate = readFileSync(files.certificate, 'utf8');
      const spki = new X509Certificate(certificate).publicKey.export({
        type: 'spki',
        format: 'der',
      });
      const pin = createHash('sha256').update(spki).digest('base64');
      const some = zones.slice(-2);
      const port = await freePort();
      const server = await startServer(
        program({ zones: some, secondaryPort: 9, tls: { port, ...files } }),
        some.map(({ zone }) => ({ name: zone, text: textOf(zone, 1) })),
        join(folder, `${name}-tls`),
      );
      try {
        for (const { key, algorithm, secret } of some)
          house.key(`${key}. DNSKEY 0 3 ${hmacAlgorithms[algorithm].keyNumber} ${secret}\n`);
        const tls = { pins: [pin] };
        copies = await house.run({
          access: { transfer: [loopback] },
          zones: some.map(({ zone, key }) => ({
            name: zone,
            primaries: [{ address: loopback, port, key, tls }],
          })),
        });
        for (const { zone } of some) {
          await copies.untilZone(`${zone}.`, (status) => status?.serial === 1);
          assert.deepEqual(await contentsOf(copies, zone), expected(zone, 1), zone);
        }
        await sleep(1000); // it may ask again a second after the last time
        await copies.command('zone-refresh', `${some[0]!.zone}.`);
        await copies.untilZone(
          `${some[0]!.zone}.`,
          (status) => status?.doing === undefined && status?.failures === 0,
        );
      } finally {
        await copies?.stop();
        await server.stop();
        house.remove();
      }
    });
  });
}
