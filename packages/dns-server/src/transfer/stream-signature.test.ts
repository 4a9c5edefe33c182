import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { type Hmac, type HmacAlgorithm, hmacAlgorithms } from '@riad/dns/tsig/hmac';
import { signRequest, signResponse } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { verifyRequest } from '@riad/dns/tsig/verify-request';
import type { UnixSeconds } from '@riad/octets/engine';
import { notifyAnswer } from '../notify/notify-message.ts';
import { NotifySender } from '../notify/notify-sender.ts';
import { emptyImage, hostZone, linesOf, recordsOf, sha1 } from '../testing/built-zone.ts';
import {
  decodeZoneChange,
  encodeZoneChange,
  type ZoneChange,
} from '../zone-history/zone-change.ts';
import { MemoryHistory } from '../zone-history/zone-history.ts';
import { HeldVersions } from '../zone-image/held-versions.ts';
import { applyChange } from './apply-change.ts';
import {
  messageSigner,
  messageVerifier,
  notifySigner,
  type SignedWith,
} from './stream-signature.ts';
import { TransferIn, type TransferInOutcome } from './transfer-in.ts';
import { transferOut } from './transfer-out.ts';
import { readTransferQuery } from './transfer-query.ts';

const hmac: Hmac = (algorithm, secret, parts) => {
  const mac = createHmac(algorithm.replace('hmac-', ''), secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
const clock = (): UnixSeconds => 1_800_000_000 as UnixSeconds;
const zone = parseName('zone.example.');
const keyWith = (algorithm: HmacAlgorithm): TsigKey => ({
  name: parseName('key.example.'),
  algorithm,
  secret: new Uint8Array(32).fill(7),
});

const lines = ['$TTL 60\n@ SOA ns h 5 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n'];
for (let i = 0; i < 12_000; i++) lines.push(`h${i} A 192.0.2.1\n`);
const image = emptyImage();
hostZone(image, 'zone.example.', lines.join(''));

/** Every message of a signed transfer of the zone, and what its request was signed with. */
function transfer(algorithm: HmacAlgorithm): { request: SignedWith; messages: Uint8Array[] } {
  const key = keyWith(algorithm);
  const message = {
    id: 77,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: zone, type: 252, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  };
  const signed = signRequest(encodeMessage(message), key, clock(), hmac);
  const request = { key, mac: signed.mac };
  const query = readTransferQuery(message);
  assert.ok(query !== undefined && 'kind' in query);
  using held = new HeldVersions(image.arena).hold(0)!;
  const signer = messageSigner(request, clock, hmac);
  const messages = transferOut(image.arena, held, query, { transport: 'tcp', signer });
  return { request, messages: Array.from(messages, (octets) => octets.slice()) };
}

function take(request: SignedWith, messages: readonly Uint8Array[]): TransferInOutcome | undefined {
  const asked = { kind: 'axfr', zone, id: 77, serial: undefined, transport: 'tcp' } as const;
  const verifier = messageVerifier(request, clock, hmac);
  const into = new TransferIn(emptyImage(), asked, sha1, verifier);
  let outcome: TransferInOutcome | undefined;
  for (const octets of messages) outcome ??= into.take(octets);
  if (outcome?.kind === 'zone') outcome.discard();
  return outcome;
}

describe('a signed transfer of several messages', () => {
  for (const algorithm of Object.keys(hmacAlgorithms) as HmacAlgorithm[]) {
    test(algorithm, () => {
      const { request, messages } = transfer(algorithm);
      assert.ok(messages.length >= 3 && messages.every((message) => message.length <= 65_535));
      const outcome = take(request, messages);
      assert.equal(outcome?.kind, 'zone');
    });
  }

  const { request, messages } = transfer('hmac-sha256');
  const [first, second, third, ...rest] = messages as [Uint8Array, Uint8Array, Uint8Array];
  const tampered = second.slice();
  tampered[300] = tampered[300]! ^ 1;
  for (const [why, changed] of [
    ['one octet is another', [first, tampered, third, ...rest]],
    ['two messages have changed places', [first, third, second, ...rest]],
    ['a middle message is missing', [first, third, ...rest]],
    ['the first is missing', [second, third, ...rest]],
    ['a message came twice', [first, first, second, third, ...rest]],
  ] as const) {
    test(`refused: ${why}`, () => {
      const outcome = take(request, changed);
      assert.equal(outcome?.kind === 'fault' && outcome.code, 'transfer.signature');
    });
  }

  test('refused: another request’s', () => {
    const other = { ...request, mac: request.mac.slice().fill(1) };
    const outcome = take(other, messages);
    assert.equal(outcome?.kind === 'fault' && outcome.code, 'transfer.signature');
  });
});

test('NOTIFY is signed when it leaves, and its answer has to be', () => {
  const key = keyWith('hmac-sha512');
  const sender = new NotifySender(
    notifySigner((name) => (name === 'k' ? key : undefined), clock, hmac),
    () => Uint8Array.of(1, 2),
  );
  const endpoint = { address: '192.0.2.1', port: 53 };
  const soa = recordsOf('zone.example.', '@ 60 SOA ns h 5 2 3 4 5\n')[0]!;
  const target = { via: 'address', endpoint, key: 'k' } as const;
  const [sent] = sender.step(0, { type: 'announce', zone, soa, targets: [target] });
  assert.ok(sent?.type === 'send');
  const verdict = verifyRequest(sent.octets, () => [key], clock(), hmac);
  assert.equal(verdict.kind, 'verified');
  const decoded = decodeMessage(sent.octets);
  assert.ok(decoded.ok);
  const answer = notifyAnswer({ ...decoded.value });
  sender.step(1, { type: 'answer', from: endpoint, octets: answer });
  assert.equal(sender.pending, 1, 'unsigned: not believed');
  assert.ok(verdict.kind === 'verified');
  const signed = signResponse(answer, verdict.request, clock(), hmac);
  sender.step(2, { type: 'answer', from: endpoint, octets: signed.octets });
  assert.equal(sender.pending, 0);
});

test('a history that was written down serves IXFR after a restart', () => {
  const served = emptyImage();
  const text = (serial: number, more: string): string =>
    `@ 60 SOA ns h ${serial} 2 3 4 5\n@ 60 NS ns\n${more}`;
  const apex = hostZone(served, 'zone.example.', text(1, 'alias 60 CNAME old\n'));
  const change: ZoneChange = {
    fromSerial: 1,
    toSerial: 2,
    removals: recordsOf('zone.example.', '@ 60 SOA ns h 1 2 3 4 5\nalias 60 CNAME old\n'),
    additions: recordsOf('zone.example.', '@ 60 SOA ns h 2 2 3 4 5\nalias 60 CNAME new\n'),
  };
  const written = encodeZoneChange(change);
  // After the restart: the image comes from a snapshot, the history from the journal.
  assert.ok(applyChange(served, apex, change, sha1).ok);
  const read = decodeZoneChange(written);
  assert.ok(read.ok);
  const history = new MemoryHistory();
  history.add(read.value, 1e6);
  const copy = emptyImage();
  hostZone(copy, 'zone.example.', text(1, 'alias 60 CNAME old\n'));
  const message = {
    id: 77,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: zone, type: 251, class: 1 }],
    answers: [],
    authorities: recordsOf('zone.example.', '@ 60 SOA ns h 1 2 3 4 5\n').map((record) => ({
      ...record,
      class: 1,
    })),
    additionals: [],
  };
  const query = readTransferQuery(message);
  assert.ok(query !== undefined && 'kind' in query);
  using held = new HeldVersions(served.arena).hold(0)!;
  const into = new TransferIn(
    copy,
    { kind: 'ixfr', zone, id: 77, serial: 1, transport: 'tcp' },
    sha1,
  );
  let outcome: TransferInOutcome | undefined;
  for (const octets of transferOut(served.arena, held, query, { transport: 'tcp', history }))
    outcome = into.take(octets);
  assert.ok(outcome?.kind === 'changes');
  assert.ok(applyChange(copy, apex, outcome.change, sha1).ok);
  assert.deepEqual(linesOf(copy, apex), linesOf(served, apex));
});
