/** Editing one record of a master file leaves every other octet as it was. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textFromOctets } from '@riad/octets/ascii';
import { Random, seed } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import fc from 'fast-check';
import { parseName } from '../name.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { exampleOrigin, readRecords, showRecord } from '../testing/zone-records.ts';
import { readZoneTree, type ZoneEntry, type ZoneTree } from './syntax-tree.ts';
import type { ZoneRecord } from './writer.ts';

const treeOf = (text: string | Uint8Array): ZoneTree => {
  const octets = typeof text === 'string' ? encodeUtf8(text) : text;
  const tree = readZoneTree(octets, { file: 'zone', origin: exampleOrigin }).tree;
  assert.deepEqual(tree.print(), octets);
  return tree;
};
const printed = (tree: ZoneTree): string => textFromOctets(tree.print());
const record = (owner: string, type: string, data: string, ttlSeconds = 3600): ZoneRecord => ({
  owner: parseName(owner, exampleOrigin),
  type: typeOf(type).code,
  recordClass: 1,
  ttlSeconds,
  rdata: rdataOf(type, data),
});
const find = (tree: ZoneTree, owner: string, type: string, data: string): ZoneEntry => {
  const { owner: name, type: code, rdata } = record(owner, type, data);
  const entry = tree.find(name, code, rdata);
  assert.ok(entry !== undefined);
  return entry;
};

const zone = `; our zone
$TTL 3600
@   IN  SOA ns hostmaster ( ; the start
        2026112301  ; serial, by hand
        1h 15m 2w
        300 )
    IN  NS  ns

; the web
www     A     192.0.2.1   ; old machine
        A     192.0.2.2   ; new machine
        600 AAAA 2001:db8::2
$ORIGIN sub
mail\tMX\t10 in.example. ; first
\tMX\t20 in2
@ TXT "a" "b" ; two`;

describe('edits', () => {
  test('the serial', () => {
    const tree = treeOf(zone);
    assert.ok(tree.setSerial(2026112302));
    assert.equal(printed(tree), zone.replace('2026112301', '2026112302'));
    assert.equal(treeOf('a 1 A 192.0.2.1\n').setSerial(1), false);
  });
  test('one field of a record, keeping what stays relative', () => {
    const tree = treeOf(zone);
    tree.replace(find(tree, 'mail.sub', 'MX', '20 in2.sub'), rdataOf('MX', '30 in2.sub'), 3600);
    assert.equal(printed(tree), zone.replace('20 in2', '30 in2'));
  });
  test('data with another number of fields', () => {
    const tree = treeOf(zone);
    tree.replace(find(tree, 'sub', 'TXT', 'a b'), rdataOf('TXT', '"c d"'), 3600);
    assert.equal(printed(tree), zone.replace('"a" "b"', '"c d"'));
  });
  test('data over several lines', () => {
    const text = '$TTL 3600\na TXT ( "x" ; one\n  "y" ) ; two\nb TXT "x" ( "y"\n "z" )\n';
    const tree = treeOf(text);
    tree.replace(find(tree, 'a', 'TXT', 'x y'), rdataOf('TXT', 'z'), 3600);
    tree.replace(find(tree, 'b', 'TXT', 'x y z'), rdataOf('TXT', 'q'), 3600);
    assert.equal(printed(tree), '$TTL 3600\na TXT ( "z" ) ; two\nb TXT "q" ( )\n');
  });
  test('a TTL that is there, and one that is not', () => {
    const tree = treeOf(zone);
    const { rdata } = record('www', 'AAAA', '2001:db8::2');
    tree.replace(find(tree, 'www', 'AAAA', '2001:db8::2'), rdata, 60);
    tree.replace(find(tree, 'www', 'A', '192.0.2.2'), rdataOf('A', '192.0.2.3'), 70);
    assert.equal(
      printed(tree),
      zone
        .replace('600 AAAA', '60 AAAA')
        .replace('        A     192.0.2.2', '        70 A     192.0.2.3'),
    );
  });
  test('taking away a record that names the owner of the next', () => {
    const tree = treeOf(zone);
    tree.remove(find(tree, 'www', 'A', '192.0.2.1'));
    assert.equal(
      printed(tree),
      zone.replace('www     A     192.0.2.1   ; old machine\n        A', 'www     A'),
    );
    assert.throws(() => tree.remove(tree.entries[0]!), TypeError);
  });
  test('the same with tabs, and with a directive between', () => {
    const tree = treeOf(zone);
    tree.remove(find(tree, 'mail.sub', 'MX', '10 in'));
    assert.equal(printed(tree), zone.replace('mail\tMX\t10 in.example. ; first\n\tMX', 'mail MX'));
    const other = treeOf('$TTL 3600\na TXT x\n$ORIGIN sub\n TXT y\n');
    other.remove(find(other, 'a', 'TXT', 'x'));
    assert.equal(printed(other), '$TTL 3600\n$ORIGIN sub\na.example. TXT y\n');
  });
  test('without $TTL the next record keeps its TTL', () => {
    const tree = treeOf('a 60 TXT x\n TXT y\n TXT z\n');
    tree.remove(find(tree, 'a', 'TXT', 'x'));
    assert.equal(printed(tree), 'a 60 TXT y\n TXT z\n');
  });
  test('adding to an owner, and at the end', () => {
    const tree = treeOf(zone);
    tree.add(record('www', 'A', '192.0.2.9', 3600));
    tree.add(record('x.sub', 'A', '192.0.2.10', 5));
    assert.equal(
      printed(tree),
      `${zone.replace('2001:db8::2\n', '2001:db8::2\nwww A 192.0.2.9\n')}\nx 5 A 192.0.2.10\n`,
    );
    const empty = treeOf('');
    empty.add(record('a', 'A', '192.0.2.1', 5));
    assert.equal(printed(empty), 'a 5 A 192.0.2.1\n');
  });
});

describe('pieces', () => {
  test('lie end to end and tell tokens from comments', () => {
    const entries = treeOf(zone).entries;
    for (const entry of entries)
      assert.equal(
        entry
          .pieces()
          .map(({ text }) => text)
          .join(''),
        entry.text,
      );
    const comments = entries
      .flatMap((entry) => entry.pieces())
      .filter(({ kind }) => kind === 'comment');
    assert.deepEqual(
      comments.map(({ text }) => text),
      [
        '; our zone',
        '; the start',
        '; serial, by hand',
        '; the web',
        '; old machine',
        '; new machine',
        '; first',
        '; two',
      ],
    );
    const tokens = entries
      .at(-1)!
      .pieces()
      .filter(({ kind }) => kind === 'token');
    assert.deepEqual(
      tokens.map(({ text }) => text),
      ['@', 'TXT', '"a"', '"b"'],
    );
  });
  test('also of entries in error', () => {
    const { tree, errors } = readZoneTree(encodeUtf8('a 1 TXT "x\nb 1 A\n'), {
      file: 'zone',
      origin: exampleOrigin,
    });
    assert.equal(errors.length, 2);
    for (const entry of tree.entries) {
      assert.equal(entry.record, undefined);
      assert.equal(
        entry
          .pieces()
          .map(({ text }) => text)
          .join(''),
        entry.text,
      );
    }
  });
});

test('$GENERATE and $INCLUDE belong to no record', () => {
  const text = '$TTL 1\n$GENERATE 1-1 a$ A 192.0.2.$\n$INCLUDE sub/x\n';
  const { tree } = readZoneTree(encodeUtf8(text), {
    file: 'zone',
    origin: exampleOrigin,
    include: () => encodeUtf8('b A 192.0.2.2\n'),
  });
  assert.deepEqual(
    tree.entries.map((entry) => entry.record),
    [undefined, undefined, undefined],
  );
});

test('print gives back any octets', () => {
  const pieces = [
    'a ',
    'TXT ',
    '1 ',
    ' ',
    '\n',
    '(',
    ')',
    '"',
    '\\',
    ';',
    '$TTL 5',
    '\r',
    '\t',
    '\0',
    'ö',
    'b A 192.0.2.1\n',
  ];
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 60 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (input) => void treeOf(input)),
    { numRuns: 1500, seed },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => void treeOf(input)),
    { numRuns: 500, seed },
  );
});

test(`random edits mean what they say and keep the other lines (seed ${seed})`, () => {
  const random = new Random();
  for (let run = 0; run < 300; run++) {
    const lines = random.chance(0.7) ? ['$TTL 300'] : [];
    let serial = 0;
    const line = (first: boolean): string => {
      const owner =
        first || random.chance(0.5)
          ? random.pick(['a', 'b', '@', 'A', 'c.example.'])
          : random.pick(['', ' ', '\t']);
      const ttl = first || random.chance(0.3) ? `${random.below(100)} ` : '';
      const data = random.chance(0.5)
        ? `192.0.2.${serial++ % 256}`
        : `( ; c\n 192.0.2.${serial++ % 256} )`;
      return `${owner} ${random.pick(['', 'IN '])}${ttl}A ${data}${random.pick(['', ' ; note', ' '])}`;
    };
    for (let i = random.between(1, 12); i > 0; i--) {
      const first = !lines.some((other) => /^\S.* A /.test(other));
      lines.push(
        random.chance(0.1)
          ? '; comment'
          : random.chance(0.1)
            ? '$ORIGIN sub.example.'
            : line(first),
      );
    }
    const text = `${lines.join('\n')}${random.pick(['', '\n'])}`;
    const tree = treeOf(text);
    let expected = readRecords(text).records.map(showRecord);
    for (let step = 0; step < 4; step++) {
      const candidates = tree.entries.filter((entry) => entry.record !== undefined);
      const choice = random.below(3);
      const target = candidates.length === 0 ? undefined : random.pick(candidates);
      if (choice === 0 || target === undefined) {
        const added = record(
          random.pick(['a', 'A', 'x', 'x.sub']),
          'A',
          `198.51.100.${step}`,
          random.below(400),
        );
        tree.add(added);
        expected.push(showRecord(added));
      } else {
        const before = showRecord(target.record!);
        expected.splice(expected.indexOf(before), 1);
        if (choice === 1) {
          tree.remove(target);
        } else {
          tree.replace(target, rdataOf('A', `203.0.113.${step}`), random.below(400));
          expected.push(showRecord(target.record!));
        }
      }
      const after = printed(tree);
      const again = readRecords(tree.print());
      assert.deepEqual(
        again.errors.map((error) => error.format()),
        [],
        after,
      );
      expected = expected.sort();
      assert.deepEqual(again.records.map(showRecord).sort(), expected, `${text}\n→\n${after}`);
      const comments = (of: string): number => of.match(/^; comment$/gm)?.length ?? 0;
      assert.equal(comments(after), comments(text));
    }
  }
});
