/**
 * What the zones' journal keeps of each change: the zone, what went and came, and who wanted it when. An
 * answered update is in the journal; everything else follows from it and can be made again.
 */
import type { Name } from '@riad/dns/name';
import {
  decodeZoneChange,
  viewZoneChange,
  type ZoneChange,
} from '@riad/dns-server/zone-history/zone-change';
import { Writer } from '@riad/octets/writer';
import {
  type ActedUpon,
  type ChangeAuthor,
  formatNumber,
  kinds,
  readJournalRecordHead,
  writeActedUpon,
  writeAuthor,
} from './journal-record-head.ts';

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

const none = new Uint8Array(0);
/** For records with changes of up to so many octets; filled and copied from within one call. */
const largeOctets = 4096;
const scratch = new Writer(2 * largeOctets);

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  const { zone, author, kind } = record;
  // A view of what is overwritten by the next: it is copied once, below.
  const change = 'change' in record ? viewZoneChange(record.change) : none;
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
