/** What two signed versions of a zone prove differently. Signatures are not verified here, so any octets will do. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import type { UnixSeconds } from '@riad/octets/engine';
import { hostZone, sha1 } from '../testing/built-zone.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { askedTailOctets } from './asked-image.ts';
import { formatSigning } from './signing-text.ts';
import { diffZones } from './zone-diff.ts';

const apex = 'example.com.';
const wallClock = Math.floor(Date.parse('2026-11-18T12:00:00Z') / 1000) as UnixSeconds;

type Signing = {
  readonly from?: string;
  readonly until?: string;
  readonly tag?: number;
  /** NSEC3 with this salt; NSEC unless given. */
  readonly salt?: string;
  readonly serial?: number;
  /** Lines that are signed as well; owner and type first. */
  readonly more?: readonly string[];
  /** Names whose sets are not signed. */
  readonly unsigned?: readonly string[];
};

function signed({
  from = '20261110000000',
  until = '20261210000000',
  tag = 4711,
  salt,
  serial = 1,
  more = [],
  unsigned = [],
}: Signing = {}): string {
  const sets = [
    `@ SOA ns1 hostmaster ${serial} 3600 900 2419200 300`,
    '@ NS ns1',
    '@ DNSKEY 257 3 13 AAAA',
    'ns1 A 192.0.2.1',
    'www A 192.0.2.2',
    ...more,
  ];
  if (salt !== undefined) sets.push(`@ NSEC3PARAM 1 0 0 ${salt}`);
  const names = [...new Set(sets.map((line) => line.split(' ')[0]!))];
  const typesAt = (name: string): string[] =>
    sets.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(' ')[1]!);
  if (salt === undefined) {
    const ordered = names.toSorted((a, b) => (a === '@' ? -1 : b === '@' ? 1 : a < b ? -1 : 1));
    for (const [i, name] of ordered.entries()) {
      const next = ordered[(i + 1) % ordered.length]!;
      sets.push(`${name} NSEC ${next} ${[...new Set(typesAt(name))].join(' ')} RRSIG NSEC`);
    }
  } else {
    const hashes = names
      .map((name) => ({ name, hash: hashOf(name === '@' ? apex : `${name}.${apex}`, salt) }))
      .toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
    for (const [i, { name, hash }] of hashes.entries()) {
      const next = hashes[(i + 1) % hashes.length]!.hash;
      const types = [...new Set(typesAt(name))].join(' ');
      sets.push(`${hash} NSEC3 1 0 0 ${salt} ${next} ${types} RRSIG`);
    }
  }
  const signatures = sets
    .map((line) => line.split(' '))
    .filter(([name]) => !unsigned.includes(name!))
    .map(([name, type]) => {
      const labels = name === '@' ? 2 : 3;
      return `${name} RRSIG ${type} 13 ${labels} 60 ${until} ${from} ${tag} ${apex} AAAA`;
    });
  return `$TTL 60\n${[...sets, ...new Set(signatures)].join('\n')}\n`;
}

/** RFC 5155 §5 without further iterations. */
function hashOf(name: string, salt: string): string {
  const salted = salt === '-' ? [] : Uint8Array.fromHex(salt);
  const input = Uint8Array.of(...parseName(name), ...salted);
  const digest = new Uint8Array(20);
  sha1(input, 0, input.length, digest, 0);
  const digits = [...digest].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return (digits.match(/.{5}/g) ?? [])
    .map((five) => '0123456789abcdefghijklmnopqrstuv'[Number.parseInt(five, 2)])
    .join('');
}

function imageOf(text: string): ZoneImage {
  const image = ZoneImage.create(Arena.reserve(4 << 20, askedTailOctets), 0x5eed);
  hostZone(image, apex, text);
  return image;
}

function diff(before: string | undefined, after: string) {
  const old = before === undefined ? undefined : imageOf(before);
  const { differences, signing, warnings } = diffZones(
    old,
    imageOf(after),
    parseName(apex),
    sha1,
    wallClock,
  );
  return {
    differences: differences.length,
    lines: signing === undefined ? undefined : formatSigning(signing),
    warnings: warnings.map(({ code, message }) => `${code} ${message}`),
  };
}

