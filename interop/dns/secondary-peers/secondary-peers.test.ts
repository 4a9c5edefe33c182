/**
 * BIND, NSD and Knot keep zones of the running service: signed with each algorithm, over TCP and TLS.
 * They hear of updates, of edits and of restarts, take the differences, and have the same records after each.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { peer } from '../../peers.ts';
import { argumentOf, type SharedKey, sharedKeys } from '../tsig/keys.ts';
import { run } from '../tsig/program.ts';
import { UpdateSession } from '../update/programs.ts';
import { type HouseZone, missingSecondary, SecondariesHouse } from './house.ts';
import { largeText, smallText } from './zones.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-secondaries-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const keys = sharedKeys();
const notifyKey = keys[2]!;
const large = 'large.tsig.test';
/** More is not sent as a difference than the zone itself has, about. */
const wide = 'wide.tsig.test';
const tls = 'tls.tsig.test';
const smallOf = ({ algorithm }: SharedKey): string => `${algorithm}.tsig.test`;
const zones: readonly HouseZone[] = [
  ...keys.map((key) => ({ name: smallOf(key), text: smallText, key, overTls: false })),
  { name: large, text: largeText(10_000), key: keys[2]!, overTls: false },
  { name: wide, text: largeText(30_000), key: keys[1]!, overTls: false },
  { name: tls, text: smallText, key: keys[4]!, overTls: true },
];
const missing = missingSecondary || peer('nsupdate').missing || peer('dig').missing;

describe('secondaries', { skip: missing, timeout: 240_000 }, () => {
  let house: SecondariesHouse;
  before(async () => {
    house = await SecondariesHouse.start(zones, keys, notifyKey, folder);
  });
  after(async () => {
    await house?.stop();
  });

  /** One message over TCP, which carries 64 KiB. */
  const update = async (zone: string, ...lines: readonly string[]): Promise<void> => {
    const road = { port: house.riad.port, zone: `${zone}.`, key: notifyKey, over: 'tcp' } as const;
    await using session = new UpdateSession('nsupdate', road);
    assert.equal(await session.send(lines.map((line) => `update ${line}`)), 'NOERROR');
  };

  for (const { name } of zones) {
    test(`${name}: whole at first, then the difference of an update`, async () => {
      const first = await house.agreed(name);
      await update(name, `add added.${name}. 60 TXT "added"`, `delete host0.${name}. A`);
      const next = await house.agreed(name, first.serial);
      assert.equal(next.lines.length, first.lines.length);
      assert.ok(next.lines.some((line) => line.startsWith('added.')));
      const kinds = transfersOf(house, name).map(({ kind }) => kind);
      assert.ok(kinds.includes('ixfr'), kinds.join());
    });
  }

  test('an edit of the file that leaves the serial alone', async () => {
    for (const zone of [smallOf(keys[0]!), large]) {
      const before = await house.agreed(zone);
      const path = house.zoneFile(zone);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('\nhost1 ', '\nedited '));
      const next = await house.agreed(zone, before.serial);
      assert.ok(next.lines.some((line) => line.startsWith('edited.')));
      assert.ok(!next.lines.some((line) => line.startsWith('host1.')));
    }
  });

  describe('a difference of a megabyte', () => {
    const texts = 24;
    const perText = 220;
    let from = 0;
    let lines: string[] = [];
    test('made of many updates, reaches them all', async () => {
      from = (await house.agreed(wide)).serial;
      for (let i = 0; i < texts; i++) {
        const words = Array.from(
          { length: perText },
          (_, j) => `add t${i}-${j}.${wide}. 60 TXT "${'x'.repeat(200)}"`,
        );
        await update(wide, ...words);
      }
      const now = await house.agreed(wide, from);
      lines = now.lines.filter((line) => line.includes('xxx'));
      assert.equal(lines.length, texts * perText);
      assert.ok(lines.join('\n').length > 1 << 20);
    });

    for (const [program, options] of [
      ['dig', ['+noall', '+answer', '+onesoa']],
      ['kdig', ['+noall', '+answer']],
    ] as const) {
      for (const key of keys) {
        test(`is read by ${program} as one answer, signed with ${key.algorithm}`, async () => {
          const place = [`@127.0.0.1`, '-p', String(house.riad.port), '-y', argumentOf(key)];
          const ask = (type: string) =>
            run(peer(program).file, [...place, `${wide}.`, type, ...options]);
          const difference = await ask(`IXFR=${from}`);
          assert.equal(difference.status, 0);
          assert.doesNotMatch(difference.output, /verif|fail|WARNING/i);
          const added = difference.output.match(/^t\d+-\d+\..*xxx/gm) ?? [];
          assert.equal(new Set(added).size, lines.length);
          assert.doesNotMatch(difference.output, /^host2\./m); // nothing that is in both
          const whole = await ask('AXFR');
          assert.equal(whole.status, 0);
          assert.doesNotMatch(whole.output, /verif|fail|WARNING/i);
          assert.equal((whole.output.match(/^t\d+-\d+\..*xxx/gm) ?? []).length, lines.length);
          assert.match(whole.output, /^host2\./m);
        });
      }
    }

    test('and is still a difference after a restart', async () => {
      const before = await house.agreed(wide);
      await house.restartRiad();
      await update(wide, `add restarted.${wide}. 60 A 192.0.2.1`);
      await house.agreed(wide, before.serial);
      const kinds = transfersOf(house, wide).map(({ kind }) => kind);
      assert.ok(kinds.includes('ixfr'), kinds.join());
      const place = ['@127.0.0.1', '-p', String(house.riad.port), '-y', argumentOf(notifyKey)];
      const { output } = await run(peer('dig').file, [...place, `${wide}.`, `IXFR=${from}`]);
      assert.match(output, /^restarted\./m);
      assert.doesNotMatch(output, /^host2\./m);
    });
  });
});

type Transfer = { readonly kind: string; readonly octets: number };

/** What Riad's log says it has sent of a zone lately. */
function transfersOf({ riad }: SecondariesHouse, zone: string): Transfer[] {
  return riad
    .log()
    .split('\n')
    .flatMap((line) => {
      if (!line.includes('zone transferred') || !line.includes(`"${zone}."`)) return [];
      const { kind, octets } = JSON.parse(line) as Transfer;
      return [{ kind, octets }];
    });
}
