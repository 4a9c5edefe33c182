/** NOTIFY on the wire (RFC 1996 §3): what a primary sends, what a secondary answers, and reading both. */

import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, type Name } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';

/** A NOTIFY for a zone with its SOA as a hint (RFC 1996 §3.7). */
export function notifyMessage(zone: Name, soa: ZoneRecord, id: number): Uint8Array {
  return encodeMessage({
    id,
    opcode: Opcode.NOTIFY,
    rcode: Rcode.NOERROR,
    flags: { ...noFlags, aa: true },
    questions: [{ name: zone, type: RecordTypeCode.SOA, class: RecordClass.IN }],
    answers: [{ ...soa, class: RecordClass.IN }],
    authorities: [],
    additionals: [],
  });
}

export type ReceivedNotify = {
  readonly zone: Name;
  /** What the sender says it has: a hint, which only a query can confirm (RFC 1996 §3.7). */
  readonly serial: number | undefined;
};

/** A request with another opcode gives undefined; one that cannot be acted upon, the RCODE it deserves. */
export function readNotify(
  message: Message,
): ReceivedNotify | { readonly rcode: number } | undefined {
  const { flags, opcode, questions, answers } = message;
  if (opcode !== Opcode.NOTIFY || flags.qr) return undefined;
  const [question] = questions;
  if (question === undefined || questions.length > 1) return { rcode: Rcode.FORMERR };
  const { name: zone, type, class: recordClass } = question;
  // RFC 1996 §3.1 leaves room for other types; none was ever defined.
  if (type !== RecordTypeCode.SOA) return { rcode: Rcode.FORMERR };
  if (recordClass !== RecordClass.IN) return { rcode: Rcode.NOTAUTH };
  const soa = answers.find(
    (record) => record.type === RecordTypeCode.SOA && equalNames(record.owner, zone),
  );
  return { zone, serial: soa === undefined ? undefined : serialOfSoa(soa.rdata) };
}

/** RFC 1996 §4.7: the answer has the id, opcode and question of the request, and AA. */
export function notifyAnswer(message: Message, rcode: number = Rcode.NOERROR): Uint8Array {
  const { id, opcode, questions, edns } = message;
  return encodeMessage({
    id,
    opcode,
    rcode,
    flags: { ...noFlags, qr: true, aa: rcode === Rcode.NOERROR },
    questions,
    answers: [],
    authorities: [],
    additionals: [],
    ...(edns && {
      edns: { udpPayloadOctets: 1232, version: 0, dnssecOk: edns.dnssecOk, options: [] },
    }),
  });
}

/** Whether `answer` is one to a NOTIFY with this id for this zone, whatever its RCODE (RFC 1996 §3.6). */
export function answersNotify(answer: Message, id: number, zone: Name): boolean {
  const [question] = answer.questions;
  return (
    answer.flags.qr &&
    answer.opcode === Opcode.NOTIFY &&
    answer.id === id &&
    // Some answer without the question; what has one has to have this one.
    (question === undefined ||
      (question.type === RecordTypeCode.SOA && equalNames(question.name, zone)))
  );
}
