/**
 * What a secondary asks its primaries and what their answers mean to it: queries for the SOA (RFC 1034
 * §4.3.5), for AXFR and for IXFR, all of which ask for EXPIRE as well (RFC 7314 §2). Ids, signatures and
 * the way they go are the caller's.
 */
import { expire } from '@riad/dns/edns/expire';
import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, type Name, root } from '@riad/dns/name';
import { serialOfSoa, soa } from '@riad/dns/rdata/soa';
import type { UnixSeconds } from '@riad/octets/engine';
import { Writer } from '@riad/octets/writer';
import type { SoaTimes } from './refresh-times.ts';
import type { CheckOutcome } from './secondary-zone.ts';

export const codes = {
  'primary.unreachable': 'a primary did not answer',
  'primary.not-authoritative':
    'a primary answered the query for the SOA without authority, or without SOA',
} as const;

export function soaQuery(zone: Name, id: number): Uint8Array {
  return query(zone, id, RecordTypeCode.SOA, []);
}

/** A query for what is newer than `serial`, or for all of the zone. */
export function transferQuery(zone: Name, id: number, serial: number | undefined): Uint8Array {
  if (serial === undefined) return query(zone, id, RecordTypeCode.AXFR, []);
  // RFC 1995 §3: only the serial of this SOA counts.
  const rdata = new Writer(64);
  const rest = { refresh: 0, retry: 0, expire: 0, minimum: 0 };
  soa.encode({ primary: root, mailbox: root, serial, ...rest }, rdata);
  const record = { owner: zone, type: RecordTypeCode.SOA, class: RecordClass.IN, ttlSeconds: 0 };
  return query(zone, id, RecordTypeCode.IXFR, [{ ...record, rdata: rdata.copy() }]);
}

function query(
  zone: Name,
  id: number,
  type: number,
  authorities: readonly ResourceRecord[],
): Uint8Array {
  const options = [expire.encode({ seconds: undefined })];
  return encodeMessage({
    id,
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    flags: noFlags,
    questions: [{ name: zone, type, class: RecordClass.IN }],
    answers: [],
    authorities,
    additionals: [],
    edns: { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options },
  });
}

/**
 * What an answer to `soaQuery` means; undefined when it is none, so that one goes on waiting. `octets`:
 * without the signature, which `signed` says it had. An answer with TC is asked for again over TCP.
 */
export function readSoaAnswer(
  octets: Uint8Array,
  zone: Name,
  id: number,
  signed: boolean,
  wallSeconds: UnixSeconds,
): CheckOutcome | 'use-tcp' | undefined {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) return undefined;
  const { value: message } = decoded;
  if (!answers(message, zone, id)) return undefined;
  if (message.flags.tc) return 'use-tcp';
  const failed = (code: string): CheckOutcome => ({
    kind: 'failed',
    code,
    rcode: message.rcode,
    signed,
  });
  if (message.rcode !== Rcode.NOERROR) return failed('transfer.rcode');
  const record = message.answers.find(
    ({ owner, type, class: recordClass }) =>
      type === RecordTypeCode.SOA && recordClass === RecordClass.IN && equalNames(owner, zone),
  );
  // Not authoritative: a cache, or a primary that has lost the zone.
  if (record === undefined || !message.flags.aa) return failed('primary.not-authoritative');
  const expireSeconds = expire.find(message.edns)?.seconds;
  return { kind: 'soa', serial: serialOfSoa(record.rdata), expireSeconds, wallSeconds };
}

function answers({ id, flags, opcode, questions }: Message, zone: Name, asked: number): boolean {
  const [question] = questions;
  return (
    id === asked &&
    flags.qr &&
    opcode === Opcode.QUERY &&
    question?.type === RecordTypeCode.SOA &&
    equalNames(question.name, zone)
  );
}

/** What of a transfer's outcome counts for keeping the zone. */
export type TransferEnd =
  | { readonly kind: 'fault'; readonly code: string; readonly rcode: number }
  | {
      readonly kind: 'up-to-date' | 'zone' | 'changes';
      readonly expireSeconds: number | undefined;
    };

/**
 * What a transfer means for the zone, once its outcome was applied: `soa` is then that of the version in
 * force. `signed`: its messages were verified. With `use-tcp` the same is asked again over TCP.
 */
export function outcomeOfTransfer(
  outcome: TransferEnd,
  inForce: SoaTimes,
  signed: boolean,
  wallSeconds: UnixSeconds,
): CheckOutcome {
  switch (outcome.kind) {
    case 'fault':
      return { kind: 'failed', code: outcome.code, rcode: outcome.rcode, signed };
    case 'up-to-date':
      return { kind: 'up-to-date', expireSeconds: outcome.expireSeconds, wallSeconds };
    default: {
      const { expireSeconds } = outcome;
      return { kind: 'transferred', soa: inForce, expireSeconds, wallSeconds };
    }
  }
}
