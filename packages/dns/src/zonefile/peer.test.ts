/**
 * What BIND's named-compilezone makes of a file is what we make of it: both readings, as sorted
 * canonical records, are the same. Without named-compilezone these tests are skipped; with CI=true
 * they fail. (The types one by one are compared beside them, in `rdata/`.)
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { octetsFromText } from '@riad/octets/ascii';
import { Random, seed } from '@riad/octets/testing/random';
import { formatName, nameFromLabels, parseName } from '../name.ts';
import { canonicalRecord, readRecords } from '../testing/zone-records.ts';
import { formatZone, type ZoneRecord } from './writer.ts';

const program = 'named-compilezone';
const present = spawnSync(program, ['-v']).status === 0;
const skip = present || process.env['CI'] === 'true' ? false : `${program} is not installed`;
const folder = mkdtempSync(join(tmpdir(), 'riad-zonefile-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Reading = { readonly records: string[] } | { readonly complaint: string };

function bindReads(text: string | Uint8Array, origin: string): Reading {
  writeFileSync(join(folder, 'zone'), text);
  const options =
    '-F text -s full -i none -k ignore -n ignore -m ignore -r ignore -S ignore -T ignore'.split(
      ' ',
    );
  const result = spawnSync(program, [...options, '-w', folder, '-o', 'out', origin, 'zone'], {
    timeout: 20_000,
  });
  if (result.status !== 0)
    return { complaint: result.stdout.toString() + result.stderr.toString() };
  const { records, errors } = readRecords(readFileSync(join(folder, 'out')), {
    origin: parseName('.'),
  });
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return { records: sorted(records) };
}

function weRead(text: string | Uint8Array, origin: string): Reading {
  const octets = typeof text === 'string' ? octetsFromText(text) : text;
  const include = (path: string): Uint8Array | undefined =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined;
  const { records, errors } = readRecords(octets, { origin: parseName(origin), include });
  if (errors.length > 0) return { complaint: errors.map((error) => error.format()).join('\n') };
  return { records: sorted(records) };
}

/** A zone is a set: what stands twice in the file stands once in it. */
function sorted(records: readonly ZoneRecord[]): string[] {
  return [...new Set(records.map(canonicalRecord))].sort();
}

const soa = '@ 3600 IN SOA ns.example. hostmaster.example. 1 2 3 4 5\n@ 3600 IN NS ns.test.\n';

