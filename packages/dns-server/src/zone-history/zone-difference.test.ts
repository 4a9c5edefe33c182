import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { Random, seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import {
  emptyImage,
  hostZone,
  linesOf,
  recordsOf,
  sha1,
  sortedLines,
} from '../testing/built-zone.ts';
import { randomZone } from '../testing/random-zone.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { commitChanges } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { decodeZoneChange, encodeZoneChange, type ZoneChange } from './zone-change.ts';
import { zoneDifference } from './zone-difference.ts';

/** The difference from the zone that is hosted to the one that a text describes, which is then hosted. */
function replace(image: ZoneImage, name: string, text: string, most = 1e6): ZoneChange | undefined {
  const origin = parseName(name);
  const builder = new ZoneBuilder(image, origin, 100, sha1);
  assert.deepEqual(readZoneFile(encodeUtf8(text), { file: name, origin }, builder), []);
  const built = builder.finish(image.nextVersion, 0);
  assert.notEqual(built, 0, JSON.stringify(builder.faults));
  const change = zoneDifference(image, image.zoneOf(origin), built, most);
  image.publish(origin, built, true);
  return change;
}

const soa = (serial: number): string => `@ 60 SOA ns h ${serial} 2 3 4 5\n`;

describe('the difference between two zones', () => {
  const from = `${soa(1)}@ 60 NS ns\nns 60 A 192.0.2.1\nsame 60 A 192.0.2.2\nttl 60 A 192.0.2.3\nset 60 A 192.0.2.4\nset 60 A 192.0.2.5\ngone 60 TXT x\n`;
  for (const [why, to, removals, additions] of [
    ['a new serial alone', from.replace(soa(1), ''), '', ''],
    ['a record more', `${from.replace(soa(1), '')}new 60 TXT y\n`, '', 'new 60 TXT y\n'],
    ['a name less', from.replace(soa(1), '').replace('gone 60 TXT x\n', ''), 'gone 60 TXT x\n', ''],
    [
      'a record less of a set',
      from.replace(soa(1), '').replace('set 60 A 192.0.2.5\n', ''),
      'set 60 A 192.0.2.5\n',
      '',
    ],
    [
      'another TTL',
      from.replace(soa(1), '').replace('ttl 60', 'ttl 30'),
      'ttl 60 A 192.0.2.3\n',
      'ttl 30 A 192.0.2.3\n',
    ],
    [
      'a set in another order',
      from
        .replace(soa(1), '')
        .replace(
          'set 60 A 192.0.2.4\nset 60 A 192.0.2.5\n',
          'set 60 A 192.0.2.5\nset 60 A 192.0.2.4\n',
        ),
      '',
      '',
    ],
    ['another case', from.replace(soa(1), '').replace('same 60', 'SAME 60'), '', ''],
  ] as const) {
    test(why, () => {
      const image = emptyImage();
      hostZone(image, 'example.', from);
      const change = replace(image, 'example.', soa(2) + to);
      assert.ok(change !== undefined);
      assert.deepEqual(
        sortedLines(change.removals),
        sortedLines(recordsOf('example.', soa(1) + removals)),
      );
      assert.deepEqual(
        sortedLines(change.additions),
        sortedLines(recordsOf('example.', soa(2) + additions)),
      );
      assert.ok(decodeZoneChange(encodeZoneChange(change)).ok, 'a journal takes it');
    });
  }

  test('is of no use when it is too large, or the serial does not go on', () => {
    const image = emptyImage();
    hostZone(image, 'example.', from);
    assert.equal(replace(image, 'example.', from), undefined);
    assert.equal(replace(image, 'example.', from.replace(soa(1), soa(0))), undefined);
    assert.equal(
      replace(image, 'example.', `${from.replace(soa(1), soa(5))}a 60 TXT 1\nb 60 TXT 1\n`, 3),
      undefined,
    );
  });

  test(`makes the one zone of the other (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 60; round++) {
      const { name, text } = randomZone(random, random.pick([5, 60]));
      const lines = text.split('\n').filter((line) => line !== '');
      const head = lines[0]!.split(' ');
      const serial = Number(head[5]);
      const later = [...head.slice(0, 5), String((serial + 1) >>> 0), ...head.slice(6)].join(' ');
      // NSEC at the apex would come and go: that is another zone to a commit.
      const rest = lines.slice(2).filter(() => random.chance(0.8));
      const next = [
        later,
        lines[1]!,
        ...rest,
        `added${round}.${name === '.' ? '' : name} 60 TXT x`,
      ].join('\n');
      const [image, copy] = [emptyImage(16 << 20), emptyImage(16 << 20)];
      const apex = hostZone(image, name, text);
      hostZone(copy, name, text);
      const change = replace(image, name, `${next}\n`);
      assert.ok(change !== undefined);
      const outcome = commitChanges(copy, apex, change.removals, change.additions, sha1, true);
      assert.ok(outcome.ok, JSON.stringify(outcome));
      assert.deepEqual(linesOf(copy, apex), linesOf(image, apex));
    }
  });
});
