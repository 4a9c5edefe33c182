/**
 * Examples of RFCs whose numbers come from somebody else's code: digests over our wire and canonical
 * forms must be the printed ones.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { compareOctets } from '@riad/octets/ascii';
import { formatBase32hex } from '@riad/octets/base32hex';
import { formatHex, parseHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';
import { canonicalName, compareNames, formatName, type Name, parseName } from '../name.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { readZoneFile } from '../zonefile/reader.ts';
import { ds } from './ds.ts';
import { recordTypeOf } from './registry.ts';

type Entry = { owner: Name; type: number; class: number; ttlSeconds: number; rdata: Uint8Array };

function zone(text: string, zoneClass: number = 1): Entry[] {
  const entries: Entry[] = [];
  const errors = readZoneFile(
    encodeUtf8(text),
    { file: 'vector', origin: parseName('example.'), recordClass: zoneClass },
    {
      record: (owner, ownerLength, _same, type, recordClass, ttlSeconds, rdata, start, end) => {
        entries.push({
          owner: owner.slice(0, ownerLength),
          type,
          class: recordClass,
          ttlSeconds,
          rdata: rdata.slice(start, end),
        });
      },
    },
  );
  assert.deepEqual(errors, []);
  return entries;
}

/** A record as it is signed (RFC 4034 §6.2). */
function canonicalRecord(entry: Entry): Uint8Array {
  const rdata = recordTypeOf(entry.type, entry.class).canonical(entry.rdata);
  const writer = new Writer();
  writer.octets(canonicalName(entry.owner));
  writer.uint16(entry.type);
  writer.uint16(entry.class);
  writer.uint32(entry.ttlSeconds);
  writer.uint16(rdata.length);
  writer.octets(rdata);
  return writer.copy();
}

test('RFC 8976 §A.1: the digest of a zone is over its canonical form', () => {
  const entries = zone(`
example.      86400  IN  SOA     ns1 admin 2018031900 (
                                 1800 900 604800 86400 )
              86400  IN  NS      ns1
              86400  IN  NS      ns2
              86400  IN  ZONEMD  2018031900 1 1 (
                                 c68090d90a7aed71
                                 6bc459f9340e3d7c
                                 1370d4d24b7e2fc3
                                 a1ddc0b9a87153b9
                                 a9713b3c9ae5cc27
                                 777f98b8e730044c )
ns1           3600   IN  A       203.0.113.63
ns2           3600   IN  AAAA    2001:db8::63
`);
  const zonemd = entries.find(({ type }) => type === 63)!;
  const hash = createHash('sha384');
  const rest = entries.filter((entry) => entry !== zonemd);
  rest.sort(
    (a, b) =>
      compareNames(a.owner, b.owner) ||
      a.type - b.type ||
      compareOctets(
        recordTypeOf(a.type).canonical(a.rdata),
        recordTypeOf(b.type).canonical(b.rdata),
      ),
  );
  for (const entry of rest) hash.update(canonicalRecord(entry));
  assert.equal(hash.digest('hex'), formatHex(zonemd.rdata.subarray(6)));
});

test('RFC 4034 §5.4: the digest in DS is over owner and key', () => {
  const key = rdataOf(
    'DNSKEY',
    `256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/ 2pHm822aJ5iI9BMzNXxeYCmZ
     DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU Uh6DhweJBjEVv5f2wwjM9Xzc
     nOf+EPbtG9DMBmADjFDc2w/r ljwvFw== ) ; key id = 60485`,
  );
  const digest = createHash('sha1').update(parseName('dskey.example.com.')).update(key).digest();
  const wire = rdataOf('DS', '60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )');
  assert.equal(digest.toString('hex'), formatHex(ds.decode(new Reader(wire)).digest));
});

test('RFC 5155 Appendix A: hashed owner names', () => {
  const salt = parseHex('aabbccdd');
  for (const [name, hashed] of [
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['ai.example', 'gjeqe526plbf1g8mklp59enfd789njgi'],
    ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['ns2.example', 'q04jkcevqvmu85r014c7dkba38o0ji5r'],
    ['w.example', 'k8udemvp1j2f7eg6jebps17vp3n8i58h'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['X.W.example', 'b4um86eghhds6nea196smvmlo4ors995'],
    ['xx.example', 't644ebqk9bibcna874givr6joj62mlhv'],
  ] as const) {
    let digest: Uint8Array = canonicalName(parseName(name));
    for (let i = 0; i <= 12; i++) digest = createHash('sha1').update(digest).update(salt).digest();
    assert.equal(formatBase32hex(digest, false).toLowerCase(), hashed, name);
    const wire = rdataOf('NSEC3', `1 0 12 aabbccdd ${hashed} A`);
    assert.equal(formatHex(wire.subarray(10, 30)), formatHex(digest));
  }
});

describe('RFC 3597 §5: unknown types and classes', () => {
  for (const [text, expected, zoneClass] of [
    ['a.example. CLASS32 TYPE731 \\# 6 abcd ( ef 01 23 45 )', 'a.example. 32 731 abcdef012345', 32],
    ['b.example. HS TYPE62347 \\# 0', 'b.example. 4 62347 ', 4],
    ['e.example. IN A \\# 4 0A000001', 'e.example. 1 1 0a000001', 1],
    ['e.example. CLASS1 TYPE1 10.0.0.2', 'e.example. 1 1 0a000002', 1],
  ] as const) {
    test(text, () => {
      const [entry] = zone(`$TTL 1\n${text}\n`, zoneClass);
      const { owner, type, class: recordClass, rdata } = entry!;
      assert.equal(`${formatName(owner)} ${recordClass} ${type} ${formatHex(rdata)}`, expected);
    });
  }
});

test('RFC 1876 §4: the default size and precisions', () => {
  const spelled = rdataOf('LOC', '42 21 54 N 71 06 18 W -24m 1m 10000m 10m');
  assert.deepEqual(rdataOf('LOC', '42 21 54 N 71 06 18 W -24m'), spelled);
  assert.equal(
    typeOf('LOC').format(spelled),
    '42 21 54.000 N 71 6 18.000 W -24.00m 1.00m 10000.00m 10.00m',
  );
});

test('RFC 4034 §4.3: the types of an NSEC record', () => {
  const wire = rdataOf('NSEC', 'host.example.com. ( A MX RRSIG NSEC TYPE1234 )');
  assert.deepEqual(typeOf('NSEC').decode(new Reader(wire)), {
    next: parseName('host.example.com.'),
    types: [1, 15, 46, 47, 1234],
  });
});
