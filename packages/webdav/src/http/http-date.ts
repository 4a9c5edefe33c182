/** Dates of HTTP and WebDAV, worked out without the platform's clock: a pure package has none. */

import { civilOf, dayOf } from '@riad/calendar/values/civil';

const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const; // 1 January 1970 was a Thursday
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const daySeconds = 86_400;

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function clock(seconds: number): string {
  const inDay = ((seconds % daySeconds) + daySeconds) % daySeconds;
  return `${two(Math.floor(inDay / 3600))}:${two(Math.floor(inDay / 60) % 60)}:${two(inDay % 60)}`;
}

/** IMF-fixdate (RFC 9110 §5.6.7). */
export function formatHttpDate(unixSeconds: number): string {
  const seconds = Math.floor(unixSeconds);
  const day = Math.floor(seconds / daySeconds);
  const { year, month, day: date } = civilOf(day);
  const weekday = days[((day % 7) + 7) % 7]!;
  return `${weekday}, ${two(date)} ${months[month - 1]} ${String(year).padStart(4, '0')} ${clock(seconds)} GMT`;
}

/** RFC 3339 in UTC, as `D:creationdate` has it (RFC 4918 §15.1). */
export function formatTimestamp(unixSeconds: number): string {
  const seconds = Math.floor(unixSeconds);
  const { year, month, day } = civilOf(Math.floor(seconds / daySeconds));
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock(seconds)}Z`;
}

const fixdate = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const rfc850 = /^[A-Z][a-z]+day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/** All three forms that RFC 9110 §5.6.7 wants read; undefined for others. */
export function parseHttpDate(text: string): number | undefined {
  let match = fixdate.exec(text);
  if (match !== null)
    return instant(match[3]!, match[2]!, match[1]!, match[4]!, match[5]!, match[6]!);
  match = rfc850.exec(text);
  if (match !== null) {
    // Two digits: nobody has sent this form in this century, but the last one is meant from 70 on.
    const year = Number(match[3]) + (Number(match[3]) < 70 ? 2000 : 1900);
    return instant(String(year), match[2]!, match[1]!, match[4]!, match[5]!, match[6]!);
  }
  match = asctime.exec(text);
  if (match === null) return undefined;
  return instant(match[6]!, match[1]!, match[2]!, match[3]!, match[4]!, match[5]!);
}

function instant(
  year: string,
  monthName: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
): number | undefined {
  const month = months.indexOf(monthName) + 1;
  if (month === 0) return undefined;
  const date = dayOf(Number(year), month, Number(day));
  return date * daySeconds + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}
