/**
 * Queries for transfers, AXFR (RFC 5936 §2.1) and IXFR (RFC 1995 §3), and answers without a zone.
 * Not here: who may have one, and TSIG.
 */

import { expire } from '@riad/dns/edns/expire';
import type { Edns } from '@riad/dns/edns/option';
import { RecordClass } from '@riad/dns/iana/classes';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { Message } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, type Name } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { Writer } from '@riad/octets/writer';
import type { AnsweredQuery } from './message-fill.ts';

export type TransferQuery = {
  readonly kind: 'axfr' | 'ixfr';
  readonly zone: Name;
  /** The serial that the secondary has, with IXFR. */
  readonly serial: number | undefined;
  /** What UDP may carry: 512, or as EDNS says. */
  readonly udpOctets: number;
  readonly message: Message;
};

/** A query of another kind gives undefined; one that cannot be answered, the RCODE it deserves. */
export function readTransferQuery(
  message: Message,
): TransferQuery | { readonly rcode: number } | undefined {
  const { flags, opcode, questions, authorities, edns } = message;
  const question = questions[0];
  if (flags.qr || opcode !== Opcode.QUERY || question === undefined) return undefined;
  const { name: zone, type, class: recordClass } = question;
  if (type !== RecordTypeCode.AXFR && type !== RecordTypeCode.IXFR) return undefined;
  if (edns !== undefined && edns.version !== 0) return { rcode: Rcode.BADVERS }; // RFC 6891 §6.1.3
  if (recordClass !== RecordClass.IN) return { rcode: Rcode.NOTAUTH };
  const udpOctets = edns?.udpPayloadOctets ?? 512;
  if (type === RecordTypeCode.AXFR)
    return { kind: 'axfr', zone, serial: undefined, udpOctets, message };
  // RFC 1995 §3: the authority section holds the SOA of the secondary's version.
  const soa = authorities.find((record) => record.type === RecordTypeCode.SOA);
  if (soa === undefined || !equalNames(soa.owner, zone)) return { rcode: Rcode.FORMERR };
  return { kind: 'ixfr', zone, serial: serialOfSoa(soa.rdata), udpOctets, message };
}

/** UDP payload that we take (RFC 9715 §3). */
const udpPayloadOctets = 1232;

/** What the answer's messages repeat. `expireSeconds`: for EXPIRE, if it is asked for (RFC 7314 §3, §4). */
export function answeredQuery(
  { message }: TransferQuery,
  expireSeconds: number | undefined,
): AnsweredQuery {
  const { id, flags, questions, edns } = message;
  const { name, type, class: recordClass } = questions[0]!;
  const question = new Writer(name.length + 4);
  question.octets(name);
  question.uint16(type);
  question.uint16(recordClass);
  return {
    id,
    recursionDesired: flags.rd,
    question: question.copy(),
    opt: edns === undefined ? undefined : encodeOpt(answerEdns(edns, expireSeconds)),
  };
}

function answerEdns(asked: Edns, expireSeconds: number | undefined): Edns {
  const wanted = asked.options.some(({ code }) => code === EdnsOptionCode.EXPIRE);
  return {
    udpPayloadOctets,
    version: 0,
    dnssecOk: asked.dnssecOk, // RFC 3225 §3
    options:
      wanted && expireSeconds !== undefined ? [expire.encode({ seconds: expireSeconds })] : [],
  };
}

/** The OPT record alone: what an otherwise empty message has behind its header. */
function encodeOpt(edns: Edns): Uint8Array {
  const message: Message = { ...empty, edns };
  return encodeMessage(message).slice(12);
}

const empty: Message = {
  id: 0,
  opcode: Opcode.QUERY,
  rcode: Rcode.NOERROR,
  flags: { qr: true, aa: false, tc: false, rd: false, ra: false, ad: false, cd: false },
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

/** An answer with nothing but an RCODE: NOTAUTH, REFUSED (RFC 5936 §2.2.1), SERVFAIL and so on. */
export function refuseTransfer(message: Message, rcode: number): Uint8Array {
  const { id, opcode, flags, questions, edns } = message;
  return encodeMessage({
    ...empty,
    id,
    opcode,
    rcode,
    flags: { ...empty.flags, rd: flags.rd },
    questions,
    ...(edns && { edns: answerEdns({ ...edns, options: [] }, undefined) }),
  });
}