describe('files both read alike', { skip }, () => {
  const files: Record<string, string> = {
    'sub/one': 'x 1 TXT one\n$ORIGIN deep\ny 1 TXT two\n',
    'sub/inherit': ' 1 TXT inherited\n',
    'sub/ttl': '$TTL 77\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [why, text] of [
    [
      'no TTL but that of the SOA',
      '@ IN SOA a b 1 2 3 4 55\n NS x.test.\na A 192.0.2.1\n 9 TXT x\nb A 192.0.2.1\n',
    ],
    [
      'TTL of the record before',
      '@ 8 IN SOA a b 1 2 3 4 55\n NS x.test.\na A 192.0.2.1\nc 9 A 192.0.2.1\nb A 192.0.2.1\n',
    ],
    [
      '$TTL with units',
      `$TTL 1w2d3h4m5s\n${soa}a A 192.0.2.1\nb 1H A 192.0.2.1\nc 0 A 192.0.2.1\n`,
    ],
    [
      '$TTL after a record',
      `${soa}a A 192.0.2.1\n$TTL 5\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd A 192.0.2.1\n`,
    ],
    ['units in the SOA', '@ 1 SOA a b ( 1 1h 1m 1w1d 90s )\n@ 1 NS x.test.\n'],
    [
      'class and TTL in either order',
      `${soa}a IN 5 A 192.0.2.1\nb 5 IN A 192.0.2.1\nc 5 A 192.0.2.1\n`,
    ],
    [
      'owners that look like something else',
      `${soa}A 5 A 192.0.2.1\nIN 5 A 192.0.2.1\n5 5 A 192.0.2.1\nSOA 1 TXT x\n`,
    ],
    ['parentheses', `${soa}a ( 5\n A ( 192.0.2.1\n ) ) ; x\nb 1 TXT(x)"y"\n(\nc 1 A 192.0.2.1)\n`],
    ['comments', `; c\n${soa} ; "\n\n\t\n;(\na 1 TXT x;y\n`],
    [
      'strings',
      `${soa}a 1 TXT "a b" c "" "\\"" \\"x\\" "\\065\\000" "a;b" "(" a\\;b a\\ b\nb 1 TXT "x""y"z\n`,
    ],
    [
      'names',
      `${soa}a\\.b 1 NS \\065b.\\@.x.\n\\* 1 A 192.0.2.1\n*.w 1 A 192.0.2.1\n\\200\\000 1 A 192.0.2.1\n_a._b 1 A 192.0.2.1\n`,
    ],
    ['mixed case', `${soa}wWw 1 A 192.0.2.1\nWWW 1 a 192.0.2.2\nx 1 cname WWW.Example.\n`],
    [
      '$ORIGIN',
      `${soa}$ORIGIN a\nb 1 A 192.0.2.1\n$ORIGIN c.example.\n@ 1 A 192.0.2.1\n$origin .\nd.example 1 A 192.0.2.1\n`,
    ],
    ['$INCLUDE', `${soa}w 1 TXT zero\n$INCLUDE sub/one o\n 1 TXT three\nz 1 TXT four\n`],
    ['$INCLUDE and the owner', `${soa}w 1 TXT a\n$INCLUDE "sub/inherit"\nv 1 TXT b\n`],
    ['$INCLUDE and $TTL', `${soa}w 1 TXT a\n$INCLUDE sub/ttl\nv TXT b\n`],
    ['CR LF', `${soa}a 1 A 192.0.2.1\r\n 1 TXT "x"\r\n`],
    ['no end of line', `${soa}a 1 A 192.0.2.1`],
    [
      'RFC 3597',
      `${soa}a 1 TYPE65280 \\# 3 ab cd ( EF )\nb 1 TYPE1 192.0.2.1\nc 1 A \\# 4 C0 000201\nd 1 TYPE731 \\# 0\ne 1 CLASS1 A 192.0.2.1\n`,
    ],
    ['quoted owner', `${soa}"a" 1 A 192.0.2.1\n`],
    ['$GENERATE, plain', `$TTL 5\n${soa}$GENERATE 1-20/3 h$ A 192.0.2.$\n`],
    [
      '$GENERATE, modifiers',
      `$TTL 5\n${soa}$GENERATE 0-40 h\${10,5,x} CNAME x\${-3}.\${0,3,o}.\${0,0,X}.\${7}.example.\n`,
    ],
    [
      '$GENERATE, nibbles',
      `$TTL 5\n${soa}$GENERATE 0-300/7 \${0,3,n}.a.example. PTR h\${0,7,N}.b.\n$GENERATE 1-17 \${0,5,n}x PTR y\${0,1,n}.\${0,4,n}z.\n`,
    ],
    ['$GENERATE, dollars', `$TTL 5\n${soa}$GENERATE 1-2 a$$b\\$c$ CNAME $$x.\\$y\n`],
    [
      '$GENERATE, TTL and class',
      `$TTL 5\n${soa}$GENERATE 1-2 a$ 7 IN A 192.0.2.$\n$GENERATE 1-2 b$ IN 8 A 192.0.2.$\n$GENERATE 1-2 c$ 9 A 192.0.2.$\n`,
    ],
    [
      '$GENERATE, quoted data',
      `$TTL 5\n${soa}$GENERATE 1-2 m$ MX "$ mail"\n$GENERATE 1-2 t$ TXT "a $"\n$GENERATE 1-2 u$ TXT "\\"a $\\""\n$GENERATE 1-2 v$ AAAA 2001:db8::$\n`,
    ],
    [
      '$GENERATE and the owner before',
      `$TTL 5\n${soa}a A 192.0.2.1\n$GENERATE 1-2 h$ A 192.0.2.$\n A 192.0.2.3\n`,
    ],
  ] as const) {
    test(why, () => {
      const ours = weRead(text, 'example.');
      const bind = bindReads(text, 'example.');
      assert.ok(!('complaint' in bind), JSON.stringify(bind));
      assert.deepEqual(ours, bind);
    });
  }

  test(`random records (seed ${seed})`, () => {
    const random = new Random();
    for (let run = 0; run < 30; run++) {
      const ttls = new Map<string, number>();
      const records = Array.from({ length: 60 }, (): ZoneRecord => {
        const labels = Array.from({ length: random.below(4) }, () =>
          random.chance(0.3)
            ? random.octets(random.between(1, 10))
            : octetsFromText(random.pick(['a', 'B', '*', 'www'])),
        );
        const owner = nameFromLabels([...labels, octetsFromText('example')]);
        const type = random.pick([16, 65280, 65281]);
        const data = random.octets(random.below(40));
        const rdata = type === 16 ? Uint8Array.from([data.length, ...data]) : data;
        const key = `${formatName(owner).toLowerCase()} ${type}`;
        const ttlSeconds = ttls.get(key) ?? random.below(100_000); // RFC 2181 §5.2: one for the set
        ttls.set(key, ttlSeconds);
        return { owner, type, recordClass: 1, ttlSeconds, rdata };
      });
      const text = soa + [...formatZone(records, parseName('example.'))].join('');
      const bind = bindReads(text, 'example.');
      assert.ok(!('complaint' in bind), JSON.stringify(bind));
      assert.deepEqual(weRead(text, 'example.'), bind);
    }
  });

  test('a signed zone', (context) => {
    if (spawnSync('dnssec-signzone', ['-V']).error !== undefined) {
      if (process.env['CI'] === 'true') assert.fail('dnssec-signzone is not installed');
      return context.skip('dnssec-signzone is not installed');
    }
    const unsigned = `$TTL 300\n${soa}ns A 192.0.2.1\n*.w TXT "x"\nsub NS ns.sub\nns.sub A 192.0.2.2\n`;
    writeFileSync(join(folder, 'plain'), unsigned);
    const key = execFileSync(
      'dnssec-keygen',
      ['-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', '-K', folder, 'example'],
      { encoding: 'utf8' },
    );
    const sign = [
      '-z',
      '-S',
      '-K',
      folder,
      '-d',
      folder,
      '-3',
      'abcd',
      '-o',
      'example',
      '-f',
      'signed',
      '-O',
      'text',
    ];
    execFileSync('dnssec-signzone', [...sign, 'plain', key.trim()], { cwd: folder, stdio: 'pipe' });
    const text = readFileSync(join(folder, 'signed'));
    assert.deepEqual(weRead(text, 'example.'), bindReads(text, 'example.'));
  });
});

