/** Master files: what they mean, and what is said of those that mean nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import fc from 'fast-check';
import { codes as textCodes } from '../codes.ts';
import { parseName } from '../name.ts';
import { Collector, exampleOrigin, readRecords, showRecord } from '../testing/zone-records.ts';
import { readZoneFile } from './reader.ts';
import { type ReaderState, sameMeaning } from './reader-state.ts';
import { codes } from './zone-file-error.ts';

const shown = (text: string, options = {}): string[] => {
  const { records, errors } = readRecords(text, options);
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return records.map(showRecord);
};

describe('what is read', () => {
  for (const [why, text, expected] of [
    ['an empty file', '', []],
    ['comments and blank lines only', '; one\n\n   \t ; two\n', []],
    [
      'RFC 1035 §5.1: class and TTL in either order',
      'a 1 IN A 192.0.2.1\nb IN 2 A 192.0.2.2\n',
      ['a.example. 1 IN A 192.0.2.1', 'b.example. 2 IN A 192.0.2.2'],
    ],
    [
      'the owner of the line before',
      'a 1 A 192.0.2.1\n\n; between\n\t2 A 192.0.2.2\n',
      ['a.example. 1 IN A 192.0.2.1', 'a.example. 2 IN A 192.0.2.2'],
    ],
    [
      'an owner that looks like a type or a number',
      'A 1 A 192.0.2.1\n3600 2 A 192.0.2.2\nIN 3 A 192.0.2.3\n',
      [
        'A.example. 1 IN A 192.0.2.1',
        '3600.example. 2 IN A 192.0.2.2',
        'IN.example. 3 IN A 192.0.2.3',
      ],
    ],
    ['@ and the root', '@ 1 NS .\n. 1 NS @\n', ['example. 1 IN NS .', '. 1 IN NS example.']],
    [
      'RFC 1035 §5.1: parentheses over lines',
      'a 1 ( ; (\n A\n) 192.0.2.1 ()\n',
      ['a.example. 1 IN A 192.0.2.1'],
    ],
    [
      'parentheses touching tokens, nested',
      'a 1 TXT((x)"y"(z))\n',
      ['a.example. 1 IN TXT "x" "y" "z"'],
    ],
    ['a parenthesis before the owner', '( a\n 1 A 192.0.2.1 )\n', ['a.example. 1 IN A 192.0.2.1']],
    [
      'CR LF, and CR alone',
      'a 1 TXT x\r\n 1 TXT y\r 1 TXT z\r\n',
      ['a.example. 1 IN TXT "x"', 'a.example. 1 IN TXT "y"', 'a.example. 1 IN TXT "z"'],
    ],
    ['no end of line at the end', 'a 1 A 192.0.2.1', ['a.example. 1 IN A 192.0.2.1']],
    [
      'RFC 1035 §5.1: \\X and \\DDD in names',
      'a\\.b\\032\\065\\@ 1 NS \\(\\;\\".\n',
      ['a\\.b\\032A\\@.example. 1 IN NS \\(\\;\\".'],
    ],
    [
      'escapes protect blanks and quotes',
      'a 1 TXT x\\ y\\"z "p \\" ; ( q"\n',
      ['a.example. 1 IN TXT "x y\\"z" "p \\" ; ( q"'],
    ],
    [
      'strings keep their boundaries, and may be empty',
      'a 1 TXT "a" "b"\n 1 TXT ""\n 1 TXT "a""b"\n',
      ['a.example. 1 IN TXT "a" "b"', 'a.example. 1 IN TXT ""', 'a.example. 1 IN TXT "a" "b"'],
    ],
    ['UTF-8 as octets', 'ö 1 TXT ö\n', ['\\195\\182.example. 1 IN TXT "\\195\\182"']],
    [
      'RFC 3597 §5, known and unknown types',
      'a 1 CLASS1 TYPE65280 \\# 3 ab cd (\n EF )\n 1 A \\# 4 c0000201\n 1 TYPE1 192.0.2.2\n',
      [
        'a.example. 1 IN TYPE65280 \\# 3 abcdef',
        'a.example. 1 IN A 192.0.2.1',
        'a.example. 1 IN A 192.0.2.2',
      ],
    ],
    [
      '$ORIGIN, also relative',
      '$ORIGIN sub\na 1 A 192.0.2.1\n$origin x.test. ; c\na 1 A 192.0.2.2\n',
      ['a.sub.example. 1 IN A 192.0.2.1', 'a.x.test. 1 IN A 192.0.2.2'],
    ],
    [
      'RFC 2308 §4: $TTL, from here on',
      '$TTL 1h30m\na A 192.0.2.1\n 5 A 192.0.2.2\n A 192.0.2.3\n$TTL 1w2d\n A 192.0.2.4\n',
      [
        'a.example. 5400 IN A 192.0.2.1',
        'a.example. 5 IN A 192.0.2.2',
        'a.example. 5400 IN A 192.0.2.3',
        'a.example. 777600 IN A 192.0.2.4',
      ],
    ],
    [
      'RFC 2181 §8: the longest TTL',
      'a 2147483647 A 192.0.2.1\n',
      ['a.example. 2147483647 IN A 192.0.2.1'],
    ],
    [
      'a quoted owner is no directive',
      '"$TTL" 1 A 192.0.2.1\n',
      ['\\$TTL.example. 1 IN A 192.0.2.1'],
    ],
    [
      'base64 over tokens and lines',
      'a 1 DNSKEY 256 3 13 AQ (\n ID\n BA== )\n',
      ['a.example. 1 IN DNSKEY 256 3 13 AQIDBA=='],
    ],
  ] as const) {
    test(why, () => assert.deepEqual(shown(text), expected));
  }

  test('without $TTL, the TTL of the record before; said once', () => {
    const { records, warnings } = readRecords('a 7 A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n');
    assert.deepEqual(
      records.map(({ ttlSeconds }) => ttlSeconds),
      [7, 7, 7],
    );
    assert.deepEqual(
      warnings.map(({ code, line }) => [code, line]),
      [['zonefile.rfc1035-ttl', 2]],
    );
  });

  test('without any TTL, the minimum of the SOA, as with BIND', () => {
    const { records, warnings } = readRecords(
      '@ SOA a b 1 2 3 4 55\n A 192.0.2.1\n 9 A 192.0.2.2\n A 192.0.2.3\n',
    );
    assert.deepEqual(
      records.map(({ ttlSeconds }) => ttlSeconds),
      [55, 55, 9, 55],
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['zonefile.soa-ttl'],
    );
    assert.equal(readRecords('@ SOA a b 1 2 3 4 4294967295\n').records[0]!.ttlSeconds, 0); // RFC 2181 §8
  });

  test('a TTL from the caller is like $TTL', () => {
    assert.deepEqual(shown('a A 192.0.2.1\n', { defaultTtlSeconds: 12 }), [
      'a.example. 12 IN A 192.0.2.1',
    ]);
  });

  test('another class, if the zone has it', () => {
    assert.deepEqual(shown('a 1 CH TXT x\n 1 CHAOS TXT y\n 1 TXT z\n', { recordClass: 3 }), [
      'a.example. 1 CH TXT "x"',
      'a.example. 1 CH TXT "y"',
      'a.example. 1 CH TXT "z"',
    ]);
  });
});

describe('what is refused, and where', () => {
  for (const [why, text, expected] of [
    ['no owner', ' 1 A 192.0.2.1\n', ['1:2 zonefile.no-owner 1']],
    ['no type', 'a 1 IN\n', ['1:7 text.missing ']],
    ['no data', 'a 1 A ; none\n', ['1:6 text.missing ']],
    ['an unknown type', 'a 1 AAAAA ::1\n', ['1:5 zonefile.type AAAAA']],
    ['a type above 65535', 'a 1 TYPE65536 \\# 0\n', ['1:5 zonefile.type TYPE65536']],
    [
      'types of messages',
      'a 1 TYPE255 \\# 0\nb 1 OPT \\# 0\n',
      ['1:5 zonefile.meta-type TYPE255', '2:5 zonefile.meta-type OPT'],
    ],
    ['two TTLs', 'a 1 2 A 192.0.2.1\n', ['1:5 zonefile.ttl 2']],
    ['two classes', 'a IN IN 1 A 192.0.2.1\n', ['1:6 zonefile.class IN']],
    ['another class', 'a CH 1 A 192.0.2.1\n', ['1:3 zonefile.class CH']],
    ['a TTL beyond 31 bits', 'a 2147483648 A 192.0.2.1\n', ['1:3 zonefile.ttl 2147483648']],
    [
      'TTLs that are none',
      'a 1x A 192.0.2.1\na 1h3 A 192.0.2.1\n',
      ['1:3 text.ttl 1x', '2:3 text.ttl 1h3'],
    ],
    ['no TTL at all', 'a A 192.0.2.1\n', ['1:3 zonefile.no-ttl A']],
    ['too much data', 'a 1 A 192.0.2.1 x\n', ['1:17 text.extra x']],
    [
      'bad data, with the line of the token',
      'a 1 (\n A\n\t300.0.2.1 )\n',
      ['3:2 text.address 300.0.2.1'],
    ],
    ['an address cut short by the end of the file', 'a 1 A 192.0.2', ['1:7 text.address 192.0.2']],
    [
      'a label of 64 octets',
      `${'a'.repeat(64)} 1 A 192.0.2.1\n`,
      [`1:1 name.label-length ${'a'.repeat(64)}`],
    ],
    [
      'a name of 256 octets',
      `${'a.'.repeat(124)} 1 A 192.0.2.1\n${'a.'.repeat(124)}b 1 A 192.0.2.1\n`,
      [`2:1 name.length ${'a.'.repeat(32)}`],
    ],
    [
      'an open quote spoils one line',
      'a 1 TXT "x\nb 1 TXT y"z\nc 1 TXT ok\n',
      ['1:9 zonefile.open-quote "x', '2:10 zonefile.open-quote "z'],
    ],
    [
      'an open quote inside parentheses',
      'a 1 TXT ( "x\n y )\nc 1 TXT ok\n',
      ['1:11 zonefile.open-quote "x'],
    ],
    [
      'a backslash before the end of a line',
      'a 1 TXT x\\\nb 1 TXT "y\\\nc 1 TXT z\\',
      ['1:10 zonefile.escape \\', '2:11 zonefile.escape \\', '3:10 zonefile.escape \\'],
    ],
    [
      '\\DDD above 255',
      'a 1 TXT \\256\n\\300 1 TXT x\n',
      ['1:9 text.escape \\256', '2:1 name.escape \\300'],
    ],
    [
      'a parenthesis closed but not opened',
      'a 1 TXT x )\nb 1 TXT ) y\n',
      ['1:11 zonefile.close-parenthesis )', '2:9 zonefile.close-parenthesis )'],
    ],
    [
      'a parenthesis never closed',
      'a 1 TXT ( x\n y\nb 1 A x\nc 1 TXT z',
      ['1:9 zonefile.open-parenthesis (', '3:7 text.address x'],
    ],
    [
      'one that swallows what follows',
      'a 1 MX ( 1 m\nb 1 A x\nc 1 TXT z',
      ['2:1 text.extra b', '1:8 zonefile.open-parenthesis (', '2:7 text.address x'],
    ],
    ['one on the last line', 'a 1 TXT (', ['1:9 zonefile.open-parenthesis (']],
    [
      'octets 0, as a crash leaves them',
      'a 1 TXT x\0y\n\0\0\0\nb 1 TXT "\0"\nc 1 TXT \\\0\n',
      [
        '1:10 zonefile.nul \0',
        '2:1 zonefile.nul \0',
        '3:10 zonefile.nul \0',
        '4:10 zonefile.nul \0',
      ],
    ],
    [
      'unknown directives',
      '$FOO 1\n$ 2\n',
      ['1:1 zonefile.directive $FOO', '2:1 zonefile.directive $'],
    ],
    [
      'directives that are incomplete',
      '$ORIGIN\n$TTL ;x\n$INCLUDE\n$GENERATE\n$GENERATE 1-2\n$GENERATE 1-2 a\n$GENERATE 1-2 a A\n',
      [
        '1:8 text.missing ',
        '2:5 text.missing ',
        '3:9 text.missing ',
        '4:10 text.missing ',
        '5:14 text.missing ',
        '6:16 text.missing ',
        '7:18 text.missing ',
      ],
    ],
    [
      'directives that go on',
      '$ORIGIN a b\n$TTL 1 2\n$INCLUDE a/b c d\n',
      ['1:11 zonefile.trailing b', '2:8 zonefile.trailing 2', '3:16 zonefile.trailing d'],
    ],
    [
      'directives with bad values',
      '$ORIGIN a..b\n$TTL x\n',
      ['1:9 name.empty-label a..b', '2:6 text.ttl x'],
    ],
    ['a directive behind white space', 'a 1 A 192.0.2.1\n $TTL 1\n', ['2:2 zonefile.type $TTL']],
    [
      'octets of a known type that do not fit it',
      'a 1 A \\# 3 c00002\n',
      ['1:12 text.value c00002'],
    ],
  ] as const) {
    test(why, () => {
      const { errors } = readRecords(text);
      assert.deepEqual(
        errors.map(({ line, column, code, token }) => `${line}:${column} ${code} ${token}`),
        expected,
      );
      for (const { code, message } of errors) {
        assert.ok(code in codes || code in textCodes, code);
        assert.ok(message.length > 0);
      }
    });
  }

  test('what follows an owner in error is read, but nobody gets it', () => {
    const { records, errors } = readRecords(
      'a 1 TXT x\nb..c 1 TXT y\n 1 TXT z\n 1 A q\nd 1 TXT w\n',
    );
    assert.deepEqual(records.map(showRecord), [
      'a.example. 1 IN TXT "x"',
      'd.example. 1 IN TXT "w"',
    ]);
    assert.deepEqual(
      errors.map(({ line }) => line),
      [2, 4],
    );
  });

  test('reading stops after maxErrors', () => {
    const { errors, records } = readRecords(`${'a 1 A x\n'.repeat(10)}b 1 A 192.0.2.1\n`, {
      maxErrors: 3,
    });
    assert.deepEqual(
      errors.map(({ line, code }) => [line, code]),
      [
        [1, 'text.address'],
        [2, 'text.address'],
        [3, 'text.address'],
        [3, 'zonefile.too-many-errors'],
      ],
    );
    assert.equal(records.length, 0);
  });

  test('an entry in parentheses beyond maxEntryOctets', () => {
    const { errors, records } = readRecords(`a 1 TXT (\n${' x\n'.repeat(100)}\nb 1 TXT y\n`, {
      maxEntryOctets: 200,
    });
    assert.deepEqual(
      errors.map(({ line, code }) => [line, code]),
      [[1, 'zonefile.open-parenthesis']],
    );
    assert.deepEqual(records.map(showRecord), ['b.example. 1 IN TXT "y"']);
  });

  test('an error as text', () => {
    const { errors } = readRecords('a 1 AAAAA ::1\n', { file: 'zones/example' });
    assert.equal(
      errors[0]!.format(),
      'zones/example:1:5: This is not the name of a record type. (at "AAAAA")',
    );
  });
});

describe('RFC 1035 §5.1: $INCLUDE', () => {
  const files: Record<string, string> = {
    'sub/one': 'x 1 TXT one\n$ORIGIN deep\ny 1 TXT two\n',
    'sub/inherit': ' 1 TXT inherited\n',
    'sub/ttl': '$TTL 77\n',
    'sub/self': '$INCLUDE sub/self\n',
    'sub/a': '$INCLUDE sub/b\n',
    'sub/b': 'bad\n$INCLUDE sub/a\n',
    'ö/ö': 'x 1 TXT umlaut\n',
  };
  for (let i = 0; i < 20; i++) files[`deep/${i}`] = `$INCLUDE deep/${i + 1}\n`;
  const include = (path: string): Uint8Array | undefined =>
    files[path] === undefined ? undefined : encodeUtf8(files[path]);
  const errorsOf = (text: string, options = {}): string[] =>
    readRecords(text, { include, ...options }).errors.map(
      (error) => `${error.file}:${error.line}:${error.column} ${error.code}`,
    );

  test('the origin and the owner are those of before', () => {
    assert.deepEqual(
      shown('w 1 TXT zero\n$INCLUDE sub/one o\n 1 TXT three\nz 1 TXT four\n', { include }),
      [
        'w.example. 1 IN TXT "zero"',
        'x.o.example. 1 IN TXT "one"',
        'y.deep.o.example. 1 IN TXT "two"',
        'w.example. 1 IN TXT "three"',
        'z.example. 1 IN TXT "four"',
      ],
    );
  });
  test('the owner goes in, and $TTL comes out', () => {
    assert.deepEqual(
      shown('w 1 TXT a\n$INCLUDE "sub/inherit"\n$INCLUDE sub/ttl\nz TXT b\n$INCLUDE ö/ö\n', {
        include,
      }),
      [
        'w.example. 1 IN TXT "a"',
        'w.example. 1 IN TXT "inherited"',
        'z.example. 77 IN TXT "b"',
        'x.example. 1 IN TXT "umlaut"',
      ],
    );
  });
  test('the sink learns which file it is', () => {
    assert.deepEqual(readRecords('$INCLUDE sub/one\n', { include }).files, [
      'zone',
      'sub/one',
      'zone',
    ]);
  });
  test('paths that lead elsewhere', () => {
    for (const path of ['/etc/passwd', '../x', 'a/../b', './a', 'a//b', 'a/', 'a\\\\b']) {
      assert.deepEqual(errorsOf(`$INCLUDE ${path}\n`), ['zone:1:10 zonefile.include-path'], path);
    }
    assert.deepEqual(
      readRecords(Uint8Array.from([...encodeUtf8('$INCLUDE a/'), 0xff])).errors[0]!.code,
      'zonefile.include-path',
    );
  });
  test('files that are not there', () => {
    assert.deepEqual(errorsOf('$INCLUDE sub/none\n'), ['zone:1:10 zonefile.include-missing']);
    assert.deepEqual(errorsOf('$INCLUDE sub/one\n', { include: undefined }), [
      'zone:1:10 zonefile.include-missing',
    ]);
  });
  test('cycles, depth and number', () => {
    assert.deepEqual(errorsOf('$INCLUDE sub/self\n'), ['sub/self:1:10 zonefile.include-cycle']);
    assert.deepEqual(errorsOf('$INCLUDE sub/a\n'), [
      'sub/b:1:4 text.missing',
      'sub/b:2:10 zonefile.include-cycle',
    ]);
    assert.deepEqual(errorsOf('$INCLUDE deep/0\n'), ['deep/9:1:10 zonefile.include-depth']);
    assert.deepEqual(errorsOf('$INCLUDE sub/ttl\n'.repeat(4), { maxIncludes: 3 }), [
      'zone:4:10 zonefile.include-count',
    ]);
  });
});

describe('checkpoints', () => {
  const text = encodeUtf8(
    'a 7 A 192.0.2.1\n A 192.0.2.2\n; comment\n\n$ORIGIN sub\nb (\n 5 A\n 192.0.2.3 )\n$TTL 9\n A 192.0.2.4\n' +
      '$GENERATE 1-3 g$ A 192.0.2.$\n\tTXT "x"\nc A bad\n A 192.0.2.5\n',
  );
  test('reading on from any of them gives the rest', () => {
    const states: ReaderState[] = [];
    const { records } = readRecords(text, {
      checkpointEveryOctets: 1,
      checkpoint: (state) => states.push(state),
    });
    assert.ok(states.length > 8);
    assert.equal(states.at(-1)!.offset, text.length);
    for (const state of states) {
      const rest = readRecords(text, { state }).records.map(showRecord);
      const head = readRecords(text, { endOffset: state.offset }).records.map(showRecord);
      assert.deepEqual([...head, ...rest], records.map(showRecord), `at ${state.offset}`);
      assert.ok(
        sameMeaning(state, {
          ...state,
          origin: state.origin.slice(),
          owner: state.owner?.slice(),
          offset: 1,
        }),
      );
    }
    assert.ok(!sameMeaning(states[0]!, states[2]!));
    assert.ok(!sameMeaning(states[0]!, { ...states[0]!, owner: undefined }));
    assert.ok(!sameMeaning({ ...states[0]!, owner: undefined }, states[0]!));
  });
  test('lines count from the beginning', () => {
    const lines: number[] = [];
    const sink = new Collector();
    readZoneFile(
      text,
      {
        file: 'z',
        origin: exampleOrigin,
        checkpointEveryOctets: 30,
        checkpoint: (state) => lines.push(state.line),
      },
      sink,
    );
    assert.deepEqual(lines, [6, 11, 13, 15]);
    assert.deepEqual(sink.lines, [1, 2, 6, 10, 11, 11, 11, 12, 14]);
  });
});

test('reading is total', () => {
  const pieces = [
    'a',
    'A',
    ' ',
    '\n',
    '(',
    ')',
    '"',
    '\\',
    ';',
    '$TTL',
    '$ORIGIN',
    '$INCLUDE',
    '$GENERATE 1-3 ',
    '1',
    '192.0.2.1',
    'IN',
    'TXT',
    'SOA',
    '@',
    '.',
    '\0',
    '\r',
    '\t',
    '\xff',
    '$',
    '{',
    '}',
    'TYPE9',
    '\\# 1 00',
  ];
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 60 })
    .map((parts) => parts.join(''));
  const include = (path: string): Uint8Array => encodeUtf8(`$INCLUDE ${path}a\n`);
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), (input) => {
      const { errors } = readRecords(input, { include });
      for (const error of errors) assert.ok(error.line >= 1 && error.column >= 1);
    }),
    { numRuns: 3000, seed },
  );
});

test('two files read at once do not know each other', () => {
  const outer = new Collector();
  const inner: string[] = [];
  readZoneFile(
    encodeUtf8('a 1 A 192.0.2.1\n A 192.0.2.2\n'),
    { file: 'outer', origin: parseName('outer.') },
    {
      record: (...record) => {
        outer.record(...record);
        inner.push(...readRecords('$ORIGIN b\nc 2 A 192.0.2.3\n').records.map(showRecord));
      },
    },
  );
  assert.deepEqual(outer.records.map(showRecord), [
    'a.outer. 1 IN A 192.0.2.1',
    'a.outer. 1 IN A 192.0.2.2',
  ]);
  assert.deepEqual(inner, Array(2).fill('c.b.example. 2 IN A 192.0.2.3'));
});
