/** Whether two objects say the same, whatever program has written them: what an export brings back is no change. */
import { compareCalendarObjects, compareCards } from '@riad/calendar/change/difference';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { readAddressObject } from '@riad/calendar/vcard/card';

/** Components and cards are compared with every property; not PRODID, nor the time zones that come along. */
export function isSameObject(
  kind: 'calendar' | 'address-book',
  before: Uint8Array,
  after: Uint8Array,
): boolean {
  if (kind === 'calendar') {
    const [older, newer] = [readCalendarObject(before), readCalendarObject(after)];
    return older.ok && newer.ok && compareCalendarObjects(older.value, newer.value).length === 0;
  }
  const [older, newer] = [readAddressObject(before), readAddressObject(after)];
  return older.ok && newer.ok && compareCards(older.value.card, newer.value.card) === undefined;
}
