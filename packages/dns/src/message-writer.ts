/**
 * Messages to octets, with names compressed where RFC 3597 §4 allows it: in owners, and in the record
 * data of RFC 1035's types. A suffix is pointed to only if it is the same in every octet, so that no
 * name changes its case on the way. What does not fit is left out by whole RRsets (RFC 2181 §9).
 */

import { textFromOctets } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import type { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import type { Edns } from './edns/option.ts';
import { RecordTypeCode } from './iana/record-types.ts';
import {
  type Flags,
  headerOctets,
  type Message,
  maxMessageOctets,
  type ResourceRecord,
} from './message.ts';
import { pointerReachOctets } from './message-reader.ts';
import { checkName, decodeName, equalNames, type Name } from './name.ts';
import type { NameCopier, NameTreatment } from './rdata/codec.ts';
import { recordTypeOf } from './rdata/registry.ts';

/**
 * The octets of a message, at most `limitOctets`. If answers or authorities do not fit, TC is set
 * (RFC 2181 §9); additional records are left out in silence. OPT and TSIG always have their room.
 */
export function encodeMessage(
  message: Message,
  limitOctets: number = maxMessageOctets,
): Uint8Array {
  const end = endSections(message);
  const reserved = end.position;
  const limit = Math.min(limitOctets, maxMessageOctets) - reserved;
  const output = new MessageWriter();
  output.writer.octets(new Uint8Array(headerOctets));
  for (const { name, type, class: questionClass } of message.questions) {
    output.name(checkName(name));
    output.writer.uint16(type);
    output.writer.uint16(questionClass);
  }
  if (output.writer.position > limit) {
    throw new RangeError(`the questions alone do not fit into ${limitOctets} octets`);
  }
  const answers = output.section(message.answers, limit);
  const whole = answers === message.answers.length;
  const authorities = whole ? output.section(message.authorities, limit) : 0;
  const truncated = !whole || authorities < message.authorities.length;
  const additionals = truncated ? 0 : output.section(message.additionals, limit);
  output.writer.octets(end.view());
  const extra = Number(message.edns !== undefined) + Number(message.tsig !== undefined);
  const octets = output.writer.copy();
  const header = new Writer(octets);
  header.uint16(message.id);
  header.uint16(flagBits(message, truncated));
  header.uint16(message.questions.length);
  header.uint16(answers);
  header.uint16(authorities);
  header.uint16(additionals + extra);
  return octets;
}

function flagBits(message: Message, truncated: boolean): number {
  const { flags, opcode, rcode } = message;
  if (opcode < 0 || opcode > 15) throw new RangeError(`opcode ${opcode}`);
  if (rcode < 0 || rcode > (message.edns === undefined ? 15 : 0xfff)) {
    throw new RangeError(`rcode ${rcode} needs EDNS, or more than that`);
  }
  const bit = (flag: keyof Flags, value: number): number => (flags[flag] ? value : 0);
  const tc = truncated ? 0x0200 : bit('tc', 0x0200);
  return (
    bit('qr', 0x8000) |
    (opcode << 11) |
    bit('aa', 0x0400) |
    tc |
    bit('rd', 0x0100) |
    bit('ra', 0x0080) |
    bit('ad', 0x0020) |
    bit('cd', 0x0010) |
    (rcode & 15)
  );
}

/** OPT and TSIG, which nothing compresses. */
function endSections(message: Message): Writer {
  const writer = new Writer(64);
  if (message.edns !== undefined) writeOpt(message.edns, message.rcode, writer);
  if (message.tsig !== undefined) {
    const { owner, type, class: recordClass, ttlSeconds, rdata } = message.tsig.record;
    writer.octets(checkName(owner));
    writer.uint16(type);
    writer.uint16(recordClass);
    writer.uint32(ttlSeconds);
    writer.uint16(rdata.length);
    writer.octets(rdata);
  }
  return writer;
}

function writeOpt(edns: Edns, rcode: number, writer: Writer): void {
  writer.uint8(0); // RFC 6891 §6.1.2: owned by the root
  writer.uint16(RecordTypeCode.OPT);
  writer.uint16(edns.udpPayloadOctets);
  writer.uint8(rcode >> 4);
  writer.uint8(edns.version);
  writer.uint16(edns.dnssecOk ? 0x8000 : 0);
  const lengthAt = writer.position;
  writer.uint16(0);
  for (const { code, octets } of edns.options) {
    if (octets.length > 0xffff) throw new RangeError('an option has more than 65535 octets');
    writer.uint16(code);
    writer.uint16(octets.length);
    writer.octets(octets);
  }
  const length = writer.position - lengthAt - 2;
  if (length > 0xffff) throw new RangeError('options have more than 65535 octets');
  writer.patchUint16(lengthAt, length);
}

class MessageWriter implements NameCopier {
  readonly writer: Writer = new Writer(512);
  /** Where each suffix written stands, by its octets. */
  private readonly suffixes: Map<string, number> = new Map();
  /** Its keys in the order they came, so that what is taken back can be forgotten. */
  private readonly order: string[] = [];

  /** Writes as many whole RRsets as fit, and returns how many records that were. */
  section(records: readonly ResourceRecord[], limit: number): number {
    let written = 0;
    while (written < records.length) {
      const start = this.writer.position;
      let next = written;
      do this.record(records[next++]!);
      while (next < records.length && sameSet(records[written]!, records[next]!));
      if (this.writer.position > limit) {
        this.takeBack(start);
        break;
      }
      written = next;
    }
    return written;
  }

  name(name: Name): void {
    const key = textFromOctets(name);
    const writer = this.writer;
    let at = 0;
    for (; name[at]! !== 0; at += name[at]! + 1) {
      const suffix = key.slice(at);
      const offset = this.suffixes.get(suffix);
      if (offset !== undefined) {
        writer.octets(name, 0, at);
        writer.uint16(0xc000 | offset);
        return;
      }
      // Relative to the buffer: the labels before are written only afterwards.
      if (writer.position + at < pointerReachOctets) {
        this.suffixes.set(suffix, writer.position + at);
        this.order.push(suffix);
      }
    }
    writer.octets(name);
  }

  copy(treatment: NameTreatment, reader: Reader, writer: Writer, what: string): void {
    const name = decodeName(reader, what, false);
    if (treatment === 'compressible') this.name(name);
    else writer.octets(name); // RFC 3597 §4
  }

  private record({ owner, type, class: recordClass, ttlSeconds, rdata }: ResourceRecord): void {
    const writer = this.writer;
    this.name(checkName(owner));
    writer.uint16(type);
    writer.uint16(recordClass);
    writer.uint32(ttlSeconds);
    const lengthAt = writer.position;
    writer.uint16(0);
    if (rdata.length > 0) this.rdata(type, recordClass, rdata);
    const length = writer.position - lengthAt - 2;
    if (length > 0xffff) throw new RangeError('record data has more than 65535 octets');
    writer.patchUint16(lengthAt, length);
  }

  private rdata(type: number, recordClass: number, rdata: Uint8Array): void {
    try {
      recordTypeOf(type, recordClass).copy(rdata, this.writer, this);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new RangeError(`record data of type ${type} is malformed: ${error.message}`);
    }
  }

  private takeBack(position: number): void {
    this.writer.reset(position);
    while (this.order.length > 0) {
      const last = this.order.at(-1)!;
      if (this.suffixes.get(last)! < position) break;
      this.suffixes.delete(last);
      this.order.pop();
    }
  }
}

function sameSet(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.class === b.class && equalNames(a.owner, b.owner);
}
