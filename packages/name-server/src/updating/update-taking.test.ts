/** Answers that are made before it is known whether they are true are sent when they are, and only then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import { silentLog } from '@riad/runtime/logging/log';
import type { AccessControl } from '../control/access-control.ts';
import type { UpdateResult } from '../loading/loader-messages.ts';
import { openRequest } from '../request-opening.ts';
import { packUpdates, type UpdateReply } from './passed-updates.ts';
import { UpdateAnswering } from './update-answering.ts';
import { UpdateTaking } from './update-taking.ts';

const zone = parseName('example.');
const result = (rcode: number): UpdateResult => ({ kind: 'updated', rcode, serial: undefined });

/** The RCODEs of two updates that were expected to end as `expected` says, and ended as `actual` does. */
function answersTo(expected: readonly number[], actual: readonly number[]): (number | undefined)[] {
  const replies: UpdateReply[] = [];
  const counted: number[] = [];
  const order: string[] = [];
  const access = { refusal: () => undefined, rules: { policy: { rules: [] } } };
  const answering = new UpdateAnswering({
    zones: {
      find: () => ({ name: 'example.', apexName: zone }),
      zoneOf: () => undefined,
    },
    access: access as unknown as AccessControl,
    frozenBecause: () => undefined,
    answered: (rcode) => counted.push(rcode),
    log: silentLog,
  });
  const taking = new UpdateTaking({
    buffer: new SharedArrayBuffer(0),
    sources: [],
    open: (octets, from) =>
      openRequest(octets, from, {
        keys: () => () => [],
        hmac: () => new Uint8Array(0),
        now: () => 0 as UnixSeconds,
        log: silentLog,
      }),
    answering,
    perform(jobs, told) {
      assert.equal(jobs.length, 2);
      told(expected.map(result));
      order.push('performed');
      assert.deepEqual(replies, []);
      assert.deepEqual(counted, []);
      return actual.map(result);
    },
    answered: () => order.push('answered'),
    reply: (some) => void replies.push(...some),
    log: silentLog,
  });
  const message = (id: number): Uint8Array =>
    encodeMessage({
      id,
      opcode: Opcode.UPDATE,
      rcode: 0,
      flags: noFlags,
      questions: [{ name: zone, type: 6, class: 1 }],
      answers: [],
      authorities: [],
      additionals: [],
    });
  const of = { transport: 'tcp', addressOctets: Uint8Array.of(192, 0, 2, 1), port: 53 } as const;
  taking.passed(packUpdates([1, 2].map((id) => ({ ...of, id, message: message(id) }))));
  taking.perform();
  assert.deepEqual(order, ['performed', 'answered']);
  assert.deepEqual(counted, [...actual]);
  assert.deepEqual(
    replies.map(({ octets }) => octets![1]),
    [1, 2],
  );
  return replies.map(({ octets }) => octets && octets[3]! & 15);
}

test('those that succeed as expected', () => {
  assert.deepEqual(answersTo([Rcode.NOERROR, Rcode.NXRRSET], [Rcode.NOERROR, Rcode.NXRRSET]), [
    Rcode.NOERROR,
    Rcode.NXRRSET,
  ]);
});

test('all fail when the journal could not be written', () => {
  assert.deepEqual(answersTo([Rcode.NOERROR, Rcode.NOERROR], [Rcode.SERVFAIL, Rcode.SERVFAIL]), [
    Rcode.SERVFAIL,
    Rcode.SERVFAIL,
  ]);
});
