/**
 * The same updates, told by `nsupdate` and `knsupdate`, to Riad, BIND and Knot: after each message the
 * codes of the answers and the whole zones are the same (RFC 2136).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type WholeZone, wholeZone } from '@riad/service-dns-primary/testing/whole-zone';
import type { RunningServer } from '../../peers/server.ts';
import { peer } from '../../peers.ts';
import { algorithms, type SharedKey, sharedKeys } from '../tsig/keys.ts';
import { prerequisiteCases, type UpdateCase, updateCases, zoneText } from './cases.ts';
import { type UpdateProgram, UpdateSession } from './programs.ts';
import {
  missingUpdatingPeer,
  startUpdatingServers,
  type UpdatingServers,
} from './updating-peers.ts';

const roads = [
  { program: 'nsupdate', over: 'udp' },
  { program: 'knsupdate', over: 'tcp' },
] as const;
const allRoads = (['nsupdate', 'knsupdate'] as const).flatMap((program) =>
  (['udp', 'tcp'] as const).map((over) => ({ program, over })),
);
const cases = [...prerequisiteCases, ...updateCases];
const missing = missingUpdatingPeer || peer('nsupdate').missing || peer('knsupdate').missing;
const zoneOf = (index: number, program: UpdateProgram): string =>
  `case${index}.${program}.tsig.test.`;

describe('updates', { skip: missing, timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-updates-'));
  const keys = sharedKeys();
  const stranger = sharedKeys()[0]!;
  let servers: UpdatingServers;

  before(async () => {
    const names = roads.flatMap(({ program }) => cases.map((_, i) => zoneOf(i, program)));
    const zones = [...names, 'algorithms.tsig.test.'].map((name) => ({ name, text: zoneText }));
    servers = await startUpdatingServers(zones, keys, folder);
  });
  after(async () => {
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { program, over } of roads) {
    describe(`${program} over ${over}`, { concurrency: 4 }, () => {
      for (const [i, each] of cases.entries()) {
        test(each.title, async () => {
          // Each key has its turn.
          const key = keys[i % keys.length]!;
          await playCase(servers, each, { zone: zoneOf(i, program), program, over, key });
        });
      }
    });
  }

  describe('each algorithm', () => {
    const zone = 'algorithms.tsig.test.';
    for (const [i, algorithm] of algorithms.entries()) {
      for (const { program, over } of allRoads) {
        test(`${algorithm}, ${program} over ${over}`, async () => {
          const line = `update add ${algorithm}-${program}-${over}.${zone} 60 A 192.0.2.1`;
          await tellAll(servers, zone, async ({ port }) => {
            await using session = new UpdateSession(program, { port, zone, key: keys[i]!, over });
            assert.equal(await session.send([line]), 'NOERROR');
          });
        });
      }
    }

    test('and a key of the same name with another secret changes nothing', async () => {
      const road = { zone, key: stranger, over: 'udp' } as const;
      await tellAll(servers, zone, async ({ port }) => {
        await using session = new UpdateSession('nsupdate', { ...road, port });
        const line = `update add stranger.${zone} 60 A 192.0.2.1`;
        await assert.rejects(session.send([line]).then((code) => assert.equal(code, 'NOERROR')));
      });
      const { lines } = await wholeZone(servers.riad, zone);
      assert.ok(!lines.some((line) => line.startsWith('stranger.')));
    });
  });
});

/** Tells Riad and both peers, and holds their zones together. */
async function tellAll(
  { riad, bind, knot }: UpdatingServers,
  zone: string,
  tell: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const all = [riad, bind, knot];
  await Promise.all(all.map(tell));
  const [ours, ...others] = await Promise.all(all.map((server) => wholeZone(server, zone)));
  for (const { lines } of others) assert.deepEqual(ours!.lines, lines);
}

type Play = {
  readonly zone: string;
  readonly program: UpdateProgram;
  readonly over: 'udp' | 'tcp';
  readonly key: SharedKey;
};

async function playCase(
  { riad, bind, knot }: UpdatingServers,
  { messages, without = {}, differs = {} }: UpdateCase,
  { zone, program, over, key }: Play,
): Promise<void> {
  const asked = [riad, bind, knot].filter(({ name }) => !(name in without));
  const sessions = asked.map(({ port }) => new UpdateSession(program, { port, zone, key, over }));
  const differed = new Set<string>();
  try {
    let earlier = await wholeZone(riad, zone);
    for (const message of messages) {
      const lines = message.map((line) => line.replaceAll('.%', `.${zone}`).replaceAll('%', zone));
      const codes = await Promise.all(sessions.map((session) => session.send(lines)));
      const zones = await Promise.all(asked.map((server) => wholeZone(server, zone)));
      const [now] = zones;
      holdSerials(earlier, now!, lines);
      earlier = now!;
      for (const [i, { name }] of asked.entries()) {
        const ours = [codes[0], ...now!.lines];
        const theirs = [codes[i], ...zones[i]!.lines];
        if (!(name in differs)) assert.deepEqual(ours, theirs, `${lines.join('; ')}: ${name}`);
        else if (ours.join() !== theirs.join()) differed.add(name);
      }
    }
  } finally {
    for (const session of sessions) await session[Symbol.asyncDispose]();
  }
  assert.deepEqual([...differed], Object.keys(differs), 'the list of differences is out of date');
}

/** RFC 2136 §3.6, RFC 1982 §3.2: who has the zone must be able to tell that it is another one. */
function holdSerials(before: WholeZone, now: WholeZone, lines: readonly string[]): void {
  const distance = (now.serial - before.serial) | 0;
  assert.ok(distance >= 0, `${lines.join('; ')}: serial ${before.serial} to ${now.serial}`);
  if (before.lines.join() !== now.lines.join()) assert.notEqual(distance, 0, lines.join('; '));
}
