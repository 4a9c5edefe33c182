/** The rule behind each answer, and the records it rests on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { formatName, parseName } from '@riad/dns/name';
import { formatRecord } from '@riad/dns/presentation';
import { Arena } from '@riad/octets/arena';
import { encodeUtf8 } from '@riad/octets/utf8';
import { hostZone, sha1 } from '../testing/built-zone.ts';
import { AskedImage, askedTailOctets } from '../zone-diff/asked-image.ts';
import { ZoneNames } from '../zone-diff/questions.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { explainAnswer } from './explain-answer.ts';
import { recordPlaces } from './record-places.ts';

const text = `$TTL 60
@ SOA ns h 1 2 3 4 5
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
www A 192.0.2.3
alias CNAME www
round CNAME trip
trip CNAME round
far CNAME www.example.net.
lost CNAME nowhere
*.w A 192.0.2.4
*.w MX 10 ns
*.al CNAME www
a.ent TXT x
sub NS ns.sub
ns.sub A 192.0.2.5
d DNAME w
long DNAME sub
`;
const zone = parseName('example.com.');
const image = ZoneImage.create(Arena.reserve(4 << 20, askedTailOctets), 0x5eed);
hostZone(image, 'example.com.', text);

function explain(name: string, typeText: string) {
  using asked = new AskedImage(image, sha1);
  const names = new ZoneNames(image, zone);
  return explainAnswer(asked, zone, names, parseName(name), parseRecordType(typeText)!);
}

describe('the rule behind an answer', () => {
  for (const [name, type, ...expected] of [
    ['www.example.com.', 'A', 'exact www A 192.0.2.2, A 192.0.2.3'],
    ['WWW.example.com.', 'A', 'exact WWW A 192.0.2.2, A 192.0.2.3'],
    ['www.example.com.', 'TXT', 'no-data www SOA'],
    ['ent.example.com.', 'A', 'empty-non-terminal ent SOA'],
    ['x.example.com.', 'A', 'name-error @ SOA'],
    ['x.y.ent.example.com.', 'A', 'name-error ent SOA'],
    ['x.w.example.com.', 'A', 'wildcard *.w A 192.0.2.4'],
    ['x.y.w.example.com.', 'MX', 'wildcard *.w MX 10 ns.example.com.'],
    ['x.w.example.com.', 'TXT', 'no-data *.w SOA'],
    ['*.w.example.com.', 'A', 'exact *.w A 192.0.2.4'],
    [
      'alias.example.com.',
      'A',
      'alias alias CNAME www.example.com.',
      'exact www A 192.0.2.2, A 192.0.2.3',
    ],
    ['alias.example.com.', 'CNAME', 'exact alias CNAME www.example.com.'],
    ['alias.example.com.', 'TXT', 'alias alias CNAME www.example.com.', 'no-data www SOA'],
    [
      'x.al.example.com.',
      'A',
      'alias *.al CNAME www.example.com.',
      'exact www A 192.0.2.2, A 192.0.2.3',
    ],
    ['lost.example.com.', 'A', 'alias lost CNAME nowhere.example.com.', 'name-error @ SOA'],
    [
      'round.example.com.',
      'A',
      'alias round CNAME trip.example.com.',
      'alias trip CNAME round.example.com.',
    ],
    ['far.example.com.', 'A', 'alias far CNAME www.example.net.', '> www.example.net.'],
    ['sub.example.com.', 'NS', 'delegation sub NS ns.sub.example.com., A 192.0.2.5'],
    ['x.sub.example.com.', 'A', 'delegation sub NS ns.sub.example.com., A 192.0.2.5'],
    ['ns.sub.example.com.', 'A', 'delegation sub NS ns.sub.example.com., A 192.0.2.5'],
    ['sub.example.com.', 'DS', 'no-data sub SOA'],
    ['x.d.example.com.', 'A', 'dname d DNAME w.example.com.', 'wildcard *.w A 192.0.2.4'],
    [
      'x.long.example.com.',
      'A',
      'dname long DNAME sub.example.com.',
      'delegation sub NS ns.sub.example.com., A 192.0.2.5',
    ],
    ['d.example.com.', 'DNAME', 'exact d DNAME w.example.com.'],
  ] as const) {
    test(`${name} ${type}`, () => {
      const { steps, leadsTo } = explain(name, type);
      const told = steps.map(({ rule, source, records }) => {
        const own = formatName(source).replace(/\.?example\.com\.$/, '') || '@';
        const data = records.map((record) => {
          const [, , , typeText, rdata] = formatRecord(record).split('\t');
          return typeText === 'SOA' ? 'SOA' : `${typeText} ${rdata}`;
        });
        return `${rule} ${own} ${data.join(', ')}`;
      });
      if (leadsTo !== undefined) told.push(`> ${formatName(leadsTo)}`);
      assert.deepEqual(told, expected);
    });
  }

  test('every record of every answer stands on a line', () => {
    const lines = text.split('\n');
    for (const name of ['www', 'alias', 'x.w', 'x.al', 'sub', 'x.d', 'nothing']) {
      const { steps } = explain(`${name}.example.com.`, 'A');
      for (const { records } of steps) {
        const places = recordPlaces(
          { text: encodeUtf8(text), origin: zone, include: () => undefined },
          records,
        );
        for (const [i, place] of places.entries()) {
          const { type, rdata } = records[i]!;
          const line = lines[place!.line - 1]!;
          const data = formatRecord({ ...records[i]!, rdata, type }).split('\t')[4]!;
          const short = data.replaceAll('.example.com.', '');
          assert.ok(line.endsWith(short) || line.startsWith('@ SOA'), `${line} / ${short}`);
        }
      }
    }
  });

  test('the places of what is included, of duplicates and of what is on no line', () => {
    const files: Record<string, string> = {
      'a/b': '$INCLUDE c/d\nx A 192.0.2.1\n',
      'c/d': '\nX A 192.0.2.2\n',
    };
    const record = (last: number) => ({
      owner: parseName('x.example.com.'),
      type: 1,
      rdata: Uint8Array.of(192, 0, 2, last),
    });
    const places = recordPlaces(
      {
        text: encodeUtf8('$TTL 1\n$INCLUDE a/b\nx A 192.0.2.3\nx A 192.0.2.3\n'),
        origin: zone,
        include: (path) => (files[path] === undefined ? undefined : encodeUtf8(files[path])),
      },
      [1, 2, 3, 4].map(record),
    );
    assert.deepEqual(places, [
      { included: 'a/b', line: 2 },
      { included: 'c/d', line: 2 },
      { included: undefined, line: 3 },
      undefined,
    ]);
  });
});
