/** DATE and DATE-TIME (RFC 5545 §3.3.4, §3.3.5): a time as it is written, not yet an instant. */
import { type ContentLine, parameterOf } from '../syntax/content-line.ts';
import { civilOf, dayOf, monthLength, secondsPerDay } from './civil.ts';

export type CalendarTime = {
  /** `floating` is wherever the reader is; `zoned` names its zone in `tzid`. */
  readonly kind: 'date' | 'floating' | 'utc' | 'zoned';
  /** Seconds since 1970-01-01T00:00:00 on the clock that `kind` and `tzid` name. */
  readonly localSeconds: number;
  readonly tzid: string | undefined;
};

/** Undefined if the text is no date and no date-time. Blanks around it are tolerated. */
export function parseDateTime(text: string, tzid?: string): CalendarTime | undefined {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) from++;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to--;
  const length = to - from;
  const year = digits(text, from, 4);
  const month = digits(text, from + 4, 2);
  const day = digits(text, from + 6, 2);
  if (length < 8 || Number.isNaN(year + month + day)) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return undefined;
  const midnight = dayOf(year, month, day) * secondsPerDay;
  if (length === 8) return { kind: 'date', localSeconds: midnight, tzid: undefined };
  if (length < 15 || length > 16 || (text.charCodeAt(from + 8) | 0x20) !== 0x74) return undefined;
  const hour = digits(text, from + 9, 2);
  const minute = digits(text, from + 11, 2);
  const second = digits(text, from + 13, 2);
  if (Number.isNaN(hour + minute + second) || hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  // §3.3.12: a leap second is the second before it where it cannot be told.
  const localSeconds = midnight + hour * 3600 + minute * 60 + Math.min(second, 59);
  if (length === 16) {
    if ((text.charCodeAt(from + 15) | 0x20) !== 0x7a) return undefined;
    return { kind: 'utc', localSeconds, tzid: undefined };
  }
  if (tzid === undefined) return { kind: 'floating', localSeconds, tzid: undefined };
  return { kind: 'zoned', localSeconds, tzid };
}

/** The value of a property such as DTSTART, with its TZID; VALUE is judged by how the value looks. */
export function dateTimeOf(line: ContentLine): CalendarTime | undefined {
  return parseDateTime(line.value, tzidOf(line));
}

/** Blanks around a TZID come from writers that fold badly. */
export function tzidOf(line: ContentLine): string | undefined {
  const tzid = line.parameters.length === 0 ? undefined : parameterOf(line, 'TZID')?.trim();
  return tzid === '' ? undefined : tzid;
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `YYYYMMDD` */
export function formatDate(localSeconds: number): string {
  const { year, month, day } = civilOf(Math.floor(localSeconds / secondsPerDay));
  return `${String(year).padStart(4, '0')}${two(month)}${two(day)}`;
}

/** `YYYYMMDDTHHMMSS`, without the Z of UTC. */
export function formatLocal(localSeconds: number): string {
  const second = localSeconds - Math.floor(localSeconds / secondsPerDay) * secondsPerDay;
  const time = `${two(Math.floor(second / 3600))}${two(Math.floor(second / 60) % 60)}${two(second % 60)}`;
  return `${formatDate(localSeconds)}T${time}`;
}

export function formatUtc(seconds: number): string {
  return `${formatLocal(seconds)}Z`;
}

/** As the value of a property; the zone stands in its TZID. */
export function formatDateTime({ kind, localSeconds }: CalendarTime): string {
  if (kind === 'date') return formatDate(localSeconds);
  return kind === 'utc' ? formatUtc(localSeconds) : formatLocal(localSeconds);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
