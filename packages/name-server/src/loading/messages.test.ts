import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { serialChange } from '@riad/dns-server/zone-history/zone-change';
import { encodeUtf8 } from '@riad/octets/utf8';
import { type PassedUpdate, packUpdates, unpackUpdates } from '../updating/passed-updates.ts';
import { packChanges, unpackChanges } from './change-messages.ts';
import { encodeJournalRecord, type JournalRecord } from './journal-record.ts';

const author = { key: 'k._update.exämple.', address: '2001:db8::9', timeSeconds: 2 ** 33 };
const request = { mac: Uint8Array.of(1, 2, 3, 4), timeSigned: 2 ** 34, fudgeSeconds: 300 };

describe('updates on their way to the loader', () => {
  test('come out as they went in', () => {
    const updates: PassedUpdate[] = [
      { transport: 'udp', addressOctets: Uint8Array.of(192, 0, 2, 1), port: 1, message: '' },
      { transport: 'tcp', addressOctets: new Uint8Array(16).fill(9), port: 65_535, message: 'x' },
      {
        transport: 'tls',
        addressOctets: new Uint8Array(4),
        port: 853,
        message: '7'.repeat(65_535),
      },
    ].map(({ message, ...update }, i) => ({
      ...(update as Omit<PassedUpdate, 'id' | 'message'>),
      id: 2 ** 40 + i,
      message: encodeUtf8(message),
    }));
    assert.deepEqual(unpackUpdates(packUpdates(updates)), updates);
    assert.deepEqual(unpackUpdates(packUpdates([])), []);
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
