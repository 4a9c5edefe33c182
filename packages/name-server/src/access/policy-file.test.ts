/** The policy file: what it says, and where what is wrong with it stands. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import {
  type Change,
  changeRefusal,
  keyRefusal,
  type Policy,
} from '@riad/dns-server/access/policy';
import type { UnixSeconds } from '@riad/octets/engine';
import { readPolicyFile } from './policy-file.ts';

function policyOf(text: string): Policy {
  const reading = readPolicyFile(text);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.policy;
}

const documented = `rules:
  - keys: "*._update.example.com"
    allow:
      - names: [self]
        types: [A, AAAA]
        values: { A: [192.0.2.0/24] }
      - names: [_acme-challenge.self, { subtree: dyn.example.com }]
        types: [TXT]
    changesPerHour: 20
    notAfter: 2027-03-31
    from: [192.0.2.0/24, "2001:db8::/32"]
`;

test('the policy of the header', () => {
  const policy = policyOf(documented);
  const key = parseName('laptop._update.example.com.');
  const add = (owner: string, type: number, ...octets: number[]): Change => ({
    kind: 'add',
    owner: parseName(owner),
    type,
    rdata: Uint8Array.from(octets),
  });
  for (const [change, expected] of [
    [add('laptop.example.com.', 1, 192, 0, 2, 1), undefined],
    [add('laptop.example.com.', 1, 192, 0, 3, 1), 'policy.value'],
    [add('laptop.example.com.', 16, 1, 0x61), 'policy.type'],
    [add('_acme-challenge.laptop.example.com.', 16, 1, 0x61), undefined],
    [add('x.y.dyn.example.com.', 16, 1, 0x61), undefined],
    [add('www.example.com.', 1, 192, 0, 2, 1), 'policy.name'],
  ] as const) {
    assert.equal(changeRefusal(policy, key, change), expected);
  }
  const last = Date.UTC(2027, 2, 31, 23, 59, 59) / 1000;
  const at = (seconds: number, address: number[]) =>
    keyRefusal(policy, key, Uint8Array.from(address), undefined, seconds as UnixSeconds);
  assert.equal(at(last, [192, 0, 2, 1]), undefined);
  assert.equal(at(last + 1, [192, 0, 2, 1]), 'access.expired');
  assert.equal(at(last, [203, 0, 113, 1]), 'access.key-address');
  assert.equal(policy.rules[0]?.changesPerHour, 20);
});

test('an empty file takes nothing away', () => {
  for (const text of ['', '# nothing\n', 'rules: []\n']) {
    assert.deepEqual(policyOf(text), { rules: [] });
  }
});

test('forms of keys, names and times', () => {
  const { rules } = policyOf(`rules:
  - { keys: "*" }
  - { keys: k._update.example.com, notAfter: 2027-03-31T12:00:00Z }
  - { keys: k._update.example.com., allow: [] }
  - keys: "*."
    allow: [{ names: [www.example.com, "*.example.com", self., a.b.self], types: [TYPE65280, https] }]
`);
  assert.deepEqual(
    rules.map(({ keys }) => keys.kind),
    ['every', 'exact', 'exact', 'below'],
  );
  assert.equal(rules[1]?.notAfter, Date.UTC(2027, 2, 31, 12) / 1000);
  assert.deepEqual(rules[2]?.allow, []);
  const [allowance] = rules[3]?.allow ?? [];
  assert.deepEqual(
    allowance?.names?.map(({ kind }) => kind),
    ['exact', 'exact', 'exact', 'self'],
  );
  assert.deepEqual(allowance?.types, [65280, 65]);
});

describe('complaints name line and column', () => {
  const inRule = (line: string): string => `rules:\n  - keys: "*"\n    ${line}\n`;
  for (const [why, text, ...expected] of [
    ['no YAML', 'rules: {', '1:9 '],
    ['not a map', '- a', '1:1 '],
    ['an unknown key', inRule('until: 2027-01-01'), '3:5 unknown key "until"'],
    ['no keys', 'rules:\n  - allow: []\n', '2:5 keys: '],
    [
      'a star in the middle',
      'rules:\n  - keys: "a.*.example"\n',
      '2:5 keys: "a.*.example": * stands',
    ],
    ['not a name', 'rules:\n  - keys: "a..b"\n', '2:5 keys: "a..b" is not a name'],
    [
      'a type that is none',
      inRule('allow: [{ types: [A, AAAAA] }]'),
      '3:26 types[1]: "AAAAA" is not',
    ],
    ['a meta type', inRule('allow: [{ types: [ANY] }]'), '3:23 types[0]: "ANY" is a type that'],
    [
      'a subtree as a star',
      inRule('allow: [{ names: ["a.*.b"] }]'),
      '3:23 names[0]: "a.*.b": all names',
    ],
    [
      'a subtree of no name',
      inRule('allow: [{ names: [{ subtree: a..b }] }]'),
      '3:23 names[0]: "a..b" is not a name',
    ],
    ['no name at all', inRule('allow: [{ names: [7] }]'), '3:23 names[0]: a name, self'],
    ['an address', inRule('from: [192.0.2.1/24]'), '3:12 from[0]: "192.0.2.1/24": bits'],
    ['a value', inRule('allow: [{ values: { A: ["x"] } }]'), '3:29 A[0]: "x" is not an IP address'],
    ['a port', inRule('allow: [{ values: { A: [192.0.2.1@1] } }]'), '3:29 A[0]: '],
    ['the other family', inRule('allow: [{ values: { AAAA: [192.0.2.1] } }]'), '3:32 AAAA[0]: '],
    ['a day that is none', inRule('notAfter: 2027-02-31'), '3:5 notAfter: "2027-02-31" is neither'],
    ['a time of no zone', inRule('notAfter: 2027-02-01 10:00'), '3:5 notAfter: '],
    ['less than nothing', inRule('changesPerHour: -1'), '3:5 changesPerHour: '],
    [
      'all at once',
      'rules:\n  - keys: "a..b"\n    from: [x]\n  - keys: "*"\n    foo: 1\n',
      '2:5 keys: ',
      '3:12 from[0]: ',
      '5:5 unknown key "foo"',
    ],
  ] as const) {
    test(why, () => {
      const reading = readPolicyFile(text);
      assert.ok(!reading.ok);
      const told = reading.complaints.map(
        ({ line, column, sentence }) => `${line}:${column} ${sentence}`,
      );
      assert.equal(told.length, expected.length, told.join('\n'));
      for (const [i, start] of expected.entries()) {
        assert.ok(told[i]?.startsWith(start), `${told[i]} should start ${start}`);
      }
    });
  }

  test('anchors that unfold to more than anybody writes', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) {
      lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`);
    }
    const reading = readPolicyFile(lines.join('\n'));
    assert.ok(!reading.ok);
  });
});
