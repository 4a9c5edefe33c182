import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, parseName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { octetsFromText, textFromOctets } from '@riad/octets/ascii';
import { Random, seed } from '@riad/octets/testing/random';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { editZoneText } from './edit-zone-text.ts';

const origin = parseName('example.');

function recordsOf(text: string): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  const errors = readZoneFile(
    octetsFromText(text),
    { file: 'x', origin },
    {
      record: (owner, length, _same, type, _class, ttlSeconds, rdata, start, end) =>
        void records.push({
          owner: owner.slice(0, length),
          type,
          ttlSeconds,
          rdata: rdata.slice(start, end),
        }),
    },
  );
  assert.deepEqual(errors, []);
  return records;
}

const show = ({ owner, type, ttlSeconds, rdata }: ZoneRecord): string =>
  `${formatName(owner).toLowerCase()} ${ttlSeconds} ${recordTypeOf(type).mnemonic} ${recordTypeOf(type).format(rdata)}`;

function edited(text: string, removals: string, additions: string): string {
  const change = { removals: recordsOf(removals), additions: recordsOf(additions) };
  const edit = editZoneText(octetsFromText(text), 'x', origin, change);
  assert.ok(edit.ok, edit.ok ? '' : edit.sentence);
  // Written once more, as after a crash, it changes nothing.
  const again = editZoneText(edit.text, 'x', origin, change);
  assert.ok(again.ok);
  assert.equal(textFromOctets(again.text), textFromOctets(edit.text));
  return textFromOctets(edit.text);
}

const zone = `; our zone
$TTL 300
@  SOA ns hostmaster (
     10 ; serial, by hand
     2h 1h 2w 60 )
   NS ns

; the web
www  A 192.0.2.1   ; old machine
     A 192.0.2.2   ; new machine
mail A 192.0.2.3
`;
const soaBefore = '@ 300 SOA ns hostmaster 10 7200 3600 1209600 60\n';
const soaAfter = '@ 300 SOA ns hostmaster 11 7200 3600 1209600 60\n';

describe('a change in a file', () => {
  for (const [sentence, removals, additions, expected] of [
    [
      'a new name comes to the end',
      soaBefore,
      `${soaAfter}new 60 A 192.0.2.9\n`,
      `${zone.replace('10 ; serial', '11 ; serial')}new 60 A 192.0.2.9\n`,
    ],
    [
      'a further record stands behind the others of its name',
      '',
      'www 300 TXT "x"\n',
      zone.replace('; new machine\n', '; new machine\nwww TXT "x"\n'),
    ],
    [
      'a value takes the place of another, the comment stays',
      'www 300 A 192.0.2.1\n',
      'www 300 A 192.0.2.7\n',
      zone.replace('192.0.2.1 ', '192.0.2.7 '),
    ],
    [
      'a record goes with its line',
      'mail 300 A 192.0.2.3\n',
      '',
      zone.replace('mail A 192.0.2.3\n', ''),
    ],
    [
      'the owner goes on to the line below',
      'www 300 A 192.0.2.1\n',
      '',
      zone.replace('www  A 192.0.2.1   ; old machine\n     A', 'www  A'),
    ],
    [
      'a changed TTL is written out',
      'mail 300 A 192.0.2.3\n',
      'mail 60 A 192.0.2.3\n',
      zone.replace('mail A', 'mail 60 A'),
    ],
    ['what is gone already', 'nobody 300 A 192.0.2.99\n', '', zone],
    ['what is there already', '', 'mail 300 A 192.0.2.3\n', zone],
    [
      'a SOA that people have changed meanwhile becomes the one that is served',
      '@ 300 SOA ns hostmaster 9 7200 3600 1209600 60\n',
      '@ 300 SOA ns hostmaster 12 7200 3600 1209600 60\n',
      zone.replace('10 ; serial', '12 ; serial'),
    ],
  ] as const) {
    test(sentence, () => assert.equal(edited(zone, removals, additions), expected));
  }

  test('records of one name in different parts of a large file', () => {
    const filler = Array.from({ length: 20_000 }, (_, i) => `f${i} A 192.0.2.4 ; filler\n`).join(
      '',
    );
    const large = `${zone}${filler}www A 192.0.2.5\n${filler.replaceAll('f', 'g').replaceAll('giller', 'filler')}`;
    const after = edited(
      large,
      'www 300 A 192.0.2.5\nf7 300 A 192.0.2.4\n',
      'www 300 A 192.0.2.6\nwww 300 A 192.0.2.8\nnew 300 A 192.0.2.9\n',
    );
    assert.equal(
      after,
      `${large
        .replace('f7 A 192.0.2.4 ; filler\n', '')
        .replace('www A 192.0.2.5\n', 'www A 192.0.2.6\nwww A 192.0.2.8\n')}new A 192.0.2.9\n`,
    );
  });

  test('a text that cannot be read is not written to', () => {
    const change = { removals: [], additions: recordsOf('new 60 A 192.0.2.9\n') };
    const edit = editZoneText(octetsFromText(`${zone}broken A x\n`), 'x', origin, change);
    assert.ok(!edit.ok);
  });
});

test('random changes: the text says afterwards what the records are, and the rest of it is as it was', () => {
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const lines = ['$TTL 300', '@ SOA ns hostmaster 10 7200 3600 1209600 60', '@ NS ns'];
    const count = 3 + random.below(30);
    let name = 0;
    for (let i = 0; i < count; i++) {
      const goesOn = random.below(3) === 0 && i > 0;
      if (!goesOn) name = random.below(8);
      const owner = goesOn ? '  ' : `n${name}`;
      const ttl = name % 3 === 0 ? ' 60' : ''; // one TTL for each RRset, as in a zone that is served
      lines.push(`${owner}${ttl} TXT "${random.below(40)}" ; line ${i}`);
      if (random.below(6) === 0) lines.push('; between', '');
    }
    const text = `${lines.join('\n')}\n`;
    const model = new Map<string, ZoneRecord>();
    const ttls = new Map<string, number>();
    for (const record of recordsOf(text)) {
      ttls.set(`${formatName(record.owner)} ${record.type}`, record.ttlSeconds);
      model.set(show({ ...record, ttlSeconds: 0 }), record);
    }
    const removals: ZoneRecord[] = [];
    const additions: ZoneRecord[] = [];
    for (const [key, record] of model) {
      if (record.type !== 16 || random.below(4) > 0) continue;
      removals.push(record);
      model.delete(key);
    }
    for (let i = 0; i < random.below(5); i++) {
      const owner = `n${random.below(10)}.example.`;
      const ttlSeconds = ttls.get(`${owner} 16`) ?? 300;
      const [record] = recordsOf(`${owner} ${ttlSeconds} TXT "${100 + random.below(9)}"\n`);
      if (model.has(show({ ...record!, ttlSeconds: 0 }))) continue;
      additions.push(record!);
      model.set(show({ ...record!, ttlSeconds: 0 }), record!);
    }
    const edit = editZoneText(octetsFromText(text), 'x', origin, { removals, additions });
    assert.ok(edit.ok, `seed ${seed}`);
    const after = textFromOctets(edit.text);
    assert.deepEqual(
      [...new Set(recordsOf(after).map(show))].toSorted(),
      [...model.values()].map(show).toSorted(),
      `seed ${seed}, round ${round}\n${text}\n=>\n${after}`,
    );
  }
});
