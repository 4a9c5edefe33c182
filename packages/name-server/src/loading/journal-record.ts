/**
 * What the zones' journal keeps of each change: the zone, what went and came, and who wanted it when. An
 * answered update is in the journal; everything else follows from it and can be made again.
 */
import { decodeName, type Name } from '@riad/dns/name';
import {
  decodeZoneChange,
  encodeZoneChange,
  type ZoneChange,
} from '@riad/dns-server/zone-history/zone-change';
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';

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

export type JournalRecord = {
  readonly zone: Name;
  readonly author: ChangeAuthor;
} & (
  | {
      readonly kind: 'update';
      readonly change: ZoneChange;
      readonly request: ActedUpon | undefined;
    }
  /** From the zone's text, or a transfer. */
  | { readonly kind: 'edit' | 'transfer'; readonly change: ZoneChange }
  /** The zone was read whole: what changed is not known, and its text or its transfer is kept beside the journal. */
  | { readonly kind: 'whole'; readonly serial: number }
  /** A primary has given this version. `expireSeconds`: how long it was good from then on, if EXPIRE said so. */
  | {
      readonly kind: 'confirmed';
      readonly serial: number;
      readonly expireSeconds: number | undefined;
    }
  | { readonly kind: 'removed' }
);

/** For records with changes of up to so many octets; filled and copied from within one call. */
const largeOctets = 4096;
const scratch = new Writer(2 * largeOctets);
const formatNumber = 1;
const kinds = ['update', 'edit', 'transfer', 'whole', 'removed', 'confirmed'] as const;

export const codes = {
  'journal-record.format': 'a record of the zones’ journal is of another format than is known here',
} as const;

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  const { zone, author, kind } = record;
  const change = 'change' in record ? encodeZoneChange(record.change) : new Uint8Array(0);
  const writer = change.length > largeOctets ? new Writer(128 + change.length) : scratch;
  writer.reset();
  writer.uint8(formatNumber);
  writer.uint8(kinds.indexOf(kind));
  writer.octets(zone);
  writeAuthor(writer, author);
  if (kind === 'update') writeActedUpon(writer, record.request);
  if (kind === 'whole' || kind === 'confirmed') writer.uint32(record.serial);
  if (kind === 'confirmed') {
    writer.uint8(record.expireSeconds === undefined ? 0 : 1);
    writer.uint32(record.expireSeconds ?? 0);
  }
  writer.octets(change);
  return writer.copy();
}

/** A record whose change, if it has one, is not looked into. */
export type JournalRecordHead = {
  readonly kind: JournalRecord['kind'];
  readonly zone: Name;
  readonly author: ChangeAuthor;
  readonly request: ActedUpon | undefined;
  readonly serial: number | undefined;
  readonly expireSeconds: number | undefined;
  /** As octets of `encodeZoneChange`: a view. */
  readonly change: Uint8Array | undefined;
};

/** Throws DecodeError: the journal checks its octets, so these were written by another program. */
export function readJournalRecordHead(octets: Uint8Array): JournalRecordHead {
  const reader = new Reader(octets);
  const kind = reader.uint8('format') === formatNumber ? kinds[reader.uint8('kind')] : undefined;
  if (kind === undefined)
    throw new DecodeError('journal-record.format', 0, codes['journal-record.format']);
  const zone = decodeName(reader, 'zone', false);
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

/** Throws DecodeError, as `readJournalRecordHead` does. */
export function decodeJournalRecord(octets: Uint8Array): JournalRecord {
  const { kind, zone, author, request, serial, expireSeconds, change } =
    readJournalRecordHead(octets);
  if (kind === 'removed') return { kind, zone, author };
  if (kind === 'whole') return { kind, zone, author, serial: serial! };
  if (kind === 'confirmed') return { kind, zone, author, serial: serial!, expireSeconds };
  const decoded = decodeZoneChange(change!);
  if (!decoded.ok) throw decoded.error;
  return kind === 'update'
    ? { kind, zone, author, change: decoded.value, request }
    : { kind, zone, author, change: decoded.value };
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
