/** Transfers that BIND, NSD and Knot give, taken in: AXFR, and IXFR of what they loaded since (RFC 5936, RFC 1995). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseName } from '@riad/dns/name';
import {
  emptyImage,
  hostZone,
  linesOf,
  recordsOf,
  sortedLines,
} from '@riad/dns-server/testing/built-zone';
import { startServer } from '../../peers/server.ts';
import { missingSigner, sign, zoneToSign } from '../authoritative/zones/signed.ts';
import { type Fetched, fetchZone } from './fetch.ts';
import { transferringPeers } from './transferring-peers.ts';
import { servedZone, zoneName, zoneText } from './zones.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-transfer-in-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const zone = parseName(`${zoneName}.`);

/** What is in a zone, owners in lower case: peers spell them as they like. */
const lower = (lines: readonly string[]): string[] =>
  lines.map((line) => line.toLowerCase()).sort();

for (const { name, missing, primary } of transferringPeers) {
  describe(`from ${name}`, { skip: missing }, () => {
    test('AXFR of a zone of several messages, then IXFR of the next version', {
      timeout: 60_000,
    }, async () => {
      const home = join(folder, name);
      const server = await startServer(primary, [servedZone(1)], home);
      try {
        const image = emptyImage(64 << 20);
        const whole = await fetchZone(image, zone, server);
        assert.equal(whole.outcome.kind, 'zone', JSON.stringify(whole.outcome));
        assert.ok(whole.messages > 1);
        assert.deepEqual(
          lower(linesOf(image, zone)),
          lower(sortedLines(recordsOf(`${zoneName}.`, zoneText(1)))),
        );
        assert.equal((await fetchZone(image, zone, server, 1)).outcome.kind, 'up-to-date');

        // Peers look at the time of a file, some of them to the second.
        await sleep(1100);
        writeFileSync(join(home, 'zone-0'), zoneText(2));
        process.kill(server.pid, 'SIGHUP');
        const deadline = performance.now() + 20_000;
        let next = await fetchZone(image, zone, server, 1);
        // NSD ends connections when it turns to the new version.
        const waits = ({ outcome }: Fetched): boolean =>
          outcome.kind === 'up-to-date' ||
          (outcome.kind === 'fault' && outcome.code === 'transfer.cut-short');
        while (waits(next)) {
          if (performance.now() > deadline) assert.fail(`never reloaded:\n${server.log()}`);
          await sleep(50);
          next = await fetchZone(image, zone, server, 1);
        }
        assert.equal(
          next.outcome.kind,
          'changes',
          `${JSON.stringify(next.outcome)}\n${server.log()}`,
        );
        assert.deepEqual(
          lower(linesOf(image, zone)),
          lower(sortedLines(recordsOf(`${zoneName}.`, zoneText(2)))),
        );
      } finally {
        await server.stop();
      }
    });

    test('a signed zone', { skip: missingSigner, timeout: 60_000 }, async () => {
      const signed = sign(zoneToSign('signed.test'), 'nsec3', join(folder, `keys-${name}`));
      const server = await startServer(primary, [signed], join(folder, `signed-${name}`));
      try {
        const [ours, copy] = [emptyImage(), emptyImage()];
        const apex = hostZone(ours, 'signed.test.', String(signed.text));
        const { outcome } = await fetchZone(copy, apex, server);
        assert.equal(outcome.kind, 'zone', JSON.stringify(outcome));
        assert.deepEqual(lower(linesOf(copy, apex)), lower(linesOf(ours, apex)));
      } finally {
        await server.stop();
      }
    });
  });
}
