/**
 * The days that BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY give in a year or month, or allow
 * (RFC 5545 §3.3.10; RFC 7529 §4.1 for SKIP and leap months).
 */
import { civilOf, monthLength, weekdayOf } from '../values/civil.ts';
import type { CalendarMonth, CalendarSystem, CalendarYear } from './calendar-system.ts';
import type { MonthNumber, RecurrenceRule, WeekdayNumber } from './rule.ts';

export type DaySets = {
  /** In order, each once. They may lie in the neighbour years (BYWEEKNO, SKIP). */
  ofYear(year: CalendarYear): readonly number[];
  ofMonth(year: CalendarYear, monthIndex: number): readonly number[];
  /** For frequencies of a week and less: whether the parts for days let this one through. */
  allows(day: number): boolean;
  /** Where to go on after a day that is not allowed: the next day, or the month after if it is the month that does not fit. */
  nextMonth(day: number): number;
};

export function makeDaySets(
  rule: RecurrenceRule,
  system: CalendarSystem,
  startDay: number,
): DaySets {
  const { byMonth, byWeekNumber, byYearDay, byMonthDay, byDay, weekStart, skip } = rule;
  const weekdays = byDay && new Set(byDay.map(({ weekday }) => weekday));
  const startYear = system.year(system.yearOf(startDay))!;
  const startMonth = startYear.months.find((month) => startDay < month.start + month.length)!;
  const startOfMonth = startDay - startMonth.start + 1;
  const startNumber: MonthNumber = { month: startMonth.number, leap: startMonth.leap };

  const inMonths = (year: CalendarYear, day: number): boolean => {
    if (byMonth === undefined) return true;
    const month = monthAt(year, day);
    return month !== undefined && byMonth.some((wanted) => isMonth(month, wanted));
  };

  /** Months of BYMONTH in this year, with SKIP for leap months that it does not have. */
  const monthsOf = (year: CalendarYear, wanted: readonly MonthNumber[]): number[] => {
    const found = new Set<number>();
    for (const number of wanted) {
      const index = year.months.findIndex((month) => isMonth(month, number));
      if (index !== -1) found.add(index);
      else if (skip !== 'OMIT') {
        // RFC 7529 §4.1: the month before is the regular one of that number.
        const regular = year.months.findIndex((month) => month.number === number.month);
        if (regular === -1) continue;
        const replacement = skip === 'BACKWARD' ? regular : regular + 1;
        if (replacement < year.months.length) found.add(replacement);
      }
    }
    return [...found].sort((a, b) => a - b);
  };

  /** A day of a month that may be too short for it. */
  const dayOfMonth = (month: CalendarMonth, number: number): number | undefined => {
    const offset = number > 0 ? number - 1 : month.length + number;
    if (offset >= 0 && offset < month.length) return month.start + offset;
    if (skip === 'OMIT' || number < 0) return undefined; // §3.3.10: invalid dates are ignored
    return skip === 'BACKWARD' ? month.start + month.length - 1 : month.start + month.length;
  };

  /** RFC 5545 §3.3.10: an ordinal counts within the month in MONTHLY and with BYMONTH, else within the year. */
  const fitsOrdinal = (year: CalendarYear, day: number): boolean => {
    if (byDay === undefined) return true;
    const weekday = weekdayOf(day);
    const month = rule.frequency === 'MONTHLY' || byMonth !== undefined;
    return byDay.some((wanted) => {
      if (wanted.weekday !== weekday) return false;
      if (wanted.ordinal === 0 || byWeekNumber !== undefined) return true;
      const span = month ? monthAt(year, day) : year;
      return span !== undefined && ordinalFits(wanted.ordinal, day, span);
    });
  };

  const daysOfMonth = (year: CalendarYear, month: CalendarMonth): number[] => {
    if (byMonthDay !== undefined) {
      const days: number[] = [];
      for (const number of byMonthDay) {
        const day = dayOfMonth(month, number);
        if (day !== undefined && fitsOrdinal(year, day)) days.push(day);
      }
      return days;
    }
    if (byDay !== undefined) return byDay.flatMap((wanted) => weekdaysWithin(month, wanted));
    const day = dayOfMonth(month, startOfMonth);
    return day === undefined ? [] : [day];
  };

  const ofYear = (year: CalendarYear): number[] => {
    if (byWeekNumber !== undefined) {
      const days = byWeekNumber.flatMap((number) => daysOfWeek(year, number, weekStart));
      const free = byDay === undefined && byMonthDay === undefined && byYearDay === undefined;
      const only = weekdays ?? (free ? new Set([weekdayOf(startDay)]) : undefined);
      return days.filter((day) => {
        if (only?.has(weekdayOf(day)) === false) return false;
        if (byMonth === undefined && byMonthDay === undefined && byYearDay === undefined) {
          return true;
        }
        const own = yearAround(system, year, day);
        return own !== undefined && inMonths(own, day) && fitsNumbers(own, day);
      });
    }
    if (byYearDay !== undefined) {
      const days: number[] = [];
      for (const number of byYearDay) {
        let offset = number > 0 ? number - 1 : year.length + number;
        if (offset < 0 || offset >= year.length) {
          if (skip === 'OMIT' || number < 0) continue;
          offset = skip === 'BACKWARD' ? year.length - 1 : year.length;
        }
        const day = year.start + offset;
        const own = offset < year.length ? year : yearAround(system, year, day);
        if (own === undefined || !inMonths(own, day)) continue;
        if (fitsMonthDay(own, day) && fitsOrdinal(own, day)) days.push(day);
      }
      return days;
    }
    if (byDay !== undefined && byMonth === undefined && byMonthDay === undefined) {
      return byDay.flatMap((wanted) => weekdaysWithin(year, wanted));
    }
    const indexes =
      byMonth === undefined && byMonthDay !== undefined
        ? year.months.keys()
        : monthsOf(year, byMonth ?? [startNumber]);
    return [...indexes].flatMap((index) => daysOfMonth(year, year.months[index]!));
  };

  const fitsMonthDay = (year: CalendarYear, day: number): boolean => {
    if (byMonthDay === undefined) return true;
    const month = monthAt(year, day);
    if (month === undefined) return false;
    const number = day - month.start + 1;
    return byMonthDay.some(
      (wanted) =>
        wanted === number ||
        wanted === number - month.length - 1 ||
        // A day that the month before did not have.
        (skip === 'BACKWARD' && number === month.length && wanted > month.length),
    );
  };

  const fitsNumbers = (year: CalendarYear, day: number): boolean => {
    if (!fitsMonthDay(year, day)) return false;
    if (byYearDay === undefined) return true;
    const number = day - year.start + 1;
    return byYearDay.some((wanted) => wanted === number || wanted === number - year.length - 1);
  };

  const plain = byMonth === undefined && byMonthDay === undefined && byYearDay === undefined;

  return {
    ofYear: (year) => inOrder(ofYear(year)),
    ofMonth: (year, monthIndex) => {
      const month = year.months[monthIndex]!;
      if (byMonth !== undefined && !monthsOf(year, byMonth).includes(monthIndex)) return [];
      // BYYEARDAY and BYWEEKNO must not stand in MONTHLY (§3.3.10); they are not looked at.
      return inOrder(daysOfMonth(year, month));
    },
    allows: (day) => {
      if (weekdays?.has(weekdayOf(day)) === false) return false;
      if (plain) return true;
      if (system.gregorian && byYearDay === undefined && skip === 'OMIT') {
        // The same as below, without the tables of years.
        const { year, month, day: number } = civilOf(day);
        if (byMonth?.some((wanted) => wanted.month === month) === false) return false;
        if (byMonthDay === undefined || byMonthDay.includes(number)) return true;
        return byMonthDay.includes(number - monthLength(year, month) - 1);
      }
      const year = system.year(system.yearOf(day));
      return year !== undefined && inMonths(year, day) && fitsNumbers(year, day);
    },
    nextMonth: (day) => {
      if (byMonth === undefined) return day + 1;
      if (system.gregorian) {
        const { year, month, day: number } = civilOf(day);
        if (byMonth.some((wanted) => wanted.month === month)) return day + 1;
        return day + monthLength(year, month) - number + 1;
      }
      const year = system.year(system.yearOf(day));
      if (year === undefined || inMonths(year, day)) return day + 1;
      const month = monthAt(year, day);
      return month === undefined ? day + 1 : month.start + month.length;
    },
  };
}

