/** RECUR (RFC 5545 §3.3.10 with RFC 7529 §4): its parts as a value, from text and to text. */
import type { Result } from '@riad/octets/result';
import { type CalendarTime, formatDateTime, parseDateTime } from '../values/date-time.ts';

export type Frequency =
  | 'SECONDLY'
  | 'MINUTELY'
  | 'HOURLY'
  | 'DAILY'
  | 'WEEKLY'
  | 'MONTHLY'
  | 'YEARLY';

export type WeekdayNumber = {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** The nth of the month or year, from its end if negative; 0: every one. */
  readonly ordinal: number;
};

export type MonthNumber = {
  readonly month: number;
  /** RFC 7529 §4.1: `5L`. */
  readonly leap: boolean;
};

export type RecurrenceRule = {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  /** A time without TZID; `floating` is read in DTSTART's zone. */
  readonly until: CalendarTime | undefined;
  /** 0 is Sunday; Monday unless given. */
  readonly weekStart: number;
  /** Undefined where the part is absent. */
  readonly bySecond: readonly number[] | undefined;
  readonly byMinute: readonly number[] | undefined;
  readonly byHour: readonly number[] | undefined;
  readonly byDay: readonly WeekdayNumber[] | undefined;
  readonly byMonthDay: readonly number[] | undefined;
  readonly byYearDay: readonly number[] | undefined;
  readonly byWeekNumber: readonly number[] | undefined;
  readonly byMonth: readonly MonthNumber[] | undefined;
  readonly bySetPosition: readonly number[] | undefined;
  /** In upper case; undefined: Gregorian. */
  readonly calendar: string | undefined;
  readonly skip: 'OMIT' | 'BACKWARD' | 'FORWARD';
};

/** Twice the longest list with a meaning: BYYEARDAY has 366 values in each direction. */
export const maxListValues = 732;

const frequencies: ReadonlySet<string> = new Set([
  'SECONDLY',
  'MINUTELY',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'YEARLY',
]);
const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The error is a phrase such as `BYMONTH=13`. Unknown parts, `X-` among them, are left out. */
export function parseRule(text: string): Result<RecurrenceRule, string> {
  const parts = new Map<string, string>();
  for (const part of text.trim().split(';')) {
    if (part.trim() === '') continue; // a trailing semicolon is common
    const equals = part.indexOf('=');
    if (equals === -1) return { ok: false, error: part };
    const name = part.slice(0, equals).trim().toUpperCase();
    // §3.3.10: a part must not be there twice.
    if (parts.has(name)) return { ok: false, error: `${name} twice` };
    parts.set(
      name,
      part
        .slice(equals + 1)
        .trim()
        .toUpperCase(),
    );
  }
  let error: string | undefined;
  const wrong = (name: string): undefined => {
    error ??= `${name}=${parts.get(name) ?? ''}`;
    return undefined;
  };
  const list = <Item>(
    name: string,
    read: (item: string) => Item | undefined,
  ): Item[] | undefined => {
    const value = parts.get(name);
    if (value === undefined) return undefined;
    // The same value twice says nothing more, and would be looked at twice.
    const items = new Map<string, Item>();
    for (const item of value.split(',')) {
      const parsed = read(item.trim());
      if (parsed === undefined || items.size >= maxListValues) return wrong(name);
      items.set(JSON.stringify(parsed), parsed);
    }
    return [...items.values()];
  };
  const numbers = (name: string, least: number, most: number): number[] | undefined =>
    list(name, (item) => {
      if (!/^[+-]?\d{1,3}$/.test(item)) return undefined;
      const value = Number(item);
      const size = Math.abs(value);
      // Only parts that count from 1 also count from the end.
      if (least === 0 ? value < 0 || value > most : size < least || size > most) return undefined;
      return value;
    });
  const single = (name: string): number | undefined => {
    const value = parts.get(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,10}$/.test(value) || Number(value) === 0) return wrong(name);
    return Number(value);
  };

  const frequency = parts.get('FREQ') ?? '';
  if (!frequencies.has(frequency)) return { ok: false, error: `FREQ=${frequency}` };
  const interval = single('INTERVAL') ?? 1;
  const count = single('COUNT');
  const untilText = parts.get('UNTIL');
  const until = untilText === undefined ? undefined : parseDateTime(untilText);
  if (untilText !== undefined && until === undefined) wrong('UNTIL');
  const weekStartText = parts.get('WKST') ?? 'MO';
  const weekStart = weekdays.indexOf(weekStartText);
  if (weekStart === -1) wrong('WKST');
  const skip = parts.get('SKIP') ?? 'OMIT';
  if (skip !== 'OMIT' && skip !== 'BACKWARD' && skip !== 'FORWARD') wrong('SKIP');
  const calendar = parts.get('RSCALE');

  const rule: RecurrenceRule = {
    frequency: frequency as Frequency,
    interval,
    count,
    until,
    weekStart,
    bySecond: numbers('BYSECOND', 0, 60),
    byMinute: numbers('BYMINUTE', 0, 59),
    byHour: numbers('BYHOUR', 0, 23),
    byDay: list('BYDAY', readWeekday),
    byMonthDay: numbers('BYMONTHDAY', 1, calendar === undefined ? 31 : 32),
    byYearDay: numbers('BYYEARDAY', 1, calendar === undefined ? 366 : 400),
    byWeekNumber: numbers('BYWEEKNO', 1, calendar === undefined ? 53 : 60),
    byMonth: list('BYMONTH', (item) => readMonth(item, calendar)),
    bySetPosition: numbers('BYSETPOS', 1, 366),
    calendar: calendar === 'GREGORIAN' && skip === 'OMIT' ? undefined : calendar,
    skip: skip as RecurrenceRule['skip'],
  };
  return error === undefined ? { ok: true, value: rule } : { ok: false, error };
}

