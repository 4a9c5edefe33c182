/**
 * Changes on their way from the loader to the main thread: as the journal has them, many in one piece of
 * octets, since a message of many objects costs both threads more than the changes do.
 */
import { canonicalName, formatName } from '@riad/dns/name';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import type { Entry } from '@riad/store/journal';
import { readJournalRecordHead } from './journal-record-head.ts';
import type { ServedChange } from './loader-messages.ts';

/** Before each its number and its length. */
const headOctets = 6 + 4;

/** `changes`: records as `encodeJournalRecord` made them. */
export function packChanges(changes: readonly Entry[]): Uint8Array {
  const length = changes.reduce((sum, { payload }) => sum + headOctets + payload.length, 0);
  const writer = new Writer(length);
  for (const { sequence, payload } of changes) {
    writer.uint48(sequence);
    writer.uint32(payload.length);
    writer.octets(payload);
  }
  return writer.view();
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

function servedChange({ sequence, payload }: Entry): ServedChange {
  const { kind, zone, author, request, serial, expireSeconds, change } =
    readJournalRecordHead(payload);
  const served = { zone: formatName(canonicalName(zone)), sequence, kind, author, change, request };
  return kind === 'confirmed'
    ? { ...served, confirmed: { serial: serial!, expireSeconds } }
    : served;
}
