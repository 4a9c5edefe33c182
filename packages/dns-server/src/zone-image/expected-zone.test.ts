/** Zones that are to come: found by who answers, and by nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import { emptyImage, hostZone } from '../testing/built-zone.ts';
import { imageHeader, zoneFlag, zoneVersion } from './layout.ts';
import { readSnapshotHeader, restoreImage, takeSnapshot } from './snapshot.ts';
import { zoneAt } from './zone-at.ts';
import type { ZoneImage } from './zone-image.ts';

const apex = parseName('example.com.');
const text = '@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 192.0.2.1\n';

function hosted(image: ZoneImage): number {
  let zones = 0;
  image.forEachZone(() => zones++);
  assert.equal(image.writer.words[imageHeader.zoneCount], zones);
  return zones;
}

test('it is not hosted for anybody, becomes a zone, and goes without a trace', () => {
  const image = emptyImage();
  hostZone(image, 'com.', text);
  const before = image.writer.usedOctets;
  for (let round = 0; round < 3; round++) {
    image.expect(apex);
    const { version } = image;
    image.expect(apex);
    assert.equal(image.version, version, 'said twice, published once');
    assert.equal(image.zoneOf(apex), 0);
    assert.equal(zoneAt(image.arena, image.version, apex), 0);
    assert.equal(image.withhold(apex, true), false);
    assert.equal(hosted(image), 1);
    hostZone(image, 'example.com.', text);
    const zone = image.zoneOf(apex);
    assert.equal(image.writer.words[zone * 2 + zoneVersion.flags]! & zoneFlag.expected, 0);
    assert.equal(hosted(image), 2);
    image.expect(apex);
    assert.equal(image.zoneOf(apex), zone, 'a zone that is here is not expected');
    assert.equal(image.remove(apex), true);
    image.expect(apex);
    assert.equal(image.remove(apex), false);
    assert.ok(image.reclaim());
    if (round === 0) continue;
    // All but the name's own node, which stays, is given back.
    assert.ok(image.writer.usedOctets - before < 1024);
  }
});

test('over a snapshot, until nobody is expected any more', () => {
  const image = emptyImage();
  hostZone(image, 'com.', text);
  for (const name of ['a.com.', 'b.com.', '.']) image.expect(parseName(name));
  const snapshot = takeSnapshot(image);
  assert.ok(snapshot !== undefined);
  const arena = Arena.reserve(32 << 20);
  assert.ok(readSnapshotHeader(snapshot.header, 32 << 20).ok);
  for (const part of snapshot.image)
    arena.octets.set(part, part.byteOffset - image.arena.octets.byteOffset);
  const restored = restoreImage(arena, snapshot.header, 32 << 20);
  const { version } = restored;
  restored.expectNone();
  assert.equal((restored.version - version) | 0, 3);
  restored.expectNone();
  assert.equal((restored.version - version) | 0, 3);
  assert.equal(hosted(restored), 1);
});
