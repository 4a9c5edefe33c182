/**
 * UPDATE messages as a requestor makes them (RFC 2136 §2): prerequisites and changes as records, and the
 * message they stand in. Not here: signing and sending it, finding the zone.
 */
import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Message, maxMessageOctets, noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { Name } from '@riad/dns/name';

export type UpdateSections = {
  /** All have to hold, or nothing is changed. */
  readonly prerequisites: readonly ResourceRecord[];
  /** Done in this order. */
  readonly updates: readonly ResourceRecord[];
};

const { ANY } = RecordTypeCode;
const none = new Uint8Array(0);

function record(
  owner: Name,
  type: number,
  recordClass: number,
  ttlSeconds: number = 0,
  rdata: Uint8Array = none,
): ResourceRecord {
  return { owner, type, class: recordClass, ttlSeconds, rdata };
}

/** RFC 2136 §2.4.4: the name owns at least one record. */
export function nameIsInUse(owner: Name): ResourceRecord {
  return record(owner, ANY, RecordClass.ANY);
}

/** RFC 2136 §2.4.5. */
export function nameIsNotInUse(owner: Name): ResourceRecord {
  return record(owner, ANY, RecordClass.NONE);
}

/** RFC 2136 §2.4.1. */
export function rrsetExists(owner: Name, type: number): ResourceRecord {
  return record(owner, type, RecordClass.ANY);
}

/** RFC 2136 §2.4.2: one for each record that the RRset consists of. */
export function rrsetHasRecord(owner: Name, type: number, rdata: Uint8Array): ResourceRecord {
  return record(owner, type, RecordClass.IN, 0, rdata);
}

/** RFC 2136 §2.4.3. */
export function rrsetDoesNotExist(owner: Name, type: number): ResourceRecord {
  return record(owner, type, RecordClass.NONE);
}

/** RFC 2136 §2.5.1. */
export function addRecord(
  owner: Name,
  type: number,
  ttlSeconds: number,
  rdata: Uint8Array,
): ResourceRecord {
  return record(owner, type, RecordClass.IN, ttlSeconds, rdata);
}

/** RFC 2136 §2.5.2. */
export function deleteRrset(owner: Name, type: number): ResourceRecord {
  return record(owner, type, RecordClass.ANY);
}

/** RFC 2136 §2.5.3. */
export function deleteName(owner: Name): ResourceRecord {
  return record(owner, ANY, RecordClass.ANY);
}

/** RFC 2136 §2.5.4. */
export function deleteRecord(owner: Name, type: number, rdata: Uint8Array): ResourceRecord {
  return record(owner, type, RecordClass.NONE, 0, rdata);
}

const udpPayloadOctets = 1232;

/** With EDNS, so that the server may say why it refuses (RFC 8914). */
export function updateMessage(zone: Name, sections: UpdateSections, id: number): Message {
  return {
    id,
    opcode: Opcode.UPDATE,
    rcode: Rcode.NOERROR,
    flags: noFlags,
    questions: [{ name: zone, type: RecordTypeCode.SOA, class: RecordClass.IN }],
    answers: sections.prerequisites,
    authorities: sections.updates,
    additionals: [],
    edns: { udpPayloadOctets, version: 0, dnssecOk: false, options: [] },
  };
}

/** Whether nothing would be left out, for half an update is another one. `signatureOctets`: to come behind it. */
export function fitsOneMessage(message: Message, signatureOctets: number): boolean {
  const most = 0xffff; // RFC 1035 §4.1.1: counts have 16 bits
  if (message.answers.length > most || message.authorities.length > most) return false;
  const octets = encodeMessage(message, maxMessageOctets - signatureOctets);
  return (octets[2]! & 0x02) === 0; // TC
}
