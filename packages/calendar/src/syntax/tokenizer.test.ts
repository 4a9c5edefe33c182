import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { parseDocument } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { octets, text } from '../testing/objects.ts';
import { type ContentLine, makeLine, makeParameter, parameterValues } from './content-line.ts';
import { foldText, formatLine, formatUnfolded } from './line-format.ts';
import { type Syntax, tokenize } from './tokenizer.ts';

const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
const lines = (value: string, syntax: Syntax = 'icalendar'): readonly ContentLine[] => {
  const tokens = tokenize(encode(value), { syntax });
  assert.deepEqual(tokens.errors, []);
  return tokens.lines;
};
const notes = (value: Uint8Array | string, syntax: Syntax = 'icalendar'): string[] =>
  tokenize(typeof value === 'string' ? encode(value) : value, { syntax }).notes.map(
    ({ code }) => code,
  );

describe('RFC 5545 §3.1 content lines', () => {
  test('name, parameters and value', () => {
    const [line] = lines('attendee;RSVP=TRUE;ROLE=REQ-PARTICIPANT:mailto:a@example.com\r\n');
    assert.equal(line?.name, 'ATTENDEE');
    assert.deepEqual(
      line.parameters.map(({ name, values }) => [name, values]),
      [
        ['RSVP', ['TRUE']],
        ['ROLE', ['REQ-PARTICIPANT']],
      ],
    );
    assert.equal(line.value, 'mailto:a@example.com');
  });
  test('unfolds at a blank and at a tab, once', () => {
    const [line] = lines('DESCRIPTION:This is a lo\r\n ng description\r\n\t that exists\r\n');
    assert.equal(line?.value, 'This is a long description that exists');
    assert.equal(line?.line, 1);
  });
  test('a fold inside a character of UTF-8', () => {
    const whole = encode('SUMMARY:Grüße\r\n');
    const cut = whole.indexOf(0xc3) + 1;
    const folded = Uint8Array.from([...whole.slice(0, cut), 13, 10, 32, ...whole.slice(cut)]);
    const tokens = tokenize(folded, { syntax: 'icalendar' });
    assert.equal(tokens.lines[0]?.value, 'Grüße');
  });
  test('a fold inside the name of a property and of a parameter', () => {
    const [line] = lines('DTST\r\n ART;TZ\r\n ID=Europe/Ber\r\n lin:20260101T000000\r\n');
    assert.equal(line?.name, 'DTSTART');
    assert.deepEqual(parameterValues(line!, 'TZID'), ['Europe/Berlin']);
  });
  test('quoted values, lists of them, and colons and semicolons inside', () => {
    const [line] = lines('ATTENDEE;MEMBER="mailto:a;b@x","mailto:c,d@x";CN=A:mailto:e@x\r\n');
    assert.deepEqual(parameterValues(line!, 'MEMBER'), ['mailto:a;b@x', 'mailto:c,d@x']);
    assert.deepEqual(parameterValues(line!, 'CN'), ['A']);
  });
  test('RFC 6868 §3.2: ^n, ^^ and ^’', () => {
    const [line] = lines(
      "ATTENDEE;CN=George Herman ^'Babe^' Ruth^^^n^x:mailto:babe@example.com\r\n",
    );
    assert.deepEqual(parameterValues(line!, 'CN'), ['George Herman "Babe" Ruth^\n^x']);
  });
  test('places: octets of the document, number of the line', () => {
    const value = 'A:1\r\nB:2\r\n 3\r\nC:4\r\n';
    const places = lines(value).map(({ start, end, line }) => [value.slice(start, end), line]);
    assert.deepEqual(places, [
      ['A:1\r\n', 1],
      ['B:2\r\n 3\r\n', 2],
      ['C:4\r\n', 4],
    ]);
  });
});

describe('vCard', () => {
  test('groups', () => {
    const [line] = lines('item1.TEL;TYPE=home:+1\r\n', 'vcard');
    assert.equal(line?.group, 'item1');
    assert.equal(line?.name, 'TEL');
  });
  test('2.1: parameters without a name', () => {
    const [line] = lines('TEL;HOME;VOICE;ENCODING=BASE64:x\r\n', 'vcard');
    assert.deepEqual(parameterValues(line!, 'TYPE'), ['HOME', 'VOICE']);
    assert.deepEqual(notes('TEL;HOME:x\r\n', 'vcard'), ['tolerated.bare-parameter']);
  });
  test('2.1: quoted-printable goes on after "="', () => {
    const [line, next] = lines('NOTE;QUOTED-PRINTABLE:a=\r\nb=0D=0A=\r\nc\r\nFN:x\r\n', 'vcard');
    assert.equal(line?.value, 'ab=0D=0Ac');
    assert.equal(next?.name, 'FN');
  });
  test('base64 that ends in "=" does not', () => {
    const [line, next] = lines('PHOTO;ENCODING=b:AAA=\r\nFN:x\r\n', 'vcard');
    assert.equal(line?.value, 'AAA=');
    assert.equal(next?.name, 'FN');
  });
});

