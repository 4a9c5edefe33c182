/**
 * The recurrence set of a master component (RFC 5545 §3.8.5): DTSTART, RRULE and RDATE, less EXDATE.
 * Several RRULEs are their union; EXRULE, gone from RFC 5545, is in old files and still takes away.
 * Rules run in the local time of DTSTART's zone, and each time is then turned into an instant.
 */
import type { Component } from '../document/document.ts';
import type { ContentLine } from '../syntax/content-line.ts';
import { type Clock, instantOf, zoneOfTime } from '../time-zone/resolve.ts';
import type { Zone } from '../time-zone/zone.ts';
import { secondsPerDay } from '../values/civil.ts';
import { type CalendarTime, parseDateTime, tzidOf } from '../values/date-time.ts';
import type { Duration } from '../values/duration.ts';
import { parsePeriod } from '../values/period.ts';
import type { Budget } from './budget.ts';
import { calendarSystem } from './calendar-system.ts';
import { parseRule, type RecurrenceRule } from './rule.ts';
import { openRule, type RuleCursor } from './rule-cursor.ts';

/** Values of EXDATE, RDATE and RECURRENCE-ID, held against times of the set. */
export type TimeSet = {
  readonly instants: ReadonlySet<number>;
  /** Days by the wall clock, for where one side is a date and the other is not. */
  readonly days: ReadonlySet<number>;
};

/** RFC 5545 §3.8.5.3: more than one should not be; old calendars have two or three. */
export const maxRules = 20;

type BoundedRule = { readonly rule: RecurrenceRule; readonly lastSeconds: number };

type AdditionalDate = {
  readonly local: number;
  readonly seconds: number;
  /** RDATE;VALUE=PERIOD brings its own. */
  readonly length: Duration | undefined;
};

export type RecurrenceSet = {
  readonly start: CalendarTime;
  readonly startSeconds: number;
  readonly zone: Zone;
  readonly rules: readonly BoundedRule[];
  readonly exceptionRules: readonly BoundedRule[];
  /** Going up. */
  readonly dates: readonly AdditionalDate[];
  readonly exceptions: TimeSet;
};

/** Rules that are malformed, or in a calendar that is not supported, are left out. */
export function recurrenceSetOf(
  component: Component,
  start: CalendarTime,
  clock: Clock,
): RecurrenceSet {
  const zone = zoneOfTime(start, clock);
  const rules: BoundedRule[] = [];
  const exceptionRules: BoundedRule[] = [];
  const dates: AdditionalDate[] = [];
  const exceptionLines: ContentLine[] = [];
  for (const line of component.properties) {
    if (line.name === 'RRULE' || line.name === 'EXRULE') {
      const rule = readRule(line, zone);
      if (rule !== undefined) (line.name === 'RRULE' ? rules : exceptionRules).push(rule);
    } else if (line.name === 'RDATE') dates.push(...additionalDates(line, start, zone, clock));
    else if (line.name === 'EXDATE') exceptionLines.push(line);
  }
  dates.sort((a, b) => a.local - b.local);
  return {
    start,
    startSeconds: instantOf(start, clock),
    zone,
    rules,
    exceptionRules,
    dates,
    exceptions:
      exceptionLines.length === 0
        ? emptyTimeSet
        : timeSetOf(exceptionLines.flatMap(timesOf), start, clock),
  };
}

export function recurs({ rules, dates }: RecurrenceSet): boolean {
  return rules.length > 0 || dates.length > 0;
}

function readRule(line: ContentLine, zone: Zone): BoundedRule | undefined {
  const parsed = parseRule(line.value);
  if (!parsed.ok || calendarSystem(parsed.value.calendar) === undefined) return undefined;
  return { rule: parsed.value, lastSeconds: lastInstant(parsed.value, zone) };
}

/** §3.3.10: UNTIL is inclusive. A local one is read in DTSTART's zone, a date means the end of that day there. */
function lastInstant({ until }: RecurrenceRule, zone: Zone): number {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  if (until.kind === 'utc') return until.localSeconds;
  if (until.kind === 'date') return zone.instantOf(until.localSeconds + secondsPerDay) - 1;
  return zone.instantOf(until.localSeconds);
}

