import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { Random, seed } from '@riad/octets/testing/random';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { condense, decodeZoneChange, encodeZoneChange, type ZoneChange } from './zone-change.ts';
import { MemoryHistory, octetsOfChange } from './zone-history.ts';

const apex = parseName('example.');

function soa(serial: number): ZoneRecord {
  const rdata = new Uint8Array(22);
  new DataView(rdata.buffer).setUint32(2, serial);
  return { owner: apex, type: 6, ttlSeconds: 60, rdata };
}

function a(name: string, last: number, ttlSeconds: number = 60): ZoneRecord {
  return {
    owner: parseName(`${name}.example.`),
    type: 1,
    ttlSeconds,
    rdata: Uint8Array.of(192, 0, 2, last),
  };
}

function change(from: number, removals: ZoneRecord[], additions: ZoneRecord[]): ZoneChange {
  return {
    fromSerial: from,
    toSerial: from + 1,
    removals: [soa(from), ...removals],
    additions: [soa(from + 1), ...additions],
  };
}

test('the serial of a SOA', () => assert.equal(serialOfSoa(soa(0xfffffffe).rdata), 0xfffffffe));

describe('a change as octets', () => {
  const whole = change(7, [a('www', 1), a('www', 2)], [a('WWW', 3, 0x7fffffff)]);

  test('comes back as it was', () => {
    assert.deepEqual(decodeZoneChange(encodeZoneChange(whole)), { ok: true, value: whole });
  });

  test('every strict prefix is refused', () => {
    const octets = encodeZoneChange(whole);
    for (let i = 0; i < octets.length; i++) {
      assert.equal(decodeZoneChange(octets.subarray(0, i)).ok, false, `${i} octets`);
    }
  });

  const octets = encodeZoneChange(whole);
  for (const [why, bad, code] of [
    ['another format', octets.with(0, 2), 'change.format'],
    ['octets behind it', Uint8Array.of(...octets, 0), 'octets.trailing'],
    ['a serial that is not the SOA’s', octets.with(4, 8), 'change.soa'],
    ['no records at all', Uint8Array.of(1, ...new Array(16).fill(0)), 'change.soa'],
    ['more records than there are octets', octets.with(9, 0xff), 'change.soa'],
    ['a first owner that is the one before', octets.with(17, 0xff), 'name.label-type'],
    ['RDATA that is no SOA', octets.with(17 + 9 + 1, 1), 'rdata.trailing'],
    ['a second SOA', encodeZoneChange(change(7, [soa(7)], [])), 'change.soa'],
    ['no SOA first', encodeZoneChange({ ...whole, additions: [a('www', 3)] }), 'change.soa'],
  ] as const) {
    test(`refused: ${why}`, () => {
      const result = decodeZoneChange(bad);
      assert.equal(result.ok ? 'taken' : result.error.code, code);
    });
  }

  test(`decoding is total (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 5000; i++) {
      const mutated = octets.slice();
      for (let j = random.between(1, 4); j > 0; j--)
        mutated[random.below(mutated.length)] = random.below(256);
      decodeZoneChange(mutated);
    }
  });
});

describe('RFC 1995 §4: several changes condensed', () => {
  const x = a('x', 1);
  for (const [why, steps, removals, additions] of [
    [
      'what is added and then deleted is not there',
      [
        [[], [x]],
        [[x], []],
      ],
      [],
      [],
    ],
    [
      'what is deleted and then added stays',
      [
        [[x], []],
        [[], [x]],
      ],
      [],
      [],
    ],
    [
      'a TTL that changes and changes back',
      [
        [[x], [a('x', 1, 30)]],
        [[a('x', 1, 30)], [x]],
      ],
      [],
      [],
    ],
    [
      'a TTL that changes',
      [
        [[x], []],
        [[], [a('x', 1, 30)]],
      ],
      [x],
      [a('x', 1, 30)],
    ],
    [
      'owners have no case',
      [
        [[], [x]],
        [[a('X', 1)], []],
      ],
      [],
      [],
    ],
    [
      'added, deleted, added',
      [
        [[], [x]],
        [[x], []],
        [[], [x]],
      ],
      [],
      [x],
    ],
    [
      'deleted, added, deleted',
      [
        [[x], []],
        [[], [x]],
        [[x], []],
      ],
      [x],
      [],
    ],
    [
      'unrelated',
      [
        [[x], []],
        [[], [a('y', 1)]],
      ],
      [x],
      [a('y', 1)],
    ],
    [
      'deleted with another TTL than added',
      [
        [[], [x]],
        [[a('x', 1, 5)], []],
      ],
      [],
      [],
    ],
  ] as [string, [ZoneRecord[], ZoneRecord[]][], ZoneRecord[], ZoneRecord[]][]) {
    test(why, () => {
      const changes = steps.map(([gone, come], i) => change(1 + i, gone, come));
      const to = 1 + steps.length;
      assert.deepEqual(condense(changes), {
        fromSerial: 1,
        toSerial: to,
        removals: [soa(1), ...removals],
        additions: [soa(to), ...additions],
      });
    });
  }

  test('serials that wrap', () => {
    const changes = [
      { ...change(0xffffffff, [], [x]), toSerial: 1, additions: [soa(1), x] },
      change(1, [x], []),
    ];
    assert.deepEqual(condense(changes).additions, [soa(2)]);
  });

  test('a gap, or nothing, is the caller’s fault', () => {
    assert.throws(() => condense([]), RangeError);
    assert.throws(() => condense([change(1, [], []), change(3, [], [])]), RangeError);
  });

  test(`is the same as applying them in order (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const zone = new Map<string, ZoneRecord>();
      const key = (record: ZoneRecord): string =>
        `${record.owner.toHex()} ${record.type} ${record.rdata.toHex()}`;
      const pick = (): ZoneRecord =>
        a(random.pick(['p', 'q', 'r']), random.below(3), random.pick([30, 60]));
      for (let i = 0; i < 4; i++) {
        const record = pick();
        zone.set(key(record), record);
      }
      const start = new Map(zone);
      const changes: ZoneChange[] = [];
      for (let step = 0; step < 6; step++) {
        const removals = [...zone.values()].filter(() => random.chance(0.3));
        for (const record of removals) zone.delete(key(record));
        const additions: ZoneRecord[] = [];
        for (let i = 0; i < 3; i++) {
          const record = pick();
          if (zone.has(key(record))) continue;
          additions.push(record);
          zone.set(key(record), record);
        }
        changes.push(change(step, removals, additions));
      }
      const { removals, additions } = condense(changes);
      for (const record of removals.slice(1))
        assert.ok(start.delete(key(record)), 'removes what is there');
      for (const record of additions.slice(1)) {
        assert.ok(!start.has(key(record)), 'adds what is not there');
        start.set(key(record), record);
      }
      const listed = (records: Map<string, ZoneRecord>): string[] =>
        [...records.values()].map((record) => `${key(record)} ${record.ttlSeconds}`).sort();
      assert.deepEqual(listed(start), listed(zone));
    }
  });

  test('records whose hashes are the same are told apart', () => {
    // The hash multiplies by an odd number for each octet: two pairs of octets found by search.
    const seen = new Map<number, ZoneRecord>();
    const hash = (record: ZoneRecord): number => {
      let h = record.type;
      for (const octet of record.owner) h = Math.imul(h ^ octet, 0x01000193);
      for (const octet of record.rdata) h = Math.imul(h ^ octet, 0x01000193);
      return h;
    };
    let pair: [ZoneRecord, ZoneRecord] | undefined;
    for (let i = 0; pair === undefined; i++) {
      const rdata = new Uint8Array(16);
      new DataView(rdata.buffer).setUint32(4, Math.imul(i, 0x9e3779b1));
      new DataView(rdata.buffer).setUint32(9, i);
      const record = { owner: apex, type: 28, ttlSeconds: 60, rdata };
      const other = seen.get(hash(record));
      if (other !== undefined) pair = [other, record];
      seen.set(hash(record), record);
    }
    const [one, two] = pair;
    const { removals, additions } = condense([
      change(1, [], [one, two]),
      change(2, [two], []),
      change(3, [], []),
    ]);
    assert.deepEqual([removals.length, additions.slice(1)], [1, [one]]);
  });
});