describe('files both refuse', { skip }, () => {
  for (const text of [
    'a 1 A 300.1.1.1',
    'a 1 A',
    'a 1 AAAAA x',
    'a 1 A 192.0.2.1 x',
    'a 1h3 A 192.0.2.1',
    'a 1 TXT "x',
    'a 1 TXT ( x',
    'a 1 TXT x )',
    'a..b 1 A 192.0.2.1',
    `${'a'.repeat(64)} 1 A 192.0.2.1`,
    'a 1 MX x 1',
    'a CH 1 A 192.0.2.1',
    '$FOO 1',
    '$TTL x',
    '$ORIGIN',
    '$INCLUDE none/none',
    'a 1 TXT \\256',
    'a 1 TYPE65280 \\# 2 00',
    'a 1 TYPE65280 x',
    'a 1 ANY \\# 0',
    '$GENERATE 2-1 a$ A 192.0.2.1',
    '$GENERATE 250-260 a$ A 192.0.2.$',
    '$GENERATE 1-2 a$ FOO x',
    'a 1 TXT',
    'a 1 A \\# 3 000000',
  ]) {
    test(text.slice(0, 40), () => {
      const whole = `${soa}${text}\n`;
      assert.ok('complaint' in weRead(whole, 'example.'), 'we read it');
      assert.ok('complaint' in bindReads(whole, 'example.'), 'BIND reads it');
    });
  }
});