const emptyTimeSet: TimeSet = { instants: new Set(), days: new Set() };

/** The times of EXDATE or RECURRENCE-ID; what is no time is left out. */
export function timesOf(line: ContentLine): CalendarTime[] {
  const tzid = tzidOf(line);
  const times: CalendarTime[] = [];
  for (const text of line.value.split(',')) {
    const time = parseDateTime(text, tzid);
    if (time !== undefined) times.push(time);
  }
  return times;
}

export function timeSetOf(
  times: readonly CalendarTime[],
  start: CalendarTime,
  clock: Clock,
): TimeSet {
  const instants = new Set<number>();
  const days = new Set<number>();
  for (const time of times) {
    if ((time.kind === 'date') === (start.kind === 'date')) {
      instants.add(comparableInstant(time, start, clock));
    } else {
      days.add(dayIn(time, clock));
    }
  }
  return { instants, days };
}

/** A floating time beside a zoned DTSTART means that zone. */
export function comparableInstant(time: CalendarTime, start: CalendarTime, clock: Clock): number {
  if (time.kind !== 'floating') return instantOf(time, clock);
  return zoneOfTime(start, clock).instantOf(time.localSeconds);
}

/** The day that a time lies on, where it is compared with a date. */
function dayIn(time: CalendarTime, clock: Clock): number {
  if (time.kind !== 'utc') return Math.floor(time.localSeconds / secondsPerDay);
  // Midnight of an all-day event as UTC is common: the day is that of the reader's zone.
  const local = time.localSeconds + clock.floating.offsetAt(time.localSeconds);
  return Math.floor(local / secondsPerDay);
}

export function contains(set: TimeSet, seconds: number, local: number): boolean {
  if (set.instants.size > 0 && set.instants.has(seconds)) return true;
  return set.days.size > 0 && set.days.has(Math.floor(local / secondsPerDay));
}

function additionalDates(
  line: ContentLine,
  start: CalendarTime,
  zone: Zone,
  clock: Clock,
): AdditionalDate[] {
  const tzid = tzidOf(line);
  const dates: AdditionalDate[] = [];
  for (const text of line.value.split(',')) {
    const period = parsePeriod(text, tzid);
    const time = period?.start ?? parseDateTime(text, tzid);
    if (time === undefined) continue;
    const seconds = comparableInstant(time, start, clock);
    // The local time of DTSTART's zone, in which the set is in order. A date beside a date-time is
    // that day at the time of DTSTART; a date-time beside a date is its day.
    let local = seconds + zone.offsetAt(seconds);
    if (time.kind === 'date' && start.kind !== 'date') {
      local = time.localSeconds + (start.localSeconds - floorToDay(start.localSeconds));
    } else if (start.kind === 'date') local = dayIn(time, clock) * secondsPerDay;
    const same = time.kind !== 'date' && start.kind !== 'date';
    let length: Duration | undefined = period?.duration;
    if (period?.end !== undefined) {
      length = { days: 0, seconds: Math.max(0, instantOf(period.end, clock) - seconds) };
    }
    dates.push({ local, seconds: same ? seconds : zone.instantOf(local), length });
  }
  return dates;
}

function floorToDay(local: number): number {
  return Math.floor(local / secondsPerDay) * secondsPerDay;
}

export type Original = {
  /** The instant that RECURRENCE-ID names. */
  readonly seconds: number;
  readonly local: number;
  /** If it differs from that of the other instances. */
  readonly length: Duration | undefined;
};

/**
 * Visits the set's times in `[from, to)`, in order of local time, each once, until `visit` says `true`.
 * Says itself whether it was stopped so. Whether the budget was spent is to be asked of the budget.
 */
