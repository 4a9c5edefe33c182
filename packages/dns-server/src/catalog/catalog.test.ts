import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, nameKey, parseName } from '@riad/dns/name';
import {
  emptyImage,
  hostZone,
  linesOf,
  recordsOf,
  sha1,
  sortedLines,
} from '../testing/built-zone.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { applyCatalog, type KeptZone } from './apply-catalog.ts';
import { catalogRecords, uniqueLabel } from './make-catalog.ts';
import { type Catalog, type CatalogMember, readCatalog } from './read-catalog.ts';

const name = 'catalog.example.';
const apex = parseName(name);
const head = '@ 0 SOA invalid. invalid. 1 1 1 1 0\n@ 0 NS invalid.\n';
const version = 'version 0 TXT 2\n';
const read = (text: string): Catalog => readCatalog(apex, recordsOf(name, head + text));

function members(text: string): ReadonlyMap<string, CatalogMember> {
  const catalog = read(version + text);
  assert.ok(catalog.ok);
  return catalog.members;
}

describe('reading a catalog (RFC 9432 §4)', () => {
  test('members with their properties; what is not known is left alone', () => {
    const found = members(`A1.zones 0 PTR One.example.
group.a1.ZONES 0 TXT "b" "c"
group.a1.zones 0 TXT a
coo.a1.zones 0 PTR other.example.
a2.zones 0 PTR two.example.
a2.zones 0 TXT ignored
x.y.a2.zones 0 PTR ignored.
unknown.a2.zones 0 PTR ignored.
zones 0 PTR ignored.
a3.zonesx 0 PTR ignored.
group.a4.zones 0 TXT nobody
ext.unknown 0 TXT ignored
`);
    assert.deepEqual(
      [...found.values()],
      [
        {
          zone: parseName('one.example.'),
          unique: 'a1',
          movesTo: parseName('other.example.'),
          groups: ['a', 'bc'],
        },
        { zone: parseName('two.example.'), unique: 'a2', movesTo: undefined, groups: [] },
      ],
    );
  });

  test('an empty catalog is a good one', () => assert.equal(members('').size, 0));

  for (const [why, text, code] of [
    ['no version', 'a.zones 0 PTR one.\n', 'catalog.version'],
    ['another version', 'version 0 TXT 1\n', 'catalog.version'],
    ['two versions', `${version}version 0 TXT 1\n`, 'catalog.version'],
    ['a version in two strings', 'version 0 TXT 2 x\n', 'catalog.version'],
    ['a version elsewhere', 'version.zones 0 TXT 2\n', 'catalog.version'],
    ['a version of another type', 'version 0 PTR 2\n', 'catalog.version'],
    [
      'a member twice',
      `${version}a.zones 0 PTR one.\nb.zones 0 PTR ONE.\n`,
      'catalog.member-twice',
    ],
    [
      'two members at one label',
      `${version}a.zones 0 PTR one.\nA.zones 0 PTR two.\n`,
      'catalog.several',
    ],
    [
      'two catalogs to move to',
      `${version}a.zones 0 PTR one.\ncoo.a.zones 0 PTR x.\ncoo.a.zones 0 PTR y.\n`,
      'catalog.several',
    ],
  ] as const) {
    test(`broken: ${why}`, () => {
      const catalog = read(text);
      assert.equal(catalog.ok ? 'good' : catalog.code, code);
    });
  }
});

