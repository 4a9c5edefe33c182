/** A calendar object as GET gives it: as it is kept, but for time zones by reference (RFC 7809 §3.1.3, §3.1.4). */
import { shapeCalendarData } from '@riad/calendar/icalendar/calendar-data';
import { utc } from '@riad/calendar/time-zone/zone';
import type { DavResponse } from '../request.ts';
import { lacksTimeZones, parseObject } from './calendar-data.ts';

export function representObject(
  octets: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timeZones: 'complete' | 'without-standard',
): DavResponse {
  const varying = { ...headers, Vary: 'CalDAV-Timezones' };
  const asKept: DavResponse = { status: 200, headers: varying, body: octets };
  if (timeZones === 'complete' && !lacksTimeZones(octets)) return asKept;
  const object = parseObject(octets);
  const data = object && shapeCalendarData(object, { timeZones }, utc);
  if (data?.type !== 'octets' || data.octets === octets) return asKept;
  if (timeZones === 'complete') return { ...asKept, body: data.octets };
  const etag = headers['ETag']?.replace(/"$/, '-no-zones"');
  return { ...asKept, headers: { ...varying, ...(etag && { ETag: etag }) }, body: data.octets };
}
