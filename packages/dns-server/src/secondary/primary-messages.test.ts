import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import { recordsOf } from '../testing/built-zone.ts';
import { readTransferQuery } from '../transfer/transfer-query.ts';
import { outcomeOfTransfer, readSoaAnswer, soaQuery, transferQuery } from './primary-messages.ts';
import { timesOfSoa } from './refresh-times.ts';

const zone = parseName('example.');
const wallSeconds = 1_800_000_000 as UnixSeconds;
const [soa] = recordsOf('example.', '@ 60 SOA ns h 7 1000 100 5000 60\n');

function decode(octets: Uint8Array): Message {
  const decoded = decodeMessage(octets);
  assert.ok(decoded.ok);
  return decoded.value;
}

test('queries for transfers are read as such, and ask for EXPIRE', () => {
  for (const [serial, kind] of [
    [undefined, 'axfr'],
    [0xffffffff, 'ixfr'],
  ] as const) {
    const message = decode(transferQuery(zone, 5, serial));
    const read = readTransferQuery(message);
    assert.ok(read !== undefined && 'kind' in read);
    assert.deepEqual([read.kind, read.serial, message.id], [kind, serial, 5]);
    assert.deepEqual(message.edns?.options, [{ code: 9, octets: new Uint8Array(0) }]);
  }
});

describe('the answer to a query for the SOA', () => {
  const asked = decode(soaQuery(zone, 5));
  const answer = (changes: Partial<Message>): Uint8Array =>
    encodeMessage({
      ...asked,
      flags: { ...noFlags, qr: true, aa: true },
      answers: [{ ...soa!, class: 1 }],
      ...changes,
    });
  const edns = (octets: Uint8Array) => ({
    udpPayloadOctets: 512,
    version: 0,
    dnssecOk: false,
    options: [{ code: 9, octets }],
  });
  for (const [why, changes, expected] of [
    [
      'serial and EXPIRE',
      { edns: edns(Uint8Array.of(0, 0, 1, 0)) },
      { kind: 'soa', serial: 7, expireSeconds: 256, wallSeconds },
    ],
    ['without EXPIRE', {}, { kind: 'soa', serial: 7, expireSeconds: undefined, wallSeconds }],
    ['an error', { rcode: 9 }, { kind: 'failed', code: 'transfer.rcode', rcode: 9, signed: true }],
    [
      'not authoritative',
      { flags: { ...noFlags, qr: true } },
      { kind: 'failed', code: 'primary.not-authoritative', rcode: 0, signed: true },
    ],
    [
      'no SOA',
      { answers: [] },
      { kind: 'failed', code: 'primary.not-authoritative', rcode: 0, signed: true },
    ],
    ['truncated', { flags: { ...noFlags, qr: true, tc: true } }, 'use-tcp'],
    ['another id', { id: 6 }, undefined],
    ['no answer but a query', { flags: noFlags }, undefined],
    ['another zone', { questions: [{ name: parseName('x.'), type: 6, class: 1 }] }, undefined],
    ['no question', { questions: [] }, undefined],
  ] as const) {
    test(why, () =>
      assert.deepEqual(readSoaAnswer(answer(changes), zone, 5, true, wallSeconds), expected),
    );
  }
  test('octets that are no message', () => {
    assert.equal(readSoaAnswer(Uint8Array.of(0, 5), zone, 5, true, wallSeconds), undefined);
  });
});

test('the times of a SOA', () => {
  assert.deepEqual(timesOfSoa(soa!.rdata), {
    serial: 7,
    refreshSeconds: 1000,
    retrySeconds: 100,
    expireSeconds: 5000,
  });
});

test('what a transfer means', () => {
  const inForce = timesOfSoa(soa!.rdata);
  const of = (outcome: Parameters<typeof outcomeOfTransfer>[0]) =>
    outcomeOfTransfer(outcome, inForce, true, wallSeconds);
  const done = { kind: 'transferred', soa: inForce, expireSeconds: 9, wallSeconds };
  assert.deepEqual(of({ kind: 'changes', expireSeconds: 9 }), done);
  assert.deepEqual(of({ kind: 'up-to-date', expireSeconds: 3 }), {
    kind: 'up-to-date',
    expireSeconds: 3,
    wallSeconds,
  });
  assert.deepEqual(of({ kind: 'fault', code: 'transfer.rcode', rcode: 9 }), {
    kind: 'failed',
    code: 'transfer.rcode',
    rcode: 9,
    signed: true,
  });
});
