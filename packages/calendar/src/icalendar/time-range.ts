/** Whether a component, or one of its instances, lies in a time range: the tables of RFC 4791 §9.9. */
import { type Component, propertyOf } from '../document/document.ts';
import { type Clock, instantOf } from '../time-zone/resolve.ts';
import { dateTimeOf } from '../values/date-time.ts';
import { freeBusyPeriods } from './free-busy-periods.ts';
import type { Instance } from './instances.ts';
import { timingOf } from './timing.ts';

/** `[from, to)` in seconds since 1970; infinite where an end is open. */
export type TimeRange = { readonly from: number; readonly to: number };

/** An instance of a VEVENT, a VJOURNAL or a VTODO that has DTSTART or DUE. */
export function instanceOverlaps(instance: Instance, { from, to }: TimeRange): boolean {
  const { startSeconds: start, endSeconds: end, timing } = instance;
  if (instance.component.name !== 'VTODO') {
    return end > start ? from < end && to > start : from <= start && to > start;
  }
  if (timing.anchor === 'due') return from < start && to >= start;
  switch (timing.end) {
    case 'duration':
      return from <= end && (to > start || to >= end);
    case 'end':
      return (from < end || from <= start) && (to > start || to >= end);
    case 'none':
      return from <= start && to > start;
  }
}

/** Whether the times of a component's instances decide, or the component as a whole. */
export function hasInstances(component: Component, clock: Clock): boolean {
  switch (component.name) {
    case 'VEVENT':
    case 'VJOURNAL':
    case 'VTODO':
      return timingOf(component, clock) !== undefined;
    default:
      return false;
  }
}

/** A component whose instances do not decide. Undefined for a kind that the tables do not have. */
export function componentOverlaps(
  component: Component,
  range: TimeRange,
  clock: Clock,
): boolean | undefined {
  switch (component.name) {
    case 'VTODO':
      return undatedTodoOverlaps(component, range, clock);
    case 'VEVENT': // without DTSTART it stands in a scheduling inbox, and always matches (RFC 6638 §2.3)
      return true;
    case 'VJOURNAL':
      return false;
    case 'VFREEBUSY':
      return freeBusyOverlaps(component, range, clock);
    case 'VAVAILABILITY':
      return availabilityOverlaps(component, range, clock);
    default:
      return undefined;
  }
}

/** Undefined if there is no such property, or its value is no time. */
export function instantOfProperty(
  component: Component,
  name: string,
  clock: Clock,
): number | undefined {
  const line = propertyOf(component, name);
  const time = line && dateTimeOf(line);
  return time && instantOf(time, clock);
}

function undatedTodoOverlaps(component: Component, { from, to }: TimeRange, clock: Clock): boolean {
  const completed = instantOfProperty(component, 'COMPLETED', clock);
  const created = instantOfProperty(component, 'CREATED', clock);
  if (completed !== undefined && created !== undefined) {
    return (from <= created || from <= completed) && (to >= created || to >= completed);
  }
  if (completed !== undefined) return from <= completed && to >= completed;
  return created === undefined || to > created;
}

function freeBusyOverlaps(component: Component, { from, to }: TimeRange, clock: Clock): boolean {
  const start = instantOfProperty(component, 'DTSTART', clock);
  const end = instantOfProperty(component, 'DTEND', clock);
  // DURATION is not looked at: in old files it is how long a requested meeting is to be.
  if (start !== undefined && end !== undefined) return from <= end && to > start;
  return freeBusyPeriods(component, clock).some(
    ({ startSeconds, endSeconds }) => from < endSeconds && to > startSeconds,
  );
}

/** RFC 7953 §7.2.2. */
function availabilityOverlaps(
  component: Component,
  { from, to }: TimeRange,
  clock: Clock,
): boolean {
  const bounds = availabilityBounds(component, clock);
  return from < bounds.to && to > bounds.from;
}

/** Infinite where there is no DTSTART, or neither DTEND nor DURATION (RFC 7953 §3.1). */
export function availabilityBounds(component: Component, clock: Clock): TimeRange {
  const start = instantOfProperty(component, 'DTSTART', clock);
  const end = instantOfProperty(component, 'DTEND', clock);
  if (end !== undefined) return { from: start ?? Number.NEGATIVE_INFINITY, to: end };
  if (start === undefined) {
    return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  }
  const timing = timingOf(component, clock)!;
  if (timing.end !== 'duration') return { from: start, to: Number.POSITIVE_INFINITY };
  const { days, seconds } = timing.length;
  const to = timing.zone.instantOf(timing.start.localSeconds + days * 86_400) + seconds;
  return { from: start, to };
}

/** Properties that a prop-filter may have a time-range for. */
export const timedProperties: ReadonlySet<string> = new Set([
  'COMPLETED',
  'CREATED',
  'DTEND',
  'DTSTAMP',
  'DTSTART',
  'DUE',
  'LAST-MODIFIED',
]);

/**
 * S ≤ value and E > value. Without DTEND or DUE the end that DTSTART and DURATION give is meant.
 * Undefined: there is no such time.
 */
export function propertyInRange(
  component: Component,
  name: string,
  range: TimeRange,
  clock: Clock,
): boolean | undefined {
  let seconds = instantOfProperty(component, name, clock);
  if (seconds === undefined && (name === 'DTEND' || name === 'DUE')) {
    const timing = timingOf(component, clock);
    if (timing?.end === 'duration') {
      const { start, zone, length } = timing;
      seconds = zone.instantOf(start.localSeconds + length.days * 86_400) + length.seconds;
    }
  }
  return seconds === undefined ? undefined : range.from <= seconds && range.to > seconds;
}