const times = 'from 2026-11-10 00:00:00 UTC until 2026-12-10 00:00:00 UTC';
const newTimes = 'from 2026-11-17 00:00:00 UTC until 2026-12-17 00:00:00 UTC';
const renewed = { from: '20261117000000', until: '20261217000000', serial: 2 };
const plain =
  '$TTL 60\n@ SOA ns1 hostmaster 1 3600 900 2419200 300\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n';

describe('signed zones', () => {
  test('the same: nothing to say', () => {
    assert.deepEqual(diff(signed(), signed()), { differences: 0, lines: [], warnings: [] });
    assert.equal(diff(plain, plain).lines, undefined);
  });
  test('signed anew: a line, though no answer differs', () => {
    assert.deepEqual(diff(signed(), signed(renewed)), {
      differences: 0,
      lines: [`signatures renewed: 3 names, ${times}, now ${newTimes}`],
      warnings: [],
    });
  });
  test('and without a newer serial, secondaries do not get it', () => {
    const { warnings } = diff(signed(), signed({ ...renewed, serial: 1 }));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^diff\.serial /);
  });
  test('by another key', () => {
    const { lines } = diff(signed(), signed({ tag: 815, serial: 2 }));
    assert.deepEqual(lines, [
      'signed with key 4711 (ECDSAP256SHA256), now with key 815 (ECDSAP256SHA256)',
      `signatures renewed: 3 names, ${times}, now ${times}`,
    ]);
  });
  test('a new name: its neighbour’s NSEC is another one', () => {
    const { differences, lines } = diff(signed(), signed({ serial: 2, more: ['x A 192.0.2.9'] }));
    assert.equal(differences, 1);
    assert.deepEqual(lines, ['signatures where there were none: 1 name', 'NSEC changed: 1 name']);
  });
  test('a set that is not signed any more', () => {
    const { lines } = diff(signed(), signed({ serial: 2, unsigned: ['www'] }));
    assert.deepEqual(lines, ['signatures gone: 1 name']);
  });
  test('signed for the first time, and not any more', () => {
    assert.deepEqual(diff(plain, signed({ serial: 2 })).lines, [
      `signed now, with key 4711 (ECDSAP256SHA256), NSEC: ${times}`,
    ]);
    assert.deepEqual(diff(signed(), plain.replace(' 1 3600', ' 2 3600')).lines, [
      'not signed any more; it was with key 4711 (ECDSAP256SHA256), NSEC',
    ]);
  });
  test('NSEC3 with another salt, and NSEC instead', () => {
    const [one, two] = [signed({ salt: '-' }), signed({ salt: 'ab', serial: 2 })];
    assert.deepEqual(diff(one, one).lines, []);
    const salted = diff(one, two).lines!;
    assert.equal(salted[0], 'NSEC3 parameters changed: NSEC3 1 0 0 -, now NSEC3 1 0 0 AB');
    assert.ok(!salted.some((line) => line.startsWith('NSEC3 changed')));
    assert.equal(
      diff(one, signed({ serial: 2 })).lines![0],
      'denial of existence changed: NSEC3 1 0 0 -, now NSEC',
    );
    const named = signed({ salt: '-', serial: 2, more: ['x A 192.0.2.9'] });
    assert.match(diff(one, named).lines!.join(), /NSEC3 changed: \d+ names?/);
  });
});

describe('signatures of the later version that are refused, or will soon', () => {
  for (const [why, signing, expected] of [
    ['good', {}, undefined],
    [
      'expired',
      { until: '20261118115959' },
      /^diff\.signature-expired example\.com\.: .*8 signatures, the first of \S+ \w+: 2026-11-18 11:59:59 UTC$/,
    ],
    [
      'expires within three days',
      { until: '20261121115959' },
      /^diff\.signature-expires example\.com\.: .*8 signatures/,
    ],
    ['later', { until: '20261121120000' }, undefined],
    ['not valid yet', { from: '20261118120001' }, /^diff\.signature-early .*8 signatures/],
    // In serial arithmetic, which goes round in 2106.
    ['far ahead', { until: '20800101000000' }, undefined],
  ] as const) {
    test(why, () => {
      // A new zone is looked at, too.
      for (const before of [signed({ ...signing, serial: 0 }), undefined]) {
        const { warnings } = diff(before, signed(signing));
        if (expected === undefined) assert.deepEqual(warnings, []);
        else assert.match(warnings.join('\n'), expected);
      }
    });
  }
});
