/**
 * A short slice of the campaign (`npm run campaign -- hostile-packets` is the long one), and what streams
 * can be lied about: lengths, and where one write ends.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { formatHex } from '@riad/octets/hex';
import { Random, seed } from '@riad/octets/testing/random';
import { missingPeers } from '../../peers/all.ts';
import { startRiad } from '../../peers/riad.ts';
import type { Target } from '../../peers/server.ts';
import { framed, withId } from './ask.ts';
import {
  compareReactions,
  maxGrowthMebibytes,
  maxLogLines,
  sentinel,
  watched,
  withAll,
  zones,
} from './campaign.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`hostile packets are taken as two of BIND, NSD and Knot take them (seed ${seed})`, {
  skip: missingPeers,
  timeout: 120_000,
}, async (context) => {
  const random = new Random();
  await withAll(join(folder, 'all'), async (peers, riad) => {
    const { growthMebibytes, logLines } = await watched(riad, async () => {
      for (const [road, count] of [
        ['udp', 6000],
        ['tcp', 2500],
      ] as const) {
        const outcome = await compareReactions(peers, riad, road, count, random);
        const { packets, judged, excused, faults } = outcome;
        const excuses = [...excused.values()].reduce((sum, one) => sum + one, 0);
        context.diagnostic(
          `${road}: ${packets} packets, two peers agree on ${judged}, Riad with them on ${judged - excuses - faults.length}, ${excuses} excused`,
        );
        assert.deepEqual(faults, []);
        assert.ok(judged > packets * 0.8);
      }
    });
    context.diagnostic(`grew by ${growthMebibytes.toFixed(1)} MiB, logged ${logLines} lines`);
    assert.ok(growthMebibytes < maxGrowthMebibytes, `${growthMebibytes} MiB`);
    assert.ok(logLines <= maxLogLines, riad.log());
  });
});

describe('lies about the length before a message', { timeout: 60_000 }, () => {
  const good = framed(withId(sentinel, 1));

  test('split anywhere, a query is answered all the same; a lie ends its own connection only', async () => {
    const riad = await startRiad(zones, join(folder, 'lone'));
    try {
      const { logLines } = await watched(riad, async () => {
        const expected = formatHex(await exchange(riad, [good]));
        assert.notEqual(expected, '');
        const splits = Array.from({ length: good.length - 1 }, (_, i) => i + 1);
        const answers = await Promise.all(
          splits.map((at) => exchange(riad, [good.subarray(0, at), good.subarray(at)])),
        );
        for (const answer of answers) assert.equal(formatHex(answer), expected);
        // Octet by octet, two queries in a row.
        const drops = [...good, ...good].map((octet) => Uint8Array.of(octet));
        assert.equal(formatHex(await exchange(riad, drops)), expected.repeat(2));

        const lying = (length: number, octets: Uint8Array): Uint8Array =>
          Uint8Array.from([length >> 8, length & 255, ...octets]);
        const query = good.subarray(2);
        for (const [what, octets, answers] of [
          ['zero', lying(0, query), 0],
          ['one', lying(1, query), 0],
          ['eleven', lying(11, query), 0],
          ['a header', lying(12, query), undefined], // FORMERR for that; the rest is the next length
          ['one too few', lying(query.length - 1, query), undefined],
          ['one too many', lying(query.length + 1, query), 0],
          ['as many as there can be', lying(65535, query), 0],
          ['65535, all of them there', lying(65535, new Uint8Array(65535).fill(255)), 0], // QR is set
          ['half a length', Uint8Array.of(0), 0],
        ] as const) {
          const answer = await exchange(riad, [octets]);
          if (answers === 0) assert.equal(formatHex(answer), '', what);
          assert.equal(formatHex(await exchange(riad, [good])), expected, `after ${what}`);
        }
      });
      assert.ok(logLines <= maxLogLines, riad.log());
    } finally {
      await riad.stop();
    }
  });
});

/** Writes the parts one by one, says that this is all, and returns what comes back. */
async function exchange(target: Target, parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const socket = connect({ port: target.port, host: target.address, noDelay: true });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => undefined); // a cut connection is an answer too
  await once(socket, 'connect');
  for (const part of parts) {
    socket.write(part);
    await new Promise(setImmediate);
  }
  socket.end();
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(received);
}
