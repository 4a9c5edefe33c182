import type { Collection, Facts } from '../storage/storage.ts';
export function checkCalendarObject(
  calendar: Collection,
  octets: Uint8Array,
  contentType: string | undefined,
): Facts {
  throw new Error(`${calendar.kind} ${octets.length} ${contentType}`);
}
