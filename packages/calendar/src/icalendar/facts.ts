/** What an index keeps of an object, so that a query need not open every one. */
import { type Component, componentsOf } from '../document/document.ts';
import { type Budget, makeBudget } from '../recurrence/budget.ts';
import { visitOriginals } from '../recurrence/recurrence-set.ts';
import type { Clock } from '../time-zone/resolve.ts';
import { utc } from '../time-zone/zone.ts';
import { secondsPerDay } from '../values/civil.ts';
import { alarmReach, alarmTiming } from './alarms.ts';
import { type CalendarObject, clockOf } from './calendar-object.ts';
import { freeBusyPeriods } from './free-busy-periods.ts';
import { type Instance, type InstanceSource, instanceSource } from './instances.ts';
import { availabilityBounds, instantOfProperty } from './time-range.ts';
import { mostSeconds } from './timing.ts';

export type Facts = {
  readonly uid: string;
  /** `VEVENT`, `VTODO`, `VJOURNAL`, `VFREEBUSY`, …, or `VCARD`. */
  readonly component: string;
  /**
   * No instance and no alarm of the object touches a time outside `[earliest, latest]`, in seconds
   * since 1970; undefined: unbounded on that side. Dates and floating times are widened by a day on
   * both sides, so that every time zone is covered.
   */
  readonly earliestSeconds: number | undefined;
  readonly latestSeconds: number | undefined;
};

/** Bounds that grow; they begin with nothing in them. */
type Bounds = { earliest: number; latest: number };

export type ObjectFacts = {
  readonly facts: Facts;
  /** How many instances a set with an end has, Infinity if they are too many to count; undefined: it has no end. */
  readonly instances: number | undefined;
};

/** Dates and floating times are computed in UTC here, and widened. */
export function factsOf(object: CalendarObject): ObjectFacts {
  const clock = clockOf(object, utc);
  const bounds: Bounds = { earliest: Number.POSITIVE_INFINITY, latest: Number.NEGATIVE_INFINITY };
  let instances: number | undefined = 1;
  if (object.kind === 'VEVENT' || object.kind === 'VTODO' || object.kind === 'VJOURNAL') {
    instances = addInstances(object, clock, bounds);
  } else addWhole(object, clock, bounds);
  const { earliest, latest } = bounds;
  // A second more on both sides: some rows of RFC 4791 §9.9 include the end of the range.
  const finite = (value: number, by: number): number | undefined =>
    Number.isFinite(value) ? value + by : undefined;
  return {
    facts: {
      uid: object.uid,
      component: object.kind,
      earliestSeconds: finite(earliest, -1),
      latestSeconds: finite(latest, 1),
    },
    instances,
  };
}

function widen(bounds: Bounds, from: number, to: number): void {
  if (from < bounds.earliest) bounds.earliest = from;
  if (to > bounds.latest) bounds.latest = to;
}

