import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { readRecords } from '@riad/dns/testing/zone-records';
import { serialChange } from '@riad/dns-server/zone-history/zone-change';
import { commitText, type DecodedChange, maxAuthors, maxListedRecords } from './commit-text.ts';

const apexName = parseName('example.com.');
const soa = readRecords('@ 60 SOA ns hostmaster 1 3600 900 2419200 300\n', { origin: apexName })
  .records[0]!;

function change(serial: number, added: string, key: string): DecodedChange {
  const { records } = readRecords(added, { origin: apexName });
  const only = serialChange(soa, serial);
  return {
    served: {
      zone: 'example.com.',
      sequence: serial,
      kind: 'update',
      author: { key, address: '192.0.2.9', timeSeconds: serial },
      change: undefined,
      request: undefined,
    },
    change: { ...only, additions: [...only.additions, ...records] },
  };
}

/** A store takes no message of a mebibyte. */
function octetsOf({ title, authors, lines }: ReturnType<typeof commitText>): number {
  return Buffer.byteLength([title, ...lines, ...authors].join('\n'));
}

describe('what a commit says of updates', () => {
  test('one update: who, when, from which serial to which, and its records', () => {
    const text = commitText(
      [change(2, 'a 60 A 192.0.2.1\n', 'k._update.')],
      apexName,
      'example.com.',
    );
    assert.deepEqual(text, {
      title: 'example.com: an update by k._update',
      authors: ['k._update'],
      lines: [
        'changed by 192.0.2.9 with k._update. at 1970-01-01T00:00:02.000Z, serial 1 to 2',
        '+ a 60 A 192.0.2.1',
      ],
    });
  });

  test('a hundred thousand updates that waited: a part, and how many more there are', () => {
    const many = Array.from({ length: 100_000 }, (_, i) =>
      change(i + 2, 'a 60 A 192.0.2.1\n', `k${i}._update.`),
    );
    const text = commitText(many, apexName, 'example.com.');
    assert.equal(
      text.title,
      'example.com: 100000 updates by k0._update, k1._update, k2._update, …',
    );
    assert.equal(text.authors.length, maxAuthors);
    assert.equal(text.lines.filter((line) => line.startsWith('+')).length, maxListedRecords);
    assert.deepEqual(text.lines.slice(-2), [
      '… and 800 more records of these',
      '… and 99000 more changes',
    ]);
    assert.ok(octetsOf(text) < 1 << 19);
  });

  test('long records fill it sooner', () => {
    const long = `a 60 TXT ${Array.from({ length: 200 }, () => 'x'.repeat(255)).join(' ')}\n`;
    const many = Array.from({ length: 150 }, (_, i) => change(i + 2, long, 'k._update.'));
    const text = commitText(many, apexName, 'example.com.');
    assert.ok(octetsOf(text) < 1 << 19, `${octetsOf(text)} octets`);
    assert.match(text.lines.at(-1)!, /^… and 1\d\d more changes$/);
  });
});
