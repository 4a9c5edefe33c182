/**
 * What a record of the zones' journal says at its beginning: which zone, what happened, who wanted it. Apart
 * from the changes themselves, for those take the code of every record type, which a start need not load.
 */
import { decodeName, type Name } from '@riad/dns/name';
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import type { Writer } from '@riad/octets/writer';

/** Who made a change, and when. */
export type ChangeAuthor = {
  /** The key's name in presentation form; empty without one. */
  readonly key: string;
  /** Where the request came from; empty for what was done here. */
  readonly address: string;
  /** Wall clock. */
  readonly timeSeconds: number;
};

/** A signed request that was acted upon, so that a copy of it is known after a restart, too. */
export type ActedUpon = {
  readonly mac: Uint8Array;
  readonly timeSigned: number;
  readonly fudgeSeconds: number;
};

export const formatNumber = 1;
export const kinds = ['update', 'edit', 'transfer', 'whole', 'removed', 'confirmed'] as const;

export type JournalRecordKind = (typeof kinds)[number];

export const codes = {
  'journal-record.format': 'a record of the zones’ journal is of another format than is known here',
} as const;

/** A record whose change, if it has one, is not looked into. */
export type JournalRecordHead = {
  readonly kind: JournalRecordKind;
  readonly zone: Name;
  readonly author: ChangeAuthor;
  readonly request: ActedUpon | undefined;
  readonly serial: number | undefined;
  readonly expireSeconds: number | undefined;
  /** As octets of `encodeZoneChange`: a view. */
  readonly change: Uint8Array | undefined;
};

/** Kind and zone alone, for who looks for the records of one zone among all. Throws as `readJournalRecordHead`. */
export function readRecordZone(octets: Uint8Array): Pick<JournalRecordHead, 'kind' | 'zone'> {
  return readKindAndZone(new Reader(octets));
}

/** Throws DecodeError: the journal checks its octets, so these were written by another program. */
export function readJournalRecordHead(octets: Uint8Array): JournalRecordHead {
  const reader = new Reader(octets);
  const { kind, zone } = readKindAndZone(reader);
  const author = readAuthor(reader);
  const request = kind === 'update' ? readActedUpon(reader) : undefined;
  const bare = kind === 'removed' || kind === 'whole' || kind === 'confirmed';
  const serial = kind === 'whole' || kind === 'confirmed' ? reader.uint32('serial') : undefined;
  let expireSeconds: number | undefined;
  if (kind === 'confirmed') {
    const limited = reader.uint8('expire') === 1;
    const seconds = reader.uint32('expire');
    if (limited) expireSeconds = seconds;
  }
  const change = bare ? undefined : octets.subarray(reader.position);
  return { kind, zone, author, request, serial, expireSeconds, change };
}

function readKindAndZone(reader: Reader): Pick<JournalRecordHead, 'kind' | 'zone'> {
  const kind = reader.uint8('format') === formatNumber ? kinds[reader.uint8('kind')] : undefined;
  if (kind === undefined)
    throw new DecodeError('journal-record.format', 0, codes['journal-record.format']);
  return { kind, zone: decodeName(reader, 'zone', false) };
}

export function writeAuthor(writer: Writer, { key, address, timeSeconds }: ChangeAuthor): void {
  writer.uint48(timeSeconds);
  writeText(writer, key);
  writeText(writer, address);
}

export function readAuthor(reader: Reader): ChangeAuthor {
  const timeSeconds = reader.uint48('time');
  const key = readText(reader, 'key');
  return { key, address: readText(reader, 'address'), timeSeconds };
}

export function writeActedUpon(writer: Writer, request: ActedUpon | undefined): void {
  writer.uint8(request?.mac.length ?? 0);
  if (request === undefined) return;
  writer.octets(request.mac);
  writer.uint48(request.timeSigned);
  writer.uint16(request.fudgeSeconds);
}

export function readActedUpon(reader: Reader): ActedUpon | undefined {
  const length = reader.uint8('MAC size');
  if (length === 0) return undefined;
  const mac = reader.octets(length, 'MAC');
  return { mac, timeSigned: reader.uint48('time signed'), fudgeSeconds: reader.uint16('fudge') };
}

function writeText(writer: Writer, text: string): void {
  const octets = encodeUtf8(text);
  writer.uint16(octets.length);
  writer.octets(octets);
}

function readText(reader: Reader, what: string): string {
  return decodeUtf8(reader.octets(reader.uint16(what), what));
}