function widenWithoutEnd(bounds: Bounds): void {
  widen(bounds, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

/** How many instances, and where. */
function addInstances(object: CalendarObject, clock: Clock, bounds: Bounds): number | undefined {
  const source = instanceSource(object, clock);
  for (const component of object.components) addUndated(component, source, clock, bounds);
  let count: number | undefined = source.overrides.length;
  for (const override of source.overrides) addOne(override, clock, bounds);
  for (const { component, timing, shiftLocal } of source.stretches) {
    const range = originalRange(source);
    count = range.count === undefined || count === undefined ? undefined : range.count + count;
    const slack = slackOf(timing.start.kind);
    const moved = shiftLocal === 0 ? 0 : Math.abs(shiftLocal) + 7200;
    const { before, after } = reachOf(component, clock, bounds);
    const longest = Math.max(mostSeconds(timing.length, timing.byWallClock), longestDate(source));
    widen(
      bounds,
      range.first - slack - before - moved,
      range.last + longest + slack + after + moved,
    );
  }
  return count;
}

function slackOf(kind: string): number {
  return kind === 'date' || kind === 'floating' ? secondsPerDay : 0;
}

function longestDate({ set }: InstanceSource): number {
  let longest = 0;
  for (const { length } of set?.dates ?? []) {
    if (length !== undefined) longest = Math.max(longest, mostSeconds(length));
  }
  return longest;
}

/** Originals of the recurrence set: all of them are counted if their number is not known to be infinite. */
function originalRange({ set }: InstanceSource): {
  first: number;
  last: number;
  count: number | undefined;
} {
  if (set === undefined) return { first: 0, last: 0, count: 0 };
  let first = set.startSeconds;
  let last = set.startSeconds;
  // RDATE may lie before DTSTART.
  for (const { seconds } of set.dates) {
    first = Math.min(first, seconds);
    last = Math.max(last, seconds);
  }
  let count: number | undefined = set.dates.length + 1;
  if (set.rules.length === 0) return { first, last, count };
  const infinite = set.rules.some(
    ({ rule, lastSeconds }) => rule.count === undefined && lastSeconds === Number.POSITIVE_INFINITY,
  );
  if (infinite) return { first, last: Number.POSITIVE_INFINITY, count: undefined };
  const budget: Budget = makeBudget();
  count = 0;
  visitOriginals(set, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, budget, ({ seconds }) => {
    count!++;
    last = Math.max(last, seconds);
    return false;
  });
  if (budget.spent) {
    count = Number.POSITIVE_INFINITY;
    for (const { lastSeconds } of set.rules) last = Math.max(last, lastSeconds);
  } else if (slackOf(set.start.kind) > 0) {
    // An UNTIL in UTC lets one more through in other zones.
    for (const { rule, lastSeconds } of set.rules) {
      if (rule.until?.kind === 'utc') last = Math.max(last, lastSeconds + secondsPerDay);
    }
  }
  return { first, last, count };
}

function addOne(instance: Instance, clock: Clock, bounds: Bounds): void {
  const { component, timing, startSeconds, endSeconds } = instance;
  const slack = slackOf(timing.start.kind);
  const { before, after } = reachOf(component, clock, bounds);
  widen(bounds, startSeconds - slack - before, endSeconds + slack + after);
}

/** How far alarms reach beyond an instance; absolute ones are put into the bounds at once. */
function reachOf(
  component: Component,
  clock: Clock,
  bounds: Bounds,
): { readonly before: number; readonly after: number } {
  let before = 0;
  let after = 0;
  for (const inner of component.components) {
    if (inner.name !== 'VALARM') continue;
    const timing = alarmTiming(inner, clock);
    if (timing === undefined) continue;
    const { trigger, repetitions, everySeconds } = timing;
    if (trigger.type === 'absolute') {
      widen(
        bounds,
        trigger.seconds - secondsPerDay,
        trigger.seconds + repetitions * everySeconds + secondsPerDay,
      );
      continue;
    }
    const reach = alarmReach(timing);
    before = Math.max(before, reach.before);
    after = Math.max(after, reach.after);
  }
  return { before, after };
}

/** VTODO and VJOURNAL without a time of their own. */
function addUndated(
  component: Component,
  source: InstanceSource,
  clock: Clock,
  bounds: Bounds,
): void {
  const timed =
    source.stretches.some((stretch) => stretch.component === component) ||
    source.overrides.some((instance) => instance.component === component);
  if (timed) return;
  const completed = instantOfProperty(component, 'COMPLETED', clock);
  const created = instantOfProperty(component, 'CREATED', clock);
  // RFC 4791 §9.9: CREATED alone matches whatever comes later, nothing at all matches everything.
  if (component.name !== 'VTODO' || completed === undefined) {
    widen(bounds, created ?? Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  } else
    widen(
      bounds,
      Math.min(completed, created ?? completed),
      Math.max(completed, created ?? completed),
    );
  reachOf(component, clock, bounds);
}

function addWhole(object: CalendarObject, clock: Clock, bounds: Bounds): void {
  for (const component of object.components) {
    if (component.name === 'VFREEBUSY') {
      const start = instantOfProperty(component, 'DTSTART', clock);
      const end = instantOfProperty(component, 'DTEND', clock);
      if (start !== undefined && end !== undefined) widen(bounds, start, end);
      for (const { startSeconds, endSeconds } of freeBusyPeriods(component, clock)) {
        widen(bounds, startSeconds, endSeconds);
      }
    } else if (component.name === 'VAVAILABILITY') {
      const { from, to } = availabilityBounds(component, clock);
      widen(bounds, from - secondsPerDay, to + secondsPerDay);
    } else widenWithoutEnd(bounds);
    if (componentsOf(component, 'VALARM').length > 0) widenWithoutEnd(bounds);
  }
  if (bounds.earliest > bounds.latest) widenWithoutEnd(bounds);
}
