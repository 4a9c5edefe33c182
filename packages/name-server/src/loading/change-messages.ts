/**
 * Changes on their way from the loader to the main thread: as the journal has them, many in one piece of
 * octets, since a message of many objects costs both threads more than the changes do.
 */
import { canonicalName, formatName } from '@riad/dns/name';
import { Reader } from '@riad/octets/reader';
import { readJournalRecordHead } from './journal-record-head.ts';
import type { ServedChange } from './loader-messages.ts';

/** A record of the journal, as `encodeJournalRecord` made it. */
export type JournalledOctets = { readonly sequence: number; readonly payload: Uint8Array };

/** Before each: its number (48 bits) and its length (32 bits). */
const headOctets = 10;

export function packChanges(changes: readonly JournalledOctets[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const { payload } of changes) length += headOctets + payload.length;
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { sequence, payload } of changes) {
    view.setUint16(at, Math.floor(sequence / 2 ** 32));
    view.setUint32(at + 2, sequence >>> 0);
    view.setUint32(at + 6, payload.length);
    packed.set(payload, at + headOctets);
    at += headOctets + payload.length;
  }
  return packed;
}

/** What has octets is a view into these. */
export function unpackChanges(packed: Uint8Array): ServedChange[] {
  const reader = new Reader(packed);
  const changes: ServedChange[] = [];
  while (reader.remaining > 0) {
    const sequence = reader.uint48('number');
    const payload = reader.octets(reader.uint32('length'), 'change');
    changes.push(servedChange({ sequence, payload }));
  }
  return changes;
}

export function servedChange({ sequence, payload }: JournalledOctets): ServedChange {
  const { kind, zone, author, request, serial, expireSeconds, change } =
    readJournalRecordHead(payload);
  const served = { zone: formatName(canonicalName(zone)), sequence, kind, author, change, request };
  return kind === 'confirmed'
    ? { ...served, confirmed: { serial: serial!, expireSeconds } }
    : served;
}