function readWeekday(item: string): WeekdayNumber | undefined {
  const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(item);
  if (match === null) return undefined;
  const ordinal = Number(match[1] ?? 0);
  if ((match[1] !== undefined && ordinal === 0) || Math.abs(ordinal) > 53) return undefined;
  return { weekday: weekdays.indexOf(match[2]!), ordinal };
}

function readMonth(item: string, calendar: string | undefined): MonthNumber | undefined {
  const match = /^(\d{1,2})(L?)$/.exec(item);
  const month = Number(match?.[1] ?? 0);
  // RFC 7529 §4.1: other calendars have up to 13 months, and leap months.
  if (month < 1 || month > (calendar === undefined ? 12 : 13)) return undefined;
  if (match![2] !== '' && calendar === undefined) return undefined;
  return { month, leap: match![2] !== '' };
}

/** In the order in which most write it. */
export function formatRule(rule: RecurrenceRule): string {
  const parts = [`FREQ=${rule.frequency}`];
  if (rule.calendar !== undefined) parts.unshift(`RSCALE=${rule.calendar}`);
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) parts.push(`${name}=${value}`);
  };
  add('UNTIL', rule.until && formatDateTime(rule.until));
  add('COUNT', rule.count?.toString());
  add('INTERVAL', rule.interval === 1 ? undefined : String(rule.interval));
  add('BYSECOND', rule.bySecond?.join(','));
  add('BYMINUTE', rule.byMinute?.join(','));
  add('BYHOUR', rule.byHour?.join(','));
  add('BYDAY', rule.byDay?.map(formatWeekday).join(','));
  add('BYMONTHDAY', rule.byMonthDay?.join(','));
  add('BYYEARDAY', rule.byYearDay?.join(','));
  add('BYWEEKNO', rule.byWeekNumber?.join(','));
  add('BYMONTH', rule.byMonth?.map(({ month, leap }) => `${month}${leap ? 'L' : ''}`).join(','));
  add('BYSETPOS', rule.bySetPosition?.join(','));
  add('WKST', rule.weekStart === 1 ? undefined : weekdays[rule.weekStart]);
  add('SKIP', rule.skip === 'OMIT' ? undefined : rule.skip);
  return parts.join(';');
}

function formatWeekday({ weekday, ordinal }: WeekdayNumber): string {
  return `${ordinal === 0 ? '' : ordinal}${weekdays[weekday]}`;
}
