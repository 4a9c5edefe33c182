/** Certificates by dns-01 (RFC 8555 §8.4): clients that know nothing of Riad prove names by updates of its zone. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { wholeZone } from '@riad/service-dns-primary/testing/whole-zone';
import { sharedKeys } from '../dns/tsig/keys.ts';
import { keyFile } from '../dns/update/updating-peers.ts';
import { startRiad } from '../peers/riad.ts';
import { loopback, type RunningServer } from '../peers/server.ts';
import { peer } from '../peers.ts';
import { clients } from './clients.ts';
import { type Pebble, startPebble } from './pebble.ts';

const zoneText = (serial: number): string => `; example.test, kept by hand
$TTL 1h
@       SOA  ns hostmaster (
             ${serial}  ; serial, raised by the server
             3600 900 2419200 300 )
        NS   ns
ns      A    192.0.2.1

; mail comes later
www     A    192.0.2.2   ; the web
_acme-challenge.www  TXT  "somebody else's"
`;
const keys = sharedKeys().map((key) => {
  const text = key.text.replace('tsig.test', 'example.test');
  return { ...key, text };
});
const key = keys[4]!;
const patienceMs = 20_000;

describe('dns-01', { skip: peer('pebble').missing, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-acme-'));
  const path = join(folder, 'riad', 'zones', 'example.test');
  let riad: RunningServer;
  let pebble: Pebble;
  before(async () => {
    mkdirSync(join(folder, 'pebble'));
    riad = await startRiad([{ name: 'example.test', text: zoneText(1) }], join(folder, 'riad'), {
      files: { _keys: keyFile(keys) },
      keys: [`access: { transfer: ["${loopback}"] }`],
    });
    pebble = await startPebble(riad, join(folder, 'pebble'));
  });
  after(async () => {
    await pebble?.[Symbol.asyncDispose]();
    await riad?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const client of clients) {
    const { name } = client;
    test(`${name} gets a certificate for a name and all names below it`, {
      skip: peer(name).missing,
    }, async () => {
      const names = ['example.test', '*.example.test'];
      const before = await wholeZone(riad, 'example.test.');
      const order = { names, dns: riad, key, pebble, folder: join(folder, name) };
      const file = await client.obtain(order).catch((error: Error) => {
        throw new Error(`${error.message}\npebble:\n${pebble.log()}\nriad:\n${riad.log()}`);
      });
      const certificate = new X509Certificate(readFileSync(file));
      assert.deepEqual(certificate.subjectAltName?.split(', ').sort(), [
        'DNS:*.example.test',
        'DNS:example.test',
      ]);
      const now = await wholeZone(riad, 'example.test.');
      assert.deepEqual(now.lines, before.lines); // the challenges are gone, and nothing else
      assert.ok(now.serial > before.serial);
      await fileBecomes(path, zoneText(now.serial));
    });
  }
});

async function fileBecomes(path: string, text: string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (readFileSync(path, 'utf8') !== text && performance.now() < end) await sleep(50);
  assert.equal(readFileSync(path, 'utf8'), text);
}
