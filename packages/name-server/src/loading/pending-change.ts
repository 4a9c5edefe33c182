/**
 * What a zone has and its text has not. Updates are to be written into it; of what was read from an
 * edited text only the serial that it was given, for the rest stands there already. Once a text was read
 * whole it says itself what the SOA is, and what came before has no say in that.
 */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type FinalChange, finalChange } from '@riad/dns-server/zone-history/final-change';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import type { JournalRecord } from './journal-record.ts';

export type JournalledChange =
  | { readonly kind: JournalRecord['kind']; readonly change: ZoneChange }
  | { readonly kind: 'whole' };

/** Whether a record may say something that a text has not. */
export function mayBePending<Some extends Pick<JournalRecord, 'kind'>>(
  record: Some,
): record is Exclude<Some, { kind: 'removed' | 'confirmed' }> {
  return record.kind !== 'removed' && record.kind !== 'confirmed';
}

/** `changes`: those of the zone behind the number that its text has, in order. */
export function pendingChange(changes: Iterable<JournalledChange>): FinalChange {
  const wanted: Pick<ZoneChange, 'removals' | 'additions'>[] = [];
  let readWhole = 0;
  for (const journalled of changes) {
    if (!('change' in journalled)) {
      for (; readWhole < wanted.length; readWhole++)
        wanted[readWhole] = withoutSoa(wanted[readWhole]!);
    } else {
      const { kind, change } = journalled;
      wanted.push(kind === 'edit' ? { removals: [], additions: [change.additions[0]!] } : change);
    }
  }
  return finalChange(wanted);
}

/** The SOA comes first in either list, if there is one. */
function withoutSoa({
  removals,
  additions,
}: Pick<ZoneChange, 'removals' | 'additions'>): Pick<ZoneChange, 'removals' | 'additions'> {
  return { removals: removals.filter(notSoa), additions: additions.filter(notSoa) };
}

function notSoa({ type }: ZoneRecord): boolean {
  return type !== RecordTypeCode.SOA;
}
