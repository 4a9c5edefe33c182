import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rcode } from '@riad/dns/iana/rcodes';
import { parseRecordType } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { formatName, parseName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { Arena } from '@riad/octets/arena';
import { Random, seed } from '@riad/octets/testing/random';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { commitChanges } from '../zone-image/zone-commit.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';
import { loadZone } from '../zone-loading/load-zone.ts';
import { evaluateUpdate } from './update.ts';
import { PublishedContents } from './zone-contents.ts';

const apexName = parseName('example.');
const noHash = (): Uint8Array => new Uint8Array(20);
const zoneText = `$TTL 300
@ SOA ns hostmaster 10 7200 3600 1209600 60
@ NS ns
@ NS other.
ns A 192.0.2.1
two A 192.0.2.2
two A 192.0.2.3
two TXT "text"
alias CNAME two
deep.below.ent A 192.0.2.4
*.wild A 192.0.2.5
child NS ns.child
ns.child A 192.0.2.6
mail MX 10 Mail.Example.
`;

function imageOf(text: string): ZoneImage {
  const image = ZoneImage.create(Arena.reserve(1 << 20), 7);
  const include = (): undefined => undefined;
  const request = { apexName, file: 'x', before: undefined, include, confirmed: true };
  const octets = new TextEncoder().encode(text);
  assert.equal(loadZone(image, { ...request, text: octets }, noHash).kind, 'loaded');
  return image;
}

const classes = { IN: 1, NONE: 254, ANY: 255 } as const;

/** `name class type [data]`, with the TTL that the form asks for unless one is given. */
function record(text: string, ttlSeconds?: number): ResourceRecord {
  const [name, klass, type, ...data] = text.split(' ');
  const rdata: Uint8Array[] = [];
  if (data.length > 0) {
    const line = `${name} 1 IN ${type} ${data.join(' ')}\n`;
    const errors = readZoneFile(
      new TextEncoder().encode(line),
      { file: 'x', origin: apexName },
      {
        record: (_o, _l, _s, _t, _c, _ttl, from, start, end) =>
          void rdata.push(from.slice(start, end)),
      },
    );
    assert.deepEqual(errors, []);
  }
  return {
    owner: parseName(name === '@' ? 'example.' : name!, apexName),
    type: type === 'ANY' ? 255 : parseRecordType(type!)!,
    class: classes[klass as keyof typeof classes],
    ttlSeconds: ttlSeconds ?? 0,
    rdata: rdata[0] ?? new Uint8Array(0),
  };
}

function show({ owner, type, ttlSeconds, rdata }: ZoneRecord): string {
  return `${formatName(owner)} ${ttlSeconds} ${recordTypeOf(type).mnemonic} ${recordTypeOf(type).format(rdata)}`;
}

function update(
  prerequisites: readonly ResourceRecord[],
  updates: readonly ResourceRecord[],
  text: string = zoneText,
): { rcode: number; removed: string[]; added: string[]; serial: number | undefined } {
  const image = imageOf(text);
  const contents = new PublishedContents(image, image.zoneOf(apexName));
  const outcome = evaluateUpdate({ apexName, prerequisites, updates }, contents, false);
  const { change } = outcome;
  const others = (records: readonly ZoneRecord[] = []): string[] => records.slice(1).map(show);
  if (change !== undefined) {
    // What the engine says must be what the image can do.
    const { removals, additions } = change;
    const committed = commitChanges(image, apexName, removals, additions, noHash);
    assert.ok(committed.ok);
    assert.equal(committed.removed, removals.length);
  }
  return {
    rcode: outcome.rcode,
    removed: others(change?.removals),
    added: others(change?.additions),
    serial: change?.toSerial,
  };
}

describe('prerequisites, RFC 2136 §2.4 and §3.2', () => {
  const rows: readonly (readonly [sentence: string, records: readonly string[], rcode: number])[] =
    [
      ['a name is in use', ['two ANY ANY'], Rcode.NOERROR],
      ['a name in use, in other letters', ['TWO ANY ANY'], Rcode.NOERROR],
      ['a name is not in use', ['nobody ANY ANY'], Rcode.NXDOMAIN],
      ['an empty non-terminal is not in use', ['below.ent ANY ANY'], Rcode.NXDOMAIN],
      ['a wildcard above does not make a name used', ['x.wild ANY ANY'], Rcode.NXDOMAIN],
      ['the wildcard itself is in use', ['*.wild ANY ANY'], Rcode.NOERROR],
      ['glue below a delegation is in use', ['ns.child ANY ANY'], Rcode.NOERROR],
      ['nothing else is, below a delegation', ['www.child ANY ANY'], Rcode.NXDOMAIN],
      ['not in use, and so it is', ['nobody NONE ANY'], Rcode.NOERROR],
      ['not in use, but it is', ['two NONE ANY'], Rcode.YXDOMAIN],
      ['an empty non-terminal satisfies “not in use”', ['ent NONE ANY'], Rcode.NOERROR],
      ['a name under a wildcard satisfies “not in use”', ['x.wild NONE ANY'], Rcode.NOERROR],
      ['an RRset exists', ['two ANY TXT'], Rcode.NOERROR],
      ['an RRset does not exist', ['two ANY MX'], Rcode.NXRRSET],
      ['an alias is not followed', ['alias ANY A'], Rcode.NXRRSET],
      ['an alias itself exists', ['alias ANY CNAME'], Rcode.NOERROR],
      ['no RRset, and so it is', ['two NONE MX'], Rcode.NOERROR],
      ['no RRset, but there is', ['two NONE A'], Rcode.YXRRSET],
      ['delegations are compared like any name', ['child ANY NS'], Rcode.NOERROR],
      ['both values', ['two IN A 192.0.2.2', 'two IN A 192.0.2.3'], Rcode.NOERROR],
      [
        'both values the other way round',
        ['two IN A 192.0.2.3', 'two IN A 192.0.2.2'],
        Rcode.NOERROR,
      ],
      [
        'both values with others between',
        ['two IN A 192.0.2.3', 'ns IN A 192.0.2.1', 'TWO IN A 192.0.2.2'],
        Rcode.NOERROR,
      ],
      ['one value of two', ['two IN A 192.0.2.2'], Rcode.NXRRSET],
      ['one value too many', ['ns IN A 192.0.2.1', 'ns IN A 192.0.2.9'], Rcode.NXRRSET],
      ['the same value twice is one', ['ns IN A 192.0.2.1', 'ns IN A 192.0.2.1'], Rcode.NOERROR],
      ['names in values compare without case', ['mail IN MX 10 mAIL.eXAMPLE.'], Rcode.NOERROR],
      ['texts compare with case', ['two IN TXT "Text"'], Rcode.NXRRSET],
      ['the first failure decides', ['nobody ANY ANY', 'two NONE A'], Rcode.NXDOMAIN],
      ['a name outside the zone', ['www.example.net. ANY ANY'], Rcode.NOTZONE],
      ['a question’s type', ['two ANY AXFR'], Rcode.FORMERR],
      ['values of a question’s type', ['two IN ANY'], Rcode.FORMERR],
      ['an address without octets', ['two IN A'], Rcode.FORMERR],
      ['data where there must be none', ['two ANY A 192.0.2.2'], Rcode.FORMERR],
      ['data where there must be none, class NONE', ['two NONE A 192.0.2.2'], Rcode.FORMERR],
    ];
  for (const [sentence, records, rcode] of rows) {
    test(sentence, () =>
      assert.equal(
        update(
          records.map((text) => record(text)),
          [],
        ).rcode,
        rcode,
      ),
    );
  }
  for (const form of [
    'two ANY ANY',
    'two ANY A',
    'nobody NONE ANY',
    'two NONE MX',
    'ns IN A 192.0.2.1',
  ]) {
    test(`a TTL in “${form}” is malformed`, () =>
      assert.equal(update([record(form, 1)], []).rcode, Rcode.FORMERR));
  }
  test('a class that is neither is malformed', () =>
    assert.equal(update([{ ...record('two ANY ANY'), class: 3 }], []).rcode, Rcode.FORMERR));
  test('a prerequisite that fails leaves all as it is', () => {
    const { rcode, added } = update([record('two NONE A')], [record('new IN A 192.0.2.9', 60)]);
    assert.deepEqual([rcode, added], [Rcode.YXRRSET, []]);
  });
});

describe('the update section, RFC 2136 §2.5 and §3.4', () => {
  const rows: readonly (readonly [
    sentence: string,
    records: readonly (readonly [string, number?])[],
    removed: readonly string[],
    added: readonly string[],
  ])[] = [
    ['a record of a new name', [['new IN A 192.0.2.9', 60]], [], ['new.example. 60 A 192.0.2.9']],
    ['a record that is there already', [['ns IN A 192.0.2.1', 300]], [], []],
    [
      'a record that is there already, with another TTL, gives it to its whole RRset',
      [['two IN A 192.0.2.2', 60]],
      ['two.example. 300 A 192.0.2.2', 'two.example. 300 A 192.0.2.3'],
      ['two.example. 60 A 192.0.2.2', 'two.example. 60 A 192.0.2.3'],
    ],
    [
      'a further record gives its TTL to the others',
      [['ns IN A 192.0.2.9', 60]],
      ['ns.example. 300 A 192.0.2.1'],
      ['ns.example. 60 A 192.0.2.1', 'ns.example. 60 A 192.0.2.9'],
    ],
    [
      'a CNAME beside other data is skipped, the rest is done',
      [
        ['two IN CNAME x.', 60],
        ['new IN A 192.0.2.9', 60],
      ],
      [],
      ['new.example. 60 A 192.0.2.9'],
    ],
    ['data beside a CNAME is skipped', [['alias IN A 192.0.2.9', 60]], [], []],
    ['a CNAME at the apex is skipped', [['@ IN CNAME x.', 60]], [], []],
    [
      'another CNAME takes the place of the first',
      [['alias IN CNAME other.', 300]],
      ['alias.example. 300 CNAME two.example.'],
      ['alias.example. 300 CNAME other.'],
    ],
    [
      'a CNAME in the place of data that goes first',
      [['ns.child ANY A'], ['ns.child IN CNAME x.', 60]],
      ['ns.child.example. 300 A 192.0.2.6'],
      ['ns.child.example. 60 CNAME x.'],
    ],
    [
      'in the order of the message: first the CNAME, then what goes',
      [['two IN CNAME x.', 60], ['two ANY ANY']],
      [
        'two.example. 300 A 192.0.2.2',
        'two.example. 300 A 192.0.2.3',
        'two.example. 300 TXT "text"',
      ],
      [],
    ],
    [
      'an RRset goes',
      [['two ANY A']],
      ['two.example. 300 A 192.0.2.2', 'two.example. 300 A 192.0.2.3'],
      [],
    ],
    [
      'a name goes',
      [['two ANY ANY']],
      [
        'two.example. 300 A 192.0.2.2',
        'two.example. 300 A 192.0.2.3',
        'two.example. 300 TXT "text"',
      ],
      [],
    ],
    ['at the apex SOA and NS survive', [['@ ANY ANY'], ['@ ANY SOA'], ['@ ANY NS']], [], []],
    ['one record goes', [['two NONE A 192.0.2.3']], ['two.example. 300 A 192.0.2.3'], []],
    ['a record that is not there', [['two NONE A 192.0.2.99']], [], []],
    ['an alias with another target stays', [['alias NONE CNAME other.']], [], []],
    [
      'an alias goes, its target in other letters',
      [['alias NONE CNAME TWO']],
      ['alias.example. 300 CNAME two.example.'],
      [],
    ],
    [
      'the last NS of the apex survives',
      [['@ NONE NS ns'], ['@ NONE NS other.']],
      ['example. 300 NS ns.example.'],
      [],
    ],
    [
      'the last NS of a delegation does not',
      [['child NONE NS ns.child']],
      ['child.example. 300 NS ns.child.example.'],
      [],
    ],
    ['the SOA cannot be removed', [['@ NONE SOA ns hostmaster 10 7200 3600 1209600 60']], [], []],
    [
      'a SOA that is not newer is skipped',
      [
        ['@ IN SOA ns hostmaster 10 1 1 1 1', 300],
        ['@ IN SOA ns hostmaster 9 1 1 1 1', 300],
      ],
      [],
      [],
    ],
    ['a SOA elsewhere is skipped', [['two IN SOA ns hostmaster 99 1 1 1 1', 300]], [], []],
    [
      'what comes and goes again is no change',
      [['new IN A 192.0.2.9', 60], ['new ANY ANY']],
      [],
      [],
    ],
    [
      'what goes and comes again is none either',
      [['two ANY TXT'], ['two IN TXT "text"', 300]],
      [],
      [],
    ],
    [
      'a record is removed in another case and added in its own',
      [['mail NONE MX 10 mail.example.'], ['mail IN MX 10 mail.example.', 300]],
      ['mail.example. 300 MX 10 Mail.Example.'],
      ['mail.example. 300 MX 10 mail.example.'],
    ],
    [
      'an unknown type',
      [['new IN TYPE65280 \\# 2 beef', 60]],
      [],
      ['new.example. 60 TYPE65280 \\# 2 beef'],
    ],
  ];
  for (const [sentence, records, removed, added] of rows) {
    test(sentence, () => {
      const result = update(
        [],
        records.map(([text, ttl]) => record(text, ttl)),
      );
      assert.equal(result.rcode, Rcode.NOERROR);
      assert.deepEqual(result.removed.toSorted(), removed.toSorted());
      assert.deepEqual(result.added.toSorted(), added.toSorted());
      const changes = removed.length + added.length > 0;
      assert.equal(result.serial, changes ? 11 : undefined); // §3.6: no change, no new serial
    });
  }

  test('a newer SOA is taken with its serial, which is not raised again', () => {
    const soa = record('@ IN SOA ns hostmaster 20 7200 3600 1209600 60', 300);
    assert.equal(update([], [soa]).serial, 20);
    assert.equal(update([], [soa, record('new IN A 192.0.2.9', 60)]).serial, 20);
  });

  test('several SOAs of one message do not lead round to what is not newer', () => {
    const soa = (serial: number) => record(`@ IN SOA ns h ${serial} 7200 3600 1209600 60`, 300);
    assert.equal(update([], [soa(2_000_000_000), soa(4_000_000_000)]).serial, 11);
    assert.equal(update([], [soa(2_000_000_000), soa(2_100_000_000)]).serial, 2_100_000_000);
  });

  test('the serial goes over the end of its circle, and leaves 0 out', () => {
    const text = zoneText.replace(' 10 ', ' 4294967295 ');
    assert.equal(update([], [record('new IN A 192.0.2.9', 60)], text).serial, 1);
  });

  const refusals: readonly (readonly [
    sentence: string,
    text: string,
    ttl: number,
    rcode: number,
  ])[] = [
    ['a name outside the zone', 'www.example.net. IN A 192.0.2.1', 60, Rcode.NOTZONE],
    ['a type that no zone has', 'new IN ANY', 60, Rcode.FORMERR],
    ['a type that no zone has, removed', 'two NONE ANY', 0, Rcode.FORMERR],
    ['a removal of a question’s type', 'two ANY AXFR', 0, Rcode.FORMERR],
    ['a removal with a TTL', 'two ANY A', 1, Rcode.FORMERR],
    ['a removal of one record with a TTL', 'two NONE A 192.0.2.2', 1, Rcode.FORMERR],
    ['an RRset removed with data', 'two ANY A 192.0.2.2', 0, Rcode.FORMERR],
    ['an address without octets', 'new IN A', 60, Rcode.FORMERR],
    [
      'a signature',
      'two IN RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AAAA',
      60,
      Rcode.REFUSED,
    ],
  ];
  for (const [sentence, text, ttl, rcode] of refusals) {
    test(`${sentence}: nothing is applied`, () => {
      const result = update([], [record('new IN A 192.0.2.9', 60), record(text, ttl)]);
      assert.deepEqual([result.rcode, result.added], [rcode, []]);
    });
  }

  test('a zone that came signed is refused with a reason', () => {
    const image = imageOf(zoneText);
    const contents = new PublishedContents(image, image.zoneOf(apexName));
    const updates = [record('new IN A 192.0.2.9', 60)];
    const outcome = evaluateUpdate({ apexName, prerequisites: [], updates }, contents, true);
    assert.ok('extendedError' in outcome);
    assert.deepEqual([outcome.rcode, outcome.extendedError], [Rcode.REFUSED, 21]);
  });

  test('updates of one group see each other before anything is published', () => {
    const image = imageOf(zoneText);
    const published = new PublishedContents(image, image.zoneOf(apexName));
    const first = evaluateUpdate(
      {
        apexName,
        prerequisites: [record('new NONE ANY')],
        updates: [record('new IN A 192.0.2.9', 60)],
      },
      published,
      false,
    );
    assert.ok('contents' in first);
    const again = { apexName, prerequisites: [record('new NONE ANY')], updates: [] };
    assert.equal(evaluateUpdate(again, first.contents, false).rcode, Rcode.YXDOMAIN);
    assert.equal(evaluateUpdate(again, published, false).rcode, Rcode.NOERROR);
  });
});

test('random updates: the image, changed step by step, is what was asked for', () => {
  const random = new Random(seed);
  const image = imageOf(zoneText);
  const model = new Map<string, ZoneRecord>();
  const keyOf = (one: ZoneRecord): string => show({ ...one, ttlSeconds: 0 });
  forEachRecord(image, image.zoneOf(apexName), (one) => model.set(keyOf(one), one));
  let serial = 10;
  for (let round = 0; round < 300; round++) {
    const updates: ResourceRecord[] = [];
    for (let i = 0; i <= random.below(4); i++) {
      const name = `n${random.below(6)}${random.below(3) === 0 ? '.deep' : ''}`;
      const data = `A 192.0.2.${random.below(5)}`;
      const form = random.below(4);
      if (form === 0) updates.push(record(`${name} ANY ANY`));
      else if (form === 1) updates.push(record(`${name} NONE ${data}`));
      else updates.push(record(`${name} IN ${data}`, 60 + random.below(2)));
    }
    const contents = new PublishedContents(image, image.zoneOf(apexName));
    const outcome = evaluateUpdate({ apexName, prerequisites: [], updates }, contents, false);
    assert.equal(outcome.rcode, Rcode.NOERROR, `seed ${seed}`);
    for (const one of updates) {
      const owner = formatName(one.owner);
      const set = [...model].filter(([, each]) => formatName(each.owner) === owner);
      if (one.class === classes.ANY) for (const [key] of set) model.delete(key);
      else if (one.class === classes.NONE) model.delete(keyOf(one));
      else {
        model.set(keyOf(one), one);
        for (const [key, each] of set) model.set(key, { ...each, ttlSeconds: one.ttlSeconds });
      }
    }
    if (outcome.change === undefined) continue;
    serial++;
    assert.equal(outcome.change.toSerial, serial, `seed ${seed}`);
    const { removals, additions } = outcome.change;
    assert.ok(commitChanges(image, apexName, removals, additions, noHash).ok);
    const found: string[] = [];
    forEachRecord(image, image.zoneOf(apexName), (one) => {
      if (one.type !== 6) found.push(show(one));
    });
    const wanted = [...model.values()].filter(({ type }) => type !== 6).map(show);
    assert.deepEqual(found.toSorted(), wanted.toSorted(), `seed ${seed}, round ${round}`);
  }
});
