import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import { loadZone } from '../zone-loading/load-zone.ts';
import { claimReaderSlot, enterVersion } from './reader-slots.ts';
import { prepareChanges, type ZoneRecord } from './zone-commit.ts';
import { ZoneImage } from './zone-image.ts';
import { forEachRecord } from './zone-records.ts';

const noHash = (): Uint8Array => new Uint8Array(20);
const zones = ['one.example.', 'two.example.'].map((name) => parseName(name));

function imageOfBoth(): ZoneImage {
  const image = ZoneImage.create(Arena.reserve(1 << 20), 7);
  for (const apexName of zones) {
    const text = new TextEncoder().encode(
      '@ 60 SOA ns host 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n',
    );
    const include = (): undefined => undefined;
    const request = { apexName, text, file: 'x', before: undefined, include, confirmed: true };
    assert.equal(loadZone(image, request, noHash).kind, 'loaded');
  }
  return image;
}

const addition = (apexName: Uint8Array): ZoneRecord => ({
  owner: Uint8Array.of(3, 0x6e, 0x65, 0x77, ...apexName),
  type: 1,
  ttlSeconds: 60,
  rdata: Uint8Array.of(192, 0, 2, 9),
});

function count(image: ZoneImage, apexName: Uint8Array): number {
  let records = 0;
  forEachRecord(image, image.zoneOf(apexName), () => records++);
  return records;
}

test('commits of two zones are made together, and nobody sees them before they are published', () => {
  const image = imageOfBoth();
  const { version } = image;
  const prepared = zones.map((apexName, ahead) => {
    const commit = prepareChanges(image, apexName, [], [addition(apexName)], noHash, false, ahead);
    assert.ok(commit.ok, JSON.stringify(commit));
    return commit;
  });
  assert.equal(image.version, version);
  assert.deepEqual(
    zones.map((apexName) => count(image, apexName)),
    [3, 3],
  );
  const slot = claimReaderSlot(image.arena.words);
  assert.equal(enterVersion(image.arena.words, slot), version);
  for (const commit of prepared) commit.publish();
  assert.equal(image.version, version + 2);
  assert.deepEqual(
    zones.map((apexName) => count(image, apexName)),
    [4, 4],
  );
});

test('one that is discarded leaves nothing behind, and the next is as if it had not been', () => {
  const image = imageOfBoth();
  const [apexName] = zones;
  const commit = prepareChanges(image, apexName!, [], [addition(apexName!)], noHash);
  assert.ok(commit.ok, JSON.stringify(commit));
  const used = image.writer.usedOctets;
  commit.discard();
  assert.ok(image.writer.usedOctets < used);
  assert.equal(count(image, apexName!), 3);
  const again = prepareChanges(image, apexName!, [], [addition(apexName!)], noHash);
  assert.ok(again.ok);
  assert.equal(image.writer.usedOctets, used); // the same blocks once more
  again.publish();
  assert.equal(count(image, apexName!), 4);
});
