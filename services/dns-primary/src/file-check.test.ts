/** One file, as it is and as it was: what is refused, what is remarked upon, and where. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { encodeUtf8 } from '@riad/octets/utf8';
import { type FileJudgement, type FileRules, judgeFile } from './file-check.ts';

const strict: FileRules = { rootOrigin: false, serial: 'file' };
const auto: FileRules = { ...strict, serial: 'auto' };
const fromRoot: FileRules = { ...strict, rootOrigin: true };

const zone = (serial: number, more: string = '', address: string = '192.0.2.1'): string => `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
  NS ns
  NS ns.elsewhere.test.
ns A ${address}
${more}`;

function judge(
  text: string,
  old?: string,
  rules: FileRules = strict,
  name: string = 'example.com',
  included: Readonly<Record<string, string>> = {},
): FileJudgement {
  const include = (path: string): Uint8Array | undefined =>
    included[path] === undefined ? undefined : encodeUtf8(included[path]);
  const file = { name, label: `zones/${name}`, text: encodeUtf8(text), include };
  return judgeFile(file, rules, old === undefined ? undefined : { text: encodeUtf8(old), include });
}

/** `line:column code` of each. */
function told({ faults, warnings }: FileJudgement): { faults: string[]; warnings: string[] } {
  const place = ({ line, column, code }: FileJudgement['faults'][number]): string =>
    `${line}:${column} ${code}`;
  return { faults: faults.map(place), warnings: warnings.map(place) };
}

describe('the serial', () => {
  for (const [why, now, before, rules, faults, warnings] of [
    ['newer', zone(2, 'x A 192.0.2.2\n'), zone(1), strict, [], []],
    [
      'newer over the end of the numbers',
      zone(3, 'x A 192.0.2.2\n'),
      zone(4294967290),
      strict,
      [],
      [],
    ],
    [
      'the same, of another zone',
      zone(1, 'x A 192.0.2.2\n'),
      zone(1),
      strict,
      ['2:1 serial.not-newer'],
      [],
    ],
    [
      'the same, of another address',
      zone(1, '', '192.0.2.3'),
      zone(1),
      strict,
      ['2:1 serial.not-newer'],
      [],
    ],
    [
      'the same, of another TTL',
      zone(1).replace('TTL 60', 'TTL 61'),
      zone(1),
      strict,
      ['2:1 serial.not-newer'],
      [],
    ],
    ['the same, of the same zone', `; only a comment\n${zone(1)}`, zone(1), strict, [], []],
    ['the same, spelled otherwise', zone(1).replace('ns A', 'NS A'), zone(1), strict, [], []],
    ['older', zone(1), zone(2), strict, ['2:1 serial.not-newer'], []],
    [
      'as far as can be (RFC 1982 §3.2)',
      zone(2 ** 31 + 1),
      zone(1),
      strict,
      ['2:1 serial.not-newer'],
      [],
    ],
    ['the server’s to raise: the same', zone(1, 'x A 192.0.2.2\n'), zone(1), auto, [], []],
    [
      'the server’s to raise: older, as when a change is taken back',
      zone(1),
      zone(2),
      auto,
      [],
      ['2:1 serial.raised-later'],
    ],
    ['of a file that was broken', zone(2), `${zone(1)}x AAAAA\n`, strict, [], []],
    [
      'the same, of a file that was broken',
      zone(1),
      `${zone(1)}x AAAAA\n`,
      strict,
      ['2:1 serial.not-newer'],
      [],
    ],
    ['of a file that had none', zone(1), '; nothing\n', strict, [], ['2:1 serial.unknown']],
  ] as const) {
    test(why, () => {
      assert.deepEqual(told(judge(now, before, rules)), {
        faults: [...faults],
        warnings: [...warnings],
      });
    });
  }

  test('what is included counts as well', () => {
    const text = zone(1, '$INCLUDE sub/hosts\n');
    const file = (address: string) => ({
      name: 'example.com',
      label: 'example.com',
      text: encodeUtf8(text),
      include: () => encodeUtf8(`h A ${address}\n`),
    });
    assert.deepEqual(judgeFile(file('192.0.2.1'), strict, file('192.0.2.1')).faults, []);
    const changed = judgeFile(file('192.0.2.2'), strict, file('192.0.2.1'));
    assert.deepEqual(told(changed).faults, ['2:1 serial.not-newer']);
  });

  test('the sentence says file, line, column and both serials', () => {
    const [fault] = judge(zone(1), zone(7)).faults;
    assert.deepEqual([fault?.file, fault?.line, fault?.column], ['zones/example.com', 2, 1]);
    assert.match(fault!.message, /example\.com\. had serial 7 and has 1/);
  });
});

