import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Arena, arenaHeader } from '@riad/octets/arena';
import { loadZone } from '../zone-loading/load-zone.ts';
import { zoneVersion } from './layout.ts';
import { claimReaderSlot, enterVersion } from './reader-slots.ts';
import {
  imageParts,
  readSnapshotHeader,
  restoreImage,
  snapshotHeaderOctets,
  takeSnapshot,
} from './snapshot.ts';
import { ZoneImage } from './zone-image.ts';

const octets = 1 << 20;
const apexName = parseName('example.');
const noHash = (): Uint8Array => new Uint8Array(20);

function load(image: ZoneImage, serial: number): void {
  const text = new TextEncoder().encode(
    `@ 60 SOA ns hostmaster ${serial} 7200 3600 1209600 300\n@ 60 NS ns\nns 60 A 192.0.2.1\n`,
  );
  const include = (): undefined => undefined;
  const request = { apexName, text, file: 'x', before: undefined, include, confirmed: true };
  assert.equal(loadZone(image, request, noHash).kind, 'loaded');
}

const serialOf = (image: ZoneImage): number =>
  image.writer.words[image.zoneOf(apexName) * 2 + zoneVersion.serial]!;

describe('a snapshot', () => {
  test('is read back beside readers that have taken their slots already', () => {
    const image = ZoneImage.create(Arena.reserve(octets), 7);
    load(image, 1);
    const { header, image: saved } = takeSnapshot(image)!;
    const copies = saved.map((part) => part.slice());

    const arena = Arena.reserve(octets);
    assert.equal(header.length, snapshotHeaderOctets(arena));
    const slots = [claimReaderSlot(arena.words), claimReaderSlot(arena.words)];
    const found = readSnapshotHeader(header, octets);
    assert.ok(found.ok);
    imageParts(arena, found.usedOctets).forEach((part, i) => {
      part.set(copies[i]!);
    });
    const restored = restoreImage(arena, header, octets);
    assert.equal(serialOf(restored), 1);
    // A third reader gets a slot of its own, and what a reader shows keeps the writer waiting.
    assert.ok(!slots.includes(claimReaderSlot(arena.words)));
    enterVersion(arena.words, slots[0]!);
    load(restored, 2);
    assert.equal(serialOf(restored), 2);
    assert.equal(takeSnapshot(restored), undefined);
    enterVersion(arena.words, slots[0]!);
    assert.ok(takeSnapshot(restored) !== undefined);
  });

  test('a region that is made empty again keeps the slots', () => {
    const arena = Arena.reserve(octets);
    const slot = claimReaderSlot(arena.words);
    arena.words.fill(0x55555555, 0, 16);
    arena.words.fill(0x55555555, arenaHeader.endOctets / 4);
    const image = ZoneImage.create(Arena.format(arena, 0), 9);
    load(image, 3);
    assert.equal(serialOf(image), 3);
    assert.notEqual(claimReaderSlot(arena.words), slot);
  });

  test('of another layout, size or machine is not read', () => {
    const image = ZoneImage.create(Arena.reserve(octets), 7);
    load(image, 1);
    const { header } = takeSnapshot(image)!;
    const changed = (word: number, value: number): Uint8Array => {
      const words = new Int32Array(header.slice().buffer);
      words[word] = value;
      return new Uint8Array(words.buffer);
    };
    for (const [octetsOfHeader, capacity] of [
      [changed(0, 0), octets],
      [changed(1, 99), octets],
      [changed(4, 0x04030201), octets],
      [header, 4096],
    ] as const) {
      assert.equal(readSnapshotHeader(octetsOfHeader, capacity).ok, false);
    }
  });
});
