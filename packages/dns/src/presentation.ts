/** Messages as text in the manner of dig, and as values for JSON with the member names of RFC 8427. */
import { formatHex } from '@riad/octets/hex';
import type { Edns } from './edns/option.ts';
import { formatOption } from './edns/registry.ts';
import { formatRecordClass, RecordClass } from './iana/classes.ts';
import { formatEdnsOption } from './iana/edns-options.ts';
import { formatOpcode, Opcode } from './iana/opcodes.ts';
import { formatRcode } from './iana/rcodes.ts';
import { formatRecordType } from './iana/record-types.ts';
import type { Flags, Message, Question, ResourceRecord } from './message.ts';
import { formatName } from './name.ts';
import { recordTypeOf } from './rdata/registry.ts';

const flagNames = ['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const satisfies (keyof Flags)[];

/** The text that dig prints of a message, without its remarks about time and server. */
export function formatMessage(message: Message): string {
  const { questions, answers, authorities, additionals, edns, tsig } = message;
  const update = message.opcode === Opcode.UPDATE;
  const titles = update // RFC 2136 §2
    ? ['ZONE', 'PREREQUISITE', 'UPDATE', 'ADDITIONAL']
    : ['QUESTION', 'ANSWER', 'AUTHORITY', 'ADDITIONAL'];
  const extra = Number(edns !== undefined) + Number(tsig !== undefined);
  const counts = [questions, answers, authorities, additionals].map(({ length }) => length);
  counts[3]! += extra;
  const words = update ? ['ZONE', 'PREREQ', 'UPDATE', 'ADDITIONAL'] : ['QUERY', ...titles.slice(1)];
  const flags = flagNames.filter((name) => message.flags[name]).join(' ');
  const opcode = formatOpcode(message.opcode);
  const parts = [
    `;; ->>HEADER<<- opcode: ${opcode}, status: ${formatRcode(message.rcode)}, id: ${message.id}\n` +
      `;; flags:${flags === '' ? '' : ` ${flags}`}; ` +
      words.map((word, i) => `${word}: ${counts[i]}`).join(', '),
  ];
  if (edns !== undefined) parts.push(`;; OPT PSEUDOSECTION:\n${formatEdns(edns)}`);
  if (questions.length > 0) {
    parts.push(`;; ${titles[0]} SECTION:\n${questions.map(formatQuestion).join('\n')}`);
  }
  for (const [i, records] of [answers, authorities, additionals].entries()) {
    if (records.length === 0) continue;
    const zoneClass = update ? questions[0]?.class : undefined;
    const lines = records.map((record) => formatRecord(record, layoutClass(record, zoneClass)));
    parts.push(`;; ${titles[i + 1]} SECTION:\n${lines.join('\n')}`);
  }
  if (tsig !== undefined) {
    parts.push(`;; TSIG PSEUDOSECTION:\n${formatRecord(tsig.record)}`);
  }
  return `${parts.join('\n\n')}\n`;
}

function formatQuestion({ name, type, class: questionClass }: Question): string {
  return `;${formatName(name)}\t${formatRecordClass(questionClass)}\t${formatRecordType(type)}`;
}

/** RFC 2136 §2.4, §2.5: in an UPDATE, data of classes NONE and ANY is laid out as the zone's. */
function layoutClass(record: ResourceRecord, zoneClass: number | undefined): number {
  const negative = record.class === RecordClass.NONE || record.class === RecordClass.ANY;
  return negative && zoneClass !== undefined ? zoneClass : record.class;
}

/**
 * One record as a master file has it: owner, TTL, class, type and data, with tabs between them.
 * The data is read as that of `dataClass`.
 */
export function formatRecord(record: ResourceRecord, dataClass: number = record.class): string {
  const { owner, ttlSeconds, type, class: recordClass, rdata } = record;
  const head = [
    formatName(owner),
    ttlSeconds,
    formatRecordClass(recordClass),
    formatRecordType(type),
  ];
  const text = rdata.length === 0 ? '' : recordTypeOf(type, dataClass).format(rdata);
  return `${head.join('\t')}\t${text}`.trimEnd();
}

function formatEdns(edns: Edns): string {
  const flags = edns.dnssecOk ? ' do' : '';
  const head = `; EDNS: version: ${edns.version}, flags:${flags}; udp: ${edns.udpPayloadOctets}`;
  return [head, ...edns.options.map((option) => `; ${formatOption(option)}`)].join('\n');
}

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A message as plain values: RFC 8427's member names, and the octets of data as rdata text and hex. */
export function messageToJson(message: Message): Json {
  const { flags, questions, answers, authorities, additionals, edns, tsig } = message;
  const bits = Object.fromEntries(
    flagNames.map((name) => [name.toUpperCase(), flags[name] ? 1 : 0]),
  );
  return {
    ID: message.id,
    Opcode: message.opcode,
    RCODE: message.rcode,
    rcodeName: formatRcode(message.rcode),
    ...bits,
    QDCOUNT: questions.length,
    ANCOUNT: answers.length,
    NSCOUNT: authorities.length,
    ARCOUNT: additionals.length + Number(edns !== undefined) + Number(tsig !== undefined),
    questionRRs: questions.map(({ name, type, class: questionClass }) => ({
      NAME: formatName(name),
      TYPE: type,
      TYPEname: formatRecordType(type),
      CLASS: questionClass,
      CLASSname: formatRecordClass(questionClass),
    })),
    answerRRs: answers.map(recordToJson),
    authorityRRs: authorities.map(recordToJson),
    additionalRRs: additionals.map(recordToJson),
    ...(edns && { edns: ednsToJson(edns) }),
    ...(tsig && { tsig: recordToJson(tsig.record) }),
  };
}

/** One record as plain values (RFC 8427 §2.3). */
export function recordToJson(record: ResourceRecord): Json {
  const type = formatRecordType(record.type);
  return {
    NAME: formatName(record.owner),
    TYPE: record.type,
    TYPEname: type,
    CLASS: record.class,
    CLASSname: formatRecordClass(record.class),
    TTL: record.ttlSeconds,
    RDLENGTH: record.rdata.length,
    RDATAHEX: formatHex(record.rdata),
    [`rdata${type}`]:
      record.rdata.length === 0 ? '' : recordTypeOf(record.type, record.class).format(record.rdata),
  };
}

function ednsToJson(edns: Edns): Json {
  return {
    version: edns.version,
    DO: edns.dnssecOk ? 1 : 0,
    udpPayloadOctets: edns.udpPayloadOctets,
    options: edns.options.map((option) => ({
      code: option.code,
      name: formatEdnsOption(option.code),
      HEX: formatHex(option.octets),
      text: formatOption(option),
    })),
  };
}
