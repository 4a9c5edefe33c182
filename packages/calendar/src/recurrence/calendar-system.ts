/**
 * Years and months of the calendars a rule may run in (RFC 7529): the Gregorian by arithmetic, others
 * from the data of `Temporal`, year by year.
 */
import { civilOf, dayOf, isLeapYear, maxYear, monthLength } from '../values/civil.ts';

export type CalendarMonth = {
  /** A leap month has the number of the month before it (RFC 7529 §4.2, `5L`). */
  readonly number: number;
  readonly leap: boolean;
  /** The day it begins with, counted from 1970-01-01. */
  readonly start: number;
  readonly length: number;
};

export type CalendarYear = {
  readonly year: number;
  readonly start: number;
  readonly length: number;
  /** In order, leap months at their place. */
  readonly months: readonly CalendarMonth[];
};

export type CalendarSystem = {
  readonly gregorian: boolean;
  yearOf(day: number): number;
  /** Undefined beyond what the calendar's data cover. */
  year(year: number): CalendarYear | undefined;
};

/** Years of one calendar that are remembered; all are forgotten at once beyond. */
export const maxCachedYears = 1000;

function cached(
  make: (year: number) => CalendarYear | undefined,
): (year: number) => CalendarYear | undefined {
  const years = new Map<number, CalendarYear | undefined>();
  return (year) => {
    const known = years.get(year);
    if (known !== undefined) return known;
    if (years.size >= maxCachedYears) years.clear();
    const made = make(year);
    years.set(year, made);
    return made;
  };
}

export const gregorian: CalendarSystem = {
  gregorian: true,
  yearOf: (day) => civilOf(day).year,
  year: cached((year) => {
    if (year > maxYear) return undefined;
    const months: CalendarMonth[] = [];
    const first = dayOf(year, 1, 1);
    let start = first;
    for (let number = 1; number <= 12; number++) {
      const length = monthLength(year, number);
      months.push({ number, leap: false, start, length });
      start += length;
    }
    return { year, start: first, length: isLeapYear(year) ? 366 : 365, months };
  }),
};

/** CLDR's names, as RSCALE has them, and those of Temporal. */
const temporalNames: Readonly<Record<string, string>> = {
  BUDDHIST: 'buddhist',
  CHINESE: 'chinese',
  COPTIC: 'coptic',
  DANGI: 'dangi',
  ETHIOPIC: 'ethiopic',
  'ETHIOPIC-AMETE-ALEM': 'ethioaa',
  HEBREW: 'hebrew',
  INDIAN: 'indian',
  'ISLAMIC-CIVIL': 'islamic-civil',
  'ISLAMIC-TBLA': 'islamic-tbla',
  'ISLAMIC-UMALQURA': 'islamic-umalqura',
  PERSIAN: 'persian',
  ROC: 'roc',
};

/** What CALDAV:supported-rscale-set lists (RFC 7529 §5). */
export const supportedCalendars: readonly string[] = ['GREGORIAN', ...Object.keys(temporalNames)];

const systems = new Map<string, CalendarSystem>([['GREGORIAN', gregorian]]);

/** By the value of RSCALE in upper case; undefined if it is not supported. */
export function calendarSystem(name: string | undefined): CalendarSystem | undefined {
  if (name === undefined) return gregorian;
  const known = systems.get(name);
  const id = temporalNames[name];
  if (known !== undefined || id === undefined) return known;
  const made = temporalSystem(id);
  systems.set(name, made);
  return made;
}

function temporalSystem(calendar: string): CalendarSystem {
  const dayNumber = (date: Temporal.PlainDate): number => {
    const { year, month, day } = date.withCalendar('iso8601');
    return dayOf(year, month, day);
  };
  const year = cached((number) => {
    try {
      const first = Temporal.PlainDate.from({ calendar, year: number, month: 1, day: 1 });
      const months: CalendarMonth[] = [];
      const start = dayNumber(first);
      let at = start;
      for (let month = 1; month <= first.monthsInYear; month++) {
        const date = Temporal.PlainDate.from({ calendar, year: number, month, day: 1 });
        const { monthCode, daysInMonth } = date;
        const leap = monthCode.endsWith('L');
        months.push({
          number: Number(monthCode.slice(1, 3)),
          leap,
          start: at,
          length: daysInMonth,
        });
        at += daysInMonth;
      }
      return { year: number, start, length: at - start, months };
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  });
  let near = 0; // the year that was found last
  return {
    gregorian: false,
    year,
    yearOf: (day) => {
      const guess = near === 0 ? undefined : year(near);
      if (guess !== undefined && day >= guess.start && day < guess.start + guess.length)
        return near;
      const { year: y, month, day: d } = civilOf(day);
      near = new Temporal.PlainDate(y, month, d).withCalendar(calendar).year;
      return near;
    },
  };
}
