/**
 * The TSIG record of a message that is held as octets: finding it, and putting one behind a message
 * (RFC 8945 §4.2, §5.1). Finding reads every octet at most twice and follows no pointer but the
 * owner's. Not here: whether the MAC is right.
 */
import { DecodeError, codes as octetCodes } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import type { Result } from '@riad/octets/result';
import { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { RecordClass } from '../iana/classes.ts';
import { RecordTypeCode } from '../iana/record-types.ts';
import { headerOctets, maxMessageOctets } from '../message.ts';
import { canonicalName, decodeName, maxLabelOctets, maxNameOctets, type Name } from '../name.ts';

export type TsigFields = {
  /** In lower case, as the digest wants it (RFC 8945 §4.2). */
  readonly keyName: Name;
  readonly algorithmName: Name;
  /** Seconds since 1970, 48 bits. */
  readonly timeSigned: number;
  readonly fudgeSeconds: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
};

export type FoundTsig = TsigFields & {
  /** Where the record begins; the message without it ends there. */
  readonly start: number;
};

/** For the owner of the record that is looked at: filled and copied from within one call. */
const ownerScratch = new Writer(maxNameOctets + 1 + maxLabelOctets);
const arcountAt = 10;
/** Class, TTL, RDLENGTH and type before RDATA. */
const recordHeaderOctets = 10;
/** RDATA without names, MAC and other data. */
const fixedRdataOctets = 16;

/**
 * The TSIG record of a whole message; undefined when it has none. A record that is not the last, a
 * second one, and one that cannot be read are errors: FORMERR (RFC 8945 §5.2). MAC and other data are
 * views into the message.
 */
export function findTsig(message: Uint8Array): Result<FoundTsig | undefined, DecodeError> {
  try {
    return { ok: true, value: readTsig(message) };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}

function readTsig(message: Uint8Array): FoundTsig | undefined {
  if (message.length < headerOctets) fail('message.header', message.length);
  const reader = new Reader(message);
  const start = lastRecord(reader);
  if (start < 0) return undefined;
  reader.position = start;
  const keyName = canonicalName(ownerName(reader));
  reader.skip(2, 'type');
  const recordClass = reader.uint16('class');
  if (recordClass !== RecordClass.ANY) fail('tsig.class', reader.position - 2); // RFC 8945 §4.2
  if (reader.uint32('TTL') !== 0) fail('tsig.ttl', reader.position - 4); // RFC 8945 §4.2
  const rdata = reader.window(reader.uint16('RDLENGTH'), 'TSIG RDATA');
  // RFC 3597 §4: not one of the types whose names may be compressed
  const algorithmName = canonicalName(decodeName(rdata, 'algorithm', false));
  const timeSigned = rdata.uint48('time signed'); // any value is valid
  const fudgeSeconds = rdata.uint16('fudge'); // any value is valid
  const mac = rdata.octets(rdata.uint16('MAC size'), 'MAC');
  const originalId = rdata.uint16('original ID'); // any value is valid
  const error = rdata.uint16('error'); // an unknown one is carried
  const otherAt = rdata.position;
  const other = rdata.octets(rdata.uint16('other length'), 'other data');
  // RFC 8945 §4.2: empty, or a time of 48 bits.
  if (other.length !== 0 && other.length !== 6) fail('tsig.other', otherAt);
  rdata.finish('TSIG RDATA');
  return {
    start,
    keyName,
    algorithmName,
    timeSigned,
    fudgeSeconds,
    mac,
    originalId,
    error,
    other,
  };
}

/** Walks over all records; returns where the last begins if it is a TSIG, or -1. */
function lastRecord(reader: Reader): number {
  reader.skip(4, 'header');
  const questions = reader.uint16('QDCOUNT');
  const others = reader.uint16('ANCOUNT') + reader.uint16('NSCOUNT');
  const records = others + reader.uint16('ARCOUNT');
  for (let i = 0; i < questions; i++) {
    skipAnyName(reader);
    reader.skip(4, 'question');
  }
  let found = -1;
  for (let i = 0; i < records; i++) {
    const start = reader.position;
    skipAnyName(reader);
    const type = reader.uint16('type');
    reader.skip(6, 'class and TTL');
    reader.skip(reader.uint16('RDLENGTH'), 'RDATA');
    if (type !== RecordTypeCode.TSIG) continue;
    // RFC 8945 §5.1: the last of the additional records; a first of two is not the last.
    if (i < others || i !== records - 1) fail('message.tsig-last', start);
    found = start;
  }
  if (reader.remaining > 0) fail('message.trailing', reader.position);
  return found;
}

/** Reads over a name; a pointer ends it and is not followed. */
function skipAnyName(reader: Reader): void {
  const start = reader.position;
  for (;;) {
    const at = reader.position;
    const length = reader.uint8('name');
    if (length >= 0xc0) {
      reader.skip(1, 'name');
      return;
    }
    if (length > maxLabelOctets) fail('name.label-type', at);
    reader.skip(length, 'name');
    if (reader.position - start > maxNameOctets) fail('name.length', start);
    if (length === 0) return;
  }
}

/**
 * The owner at the reader's position. RFC 8945 does not forbid to compress it, and RFC 1035 §4.1.4
 * allows it for every owner; each pointer must lead further back, so that the walk ends.
 */
function ownerName(reader: Reader): Name {
  const { source, position: start } = reader;
  const name = ownerScratch;
  name.reset();
  let at = start;
  let earliest = start;
  let behind = -1;
  for (;;) {
    const length = source[at];
    if (length === undefined) fail('octets.short', at);
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (source[at + 1] ?? 0);
      if (behind < 0) behind = at + 2;
      if (target >= earliest || target < headerOctets) fail('name.pointer', at);
      at = target;
      earliest = target;
      continue;
    }
    if (length > maxLabelOctets) fail('name.label-type', at);
    if (at + 1 + length > source.length) fail('octets.short', at);
    name.octets(source, at, at + 1 + length);
    if (name.position > maxNameOctets) fail('name.length', start);
    at += 1 + length;
    if (length === 0) break;
  }
  reader.position = behind < 0 ? at : behind;
  return name.copy();
}

const sentences: Readonly<Record<string, string>> = { ...octetCodes, ...codes };

function fail(code: keyof typeof codes | keyof typeof octetCodes, offset: number): never {
  throw new DecodeError(code, offset, sentences[code]!);
}

/** The message as it was before it was signed: a copy, with one additional record less. */
export function withoutTsig(message: Uint8Array, { start }: FoundTsig): Uint8Array {
  const rest = new Uint8Array(message.subarray(0, start)); // `slice` of a Node Buffer is no copy
  setUint16(rest, arcountAt, uint16At(rest, arcountAt) - 1);
  return rest;
}

/** The message with a TSIG record behind it. What does not fit into a message is the caller's fault. */
export function appendTsig(message: Uint8Array, fields: TsigFields): Uint8Array {
  const { keyName, algorithmName, mac, other } = fields;
  const rdataOctets = algorithmName.length + fixedRdataOctets + mac.length + other.length;
  const octets = message.length + keyName.length + recordHeaderOctets + rdataOctets;
  if (octets > maxMessageOctets) {
    throw new RangeError(`a message of ${message.length} octets has no room for its signature`);
  }
  const arcount = uint16At(message, arcountAt);
  if (message.length < headerOctets || arcount === 0xffff) {
    throw new RangeError('not a message that can be signed');
  }
  const writer = new Writer(new Uint8Array(octets));
  writer.octets(message);
  writer.octets(keyName);
  writer.uint16(RecordTypeCode.TSIG);
  writer.uint16(RecordClass.ANY);
  writer.uint32(0);
  writer.uint16(rdataOctets);
  writer.octets(algorithmName);
  writer.uint48(fields.timeSigned);
  writer.uint16(fields.fudgeSeconds);
  writer.uint16(mac.length);
  writer.octets(mac);
  writer.uint16(fields.originalId);
  writer.uint16(fields.error);
  writer.uint16(other.length);
  writer.octets(other);
  writer.patchUint16(arcountAt, arcount + 1);
  return writer.buffer;
}

export function uint16At(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

export function setUint16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}
