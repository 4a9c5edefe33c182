/**
 * A change taken back from among others: what it did is undone, what they did stays. It is a merge of what is there
 * now with what was there before the change, from what was there after it.
 */
import type { Goal } from '@riad/calendar-store/history/goals';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { mergedObject } from '../merged-object.ts';

/** Of one object at once: each takes two reads of history and a merge. */
export const maxTakenBackChanges = 100;

export type TakenBack =
  | {
      readonly octets: Uint8Array;
      readonly contentType: string;
      /** Of what it was made from. */
      readonly etag: string;
      /** Others have taken it back already. */
      readonly isSo: boolean;
    }
  /** What others have changed as well, for people. */
  | { readonly conflict: string };

export async function takenBack(
  storage: Pick<CalendarStorage, 'history' | 'view'>,
  { path, undone }: Goal & { type: 'put' },
): Promise<TakenBack> {
  const { history } = storage;
  const view = await storage.view();
  const member = await view.resource(path);
  const now = member?.type === 'member' ? await view.content(member) : undefined;
  if (member?.type !== 'member' || now === undefined) return { conflict: 'it has been deleted' };
  if (undone.length > maxTakenBackChanges) return { conflict: 'there are too many changes' };
  let octets = now;
  for (const { before, after } of undone) {
    const was = before === undefined ? undefined : await history.contentAt(path, before);
    const became = await history.contentAt(path, after);
    if (was === undefined || became === undefined) return { conflict: 'it came or went' };
    const merged = mergedObject(path, became, octets, was);
    if ('conflict' in merged) return merged;
    octets = merged.octets;
  }
  const { contentType, etag } = member;
  return { octets, contentType, etag, isSo: Buffer.compare(octets, now) === 0 };
}