describe('M22 tolerated and noted', () => {
  for (const [why, value, expected] of [
    ['a byte order mark', '\ufeffA:1\r\n', ['tolerated.byte-order-mark']],
    ['bare LF', 'A:1\nB:2\n', ['tolerated.bare-line-feed']],
    ['CR CR LF', 'A:1\r\r\nB:2\r\n', []],
    ['blank lines', 'A:1\r\n\r\n\r\nB:2\r\n', ['tolerated.blank-line']],
    ['no line break at the end', 'A:1', ['tolerated.end-of-file']],
    ['an underscore in a name', 'X-A_B:1\r\n', ['tolerated.name']],
    ['a quotation mark inside a value', 'A;CN=a "b" c:1\r\n', ['tolerated.quote']],
    ['text after a quotation', 'A;CN="b" c:1\r\n', ['tolerated.quote']],
  ] as const) {
    test(why, () => assert.deepEqual(notes(value), expected));
  }
  test('and the values are what was meant', () => {
    assert.equal(lines('A:1\r\r\nB:2\r\n')[0]?.value, '1');
    assert.deepEqual(parameterValues(lines('A;CN="b" c:1\r\n')[0]!, 'CN'), ['b c']);
  });
});

describe('refused', () => {
  for (const [why, value, code, line, column] of [
    ['no colon', 'A:1\r\nSUMMARY\r\n', 'line.colon', 2, 8],
    ['no name', ':1\r\n', 'line.name', 1, 1],
    ['a name with a blank inside', 'A B:1\r\n', 'line.name', 1, 1],
    ['a continuation first', ' A:1\r\n', 'line.fold', 1, 1],
    ['a quotation without end', 'A;CN="b:1\r\n', 'line.quote', 1, 6],
    ['a parameter without value', 'A;CN:1\r\n', 'line.parameter', 1, 3],
    ['a control character', 'A:1\r\nB:\x012\r\n', 'line.control', 2, 3],
    ['what is no character', 'A:1\r\nB:ä\uffff\r\n', 'line.control', 2, 5],
    ['a lone CR', 'A:1\rB:2\r\n', 'line.control', 1, 4],
    ['behind a fold', 'A:1\r\n 2\x013\r\n', 'line.control', 2, 3],
    [
      'behind a fold and characters of two octets',
      'ATTENDEE;CN=ä;\r\n X=ö;Y:1\r\n',
      'line.parameter',
      2,
      7,
    ],
    ['at the end of a folded line', 'SUMM\r\n ARY\r\nA:1\r\n', 'line.colon', 2, 5],
  ] as const) {
    test(why, () => {
      const [error] = tokenize(encode(value), { syntax: 'icalendar' }).errors;
      assert.deepEqual([error?.code, error?.line, error?.column], [code, line, column]);
    });
  }
  test('octets that are not UTF-8', () => {
    const value = Uint8Array.from([...encode('A:'), 0xfc, 13, 10]);
    const [error] = tokenize(value, { syntax: 'icalendar' }).errors;
    assert.deepEqual([error?.code, error?.column], ['line.utf8', 3]);
  });
  test('several at once, and at most twenty', () => {
    const value = encode('A\r\nB:1\r\nC;x:1\r\n'.repeat(100));
    const { errors } = tokenize(value, { syntax: 'icalendar' });
    assert.equal(errors.length, 20);
    assert.deepEqual(
      errors.slice(0, 2).map(({ line }) => line),
      [1, 3],
    );
  });
  test('more octets, lines or parameters than the limit', () => {
    const codes = (value: string, options: object): string[] =>
      tokenize(encode(value), { syntax: 'icalendar', ...options }).errors.map(({ code }) => code);
    assert.deepEqual(codes('A:1\r\n', { maxOctets: 4 }), ['document.octets']);
    assert.deepEqual(codes('A:1\r\nB:2\r\n', { maxLines: 1 }), ['document.lines']);
    assert.deepEqual(codes(`A${';B=1'.repeat(101)}:1\r\n`, {}), ['line.parameters']);
  });
});

