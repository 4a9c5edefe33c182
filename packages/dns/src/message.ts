/**
 * DNS messages (RFC 1035 §4) as values. Record data is kept as octets with its names uncompressed,
 * so that types unknown to us pass unharmed (RFC 3597 §3). The OPT record becomes `edns`, and a TSIG
 * record `tsig`. Not checked here: whether sections and flags make sense for the opcode, and TSIG.
 */
import { DecodeError } from '@riad/octets/decode-error';
import type { Result } from '@riad/octets/result';
import { Writer } from '@riad/octets/writer';
import { type Code, codes } from './codes.ts';
import type { Edns, EdnsOption } from './edns/option.ts';
import { checkOption } from './edns/registry.ts';
import { RecordClass } from './iana/classes.ts';
import { Opcode } from './iana/opcodes.ts';
import { Rcode } from './iana/rcodes.ts';
import { RecordTypeCode } from './iana/record-types.ts';
import { MessageReader } from './message-reader.ts';
import { decodeName, type Name } from './name.ts';
import { recordTypeOf } from './rdata/registry.ts';

export const maxMessageOctets = 65_535; // the length before a message on TCP has 16 bits, RFC 1035 §4.2.2
export const headerOctets = 12; // RFC 1035 §4.1.1

export type Question = { readonly name: Name; readonly type: number; readonly class: number };

export type ResourceRecord = {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  /** Names in it are uncompressed. */
  readonly rdata: Uint8Array;
};

/** The flags of the header by their names in RFC 1035 §4.1.1 and RFC 4035 §3. */
export type Flags = {
  readonly qr: boolean;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
};

export type Message = {
  readonly id: number;
  readonly opcode: number;
  /** With the upper eight bits that EDNS adds. */
  readonly rcode: number;
  readonly flags: Flags;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without OPT and TSIG. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
  readonly tsig?: TransactionSignature;
};

export type TransactionSignature = {
  readonly record: ResourceRecord;
  /** Where it begins in the message that was decoded: what comes before is signed (RFC 8945 §4.3). */
  readonly offset: number;
};

export type Header = {
  readonly id: number;
  readonly opcode: number;
  readonly rcode: number;
  readonly flags: Flags;
};

export const noFlags: Flags = {
  qr: false,
  aa: false,
  tc: false,
  rd: false,
  ra: false,
  ad: false,
  cd: false,
};

const knownOpcodes: ReadonlySet<number> = new Set([
  Opcode.QUERY,
  Opcode.IQUERY,
  Opcode.STATUS,
  Opcode.NOTIFY,
  Opcode.UPDATE,
]);

/** How an undecodable request is answered, if it is long enough for a header and no answer itself. */
export function rcodeOfError(error: DecodeError): number {
  return error.code === 'message.opcode' ? Rcode.NOTIMP : Rcode.FORMERR; // RFC 8906 §3.1.4
}

/** The message that octets are; total, and linear in their number. */
export function decodeMessage(octets: Uint8Array): Result<Message, DecodeError> {
  try {
    return { ok: true, value: readMessage(octets) };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}

/** The first fields alone; undefined for fewer octets than a header has. */
export function decodeHeader(octets: Uint8Array): Header | undefined {
  if (octets.length < headerOctets) return undefined;
  const high = octets[2]!;
  const low = octets[3]!;
  return {
    id: (octets[0]! << 8) | octets[1]!,
    opcode: (high >> 3) & 15,
    rcode: low & 15,
    flags: {
      qr: (high & 0x80) !== 0,
      aa: (high & 0x04) !== 0,
      tc: (high & 0x02) !== 0,
      rd: (high & 0x01) !== 0,
      ra: (low & 0x80) !== 0,
      ad: (low & 0x20) !== 0,
      cd: (low & 0x10) !== 0,
    },
  };
}

/** For the data of the record that is being read; copied from before the next. */
const rdataScratch = new Writer(512);

function readMessage(octets: Uint8Array): Message {
  const header = decodeHeader(octets);
  if (header === undefined) return refuse('message.header', octets.length);
  if (!knownOpcodes.has(header.opcode)) refuse('message.opcode', 2);
  const reader = new MessageReader(octets);
  reader.skip(4, 'header');
  const counts = {
    questions: reader.uint16('QDCOUNT'),
    answers: reader.uint16('ANCOUNT'),
    authorities: reader.uint16('NSCOUNT'),
    additionals: reader.uint16('ARCOUNT'),
  };
  if (header.opcode === Opcode.QUERY && counts.questions > 1) {
    refuse('message.questions', 4); // RFC 9619 §4
  }
  const questions: Question[] = [];
  for (let i = 0; i < counts.questions; i++) {
    const name = decodeName(reader, 'QNAME');
    questions.push({ name, type: reader.uint16('QTYPE'), class: reader.uint16('QCLASS') });
  }
  const update = header.opcode === Opcode.UPDATE;
  const context: Context = {
    reader,
    // RFC 2136 §2.4, §2.5: classes NONE and ANY there stand for the class of the zone.
    zoneClass: update ? (questions[0]?.class ?? RecordClass.IN) : undefined,
    rdata: rdataScratch,
  };
  const answers = readSection(context, counts.answers);
  const authorities = readSection(context, counts.authorities);
  const { additionals, opt, tsig } = readAdditionals(context, counts.additionals);
  if (reader.remaining > 0) refuse('message.trailing', reader.position);
  const edns = opt === undefined ? undefined : readEdns(opt);
  return {
    ...header,
    rcode: edns === undefined ? header.rcode : ((opt!.extension >>> 24) << 4) | header.rcode,
    questions,
    answers,
    authorities,
    additionals,
    ...(edns && { edns }),
    ...(tsig && { tsig }),
  };
}

type Context = {
  readonly reader: MessageReader;
  readonly zoneClass: number | undefined;
  readonly rdata: Writer;
};

/** An OPT record before it is looked into; `extension` is what stands in the place of the TTL. */
type Opt = {
  readonly udpPayloadOctets: number;
  readonly extension: number;
  readonly rdata: Uint8Array;
  readonly offset: number;
};

function readSection(context: Context, count: number): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let i = 0; i < count; i++) {
    const start = context.reader.position;
    const record = readRecord(context);
    if (record.type === RecordTypeCode.OPT) refuse('message.opt-section', start);
    if (record.type === RecordTypeCode.TSIG) refuse('message.tsig-last', start); // RFC 8945 §5.1
    records.push(record);
  }
  return records;
}

