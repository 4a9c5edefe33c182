import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { serialChange } from '@riad/dns-server/zone-history/zone-change';
import { packChanges, unpackChanges } from './change-messages.ts';
import { encodeJournalRecord, type JournalRecord } from './journal-record.ts';
import {
  type NumberedJob,
  packResults,
  packUpdates,
  unpackResults,
  unpackUpdates,
} from './update-messages.ts';

const author = { key: 'k._update.exämple.', address: '2001:db8::9', timeSeconds: 2 ** 33 };
const request = { mac: Uint8Array.of(1, 2, 3, 4), timeSigned: 2 ** 34, fudgeSeconds: 300 };

describe('groups of updates', () => {
  test('come out as they went in', () => {
    const jobs: NumberedJob[] = [
      { zone: '.', byNames: true, message: new Uint8Array(0), author, request: undefined },
      {
        zone: 'a\\200.example.',
        byNames: false,
        message: new Uint8Array(65_535).fill(7),
        author,
        request,
      },
      {
        zone: 'b.example.',
        byNames: false,
        message: Uint8Array.of(9),
        author: { ...author, key: '' },
        request,
      },
    ].map((job, i) => ({ id: 2 ** 40 + i, job }));
    assert.deepEqual(unpackUpdates(packUpdates(jobs)), jobs);
    assert.deepEqual(unpackUpdates(packUpdates([])), []);
  });

  test('results too, whatever they say', () => {
    const kind = 'updated';
    const results = [
      { kind, rcode: 0, serial: 2 ** 32 - 1 },
      { kind, rcode: 5, serial: undefined, sentence: 'no', extendedError: 18 },
      { kind, rcode: 0, serial: undefined },
      { kind, rcode: 0, serial: 0 },
      { kind, rcode: 8, serial: undefined, sentence: 'a prerequisite does not hold' },
    ] as const;
    const ids = results.map((_, i) => ({ id: 10 + i }) as NumberedJob);
    const found = new Map<number, unknown>();
    unpackResults(packResults(ids, results), (id, result) => found.set(id, result));
    assert.deepEqual(
      [10, 11, 12, 13, 14].map((id) => found.get(id)),
      results,
    );
  });
});

describe('changes', () => {
  const zone = parseName('Zone.example.');
  const soa = {
    owner: zone,
    type: 6,
    ttlSeconds: 60,
    rdata: new Uint8Array(22).fill(0).with(5, 7),
  };
  const records: JournalRecord[] = [
    { kind: 'update', zone, author, change: serialChange(soa, 8), request },
    { kind: 'edit', zone, author, change: serialChange(soa, 9) },
    { kind: 'whole', zone, author, serial: 2 ** 32 - 1 },
    { kind: 'confirmed', zone, author, serial: 3, expireSeconds: 77 },
    { kind: 'confirmed', zone, author, serial: 4, expireSeconds: undefined },
    { kind: 'removed', zone, author },
  ];
  const payloads = records.map(encodeJournalRecord);

  test('are told as the journal has them', () => {
    const told = unpackChanges(
      packChanges(payloads.map((payload, i) => ({ sequence: 2 ** 40 + i, payload }))),
    );
    assert.deepEqual(
      told.map(({ kind, sequence }) => [kind, sequence - 2 ** 40]),
      records.map(({ kind }, i) => [kind, i]),
    );
    for (const served of told) {
      assert.equal(served.zone, 'zone.example.');
      assert.deepEqual(served.author, author);
    }
    const [update, edit, whole, confirmed, unlimited] = told;
    assert.deepEqual(update!.request, request);
    assert.equal(edit!.request, undefined);
    assert.equal(whole!.change, undefined);
    assert.deepEqual(confirmed!.confirmed, { serial: 3, expireSeconds: 77 });
    assert.deepEqual(unlimited!.confirmed, { serial: 4, expireSeconds: undefined });
    assert.ok(update!.change!.length > 20);
  });
});
