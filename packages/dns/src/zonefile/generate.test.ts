// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how $GENERATE writes it
/** $GENERATE: BIND's manual, section “$GENERATE”, and what the cross-check with BIND confirms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readRecords, showRecord } from '../testing/zone-records.ts';

const generated = (line: string): string[] => {
  const { records, errors } = readRecords(`$TTL 1\n$GENERATE ${line}\n`);
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return records.map((record) => showRecord(record).replace(' 1 IN ', ' '));
};

describe('lines', () => {
  for (const [line, expected] of [
    ['1-2 $ CNAME $.0', ['1.example. CNAME 1.0.example.', '2.example. CNAME 2.0.example.']],
    [
      '1-5/2 h$ A 192.0.2.$',
      ['h1.example. A 192.0.2.1', 'h3.example. A 192.0.2.3', 'h5.example. A 192.0.2.5'],
    ],
    ['0-0 h${5} IN A 192.0.2.${-0}', ['h5.example. A 192.0.2.0']],
    [
      '1-2 h${-1,3} A 192.0.2.${10,0,d}',
      ['h000.example. A 192.0.2.11', 'h001.example. A 192.0.2.12'],
    ],
    ['1-1 h${-10,4} A 192.0.2.1', ['h-009.example. A 192.0.2.1']],
    ['255-255 h${0,4,x}${0,0,X}${0,0,o} A 192.0.2.1', ['h00ffFF377.example. A 192.0.2.1']],
    ['18-18 ${0,4,n} A 192.0.2.1', ['2.1. A 192.0.2.1']],
    ['171-171 ${0,3,N}.x A 192.0.2.1', ['B.A.x.example. A 192.0.2.1']],
    ['1-1 ${0,8,n}x A 192.0.2.1', ['1.0.0.0.x.example. A 192.0.2.1']],
    ['1-1 a$$\\$b A 192.0.2.1', ['a\\$\\$b.example. A 192.0.2.1']],
    ['1-1 $ORIGIN A 192.0.2.1', ['1ORIGIN.example. A 192.0.2.1']],
    ['1-1 $$ORIGIN A 192.0.2.1', ['\\$ORIGIN.example. A 192.0.2.1']],
    ['1-2 h$ MX "$ mail"', ['h1.example. MX 1 mail.example.', 'h2.example. MX 2 mail.example.']],
    ['1-1 h$ MX $ mail$', ['h1.example. MX 1 mail1.example.']],
    ['1-1 h$ TXT "a $"', ['h1.example. TXT "a" "1"']],
    ['1-1 h$ TXT "\\"a $\\""', ['h1.example. TXT "a 1"']],
    ['1-1 h$ TXT "a $" b', ['h1.example. TXT "a 1" "b"']],
    ['1-1 h$ TYPE65280 \\# 1 0$', ['h1.example. TYPE65280 \\# 1 01']],
  ] as const) {
    test(line, () => assert.deepEqual(generated(line), expected));
  }
});

test('TTL and class stand before the type', () => {
  assert.deepEqual(readRecords('$GENERATE 1-1 h 5 IN A 192.0.2.1\n').records.map(showRecord), [
    'h.example. 5 IN A 192.0.2.1',
  ]);
  assert.deepEqual(readRecords('$GENERATE 1-1 h IN 1m A 192.0.2.1\n').records.map(showRecord), [
    'h.example. 60 IN A 192.0.2.1',
  ]);
});

test('the owner before goes on afterwards', () => {
  const { records } = readRecords('a 1 A 192.0.2.1\n$GENERATE 1-1 h A 192.0.2.2\n A 192.0.2.3\n');
  assert.deepEqual(records.map(showRecord), [
    'a.example. 1 IN A 192.0.2.1',
    'h.example. 1 IN A 192.0.2.2',
    'a.example. 1 IN A 192.0.2.3',
  ]);
});

describe('what is refused', () => {
  for (const [line, code] of [
    ['2-1 h$ A 192.0.2.$', 'zonefile.generate-range'],
    ['1-2/0 h$ A 192.0.2.$', 'zonefile.generate-range'],
    ['1 h$ A 192.0.2.$', 'zonefile.generate-range'],
    ['1-2147483648 h$ A 192.0.2.$', 'zonefile.generate-range'],
    ['1-2 h${x} A 192.0.2.$', 'zonefile.generate-template'],
    ['1-2 h${1,2,y} A 192.0.2.$', 'zonefile.generate-template'],
    ['1-2 h${1 A 192.0.2.$', 'zonefile.generate-template'],
    ['1-2 h${0,999} A 192.0.2.$', 'zonefile.generate-template'],
    ['1-2147483647 h$ A 192.0.2.$', 'zonefile.generate-count'],
    ['250-300 h$ A 192.0.2.$', 'text.address'],
    ['1-9 h$ FOO 192.0.2.$', 'zonefile.type'],
    ['1-9 h$ MX "$ \\"b"', 'zonefile.open-quote'],
    ['1-9 h$ TXT "; $"', 'text.missing'],
    [`1-9 h$ TXT ${'$'.repeat(1).padEnd(8300, '$x')}`, 'zonefile.generate-size'],
  ] as const) {
    test(line.slice(0, 60), () => {
      const { errors } = readRecords(`$TTL 1\n$GENERATE ${line}\n`);
      assert.deepEqual(
        errors.map((error) => [error.code, error.line]),
        [[code, 2]],
      );
    });
  }
});
