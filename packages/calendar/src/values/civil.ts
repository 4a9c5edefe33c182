/**
 * Days and seconds of the Gregorian calendar as numbers. A *day* counts from 1970-01-01; *local
 * seconds* count from its midnight on the clock of the place, which knows no zone: 86,400 to each day.
 */

export const secondsPerDay = 86_400;
/** RFC 5545 §3.3.4: a year has four digits. */
export const maxYear = 9999;
export const maxDay = 2_932_896;
export const maxLocalSeconds: number = maxDay * secondsPerDay + 86_399;
/** 0000-01-01. */
export const minDay = -719_528;
/** The Gregorian calendar repeats after so many days, weekdays included. */
export const daysPer400Years = 146_097;

/** The day of a date; the month may be any number, the day of the month too. */
export function dayOf(year: number, month: number, dayOfMonth: number): number {
  // Years begin in March here, so that the odd day is the last.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + dayOfMonth - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPer400Years + dayOfEra - 719_468;
}

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

export function civilOf(day: number): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / daysPer400Years);
  const dayOfEra = shifted - era * daysPer400Years;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** 0 is Sunday. */
export function weekdayOf(day: number): number {
  const sinceSunday = day + 4; // 1970-01-01 was a Thursday
  return sinceSunday - Math.floor(sinceSunday / 7) * 7;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export function monthLength(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : lengths[month - 1]!;
}
