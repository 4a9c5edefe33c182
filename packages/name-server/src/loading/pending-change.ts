/**
 * What a zone has and its text has not. Updates are to be written into it; of what was read from an
 * edited text only the serial that it was given, for the rest stands there already.
 */

import { type FinalChange, finalChange } from '@riad/dns-server/zone-history/final-change';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { JournalRecord } from './journal-record.ts';

export type JournalledChange = {
  readonly kind: JournalRecord['kind'];
  readonly change: ZoneChange;
};

/** `changes`: those of the zone behind the number that its text has, in order. */
export function pendingChange(changes: Iterable<JournalledChange>): FinalChange {
  const wanted: Pick<ZoneChange, 'removals' | 'additions'>[] = [];
  for (const { kind, change } of changes)
    wanted.push(kind === 'edit' ? { removals: [], additions: [change.additions[0]!] } : change);
  return finalChange(wanted);
}
