/**
 * What several changes come to for who may have any part of them already: the last word on each record.
 * Unlike `condense`, it does not ask whether one change follows from the other, and what came and went
 * again is still told to go.
 */

import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { recordKey, type ZoneChange } from './zone-change.ts';

const typeSoa = 6;

export type FinalChange = Pick<ZoneChange, 'removals' | 'additions'> & {
  /** The newest SOA; it is in neither list. */
  readonly soa: ZoneRecord | undefined;
};

export function finalChange(
  changes: Iterable<Pick<ZoneChange, 'removals' | 'additions'>>,
): FinalChange {
  const last = new Map<string, { readonly record: ZoneRecord; readonly stays: boolean }>();
  let soa: ZoneRecord | undefined;
  for (const { removals, additions } of changes) {
    for (const record of removals)
      if (record.type !== typeSoa) last.set(recordKey(record), { record, stays: false });
    for (const record of additions) {
      if (record.type === typeSoa) soa = record;
      else last.set(recordKey(record), { record, stays: true });
    }
  }
  const removals: ZoneRecord[] = [];
  const additions: ZoneRecord[] = [];
  for (const { record, stays } of last.values()) (stays ? additions : removals).push(record);
  return { removals, additions, soa };
}