describe('writing', () => {
  test('folds at 75 octets, never inside a character', () => {
    const written = foldText(`SUMMARY:${'ä€😀x'.repeat(40)}`);
    const physical = text(written).split('\r\n');
    assert.equal(physical.pop(), '');
    for (const line of physical) assert.ok(encode(line).length <= 75, line);
    assert.equal(
      physical.map((line, i) => (i === 0 ? line : line.slice(1))).join(''),
      `SUMMARY:${'ä€😀x'.repeat(40)}`,
    );
  });
  test('quotes parameters that need it', () => {
    const parameters = [makeParameter('CN', 'a, "b"\n^'), makeParameter('X', 'plain', 'c:d')];
    const line = makeLine('ATTENDEE', 'mailto:x', parameters);
    assert.equal(formatUnfolded(line), 'ATTENDEE;CN="a, ^\'b^\'^n^^";X=plain,"c:d":mailto:x');
  });
  test('what is written is read as the same line', () => {
    const character = fc.constantFrom(
      'a',
      'ä',
      '€',
      '😀',
      '"',
      '^',
      ',',
      ';',
      ':',
      '\n',
      ' ',
      '=',
      "'",
    );
    const parameter = fc.string({ unit: character, maxLength: 60 });
    const value = fc.string({
      unit: fc.constantFrom('a', 'ä', '😀', '"', ',', ';', ':', '\\', ' '),
      maxLength: 200,
    });
    const property = fc.property(
      fc.array(parameter, { minLength: 1, maxLength: 3 }),
      value,
      (values, content) => {
        const line = makeLine('X-TEST', content, [makeParameter('P', ...values)]);
        const {
          lines: [found],
          errors,
        } = tokenize(formatLine(line), { syntax: 'icalendar' });
        assert.deepEqual(errors, []);
        assert.equal(found?.value, content);
        assert.deepEqual(parameterValues(found!, 'P'), values);
      },
    );
    fc.assert(property, { seed, numRuns: 500 });
  });
});

describe('totality and round trip', () => {
  const sample = octets(`
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//x
    BEGIN:VEVENT
    UID:1
    SUMMARY;LANGUAGE=de:Grüße, \\n "x"
    ATTENDEE;CN="a:b";X=^n:mailto:a@x
    BEGIN:VALARM
    TRIGGER:-PT5M
    END:VALARM
    END:VEVENT
    END:VCALENDAR`);

  test('any octets end in tokens', () => {
    const total = (value: Uint8Array, vcard: boolean): void => {
      const { lines: found } = tokenize(value, { syntax: vcard ? 'vcard' : 'icalendar' });
      let end = 0;
      for (const line of found) {
        assert.ok(line.start >= end && line.end > line.start && line.end <= value.length);
        end = line.end;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), total), {
      seed,
      numRuns: 2000,
    });
  });
  test('so do mutations of a document', () => {
    const random = new Random();
    for (let run = 0; run < 3000; run++) {
      const mutated = sample.slice(0, random.between(1, sample.length));
      for (let i = random.between(0, 4); i > 0; i--) {
        mutated[random.below(mutated.length)] = random.pick([
          0, 10, 13, 32, 34, 58, 59, 61, 94, 195, 255,
        ]);
      }
      parseDocument(mutated, { syntax: 'icalendar' });
      parseDocument(mutated, { syntax: 'vcard' });
    }
  });
  test('what parses comes back octet for octet', () => {
    for (const value of [sample, encode(text(sample).replaceAll('\r\n', '\n'))]) {
      const parsed = parseDocument(value, { syntax: 'icalendar' });
      assert.ok(parsed.ok);
      assert.deepEqual(formatComponent(parsed.value.components[0]!), value);
    }
  });
  test('R8 a megabyte in one line, folded and not, takes linear time', () => {
    const started = performance.now();
    for (const value of [
      'x'.repeat(1_000_000),
      'x\r\n '.repeat(330_000),
      '=\r\n '.repeat(330_000),
    ]) {
      for (const syntax of ['icalendar', 'vcard'] as const) {
        tokenize(encode(`A;ENCODING=QUOTED-PRINTABLE:${value}\r\n`), { syntax });
      }
    }
    tokenize(encode(`A:${'=\r\n'.repeat(300_000)}`), { syntax: 'vcard' });
    tokenize(encode(`A;QUOTED-PRINTABLE:${'=\r\n'.repeat(300_000)}`), { syntax: 'vcard' });
    assert.ok(performance.now() - started < 10_000, `${performance.now() - started} ms`);
  });
});
