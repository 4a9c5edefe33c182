/**
 * `npm run campaign -- large-secondary [RECORDS]`: our secondary takes one zone, of a million records unless
 * told otherwise, from BIND, NSD and Knot, and a restart without snapshot brings it back.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@riad/net/testing/free-port';
import { SecondaryHouse } from '@riad/service-dns-secondary/testing/running-secondary';
import { type KeyedZone, primaries } from '../interop/dns/secondary/primaries.ts';
import { loopback, startServer } from '../interop/peers/server.ts';

const hosts = Number(process.argv[2] ?? 1_000_000);
const zone: KeyedZone = {
  zone: 'large.test',
  key: 'k._transfer.large.test',
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, 5).toString('base64'),
};
const lines = ['$TTL 300', '@ SOA ns.elsewhere.test. hostmaster 1 3600 600 86400 60'];
lines.push('@ NS ns.elsewhere.test.');
for (let i = 0; i < hosts; i++) lines.push(`h${i} A 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
const text = `${lines.join('\n')}\n`;

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

for (const { name, missing, program } of primaries) {
  if (missing !== false) {
    process.stdout.write(`${name}: skipped, ${missing}\n`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'riad-large-'));
  const house = new SecondaryHouse();
  const port = await freePort();
  const setting = { zones: [zone], secondaryPort: port, tls: undefined };
  const server = await startServer(program(setting), [{ name: zone.zone, text }], folder);
  try {
    house.key(`${zone.key}. DNSKEY 0 3 163 ${zone.secret}\n`);
    const keys = {
      reserveMebibytes: 1024,
      zones: [
        { name: zone.zone, primaries: [{ address: loopback, port: server.port, key: zone.key }] },
      ],
    };
    let begun = performance.now();
    let copies = await house.run(keys);
    await copies.untilZone('large.test.', (status) => status?.serial === 1);
    const transferred = seconds(begun);
    if (copies.zone('large.test.')?.records !== hosts + 2) throw new Error(`${name}: records`);
    await copies.stop();
    rmSync(join(house.state, 'zones.snapshot'), { force: true });
    begun = performance.now();
    copies = await house.run(keys);
    const answer = await copies.data(`h${hosts - 1}.large.test`);
    const restarted = seconds(begun);
    await copies.stop();
    const i = hosts - 1;
    if (answer !== `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      throw new Error(`${name}: ${answer}`);
    process.stdout.write(
      `${name}: ${hosts} records in ${transferred} s, back without snapshot in ${restarted} s\n`,
    );
  } finally {
    await server.stop();
    house.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
