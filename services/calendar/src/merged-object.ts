/** One object of two versions that come from a third: of a remote's and ours, or of what is undone and what came later. */
import { type Merge, mergeCalendarObjects, mergeCards } from '@riad/calendar/change/merge';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { readAddressObject } from '@riad/calendar/vcard/card';
import type { MergeObjects } from '@riad/calendar-store/options';
import type { Path } from '@riad/webdav/storage/storage';
import { validateObject } from './described-object.ts';

/** Of each version: what is larger is not taken apart while a commit waits for it. */
export const maxMergedOctets: number = 1 << 20;

export type MergedObject =
  | { readonly octets: Uint8Array }
  /** Why not, for people: what both have changed, or what stands in the way. */
  | { readonly conflict: string };

export function mergedObject(
  path: Path,
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
): MergedObject {
  if ([base, ours, theirs].some(({ length }) => length > maxMergedOctets))
    return { conflict: 'it is too large to be merged' };
  const merge = mergeOf(path, base, ours, theirs);
  if (merge === undefined) return { conflict: 'it cannot be read as calendar or contact' };
  if (merge.type === 'conflict') {
    const named = merge.conflicts.map(({ what, instance }) =>
      instance === undefined ? what : `${what} (${instance})`,
    );
    return { conflict: [...new Set(named)].join(', ') };
  }
  const fault = validateObject(path, merge.octets);
  return fault === undefined ? { octets: merge.octets } : { conflict: fault };
}

/** Undefined for what is no object, in whichever version. */
function mergeOf(
  [area]: Path,
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
): Merge | undefined {
  if (area === 'calendars') {
    const read = [base, ours, theirs].map((octets) => readCalendarObject(octets));
    const [from, our, their] = read.map((result) => (result.ok ? result.value : undefined));
    if (from === undefined || our === undefined || their === undefined) return undefined;
    return mergeCalendarObjects({ base: from, ours: our, theirs: their });
  }
  if (area !== 'addressbooks') return undefined;
  const read = [base, ours, theirs].map((octets) => readAddressObject(octets));
  const [from, our, their] = read.map((result) => (result.ok ? result.value : undefined));
  if (from === undefined || our === undefined || their === undefined) return undefined;
  return mergeCards({ base: from, ours: our, theirs: their });
}

/** What both sides of a remote have changed. */
export const mergeSides: MergeObjects = (path, base, ours, theirs) => {
  if (path[0] === 'files') return { conflict: 'both sides changed it' };
  if (theirs === undefined) return { conflict: 'it was deleted there and changed here' };
  if (ours === undefined) return { conflict: 'it was deleted here and changed there' };
  if (base === undefined) return { conflict: 'both sides made it' };
  const merged = mergedObject(path, base, ours, theirs);
  return 'octets' in merged ? merged : { conflict: `both sides changed it: ${merged.conflict}` };
};