describe('the history of a zone', () => {
  const step = (from: number): ZoneChange => change(from, [], [a(`n${from}`, from & 255)]);
  const limits = { maxChanges: 5, maxOctets: 10_000 };

  test('gives what happened since a serial it knows', () => {
    const history = new MemoryHistory(limits);
    for (let serial = 1; serial <= 3; serial++) history.add(step(serial), 1e9);
    const since = history.since(2);
    assert.deepEqual(since, condense([step(2), step(3)]));
    assert.equal(history.since(2), since, 'kept for the next who asks');
    assert.equal(history.since(4), undefined);
    assert.equal(history.since(0), undefined);
    history.add(step(4), 1e9);
    assert.equal(history.since(2)?.toSerial, 5, 'but not beyond the next change');
  });

  test('keeps so many changes', () => {
    const history = new MemoryHistory(limits);
    for (let serial = 1; serial <= 9; serial++) history.add(step(serial), 1e9);
    assert.equal(history.changes, 5);
    assert.equal(history.since(4), undefined);
    assert.equal(history.since(5)?.fromSerial, 5);
  });

  test('keeps no more octets than it may, nor than the zone has', () => {
    for (const [maxOctets, zoneOctets] of [
      [1000, 1e9],
      [1e9, 1000],
    ] as const) {
      const history = new MemoryHistory({ maxChanges: 1000, maxOctets });
      for (let serial = 1; serial <= 100; serial++) history.add(step(serial), zoneOctets);
      assert.ok(history.changes > 3 && history.octets <= 1000);
    }
    const history = new MemoryHistory(limits);
    history.add(step(1), octetsOfChange(step(1)) - 1);
    assert.deepEqual([history.changes, history.octets], [0, 0]);
  });

  test('forgets what leads nowhere', () => {
    const history = new MemoryHistory(limits);
    history.add(step(1), 1e9);
    history.add(step(7), 1e9);
    assert.equal(history.since(1), undefined);
    assert.equal(history.since(7)?.toSerial, 8);
  });
});
