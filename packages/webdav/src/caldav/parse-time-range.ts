/** `C:time-range`, `C:expand` and the like (RFC 4791 §9.6.5, §9.9): UTC date-times, in seconds since 1970. */
import type { TimeRange } from '@riad/calendar/icalendar/time-range';
import { parseDateTime } from '@riad/calendar/values/date-time';
import { attributeOf, type Element } from '../xml/element.ts';

/** An end that is not given is infinite; undefined: what is given is no UTC date-time, or nothing is, or it ends before it begins. */
export function parseTimeRange(element: Element): TimeRange | undefined {
  const from = endOf(attributeOf(element, 'start'), Number.NEGATIVE_INFINITY);
  const to = endOf(attributeOf(element, 'end'), Number.POSITIVE_INFINITY);
  if (from === undefined || to === undefined || to <= from) return undefined;
  return Number.isFinite(from) || Number.isFinite(to) ? { from, to } : undefined;
}

function endOf(text: string | undefined, open: number): number | undefined {
  if (text === undefined) return open;
  const time = parseDateTime(text);
  return time?.kind === 'utc' ? time.localSeconds : undefined;
}
