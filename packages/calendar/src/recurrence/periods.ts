/**
 * The periods of a rule, one after the other: for each, the times its BY parts give, as bases (days,
 * hours or minutes, in local seconds) and offsets from each base. RFC 5545 §3.3.10, the table of what
 * expands and what limits.
 */
import { maxLocalSeconds, secondsPerDay, weekdayOf } from '../values/civil.ts';
import { type Budget, take } from './budget.ts';
import type { CalendarSystem } from './calendar-system.ts';
import { makeDaySets } from './day-sets.ts';
import type { RecurrenceRule } from './rule.ts';

export type Periods = {
  /** Seconds after each base, in order. */
  readonly offsets: readonly number[];
  /** The next period's bases, in order; undefined at the end or when the budget is spent. */
  next(): readonly number[] | undefined;
  /** Goes to a period at or before the one that `localSeconds` lies in, if that is ahead. */
  seek(localSeconds: number): void;
};

const none: readonly number[] = [];

/** The table of a year costs so much where it comes from `Temporal`: about 60 µs. */
export const stepsOfForeignYear = 200;

/** The same calendar; each year that is asked about anew is paid for. */
function paidFor(calendar: CalendarSystem, budget: Budget): CalendarSystem {
  if (calendar.gregorian) return calendar;
  // Rules look at a year and its neighbours in turn.
  const paid = [Number.NaN, Number.NaN, Number.NaN];
  return {
    ...calendar,
    year: (year) => {
      if (!paid.includes(year)) {
        take(budget, stepsOfForeignYear);
        paid.shift();
        paid.push(year);
      }
      return calendar.year(year);
    },
  };
}

export function openPeriods(
  rule: RecurrenceRule,
  calendar: CalendarSystem,
  start: number,
  date: boolean,
  budget: Budget,
): Periods {
  const system = paidFor(calendar, budget);
  if (givesNothing(rule, system)) return { offsets: none, next: () => undefined, seek: () => {} };
  const periods = periodsOf(rule, system, start, date, budget);
  const steps = stepsOfPeriod(rule);
  if (steps === 0) return periods;
  return { ...periods, next: () => (take(budget, steps) ? periods.next() : undefined) };
}

/** How many values of lists cost as much as one step. */
const valuesPerStep = 16;

/** What looking through long lists costs in each period, beyond what a period costs anyway. */
function stepsOfPeriod(rule: RecurrenceRule): number {
  const { byMonth, byWeekNumber, byYearDay, byMonthDay, byDay, frequency } = rule;
  const count = (list: readonly unknown[] | undefined): number => list?.length ?? 0;
  let candidates = 1;
  if (frequency === 'YEARLY') {
    candidates =
      byWeekNumber !== undefined
        ? 7 * byWeekNumber.length
        : byYearDay !== undefined
          ? byYearDay.length
          : Math.max(1, count(byMonthDay)) *
            (byMonth?.length ?? (byMonthDay === undefined ? 1 : 12));
  } else if (frequency === 'MONTHLY') candidates = Math.max(1, count(byMonthDay));
  const tests = count(byMonth) + count(byYearDay) + count(byMonthDay) + count(byDay);
  return Math.floor((candidates * tests) / valuesPerStep);
}

function periodsOf(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  date: boolean,
  budget: Budget,
): Periods {
  switch (rule.frequency) {
    case 'YEARLY':
      return yearly(rule, system, start, date, budget);
    case 'MONTHLY':
      return monthly(rule, system, start, date, budget);
    case 'WEEKLY':
      return weekly(rule, system, start, date, budget);
    case 'DAILY':
      return daily(rule, system, start, date);
    case 'HOURLY':
      return withinDays(rule, system, start, 3600, date, budget);
    case 'MINUTELY':
      return withinDays(rule, system, start, 60, date, budget);
    case 'SECONDLY':
      return withinDays(rule, system, start, 1, date, budget);
  }
}

/** 30 February and the like, which would be looked for until the budget is spent. */
function givesNothing(rule: RecurrenceRule, system: CalendarSystem): boolean {
  const { byMonth, byMonthDay, skip } = rule;
  if (!system.gregorian || skip !== 'OMIT' || byMonthDay === undefined) return false;
  const longest = byMonth?.every(({ month }) => month === 2)
    ? 29
    : byMonth?.every(({ month }) => [2, 4, 6, 9, 11].includes(month))
      ? 30
      : 31;
  return byMonthDay.every((day) => Math.abs(day) > longest);
}

