/** Dates of HTTP and WebDAV, worked out without the platform's clock: a pure package has none. */

const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const; // 1 January 1970 was a Thursday
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const daySeconds = 86_400;

type Civil = { year: number; month: number; day: number };

/** Days since 1970 into a date of the Gregorian calendar, counted in years that begin in March. */
function civilFromDays(daysSince1970: number): Civil {
  const shifted = daysSince1970 + 719_468; // days from 1 March of year 0
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

function daysFromCivil({ year, month, day }: Civil): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

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
  const { year, month, day: date } = civilFromDays(day);
  const weekday = days[((day % 7) + 7) % 7]!;
  return `${weekday}, ${two(date)} ${months[month - 1]} ${String(year).padStart(4, '0')} ${clock(seconds)} GMT`;
}

/** RFC 3339 in UTC, as `D:creationdate` has it (RFC 4918 §15.1). */
export function formatTimestamp(unixSeconds: number): string {
  const seconds = Math.floor(unixSeconds);
  const { year, month, day } = civilFromDays(Math.floor(seconds / daySeconds));
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
  const date = daysFromCivil({ year: Number(year), month, day: Number(day) });
  return date * daySeconds + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}