describe('what a catalog changes (RFC 9432 §5)', () => {
  const other = parseName('other.example.');
  const member = (
    zone: string,
    unique: string,
    more: Partial<CatalogMember> = {},
  ): CatalogMember => ({
    zone: parseName(zone),
    unique,
    movesTo: undefined,
    groups: [],
    ...more,
  });
  const kept = (...zones: KeptZone[]): ReadonlyMap<string, KeptZone> =>
    new Map(zones.map((zone) => [nameKey(zone.zone), zone]));
  const here = (zone: string, catalog?: typeof apex, of?: CatalogMember): KeptZone => ({
    zone: parseName(zone),
    catalog,
    byNotify: false,
    member: of,
  });
  const steps = (text: string, zones: ReadonlyMap<string, KeptZone>): string[] => {
    const step = applyCatalog(apex, members(text), zones);
    return Object.entries(step).flatMap(([what, list]) =>
      list.map((item) => `${what} ${formatName(item instanceof Uint8Array ? item : item.zone)}`),
    );
  };

  for (const [why, text, zones, expected] of [
    ['a new member', 'a.zones 0 PTR one.\n', kept(), ['add one.']],
    ['the same member', 'a.zones 0 PTR one.\n', kept(here('one.', apex, member('one.', 'a'))), []],
    ['a member that left', '', kept(here('one.', apex, member('one.', 'a'))), ['remove one.']],
    ['a zone of ours that no catalog had', '', kept(here('one.')), []],
    ['a zone of another catalog', '', kept(here('one.', other, member('one.', 'a'))), []],
    [
      'a member that is configured here',
      'a.zones 0 PTR one.\n',
      kept(here('one.')),
      ['clash one.'],
    ],
    [
      'a member that NOTIFY brought before',
      'a.zones 0 PTR one.\n',
      kept({ ...here('one.'), byNotify: true }),
      ['takeOver one.'],
    ],
    ['a zone that NOTIFY brought', '', kept({ ...here('one.'), byNotify: true }), []],
    [
      'a member of another catalog too',
      'a.zones 0 PTR one.\n',
      kept(here('one.', other, member('one.', 'a'))),
      ['clash one.'],
    ],
    [
      'a label that changed',
      'b.zones 0 PTR one.\n',
      kept(here('one.', apex, member('one.', 'a'))),
      ['reset one.'],
    ],
    [
      'a group that changed',
      'a.zones 0 PTR one.\ngroup.a.zones 0 TXT g\n',
      kept(here('one.', apex, member('one.', 'a'))),
      ['change one.'],
    ],
    [
      'a move that was announced',
      'a.zones 0 PTR one.\ncoo.a.zones 0 PTR other.example.\n',
      kept(here('one.', apex, member('one.', 'a'))),
      ['change one.'],
    ],
    [
      'a zone that moves here',
      'a.zones 0 PTR one.\n',
      kept(here('one.', other, member('one.', 'a', { movesTo: apex }))),
      ['takeOver one.'],
    ],
    [
      'a zone that moves here under another label',
      'b.zones 0 PTR one.\n',
      kept(here('one.', other, member('one.', 'a', { movesTo: apex }))),
      ['reset one.'],
    ],
    [
      'a zone that moves elsewhere',
      'a.zones 0 PTR one.\n',
      kept(here('one.', other, member('one.', 'a', { movesTo: parseName('third.') }))),
      ['clash one.'],
    ],
  ] as const) {
    test(why, () => assert.deepEqual(steps(text, zones), expected));
  }
});

describe('making a catalog', () => {
  const zones = ['one.example.', 'Two.example.', 'three.test.'].map((text) => parseName(text));
  const list: CatalogMember[] = zones.map((zone, i) => ({
    zone,
    unique: uniqueLabel(zone, 0, sha1),
    movesTo: i === 1 ? parseName('other.example.') : undefined,
    groups: i === 2 ? ['a', 'b'] : [],
  }));
  const times = { serial: 7, refresh: 3600, retry: 600, expire: 86_400 };

  test('what is made is read back, and can be served', () => {
    const records = catalogRecords(apex, times, list);
    const catalog = readCatalog(apex, records);
    assert.ok(catalog.ok);
    assert.deepEqual(
      [...catalog.members.values()].map(({ zone, ...rest }) => ({
        zone: formatName(zone).toLowerCase(),
        ...rest,
      })),
      list.map(({ zone, ...rest }) => ({ zone: formatName(zone).toLowerCase(), ...rest })),
    );
    const image = emptyImage();
    const builder = new ZoneBuilder(image, apex, 10, sha1);
    for (const { owner, type, ttlSeconds, rdata } of records) {
      builder.record(owner, owner.length, false, type, 1, ttlSeconds, rdata, 0, rdata.length, 0);
    }
    image.publish(apex, builder.finish(image.nextVersion, 0), true);
    assert.deepEqual(linesOf(image, apex), sortedLines(records));
    assert.ok(hostZone(image, 'one.example.', `${head}`).length > 0);
  });

  test('a zone has a label of its own, another when it is made again', () => {
    const [one] = zones;
    assert.match(uniqueLabel(one!, 0, sha1), /^[0-9a-v]{32}$/);
    assert.equal(uniqueLabel(one!, 0, sha1), uniqueLabel(parseName('ONE.example.'), 0, sha1));
    assert.notEqual(uniqueLabel(one!, 0, sha1), uniqueLabel(one!, 1, sha1));
    assert.notEqual(uniqueLabel(one!, 0, sha1), uniqueLabel(zones[2]!, 0, sha1));
  });

  test('a name that leaves no room is the caller’s fault', () => {
    const long = parseName(
      `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.`,
    );
    assert.throws(() => catalogRecords(long, times, list), RangeError);
  });
});
