/** When a component is: its start and how long it lasts, for each of its instances. */
import { type Component, propertyOf } from '../document/document.ts';
import { type Clock, instantOf, zoneOfTime } from '../time-zone/resolve.ts';
import type { Zone } from '../time-zone/zone.ts';
import { secondsPerDay } from '../values/civil.ts';
import { type CalendarTime, dateTimeOf } from '../values/date-time.ts';
import { type Duration, parseDuration } from '../values/duration.ts';

export type Timing = {
  readonly start: CalendarTime;
  /** What `start` and the local times of the recurrence set are read in. */
  readonly zone: Zone;
  /**
   * From the start to the end of every instance: days by the wall clock, then seconds. DTEND makes an
   * exact one, DURATION a nominal one (RFC 5545 §3.8.5.3).
   */
  readonly length: Duration;
  /** A floating DTEND stands on the same clock as its DTSTART, whatever that clock does in between. */
  readonly byWallClock: boolean;
  /** What gave the length. */
  readonly end: 'end' | 'duration' | 'none';
  /** `due`: a VTODO that has DUE alone, which then stands for its start too. */
  readonly anchor: 'start' | 'due';
};

/** Undefined for a component without DTSTART (and DUE), or with one that is no time. */
export function timingOf(component: Component, clock: Clock): Timing | undefined {
  const due = component.name === 'VTODO';
  const startLine = propertyOf(component, 'DTSTART');
  const endLine = propertyOf(component, due ? 'DUE' : 'DTEND');
  const start = startLine && dateTimeOf(startLine);
  const end = endLine && component.name !== 'VJOURNAL' ? dateTimeOf(endLine) : undefined;
  if (start === undefined) {
    if (end === undefined || !due) return undefined;
    const zone = zoneOfTime(end, clock);
    return { ...plain, start: end, zone, end: 'end', anchor: 'due' };
  }
  const zone = zoneOfTime(start, clock);
  if (end !== undefined) {
    const byWallClock = start.kind === 'floating' && end.kind === 'floating';
    return { ...plain, start, zone, length: between(start, end, clock), byWallClock, end: 'end' };
  }
  const durationLine = propertyOf(component, 'DURATION');
  const duration =
    durationLine && component.name !== 'VJOURNAL' ? parseDuration(durationLine.value) : undefined;
  if (duration !== undefined) {
    // A negative one is invalid (§3.8.2.5) and counts as none at all.
    const length = duration.days < 0 || duration.seconds < 0 ? { days: 0, seconds: 0 } : duration;
    return { ...plain, start, zone, length, end: 'duration' };
  }
  // §3.6.1: a date alone lasts that day, a time alone no time at all.
  const wholeDay = start.kind === 'date' && !due;
  return { ...plain, start, zone, length: { days: wholeDay ? 1 : 0, seconds: 0 } };
}

const plain = {
  length: { days: 0, seconds: 0 },
  byWallClock: false,
  end: 'none',
  anchor: 'start',
} as const;

/** Never negative: an end before the start is invalid but common, and counts as no time at all. */
function between(start: CalendarTime, end: CalendarTime, clock: Clock): Duration {
  if (start.kind === 'date') {
    const days = Math.ceil((end.localSeconds - start.localSeconds) / secondsPerDay);
    return { days: Math.max(0, days), seconds: 0 };
  }
  const seconds =
    start.kind === 'floating' && end.kind === 'floating'
      ? end.localSeconds - start.localSeconds
      : instantOf(end, clock) - instantOf(start, clock);
  return { days: 0, seconds: Math.max(0, seconds) };
}

/** The end of an instance that starts at a local time, as an instant. */
export function endOf(
  { zone, length, byWallClock }: Pick<Timing, 'zone' | 'length' | 'byWallClock'>,
  startLocal: number,
  startSeconds: number,
): number {
  if (byWallClock) return zone.instantOf(startLocal + length.seconds);
  if (length.days === 0) return startSeconds + length.seconds;
  return zone.instantOf(startLocal + length.days * secondsPerDay) + length.seconds;
}

/** At least as long as any instance lasts; days by the wall clock may be longer than 24 hours. */
export function mostSeconds({ days, seconds }: Duration, byWallClock: boolean = false): number {
  return days > 0 || byWallClock ? (days + 1) * secondsPerDay + seconds : seconds;
}