const ascending = (a: number, b: number): number => a - b;

function unique(values: readonly number[]): number[] {
  return [...new Set(values)].sort(ascending);
}

/** Times of the day that BYHOUR, BYMINUTE and BYSECOND give; those of DTSTART where they are absent. */
function timesOfDay(rule: RecurrenceRule, start: number, date: boolean): readonly number[] {
  // §3.3.10: BYSECOND, BYMINUTE and BYHOUR are ignored if DTSTART is a date.
  if (date) return [0];
  const { byHour, byMinute, bySecond } = rule;
  const time = start - Math.floor(start / secondsPerDay) * secondsPerDay;
  if (!byHour && !byMinute && !bySecond) return [time];
  const hours = byHour ?? [Math.floor(time / 3600)];
  const minutes = byMinute ?? [Math.floor(time / 60) % 60];
  const seconds = (bySecond ?? [time % 60]).map((second) => Math.min(second, 59));
  return product(hours, 3600, product(minutes, 60, seconds));
}

/** Never negative; times before 1970 are. */
function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}

/** In order, for `offsets` are less than `unit`. */
function product(
  values: readonly number[],
  unit: number,
  offsets: readonly number[],
): readonly number[] {
  const inOrder = unique(offsets);
  const found: number[] = [];
  for (const value of unique(values)) {
    for (const offset of inOrder) found.push(value * unit + offset);
  }
  return found;
}

function toSeconds(days: readonly number[]): readonly number[] {
  return days.map((day) => day * secondsPerDay);
}

function yearly(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  date: boolean,
  budget: Budget,
): Periods {
  const sets = makeDaySets(rule, system, Math.floor(start / secondsPerDay));
  const first = system.yearOf(Math.floor(start / secondsPerDay));
  // Week 1 may begin in the year before (BYWEEKNO), so a year early is not too early.
  let year = rule.byWeekNumber === undefined ? first : first - rule.interval;
  return {
    offsets: timesOfDay(rule, start, date),
    next() {
      const table = system.year(year);
      if (table === undefined || table.start * secondsPerDay > maxLocalSeconds) return undefined;
      year += rule.interval;
      const days = sets.ofYear(table);
      return take(budget, days.length) ? toSeconds(days) : undefined;
    },
    seek(localSeconds) {
      const wanted = system.yearOf(Math.floor(localSeconds / secondsPerDay));
      const periods = Math.floor((wanted - year) / rule.interval) - 1;
      if (periods > 0) year += periods * rule.interval;
    },
  };
}

function monthly(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  date: boolean,
  budget: Budget,
): Periods {
  const startDay = Math.floor(start / secondsPerDay);
  const sets = makeDaySets(rule, system, startDay);
  let year = system.yearOf(startDay);
  let index = system.year(year)!.months.findIndex((month) => startDay < month.start + month.length);
  const skipMonths = (months: number): boolean => {
    if (system.gregorian) {
      year += Math.floor((index + months) / 12);
      index = (index + months) % 12;
      return true;
    }
    index += months;
    for (;;) {
      const length = system.year(year)?.months.length;
      if (length === undefined || !take(budget, 1)) return false;
      if (index < length) return true;
      index -= length;
      year++;
    }
  };
  return {
    offsets: timesOfDay(rule, start, date),
    next() {
      const table = system.year(year);
      const month = table?.months[index];
      if (table === undefined || month === undefined) return undefined;
      if (month.start * secondsPerDay > maxLocalSeconds) return undefined;
      const days = sets.ofMonth(table, index);
      if (!skipMonths(rule.interval)) year = Number.POSITIVE_INFINITY;
      return take(budget, days.length) ? toSeconds(days) : undefined;
    },
    seek(localSeconds) {
      if (!system.gregorian) return; // years differ in months; walking them is cheap
      const day = Math.floor(localSeconds / secondsPerDay);
      const wantedYear = system.yearOf(day);
      const table = system.year(wantedYear);
      if (table === undefined) {
        year = wantedYear;
        return;
      }
      const wanted = table.months.findIndex((month) => day < month.start + month.length);
      const months = (wantedYear - year) * 12 + wanted - index;
      const periods = Math.floor(months / rule.interval) - 1;
      if (periods > 0) skipMonths(periods * rule.interval);
    },
  };
}

