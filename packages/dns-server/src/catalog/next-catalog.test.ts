/** Catalogs that are made here: what comes next, and that it arrives as it was meant. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, nameKey, parseName } from '@riad/dns/name';
import { parseNamePattern } from '../access/name-pattern.ts';
import { emptyImage, linesOf, sha1, sortedLines } from '../testing/built-zone.ts';
import { prepareChange } from '../transfer/apply-change.ts';
import { TransferIn } from '../transfer/transfer-in.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { type CatalogTransfer, catalogStep, wholeCatalog } from './catalog-transfer.ts';
import {
  type CatalogRules,
  type CatalogVersion,
  type NextCatalog,
  nextCatalog,
  versionRecords,
} from './next-catalog.ts';
import { maxCatalogMembers } from './read-catalog.ts';

const apex = parseName('catalog.example.');
const patterns = (texts: readonly string[]) =>
  texts.map((text) => {
    const pattern = parseNamePattern(text);
    assert.ok(typeof pattern !== 'string', text);
    return pattern;
  });
const rules = (members: readonly string[] = ['*'], groups: Record<string, string[]> = {}) =>
  ({
    apex,
    members: patterns(members),
    groups: Object.entries(groups).map(([group, zones]) => ({ group, zones: patterns(zones) })),
  }) satisfies CatalogRules;

const wallSeconds = 1_800_000_000;
type Next = Extract<NextCatalog, { kind: 'next' }>;

function look(
  zones: readonly string[],
  before?: CatalogVersion,
  more: { again?: readonly string[]; by?: CatalogRules; anew?: boolean } = {},
): NextCatalog {
  const again = new Set((more.again ?? []).map((zone) => nameKey(parseName(zone))));
  const sight = { before, zones: zones.map((zone) => parseName(zone)), again, wallSeconds };
  return nextCatalog(more.by ?? rules(), sight, more.anew ?? false, sha1);
}

function next(...given: Parameters<typeof look>): Next {
  const found = look(...given);
  assert.ok(found.kind === 'next', found.kind);
  return found;
}

const labelOf = ({ members }: CatalogVersion, zone: string): string | undefined =>
  members.get(nameKey(parseName(zone)))?.unique;

describe('what a catalog says next (RFC 9432 §4)', () => {
  const first = next(['one.', 'two.']);

  test('the first version has a serial of the clock, which a lost state does not bring back', () => {
    assert.equal(first.version.serial, wallSeconds);
    assert.deepEqual(first.joined.map(formatName), ['one.', 'two.']);
    assert.deepEqual(next(['one.', 'two.']).version, first.version);
  });

  test('nothing new is no version, unless one is wanted', () => {
    assert.equal(look(['two.', 'one.'], first.version).kind, 'same');
    const anew = next(['one.', 'two.'], first.version, { anew: true });
    assert.deepEqual(
      [anew.version.serial, anew.removals, anew.additions],
      [wallSeconds + 1, [], []],
    );
  });

  test('who joins and who leaves; the others keep their labels', () => {
    const second = next(['two.', 'three.'], first.version);
    assert.deepEqual(
      [second.joined.map(formatName), second.left.map(formatName)],
      [['three.'], ['one.']],
    );
    assert.equal(second.version.serial, wallSeconds + 1);
    assert.equal(labelOf(second.version, 'two.'), labelOf(first.version, 'two.'));
    assert.deepEqual([second.removals.length, second.additions.length], [1, 1]);
  });

  test('a zone that left and joined again has another label, seen between or not (§5.4)', () => {
    const without = next(['two.'], first.version);
    const again = next(['one.', 'two.'], without.version);
    const unseen = next(['one.', 'two.'], first.version, { again: ['one.'] });
    const labels = [first, again, unseen].map(({ version }) => labelOf(version, 'one.'));
    assert.notEqual(labels[0], labels[1]);
    assert.notEqual(labels[0], labels[2]);
    assert.equal(labelOf(unseen.version, 'two.'), labelOf(first.version, 'two.'));
    assert.deepEqual(unseen.joined.map(formatName), ['one.']);
  });

  test('the serial goes on beyond its last number (RFC 1982)', () => {
    const last = { ...first.version, serial: 0xffff_ffff };
    assert.equal(next(['one.'], last).version.serial, 1);
  });

  test('members and groups by pattern; a group that changes touches only itself', () => {
    const by = rules(['*.example', 'x.'], { g: ['a.example'], all: ['*'] });
    const chosen = next(['a.example.', 'b.example.', 'example.', 'x.', 'y.'], undefined, { by });
    assert.deepEqual(
      [...chosen.version.members.values()].map(({ zone, groups }) => [formatName(zone), groups]),
      [
        ['a.example.', ['all', 'g']],
        ['b.example.', ['all']],
        ['x.', ['all']],
      ],
    );
    const other = rules(['*.example', 'x.'], { h: ['a.example'], all: ['*'] });
    const changed = next(['a.example.', 'b.example.', 'x.'], chosen.version, { by: other });
    assert.deepEqual([changed.removals.length, changed.additions.length], [1, 1]);
    assert.deepEqual([changed.joined, changed.left], [[], []]);
  });

  test('more members than a catalog may have', () => {
    const zones = Array.from({ length: maxCatalogMembers + 1 }, (_, i) => `z${i}.`);
    assert.deepEqual(look(zones), { kind: 'too-many', members: maxCatalogMembers + 1 });
  });
});

describe('a catalog as a transfer', () => {
  function take(image: ZoneImage, { request, messages }: CatalogTransfer): string {
    const engine = new TransferIn(image, request, sha1);
    for (const message of messages) {
      const outcome = engine.take(message);
      if (outcome === undefined) continue;
      if (outcome.kind === 'zone') outcome.publish();
      else if (outcome.kind === 'changes') {
        const prepared = prepareChange(image, apex, outcome.change, sha1);
        assert.ok(prepared.ok);
        prepared.publish();
      } else assert.fail(JSON.stringify(outcome));
      return outcome.kind;
    }
    return 'unfinished';
  }

  test('whole in many messages, then step by step, it is what was meant', () => {
    const image = emptyImage();
    let zones = Array.from({ length: 3000 }, (_, i) => `zone${i}.${'x'.repeat(60)}.example.`);
    const first = next(zones);
    const whole = wholeCatalog(apex, first.version);
    assert.ok(whole.messages.length > 1);
    assert.ok(whole.messages.every(({ length }) => length <= 65_535));
    assert.equal(take(image, whole), 'zone');
    let { version } = first;
    for (const change of [
      (all: string[]) => all.slice(1),
      (all: string[]) => [...all, 'new.'],
      (all: string[]) => all.slice(1000),
    ]) {
      zones = change(zones);
      const step = next(zones, version);
      assert.equal(take(image, catalogStep(apex, version.serial, step)), 'changes');
      version = step.version;
      assert.deepEqual(linesOf(image, apex), sortedLines(versionRecords(apex, version)));
    }
  });
});