function readAdditionals(
  context: Context,
  count: number,
): { additionals: ResourceRecord[]; opt?: Opt; tsig?: TransactionSignature } {
  const additionals: ResourceRecord[] = [];
  let opt: Opt | undefined;
  let tsig: TransactionSignature | undefined;
  for (let i = 0; i < count; i++) {
    const offset = context.reader.position;
    const record = readRecord(context);
    if (record.type === RecordTypeCode.OPT) {
      if (opt !== undefined) refuse('message.opt-twice', offset); // RFC 6891 §6.1.1
      if (record.owner.length !== 1) refuse('message.opt-owner', offset); // RFC 6891 §6.1.2
      const { class: udpPayloadOctets, ttlSeconds: extension, rdata } = record;
      opt = { udpPayloadOctets, extension, rdata, offset };
    } else if (record.type === RecordTypeCode.TSIG) {
      if (i !== count - 1) refuse('message.tsig-last', offset); // RFC 8945 §5.1
      tsig = { record, offset };
    } else {
      additionals.push(record);
    }
  }
  return { additionals, ...(opt && { opt }), ...(tsig && { tsig }) };
}

function readRecord({ reader, zoneClass, rdata }: Context): ResourceRecord {
  const owner = decodeName(reader, 'owner');
  const type = reader.uint16('TYPE');
  const recordClass = reader.uint16('CLASS');
  let ttlSeconds = reader.uint32('TTL');
  if (ttlSeconds > 0x7fff_ffff && type !== RecordTypeCode.OPT) ttlSeconds = 0; // RFC 2181 §8
  const window = reader.window(reader.uint16('RDLENGTH'), 'RDATA');
  const bare = window.remaining === 0 && zoneClass !== undefined; // RFC 2136 §2.4: no data in these
  rdata.reset();
  if (!bare) {
    const negative = recordClass === RecordClass.NONE || recordClass === RecordClass.ANY;
    const layoutClass = negative && zoneClass !== undefined ? zoneClass : recordClass;
    recordTypeOf(type, layoutClass).decompress(window, rdata);
  }
  return { owner, type, class: recordClass, ttlSeconds, rdata: rdata.copy() };
}

function readEdns(opt: Opt): Edns {
  const version = (opt.extension >>> 16) & 0xff;
  return {
    udpPayloadOctets: Math.max(opt.udpPayloadOctets, 512), // RFC 6891 §6.2.3
    version,
    dnssecOk: (opt.extension & 0x8000) !== 0,
    // RFC 6891 §6.1.3: what another version's options mean we cannot know; the answer is BADVERS.
    options: version === 0 ? readOptions(opt) : [],
  };
}

function readOptions(opt: Opt): EdnsOption[] {
  const options: EdnsOption[] = [];
  const { rdata } = opt;
  let at = 0;
  while (at < rdata.length) {
    if (at + 4 > rdata.length) refuse('edns.option', opt.offset);
    const code = (rdata[at]! << 8) | rdata[at + 1]!;
    const end = at + 4 + ((rdata[at + 2]! << 8) | rdata[at + 3]!);
    if (end > rdata.length) refuse('edns.option', opt.offset);
    const option = { code, octets: rdata.subarray(at + 4, end) };
    checkOption(option);
    options.push(option);
    at = end;
  }
  return options;
}

function refuse(code: Code, offset: number): never {
  throw new DecodeError(code, offset, codes[code]);
}
