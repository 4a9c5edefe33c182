/** What the writer prints means what it was given, for every type, and looks tidy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octetsFromText } from '@riad/octets/ascii';
import { Random, seed } from '@riad/octets/testing/random';
import { formatRecordType, isMetaType } from '../iana/record-types.ts';
import { nameFromLabels, parseName } from '../name.ts';
import { recordTypes } from '../rdata/registry.ts';
import { examples } from '../testing/rdata-examples.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { exampleOrigin, readRecords, showRecord } from '../testing/zone-records.ts';
import { formatZone, sortRecords, type ZoneRecord } from './writer.ts';

const format = (records: readonly ZoneRecord[]): string =>
  [...formatZone(records, exampleOrigin)].join('');

function sameAfterPrinting(records: readonly ZoneRecord[]): void {
  const text = format(records);
  const again = readRecords(text, { origin: parseName('elsewhere.') });
  assert.deepEqual(
    again.errors.map((error) => error.format()),
    [],
    text,
  );
  assert.deepEqual(again.records, records, text);
}

test('the records of every type, by example', () => {
  const records: ZoneRecord[] = [];
  for (const [mnemonic, texts] of examples) {
    const type = typeOf(mnemonic).code;
    if (isMetaType(type)) continue;
    for (const [text] of texts) {
      const owner = parseName(`${mnemonic}.example.`);
      records.push({
        owner,
        type,
        recordClass: 1,
        ttlSeconds: records.length,
        rdata: rdataOf(mnemonic, text),
      });
    }
  }
  assert.ok(records.length > 120);
  sameAfterPrinting(records);
});

test(`random owners and data of every type and of none (seed ${seed})`, () => {
  const random = new Random();
  const types = [...recordTypes.map(({ code }) => code), 65280, 65534].filter(
    (type) => !isMetaType(type),
  );
  for (let run = 0; run < 200; run++) {
    const records = Array.from({ length: random.between(1, 20) }, (): ZoneRecord => {
      const labels = Array.from({ length: random.below(4) }, () =>
        random.octets(random.between(1, 20)),
      );
      const owner = nameFromLabels(
        random.chance(0.7) ? [...labels, octetsFromText('example')] : labels,
      );
      // Most of these are no data of their type: such are written, and read, as RFC 3597 has it.
      const rdata = random.octets(random.below(200));
      const type = random.chance(0.2) ? 16 : random.pick(types);
      const data = type === 16 ? Uint8Array.from([rdata.length, ...rdata]) : rdata;
      return { owner, type, recordClass: 1, ttlSeconds: random.pick([60, 3600]), rdata: data };
    });
    const readable = records.filter((record) => {
      const line = [...formatZone([record], exampleOrigin)].join('');
      return !(line.includes('\\#') && formatRecordType(record.type) !== `TYPE${record.type}`); // known types refuse it
    });
    sameAfterPrinting(readable);
  }
});

test('a tidy file', () => {
  const { records } = readRecords(
    'www.example. 300 IN AAAA 2001:db8::1\nlong.example. 3600 DNSKEY 257 3 8 ' +
      `${Buffer.alloc(130, 7).toString('base64')}\nEXAMPLE. 3600 TXT ${'"0123456789012345678901234567890123456789" '.repeat(3)}\n` +
      'www.example. 3600 A 192.0.2.1\nexample. 3600 NS ns.example.\n' +
      'example. 3600 SOA ns.example. hostmaster.example. 2026112301 86400 7200 1209600 301\n',
  );
  const tidy = format(sortRecords(records, exampleOrigin));
  assert.equal(
    tidy,
    `$ORIGIN example.
$TTL 3600
@            SOA ns.example. hostmaster.example. (
                 2026112301 ; serial
                 86400      ; refresh, 1 day
                 7200       ; retry, 2 hours
                 1209600    ; expire, 2 weeks
                 301        ; minimum
                 )
             NS ns.example.
EXAMPLE.     TXT (
               "0123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789" )
long         DNSKEY 257 3 8 (
               BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
               BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
               BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
               BwcHBw== )
www          A 192.0.2.1
         300 AAAA 2001:db8::1
`,
  );
  assert.deepEqual(
    readRecords(tidy).records.map(showRecord).sort(),
    records.map(showRecord).sort(),
  );
  assert.equal(
    format(sortRecords(readRecords(tidy).records, exampleOrigin)),
    tidy,
    'tidying twice changes nothing',
  );
});

test('signatures stand behind what they sign', () => {
  const signature = (type: string): string =>
    `@ 1 RRSIG ${type} 13 1 1 20260101000000 20250101000000 1 . AAAA\n`;
  const text = `${signature('A')}${signature('SOA')}@ 1 NSEC . A\n@ 1 A 192.0.2.1\n@ 1 SOA a b 1 2 3 4 5\n`;
  const types = sortRecords(readRecords(text).records, exampleOrigin).map(({ type }) =>
    formatRecordType(type),
  );
  assert.deepEqual(types, ['SOA', 'RRSIG', 'A', 'RRSIG', 'NSEC']);
});

test('no records, and records of another class', () => {
  assert.equal(format([]), '$ORIGIN example.\n');
  const { records } = readRecords('a 1 TXT x\n', { recordClass: 3 });
  assert.equal(format(records), '$ORIGIN example.\n$TTL 1\na CH TXT "x"\n');
});
