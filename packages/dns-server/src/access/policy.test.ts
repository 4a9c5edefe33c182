/** What a policy leaves: names, types, values, and that it never gives. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { parseName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import type { UnixSeconds } from '@riad/octets/engine';
import { Random, seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import { parseAddressEntry } from './address-list.ts';
import {
  type Allowance,
  type Change,
  changeRefusal,
  changesPerHour,
  keyRefusal,
  lockedPolicy,
  type NameRule,
  type PolicyRule,
  type ValueRule,
} from './policy.ts';

const type = (mnemonic: string): number => parseRecordType(mnemonic)!;
const every = { kind: 'every' } as const;
const exact = (name: string) => ({ kind: 'exact', name: parseName(name) }) as const;
const subtree = (name: string): NameRule => ({ kind: 'subtree', name: parseName(name) });
const self = (...prefix: string[]): NameRule => ({ kind: 'self', prefix: prefix.map(encodeUtf8) });
const addresses = (text: string): ValueRule => {
  const list = parseAddressEntry(text);
  assert.ok(typeof list !== 'string');
  return { kind: 'addresses', list };
};
const pattern = (text: string): ValueRule => ({ kind: 'text', pattern: text });

function allowance(
  names?: readonly NameRule[],
  types?: readonly string[],
  values?: Readonly<Record<string, readonly ValueRule[]>>,
): Allowance {
  return {
    names,
    types: types?.map(type),
    values: values && new Map(Object.entries(values).map(([name, rules]) => [type(name), rules])),
  };
}

function rule(change: Partial<PolicyRule>): PolicyRule {
  return {
    keys: every,
    allow: undefined,
    changesPerHour: undefined,
    notAfter: undefined,
    addresses: undefined,
    ...change,
  };
}

function rdata(mnemonic: string, text: string): Uint8Array {
  let found: Uint8Array | undefined;
  const errors = readZoneFile(
    encodeUtf8(`x. 1 ${mnemonic} ${text}\n`),
    { file: '', origin: parseName('.') },
    {
      record: (_o, _l, _s, _t, _c, _ttl, octets, start, end) => {
        found = octets.slice(start, end);
      },
    },
  );
  assert.deepEqual(errors, []);
  return found!;
}

const add = (owner: string, mnemonic: string, text: string): Change => ({
  kind: 'add',
  owner: parseName(owner),
  type: type(mnemonic),
  rdata: rdata(mnemonic, text),
});
const removeSet = (owner: string, mnemonic: string, present?: readonly string[]): Change => ({
  kind: 'remove-rrset',
  owner: parseName(owner),
  type: type(mnemonic),
  present: present?.map((text) => rdata(mnemonic, text)),
});
const removeName = (
  owner: string,
  present?: Readonly<Record<string, readonly string[]>>,
): Change => ({
  kind: 'remove-name',
  owner: parseName(owner),
  present:
    present &&
    Object.entries(present).map(([mnemonic, texts]) => ({
      type: type(mnemonic),
      values: texts.map((text) => rdata(mnemonic, text)),
    })),
});

const laptop = parseName('laptop._update.example.com.');
function judge(rules: readonly PolicyRule[], change: Change, key = laptop): string {
  return changeRefusal({ rules }, key, change) ?? 'yes';
}

describe('“this host: only its own _acme-challenge and its addresses”', () => {
  const rules = [
    rule({
      keys: { kind: 'below', name: parseName('_update.example.com.') },
      allow: [allowance([self()], ['A', 'AAAA']), allowance([self('_acme-challenge')], ['TXT'])],
    }),
  ];
  for (const [change, expected] of [
    [add('laptop.example.com.', 'A', '192.0.2.1'), 'yes'],
    [add('LAPTOP.Example.com.', 'AAAA', '2001:db8::1'), 'yes'],
    [add('_acme-challenge.laptop.example.com.', 'TXT', '"x"'), 'yes'],
    [add('_ACME-challenge.laptop.example.com.', 'TXT', '"x"'), 'yes'],
    [add('laptop.example.com.', 'TXT', '"x"'), 'policy.type'],
    [add('_acme-challenge.laptop.example.com.', 'A', '192.0.2.1'), 'policy.type'],
    [add('www.example.com.', 'A', '192.0.2.1'), 'policy.name'],
    [add('x.laptop.example.com.', 'A', '192.0.2.1'), 'policy.name'],
    [add('example.com.', 'A', '192.0.2.1'), 'policy.name'],
    [add('_acme-challenge.www.example.com.', 'TXT', '"x"'), 'policy.name'],
    [add('laptop.sub.example.com.', 'A', '192.0.2.1'), 'policy.name'],
    [removeSet('laptop.example.com.', 'A'), 'yes'],
    [removeSet('laptop.example.com.', 'MX'), 'policy.type'],
    [removeName('laptop.example.com.'), 'policy.type'],
    [removeName('laptop.example.com.', { A: ['192.0.2.1'] }), 'yes'],
    [removeName('laptop.example.com.', { A: ['192.0.2.1'], TXT: ['"x"'] }), 'policy.type'],
    [removeName('laptop.example.com.', {}), 'yes'],
    [removeName('www.example.com.', {}), 'policy.name'],
  ] as const) {
    test(`${described(change)}: ${expected}`, () => assert.equal(judge(rules, change), expected));
  }

  test('another key of the pattern has another self; others keep what they had', () => {
    const change = add('laptop.example.com.', 'A', '192.0.2.1');
    assert.equal(judge(rules, change, parseName('phone._update.example.com.')), 'policy.name');
    assert.equal(judge(rules, change, parseName('k._update.')), 'yes');
  });

  test('a key without labels before the operation has no self', () => {
    const own = [rule({ allow: [allowance([self()])] })];
    const bare = parseName('_update.example.com.');
    assert.equal(judge(own, add('example.com.', 'A', '192.0.2.1'), bare), 'policy.name');
  });
});

describe('names', () => {
  const rules = [rule({ allow: [allowance([exact('a.example.'), subtree('b.example.')])] })];
  for (const [owner, expected] of [
    ['a.example.', 'yes'],
    ['A.EXAMPLE.', 'yes'],
    ['x.a.example.', 'policy.name'],
    ['b.example.', 'yes'],
    ['x.y.b.example.', 'yes'],
    ['bb.example.', 'policy.name'],
    ['example.', 'policy.name'],
  ] as const) {
    test(owner, () => assert.equal(judge(rules, add(owner, 'A', '192.0.2.1')), expected));
  }
});

describe('values', () => {
  const rules = [
    rule({
      allow: [
        allowance(undefined, undefined, {
          A: [addresses('192.0.2.0/24'), addresses('198.51.100.7')],
          AAAA: [addresses('2001:db8::/32')],
          CNAME: [pattern('*.example.com.')],
          TXT: [pattern('"v=spf1 *"'), pattern('""')],
          MX: [pattern('* mail.example.')],
        }),
      ],
    }),
  ];
  for (const [mnemonic, text, expected] of [
    ['A', '192.0.2.9', 'yes'],
    ['A', '198.51.100.7', 'yes'],
    ['A', '198.51.100.8', 'policy.value'],
    ['AAAA', '2001:db8::1', 'yes'],
    ['AAAA', '::ffff:192.0.2.9', 'policy.value'],
    ['CNAME', 'www.example.com.', 'yes'],
    ['CNAME', 'WWW.EXAMPLE.COM.', 'yes'],
    ['CNAME', 'example.com.', 'policy.value'],
    ['CNAME', 'www.example.com.evil.', 'policy.value'],
    ['TXT', '"v=spf1 -all"', 'yes'],
    ['TXT', '""', 'yes'],
    ['TXT', '"v=spf1 -all" "more"', 'yes'],
    ['TXT', '"x"', 'policy.value'],
    ['MX', '10 mail.example.', 'yes'],
    ['MX', '10 mail.test.', 'policy.value'],
    ['NS', 'ns.test.', 'yes'],
  ] as const) {
    test(`${mnemonic} ${text}: ${expected}`, () => {
      assert.equal(judge(rules, add('x.example.', mnemonic, text)), expected);
      const removal = { ...add('x.example.', mnemonic, text), kind: 'remove' } as Change;
      assert.equal(judge(rules, removal), expected);
    });
  }

  test('a set is taken away only if each of its values may be', () => {
    const good = ['192.0.2.1', '192.0.2.2'];
    assert.equal(judge(rules, removeSet('x.example.', 'A', good)), 'yes');
    assert.equal(
      judge(rules, removeSet('x.example.', 'A', [...good, '203.0.113.1'])),
      'policy.value',
    );
    assert.equal(judge(rules, removeSet('x.example.', 'A')), 'policy.value');
    assert.equal(judge(rules, removeSet('x.example.', 'A', [])), 'yes');
    assert.equal(judge(rules, removeName('x.example.')), 'policy.value');
  });

  test('patterns: stars anywhere, none, and more text than is looked at', () => {
    const txt = (text: string): Change => add('x.', 'TXT', text);
    const only = (glob: string): readonly PolicyRule[] => [
      rule({ allow: [allowance(undefined, undefined, { TXT: [pattern(glob)] })] }),
    ];
    for (const [glob, text, expected] of [
      ['"a*b*c"', '"aXbYc"', 'yes'],
      ['"a*b*c"', '"abc"', 'yes'],
      ['"a*b*c"', '"acb"', 'policy.value'],
      ['"*ab"', '"aab"', 'yes'],
      ['"a"', '"aa"', 'policy.value'],
      ['**"', '"a"', 'yes'],
    ] as const) {
      assert.equal(judge(only(glob), txt(text)), expected, `${glob} ${text}`);
    }
    const long = Array.from({ length: 20 }, () => `"${'a'.repeat(250)}"`).join(' ');
    assert.equal(judge(only('*'), txt(long)), 'yes');
    assert.equal(judge(only('"a*'), txt(long)), 'policy.value');
  });

  test('record data that are malformed match nothing but everything', () => {
    const change: Change = {
      kind: 'add',
      owner: parseName('x.'),
      type: 5,
      rdata: new Uint8Array(0),
    };
    assert.equal(judge(rules, change), 'policy.value');
  });
});

describe('several rules', () => {
  const first = rule({ allow: [allowance([subtree('example.')], ['A'])], changesPerHour: 20 });
  const second = rule({ allow: [allowance([exact('a.example.')])], changesPerHour: 5 });

  test('all hold', () => {
    const rules = [first, second];
    assert.equal(judge(rules, add('a.example.', 'A', '192.0.2.1')), 'yes');
    assert.equal(judge(rules, add('b.example.', 'A', '192.0.2.1')), 'policy.name');
    assert.equal(judge(rules, add('a.example.', 'TXT', '"x"')), 'policy.type');
    assert.equal(changesPerHour({ rules }, laptop), 5);
  });

  test('an empty list allows nothing, no list everything', () => {
    const change = add('a.', 'A', '192.0.2.1');
    assert.equal(judge([rule({ allow: [] })], change), 'policy.name');
    assert.equal(judge([rule({ allow: [allowance()] })], change), 'yes');
    assert.equal(judge([rule({})], change), 'yes');
    assert.equal(judge([], change), 'yes');
    assert.equal(changesPerHour({ rules: [rule({})] }, laptop), undefined);
  });

  test('the locked policy leaves nothing', () => {
    const address = Uint8Array.of(192, 0, 2, 1);
    for (const now of [0, 1_800_000_000] as UnixSeconds[]) {
      assert.equal(keyRefusal(lockedPolicy, laptop, address, 53, now), 'access.expired');
    }
    assert.equal(judge(lockedPolicy.rules, add('a.', 'A', '192.0.2.1')), 'policy.name');
    assert.equal(changesPerHour(lockedPolicy, laptop), 0);
  });

  test(`one rule more never permits what was refused (RIAD_SEED=${seed})`, () => {
    const random = new Random();
    const names = ['a.example.', 'b.example.', 'x.a.example.', 'laptop.example.com.'];
    const nameRules = [...names.map(exact), ...names.map(subtree), self(), self('_x')];
    const some = <Item>(items: readonly Item[]): readonly Item[] | undefined =>
      random.chance(0.3) ? undefined : items.filter(() => random.chance(0.5));
    const randomRule = (): PolicyRule =>
      rule({
        notAfter: random.chance(0.1) ? (1 as UnixSeconds) : undefined,
        allow: random.chance(0.2)
          ? undefined
          : Array.from({ length: random.below(3) }, () => ({
              names: some(nameRules),
              types: some([1, 16, 28]),
              values: random.chance(0.5) ? new Map([[1, [addresses('192.0.2.0/24')]]]) : undefined,
            })),
      });
    const changes = names.flatMap((name) => [
      add(name, 'A', '192.0.2.1'),
      add(name, 'A', '203.0.113.1'),
      add(name, 'TXT', '"x"'),
      removeSet(name, 'A'),
      removeName(name),
      removeName(name, { A: ['192.0.2.1'] }),
    ]);
    let narrowed = 0;
    for (let run = 0; run < 2000; run++) {
      const rules = Array.from({ length: random.below(3) }, randomRule);
      const more = [...rules, randomRule()];
      for (const change of changes) {
        const before = judge(rules, change);
        const after = judge(more, change);
        if (before !== 'yes') assert.notEqual(after, 'yes');
        else if (after !== 'yes') narrowed++;
      }
    }
    assert.ok(narrowed > 100);
  });
});

function described(change: Change): string {
  const owner = Buffer.from(change.owner.subarray(1)).toString().replace(/\W/g, '.');
  if (change.kind === 'remove-name') return `${change.kind} ${owner}`;
  return `${change.kind} ${owner} ${recordTypeOf(change.type).mnemonic}`;
}