function isMonth(month: CalendarMonth, wanted: MonthNumber): boolean {
  return month.number === wanted.month && month.leap === wanted.leap;
}

function monthAt(year: CalendarYear, day: number): CalendarMonth | undefined {
  if (day < year.start) return undefined;
  // Months have about as many days as the year has twelfths: start near the right one.
  for (let i = Math.max(0, Math.floor((day - year.start) / 32)); i < year.months.length; i++) {
    const month = year.months[i]!;
    if (day < month.start + month.length) return month;
  }
  return undefined;
}

function yearAround(
  system: CalendarSystem,
  year: CalendarYear,
  day: number,
): CalendarYear | undefined {
  if (day < year.start) return system.year(year.year - 1);
  return day < year.start + year.length ? year : system.year(year.year + 1);
}

type Span = { readonly start: number; readonly length: number };

function weekdaysWithin({ start, length }: Span, { weekday, ordinal }: WeekdayNumber): number[] {
  const first = start + ((weekday - weekdayOf(start) + 7) % 7);
  const end = start + length;
  if (ordinal > 0) {
    const day = first + (ordinal - 1) * 7;
    return day < end ? [day] : [];
  }
  const count = Math.floor((end - 1 - first) / 7) + 1;
  if (ordinal < 0) return count + ordinal >= 0 ? [first + (count + ordinal) * 7] : [];
  return Array.from({ length: count }, (_, i) => first + i * 7);
}

function ordinalFits(ordinal: number, day: number, { start, length }: Span): boolean {
  if (ordinal > 0) return Math.floor((day - start) / 7) === ordinal - 1;
  return Math.floor((start + length - 1 - day) / 7) === -ordinal - 1;
}

/** §3.3.10, BYWEEKNO: week 1 is the first with four days or more in the year. */
function daysOfWeek(year: CalendarYear, number: number, weekStart: number): number[] {
  const firstWeek = weekOne(year.start, weekStart);
  const weeks = Math.floor((weekOne(year.start + year.length, weekStart) - firstWeek) / 7);
  const index = number > 0 ? number - 1 : weeks + number;
  if (index < 0 || index >= weeks) return [];
  const start = firstWeek + index * 7;
  return Array.from({ length: 7 }, (_, i) => start + i);
}

function weekOne(yearStart: number, weekStart: number): number {
  const into = (weekdayOf(yearStart) - weekStart + 7) % 7; // days of the week before the year begins
  return into <= 3 ? yearStart - into : yearStart - into + 7;
}

function inOrder(days: number[]): readonly number[] {
  for (let i = 1; i < days.length; i++) {
    if (days[i]! <= days[i - 1]!) return [...new Set(days)].sort((a, b) => a - b);
  }
  return days;
}