function weekly(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  date: boolean,
  budget: Budget,
): Periods {
  const startDay = Math.floor(start / secondsPerDay);
  const sets = makeDaySets(rule, system, startDay);
  const { weekStart } = rule;
  const wanted = rule.byDay?.map(({ weekday }) => weekday) ?? [weekdayOf(startDay)];
  const inWeek = unique(wanted.map((weekday) => (weekday - weekStart + 7) % 7));
  let day = startDay - ((weekdayOf(startDay) - weekStart + 7) % 7);
  const step = rule.interval * 7;
  return {
    offsets: timesOfDay(rule, start, date),
    next() {
      if (day * secondsPerDay > maxLocalSeconds) return undefined;
      const first = day;
      day += step;
      if (!take(budget, inWeek.length)) return undefined;
      const days: number[] = [];
      for (const offset of inWeek) {
        if (sets.allows(first + offset)) days.push((first + offset) * secondsPerDay);
      }
      return days;
    },
    seek(localSeconds) {
      const weeks = Math.floor((Math.floor(localSeconds / secondsPerDay) - day) / step) - 1;
      if (weeks > 0) day += weeks * step;
    },
  };
}

function daily(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  date: boolean,
): Periods {
  const startDay = Math.floor(start / secondsPerDay);
  const sets = makeDaySets(rule, system, startDay);
  let day = startDay;
  const ahead = (wanted: number): void => {
    if (wanted > day) day += Math.ceil((wanted - day) / rule.interval) * rule.interval;
  };
  return {
    offsets: timesOfDay(rule, start, date),
    next() {
      const found = day;
      if (found * secondsPerDay > maxLocalSeconds) return undefined;
      day += rule.interval;
      if (sets.allows(found)) return [found * secondsPerDay];
      ahead(sets.nextMonth(found));
      return none;
    },
    seek(localSeconds) {
      ahead(Math.floor(localSeconds / secondsPerDay) - rule.interval);
    },
  };
}

/** HOURLY, MINUTELY and SECONDLY: BY parts of longer units limit, those of shorter ones expand. */
function withinDays(
  rule: RecurrenceRule,
  system: CalendarSystem,
  start: number,
  unit: number,
  date: boolean,
  budget: Budget,
): Periods {
  const sets = makeDaySets(rule, system, Math.floor(start / secondsPerDay));
  const step = rule.interval * unit;
  const setOf = (values: readonly number[] | undefined): ReadonlySet<number> | undefined =>
    values === undefined ? undefined : new Set(values);
  // Times of a date mean nothing, and shorter units than a day give its midnight again and again.
  const hours = date ? undefined : setOf(rule.byHour);
  const minutes = date || unit === 3600 ? undefined : setOf(rule.byMinute);
  const seconds = date || unit !== 1 ? undefined : setOf(rule.bySecond);
  const secondList = rule.bySecond?.map((second) => Math.min(second, 59)) ?? [modulo(start, 60)];
  const offsets =
    unit === 1 || date
      ? [0]
      : unit === 60
        ? unique(secondList)
        : product(rule.byMinute ?? [modulo(Math.floor(start / 60), 60)], 60, secondList);
  const steps = 1 + stepsOfPeriod(rule);
  let at = start - modulo(start, unit);
  const ahead = (wanted: number): void => {
    if (wanted > at) at += Math.ceil((wanted - at) / step) * step;
  };
  return {
    offsets,
    next() {
      for (;;) {
        const found = at;
        if (found > maxLocalSeconds) return undefined;
        if (!take(budget, steps)) return undefined;
        const day = Math.floor(found / secondsPerDay);
        const time = found - day * secondsPerDay;
        at += step;
        // Where a longer unit does not fit, its rest is passed over at once.
        if (!sets.allows(day)) ahead(sets.nextMonth(day) * secondsPerDay);
        else if (hours?.has(Math.floor(time / 3600)) === false) {
          ahead(found - (time % 3600) + 3600);
        } else if (minutes?.has(Math.floor(time / 60) % 60) === false) {
          ahead(found - (time % 60) + 60);
        } else if (seconds?.has(time % 60) !== false) return [found];
      }
    },
    seek(localSeconds) {
      ahead(localSeconds - step);
    },
  };
}
