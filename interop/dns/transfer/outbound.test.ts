/** Transfers we give, read by dig and kdig, and kept by BIND, NSD and Knot, which hear of changes by NOTIFY. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { NotifySender } from '@riad/dns-server/notify/notify-sender';
import { emptyImage, linesOf, recordsOf, sortedLines } from '@riad/dns-server/testing/built-zone';
import { type RunningServer, startServer } from '../../peers/server.ts';
import { peer } from '../../peers.ts';
import { fetchZone } from './fetch.ts';
import { type RiadPrimary, riadPrimary } from './riad-primary.ts';
import { transferringPeers } from './transferring-peers.ts';
import { servedZone, zoneName, zoneText } from './zones.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-transfer-out-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = promisify(execFile);

/** What is in a zone, owners in lower case: peers spell them as they like. */
const lower = (lines: readonly string[]): string[] =>
  lines.map((line) => line.toLowerCase()).sort();
const expected = (serial: number): string[] =>
  lower(sortedLines(recordsOf(`${zoneName}.`, zoneText(serial))));

const soaOf = (lines: readonly string[]): string =>
  lines.find((line) => line.startsWith(`${zoneName}. 300 6 `))!;

describe('read by', () => {
  for (const tool of ['dig', 'kdig'] as const) {
    const { file, missing } = peer(tool);
    const ask = async (primary: RiadPrimary, type: string): Promise<string[]> => {
      const args = [
        `@${primary.address}`,
        '-p',
        String(primary.port),
        zoneName,
        type,
        '+noall',
        '+answer',
      ];
      const { stdout } = await run(file, args, { maxBuffer: 1 << 26 });
      const text = stdout
        .split('\n')
        .filter((line) => !line.startsWith(';'))
        .join('\n');
      return recordsOf(`${zoneName}.`, text).map((record) =>
        sortedLines([record])[0]!.toLowerCase(),
      );
    };

    test(`${tool}, AXFR and IXFR`, { skip: missing, timeout: 30_000 }, async () => {
      await using primary = await riadPrimary(`${zoneName}.`, zoneText(1));
      const whole = await ask(primary, 'AXFR');
      assert.equal(whole.at(-1), whole[0]);
      assert.deepEqual(whole.slice(1).sort(), expected(1));
      primary.change(zoneText(2));
      const difference = await ask(primary, 'IXFR=1');
      const before = expected(1);
      const next = expected(2);
      assert.deepEqual(
        [difference[0], difference[1], difference.at(-1)],
        [soaOf(next), soaOf(before), soaOf(next)],
      );
      const changed = [
        ...before.filter((line) => !next.includes(line)),
        ...next.filter((line) => !before.includes(line)),
      ];
      assert.deepEqual(difference.slice(1, -1).sort(), changed.sort());
      assert.deepEqual(await ask(primary, 'IXFR=2'), [soaOf(next)]);
    });
  }
});

for (const { name, missing, secondary } of transferringPeers) {
  test(`kept by ${name}: AXFR, NOTIFY, IXFR`, { skip: missing, timeout: 60_000 }, async () => {
    await using primary = await riadPrimary(`${zoneName}.`, zoneText(1));
    const server = await startServer(secondary(primary.port), [servedZone(1)], join(folder, name));
    try {
      assert.deepEqual(await contentOf(primary, server), expected(1), server.log());
      assert.ok(
        primary.sent.some(
          ({ type, second }) => type === 252 || (second !== undefined && second !== 6),
        ),
      );
      primary.change(zoneText(2));
      assert.equal(await notify(primary, server), 'acknowledged', server.log());
      const next = expected(2);
      const deadline = performance.now() + 20_000;
      let lines = await contentOf(primary, server);
      while (!lines.includes(soaOf(next))) {
        if (performance.now() > deadline) assert.fail(`stays at the old version:\n${server.log()}`);
        await sleep(50);
        lines = await contentOf(primary, server);
      }
      assert.deepEqual(lines, next);
      // It was the difference that was sent for: a SOA in second place.
      assert.deepEqual(primary.sent.at(-1), { type: 251, second: 6 });
    } finally {
      await server.stop();
    }
  });
}

/** What a secondary has, fetched from it. NSD ends all connections whenever it has taken a zone in. */
async function contentOf({ zone }: RiadPrimary, server: RunningServer): Promise<string[]> {
  for (let attemptsLeft = 40; ; attemptsLeft--) {
    const image = emptyImage(64 << 20);
    const { outcome } = await fetchZone(image, zone, server);
    if (outcome.kind === 'zone') return lower(linesOf(image, zone));
    const isCut = outcome.kind === 'fault' && outcome.code === 'transfer.cut-short';
    if (!isCut || attemptsLeft === 0) assert.fail(`${JSON.stringify(outcome)}\n${server.log()}`);
    await sleep(50);
  }
}

/** Sends NOTIFY as the engine says until the secondary has answered; returns how that ended. */
async function notify(primary: RiadPrimary, server: RunningServer): Promise<string> {
  const sender = new NotifySender(
    () => undefined,
    (length) => crypto.getRandomValues(new Uint8Array(length)),
  );
  const { address, port } = server;
  const target = { via: 'address', endpoint: { address, port }, key: undefined } as const;
  const socket = createSocket('udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  try {
    return await new Promise((resolve) => {
      const perform = (outputs: ReturnType<NotifySender['step']>): void => {
        for (const output of outputs) {
          if (output.type === 'send') socket.send(output.octets);
          if (output.type === 'settled') resolve(output.outcome);
          if (output.type === 'wake') {
            const delay = Math.max(0, output.at - performance.now());
            setTimeout(
              () => perform(sender.step(performance.now(), { type: 'timer' })),
              delay,
            ).unref();
          }
        }
      };
      socket.on('message', (octets) => {
        perform(sender.step(performance.now(), { type: 'answer', from: target.endpoint, octets }));
      });
      const { zone } = primary;
      perform(
        sender.step(performance.now(), {
          type: 'announce',
          zone,
          soa: primary.soa(),
          targets: [target],
        }),
      );
    });
  } finally {
    socket.close();
  }
}