export function visitOriginals(
  set: RecurrenceSet,
  from: number,
  to: number,
  budget: Budget,
  visit: (original: Original) => boolean,
): boolean {
  const { start, zone, dates, exceptions } = set;
  if (set.rules.length + set.exceptionRules.length > maxRules) {
    budget.spent = true; // each time is held against each rule
    return false;
  }
  const date = start.kind === 'date';
  // Where clocks change, the order of instants is not that of local times.
  const fromLocal = from + Math.min(...offsetsAround(from, zone));
  const toLocal = to + Math.max(...offsetsAround(to, zone)) + 1;
  const open = ({ rule, lastSeconds }: BoundedRule, includeStart: boolean): Source => {
    const cursor = openRule(rule, start.localSeconds, date, budget, includeStart);
    cursor.seek(fromLocal);
    // DTSTART is an instance even where UNTIL lies before it.
    const always = includeStart ? start.localSeconds : Number.NaN;
    return { cursor, lastSeconds, always, next: Number.NEGATIVE_INFINITY, seconds: 0 };
  };
  const sources = set.rules.map((rule) => open(rule, true));
  const exceptionSources = set.exceptionRules.map((rule) => open(rule, false));
  for (const source of [...sources, ...exceptionSources]) advance(source, zone);
  // Without a rule DTSTART stands for itself; with one it is the rule's first.
  let startLeft = sources.length === 0;
  let dateIndex = 0;
  while (dateIndex < dates.length && dates[dateIndex]!.local < fromLocal) dateIndex++;

  // A rule of hours or less gives times in a gap, which are shifted onto those after it.
  const shifted = set.rules.some(({ rule }) => withinDays.has(rule.frequency))
    ? new Set<number>()
    : undefined;
  let last = Number.NEGATIVE_INFINITY;
  for (;;) {
    let local = startLeft ? start.localSeconds : Number.POSITIVE_INFINITY;
    let seconds = set.startSeconds;
    let length: Duration | undefined;
    for (const source of sources) {
      if (source.next < local) {
        local = source.next;
        seconds = source.seconds;
      }
    }
    const additional = dates[dateIndex];
    // At the same time the RDATE counts, for it may bring a length.
    if (additional !== undefined && additional.local <= local) {
      local = additional.local;
      seconds = additional.seconds;
      length = additional.length;
    }
    if (local === Number.POSITIVE_INFINITY || local >= toLocal) return false;
    if (startLeft && local === start.localSeconds) startLeft = false;
    if (additional?.local === local) dateIndex++;
    for (const source of sources) if (source.next === local) advance(source, zone);
    if (local === last) continue;
    last = local;
    if (shifted !== undefined) {
      if (seconds + zone.offsetAt(seconds) !== local) shifted.add(seconds);
      else if (shifted.has(seconds)) continue;
    }
    if (seconds < from || seconds >= to || contains(exceptions, seconds, local)) continue;
    if (exceptionSources.length > 0 && isException(exceptionSources, local, zone)) continue;
    if (visit({ seconds, local, length })) return true;
    if (budget.spent) return false;
  }
}

const withinDays: ReadonlySet<string> = new Set(['HOURLY', 'MINUTELY', 'SECONDLY']);

type Source = {
  readonly cursor: RuleCursor;
  readonly lastSeconds: number;
  readonly always: number;
  next: number;
  seconds: number;
};

function advance(source: Source, zone: Zone): void {
  source.next = source.cursor.next();
  if (source.next === Number.POSITIVE_INFINITY) return;
  source.seconds = zone.instantOf(source.next);
  if (source.seconds > source.lastSeconds && source.next !== source.always) {
    source.next = Number.POSITIVE_INFINITY;
  }
}

function isException(sources: readonly Source[], local: number, zone: Zone): boolean {
  let found = false;
  for (const source of sources) {
    while (source.next < local) advance(source, zone);
    if (source.next === local) found = true;
  }
  return found;
}

function offsetsAround(seconds: number, zone: Zone): number[] {
  // Zones are asked about instants that exist.
  const at = Math.max(-1e11, Math.min(3e11, seconds));
  return [zone.offsetAt(at - secondsPerDay), zone.offsetAt(at), zone.offsetAt(at + secondsPerDay)];
}
