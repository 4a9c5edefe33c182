/**
 * The rights model as a table: every form of key name against every operation on its zone, a zone below,
 * one above, one beside, and the root. What is expected follows from the words the name is put together
 * from and the two sentences of the grammar: update ⊇ transfer ⊇ notify; the zone and all below it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import { keysOnly, type Operation, parseAddressEntry } from './address-list.ts';
import { type AccessRules, permits } from './rights.ts';

const now = 1_800_000_000 as UnixSeconds;
const address = Uint8Array.of(192, 0, 2, 7);

/** What each right lets one do besides asking, in the words of the grammar. */
const may: Readonly<Record<string, readonly Operation[]>> = {
  _update: ['update', 'transfer', 'notify'],
  _transfer: ['transfer', 'notify'],
  _notify: ['notify'],
};
const operations: readonly Operation[] = ['query', 'notify', 'transfer', 'update'];

/** What may stand before the operation. None of it changes right or zone. */
const before = [
  '',
  'client.',
  'a.b.c.',
  '1.2.3.4.',
  '1.2.3.4.5.6.7.8.',
  'laptop.1.2.3.4.',
  '20010db8000000000000000000000001.',
  '20010db8000000000000000000000001.1.2.3.4.',
  '_notify.',
  '_update.',
  '_transfer.',
  '1.2.3.4._transfer.',
  '_update.elsewhere.example.',
  '_or.',
];
const zones = ['corp.example.', 'example.', 'a.b.corp.example.'];
/** Names that grant nothing, whatever stands before. */
const worthless = ['example.', 'update.example.', '_update._or.example.', '_update.example.7.'];

type Place = { readonly where: string; readonly zone: string; readonly covered: boolean };

function placesAround(zone: string): readonly Place[] {
  const parent = zone.slice(zone.indexOf('.') + 1) || '.';
  return [
    { where: 'its zone', zone, covered: true },
    { where: 'its zone in capitals', zone: zone.toUpperCase(), covered: true },
    { where: 'a zone below', zone: `sub.${zone}`, covered: true },
    { where: 'a zone far below', zone: `x.y.z.${zone}`, covered: true },
    { where: 'the zone above', zone: parent, covered: false },
    { where: 'the root', zone: '.', covered: false },
    { where: 'a zone beside it', zone: `sibling.${parent === '.' ? '' : parent}`, covered: false },
    { where: 'a zone whose name ends alike', zone: `not${zone}`, covered: false },
    { where: 'another', zone: 'elsewhere.test.', covered: false },
  ];
}

const everywhere: readonly Place[] = ['.', 'example.', 'a.b.c.test.'].map((zone) => ({
  where: zone,
  zone,
  covered: true,
}));

let cells = 0;
function cell(key: string, operation: Operation, { where, zone }: Place, expected: boolean): void {
  cells++;
  const permission = permits(
    { operation, zone: parseName(zone), key: { name: parseName(key) }, address, now },
    { addresses: { ...keysOnly, query: [] }, policy: { rules: [] } },
  );
  assert.equal(permission.permitted, expected, `${key} ${operation} ${where} ${zone}`);
}

describe('the rights model: every key form, every operation, zone, subzone, parent and sibling', () => {
  for (const [word, granted] of Object.entries(may)) {
    for (const zone of zones) {
      test(`${word}.${zone}`, () => {
        for (const start of before) {
          for (const place of placesAround(zone)) {
            for (const operation of operations) {
              // Whoever may do anything with a zone may ask it.
              const right = operation === 'query' || granted.includes(operation);
              cell(`${start}${word}.${zone}`, operation, place, right && place.covered);
            }
          }
        }
      });
    }

    test(`${word}. for the root: every zone`, () => {
      for (const start of before) {
        for (const place of everywhere) {
          for (const operation of operations) {
            const right = operation === 'query' || granted.includes(operation);
            cell(`${start}${word}.`, operation, place, right);
          }
        }
      }
    });
  }

  test('names that grant nothing', () => {
    for (const name of worthless) {
      for (const start of ['', 'client.', '1.2.3.4.5.6.7.8.']) {
        for (const place of [...placesAround('example.'), ...everywhere]) {
          for (const operation of operations) cell(`${start}${name}`, operation, place, false);
        }
      }
    }
  });

  test('and the table was whole', () => {
    const forms = 3 * before.length;
    assert.equal(
      cells,
      forms * 4 * (zones.length * 9 + everywhere.length) + worthless.length * 3 * 4 * 12,
    );
  });
});

describe('why not', () => {
  const ask = (
    key: string | undefined,
    operation: Operation,
    rules: AccessRules = { addresses: keysOnly, policy: { rules: [] } },
  ) =>
    permits(
      {
        operation,
        zone: parseName('example.'),
        key: key === undefined ? undefined : { name: parseName(key) },
        address,
        now,
      },
      rules,
    );
  const entry = (text: string) => {
    const entries = parseAddressEntry(text);
    assert.ok(typeof entries !== 'string');
    return entries;
  };

  for (const [why, key, operation, expected] of [
    ['unsigned', undefined, 'update', 'access.no-key'],
    ['a name that grants nothing', 'k.example.', 'update', 'access.key-grants-nothing'],
    ['a lesser right', '_transfer.example.', 'update', 'access.right'],
    ['another zone', '_update.sub.example.', 'update', 'access.zone'],
  ] as const) {
    test(why, () => assert.deepEqual(ask(key, operation), { permitted: false, reason: expected }));
  }

  test('everybody asks, with or without a key', () => {
    assert.deepEqual(ask(undefined, 'query'), { permitted: true, by: 'address' });
    assert.deepEqual(ask('k.other.', 'query'), { permitted: true, by: 'address' });
  });

  test('an address that may transfer without a key may not update', () => {
    const addresses = { ...keysOnly, transfer: entry('192.0.2.0/24') };
    const rules = { addresses, policy: { rules: [] } };
    assert.deepEqual(ask(undefined, 'transfer', rules), { permitted: true, by: 'address' });
    assert.deepEqual(ask('_notify.example.', 'transfer', rules), {
      permitted: true,
      by: 'address',
    });
    assert.equal(ask(undefined, 'update', rules).permitted, false);
    assert.equal(ask(undefined, 'notify', rules).permitted, false);
  });

  test('a policy takes the key away, after its date or from elsewhere', () => {
    const rule = {
      keys: { kind: 'every' as const },
      allow: undefined,
      changesPerHour: undefined,
      notAfter: undefined,
      addresses: undefined,
    };
    const with_ = (change: object): AccessRules => ({
      addresses: keysOnly,
      policy: { rules: [{ ...rule, ...change }] },
    });
    const key = '_update.example.';
    assert.equal(ask(key, 'update', with_({ notAfter: now })).permitted, true);
    assert.deepEqual(ask(key, 'transfer', with_({ notAfter: now - 1 })), {
      permitted: false,
      reason: 'access.expired',
    });
    assert.equal(ask(key, 'update', with_({ addresses: entry('192.0.2.7') })).permitted, true);
    assert.deepEqual(ask(key, 'notify', with_({ addresses: entry('192.0.2.8') })), {
      permitted: false,
      reason: 'access.key-address',
    });
  });
});
