/** Secondaries that wait on a connection of their own: a signed SOA query over TCP registers it for NOTIFY. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Rcode } from '@riad/dns/iana/rcodes';
import { parseName } from '@riad/dns/name';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { startRiad } from '../../peers/riad.ts';
import type { RunningServer } from '../../peers/server.ts';
import { peer } from '../../peers.ts';
import type { SharedKey } from '../tsig/keys.ts';
import { UpdateSession } from '../update/programs.ts';
import { keyFile } from '../update/updating-peers.ts';
import { Subscriber } from './subscriber.ts';
import { smallText } from './zones.ts';

const makeKey = (text: string): SharedKey => {
  const secret = new Uint8Array(randomBytes(32));
  const key: TsigKey = { name: parseName(`${text}.`), algorithm: 'hmac-sha256', secret };
  return { text, base64: secret.toBase64(), algorithm: 'hmac-sha256', key };
};
const everywhere = makeKey('k._transfer');
const one = makeKey('k._transfer.one.test');
const listener = makeKey('k._notify');
const changer = makeKey('k._update');

describe('registration for NOTIFY', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-registration-'));
  let riad: RunningServer;
  before(async () => {
    const zones = ['one.test', 'two.test', 'three.test'].map((name) => ({ name, text: smallText }));
    const keys = [everywhere, one, listener, changer];
    riad = await startRiad(zones, folder, { files: { _keys: keyFile(keys) } });
  });
  after(async () => {
    await riad?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const zonesOf = ({ told }: Subscriber): string[] => told.map(({ zone }) => zone).sort();
  /** Over another connection. */
  const newZone = (name: string): void => writeFileSync(join(folder, 'zones', name), smallText);
  let changes = 0;
  const change = async (zone: string): Promise<void> => {
    const road = { port: riad.port, zone, key: changer, over: 'tcp' } as const;
    await using session = new UpdateSession('nsupdate', road);
    const line = `update add n${changes++}.${zone} 60 A 192.0.2.1`;
    assert.equal(await session.send([line]), 'NOERROR');
  };

  test('the root: NOTAUTH, each zone at once, and every zone that comes', async () => {
    const subscriber = await Subscriber.open(riad, everywhere.key);
    const answer = await subscriber.askSoa('.');
    assert.equal(answer.rcode, Rcode.NOTAUTH);
    await subscriber.until(3);
    assert.deepEqual(zonesOf(subscriber), ['one.test.', 'three.test.', 'two.test.']);
    assert.deepEqual([...new Set(subscriber.told.map(({ serial }) => serial))], [1]);
    newZone('four.test');
    assert.deepEqual((await subscriber.until(4))[3], { zone: 'four.test.', serial: 1 });
    // Whoever asks again is not told all again: what comes next is the next zone.
    assert.equal((await subscriber.askSoa('.')).rcode, Rcode.NOTAUTH);
    newZone('five.test');
    assert.deepEqual((await subscriber.until(5))[4], { zone: 'five.test.', serial: 1 });
    assert.deepEqual(subscriber.faults, []);
    await subscriber.close();
  });

  test('one zone: its SOA, and that zone alone', async () => {
    const subscriber = await Subscriber.open(riad, one.key);
    const answer = await subscriber.askSoa('one.test.');
    assert.equal(answer.rcode, Rcode.NOERROR);
    assert.equal(answer.answers.length, 1);
    // Not its zone: answered, and no more.
    assert.equal((await subscriber.askSoa('two.test.')).rcode, Rcode.NOERROR);
    newZone('six.test');
    const everybody = await Subscriber.open(riad, everywhere.key);
    await everybody.askSoa('.');
    await everybody.until(6); // all of them
    assert.deepEqual(subscriber.told, []);
    if (peer('nsupdate').missing === false) {
      await change('two.test.');
      await change('one.test.');
      assert.deepEqual(await subscriber.until(1), [{ zone: 'one.test.', serial: 2 }]);
    }
    assert.deepEqual(subscriber.faults, []);
    await subscriber.close();
    await everybody.close();
  });

  test('two clients of one address, of which one closes', {
    skip: peer('nsupdate').missing,
  }, async () => {
    const [first, second] = [
      await Subscriber.open(riad, everywhere.key),
      await Subscriber.open(riad, everywhere.key),
    ];
    for (const subscriber of [first, second]) {
      await subscriber.askSoa('.');
      await subscriber.until(6);
    }
    await change('three.test.');
    const [told, toldToo] = [await first.until(7), await second.until(7)];
    assert.deepEqual(told[6], { zone: 'three.test.', serial: 2 });
    assert.deepEqual(toldToo[6], told[6]);
    await first.close();
    await change('three.test.');
    assert.deepEqual((await second.until(8))[7], { zone: 'three.test.', serial: 3 });
    assert.equal(first.told.length, 7);
    await second.close();
  });

  test('a key that may not transfer is answered and not told', async () => {
    const subscriber = await Subscriber.open(riad, listener.key);
    assert.equal((await subscriber.askSoa('.')).rcode, Rcode.NOTAUTH);
    assert.equal((await subscriber.askSoa('one.test.')).rcode, Rcode.NOERROR);
    newZone('seven.test');
    const everybody = await Subscriber.open(riad, everywhere.key);
    await everybody.askSoa('.');
    await everybody.until(7);
    assert.deepEqual(subscriber.told, []);
    await subscriber.close();
    await everybody.close();
  });

  test('who does not answer is told again, and its connection stays', async () => {
    const subscriber = await Subscriber.open(riad, everywhere.key, false);
    await subscriber.askSoa('.');
    await subscriber.until(14); // each of the seven twice: RFC 1996 §3.6
    assert.equal(new Set(zonesOf(subscriber)).size, 7);
    assert.equal(subscriber.closed, false);
    await subscriber.close();
    // Nobody else is the worse for it.
    const other = await Subscriber.open(riad, everywhere.key);
    await other.askSoa('.');
    await other.until(7);
    await other.close();
  });
});