describe('files that come and go', () => {
  test('an empty file is a removal if it was there, and else a fault', () => {
    assert.deepEqual(told(judge('', zone(1))).faults, []);
    assert.deepEqual(told(judge('')).faults, ['1:1 zone.empty-file']);
  });
  test('an empty old file is an addition', () => {
    assert.deepEqual(told(judge(zone(1), '')).faults, []);
    assert.deepEqual(told(judge(`${zone(1)}x AAAAA\n`, '')).faults, ['6:3 zonefile.type']);
  });
});

describe('names that begin at the root', () => {
  const theirs = `$TTL 60
example.com SOA ns.example.com hostmaster.example.com 1 3600 900 2419200 300
example.com NS ns.example.com
example.com NS ns.elsewhere.test
ns.example.com A 192.0.2.1
www.example.com A 192.0.2.2
`;
  test('are taken so, or told', () => {
    assert.deepEqual(told(judge(theirs, undefined, fromRoot)), { faults: [], warnings: [] });
    const { faults, warnings } = told(judge(theirs));
    assert.ok(faults.includes('0:1 zone.no-soa') || faults.length > 0);
    assert.deepEqual(warnings, ['1:1 zone.root-origin']);
  });
  test('also where only the rest of the file does so', () => {
    const half = theirs
      .replace('example.com SOA ns.example.com', 'example.com. SOA ns.example.com.')
      .replaceAll('example.com NS ns.example.com\n', 'example.com. NS ns.example.com.\n')
      .replace('example.com NS', 'example.com. NS');
    const { faults, warnings } = told(judge(half));
    assert.deepEqual(faults, []);
    assert.ok(warnings.includes('1:1 zone.root-origin'), warnings.join());
    assert.ok(warnings.includes('6:1 check.name-twice'), warnings.join());
  });
  test('a file of ours with a missing final dot is not one of them', () => {
    const { warnings } = told(judge(zone(1, 'www.example.com A 192.0.2.9\n')));
    assert.deepEqual(warnings, ['6:1 check.name-twice']);
  });
  test('a file that says where it begins is the same either way', () => {
    const text = `$ORIGIN example.com.\n${zone(1)}`;
    assert.deepEqual(told(judge(text)), told(judge(text, undefined, fromRoot)));
  });
});

describe('files that are no zones', () => {
  const secret = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0';
  for (const [name, text, rules, kind, faults] of [
    ['_keys', `k._update. DNSKEY 0 3 163 ${secret}\n`, strict, 'keys', []],
    ['_keys', `\nk._update. DNSKEY 0 3 99 ${secret}\n`, strict, 'keys', ['2:23 key.algorithm']],
    ['_keys', '\nk._update. 60 A 192.0.2.1\n', strict, 'keys', ['2:15 key.type']],
    ['example.com._keys', `k._update DNSKEY 0 3 163 ${secret}\n`, strict, 'keys', []],
    [
      'example.com._keys',
      `k._update DNSKEY 0 3 163 ${secret}\n`,
      fromRoot,
      'keys',
      ['1:1 key.outside'],
    ],
    ['example.com._keys', `k._update.example.com DNSKEY 0 3 163 ${secret}\n`, fromRoot, 'keys', []],
    ['_policy.yaml', 'rules:\n  - keys: "*._update.example.com"\n', strict, 'policy', []],
    ['_policy.yaml', 'rules:\n  - kesy: x\n', strict, 'policy', ['2:5 policy.wrong']],
    ['README.md', 'not a zone', strict, 'other', []],
    ['.gitignore', '*', strict, 'other', []],
  ] as const) {
    test(`${name}: ${kind}, ${faults.length} faults${rules.rootOrigin ? ', from the root' : ''}`, () => {
      const judged = judge(text, undefined, rules, name);
      assert.equal(judged.kind, kind);
      const found = told(judged).faults;
      if (kind === 'policy') assert.equal(found.length > 0, faults.length > 0, found.join());
      else assert.deepEqual(found, [...faults]);
      assert.ok(!JSON.stringify(judged).includes(secret));
    });
  }

  test('any file is the zone that one calls it', () => {
    const file = {
      name: 'README.md',
      label: 'x',
      text: encodeUtf8(zone(1)),
      include: () => undefined,
    };
    assert.equal(judgeFile(file, strict, undefined, parseName('example.com.')).kind, 'zone');
  });
});
