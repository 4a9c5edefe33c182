/**
 * The instances of a calendar object: those of the master, with overridden ones in their new place
 * (RFC 4791 §7.4, RFC 5545 §3.8.4.4). A component with RANGE=THISANDFUTURE moves the later ones too.
 */
import { type Component, propertyOf } from '../document/document.ts';
import { type Budget, makeBudget } from '../recurrence/budget.ts';
import {
  comparableInstant,
  contains,
  type Original,
  type RecurrenceSet,
  recurrenceSetOf,
  recurs,
  type TimeSet,
  timeSetOf,
  timesOf,
  visitOriginals,
} from '../recurrence/recurrence-set.ts';
import { parameterOf } from '../syntax/content-line.ts';
import type { Clock } from '../time-zone/resolve.ts';
import type { CalendarTime } from '../values/date-time.ts';
import type { CalendarObject } from './calendar-object.ts';
import { endOf, mostSeconds, type Timing, timingOf } from './timing.ts';

export type Instance = {
  /** Whose properties hold. */
  readonly component: Component;
  readonly timing: Timing;
  /** Instants, in seconds since 1970; the end is not before the start. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The start by the clock of `timing.zone`. */
  readonly startLocal: number;
  /** When it was to be by the master: what RECURRENCE-ID says. Undefined where nothing recurs. */
  readonly originalSeconds: number | undefined;
};

/** A stretch of the recurrence set that one component speaks for. */
type Stretch = {
  readonly component: Component;
  readonly timing: Timing;
  /** Original times `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** By which the local time of each start moves. */
  readonly shiftLocal: number;
};

/** What is needed to visit instances; made once for an object and a clock. */
export type InstanceSource = {
  readonly object: CalendarObject;
  readonly clock: Clock;
  readonly set: RecurrenceSet | undefined;
  readonly stretches: readonly Stretch[];
  /** Original times that have a component of their own. */
  readonly overridden: TimeSet;
  readonly overrides: readonly Instance[];
  /** What one component gives, so that a search for each of thousands does not look at all of them. */
  readonly byComponent: ReadonlyMap<Component, Own>;
};

type Own = { readonly instance: Instance | undefined; readonly stretch: Stretch | undefined };

export function instanceSource(object: CalendarObject, clock: Clock): InstanceSource {
  const { master, overrides: overriding } = object;
  const timing = master && timingOf(master, clock);
  const set = timing && recurrenceSetOf(master!, timing.start, clock);
  if (overriding.length === 0) {
    const stretches = timing && set ? [whole(master!, timing)] : [];
    return withOwn({ object, clock, set, stretches, overridden: none, overrides: [] });
  }
  const overrides: Instance[] = [];
  const ids: CalendarTime[] = [];
  const later: { component: Component; timing: Timing; from: number; shiftLocal: number }[] = [];
  for (const component of overriding) {
    const line = propertyOf(component, 'RECURRENCE-ID')!;
    const own = timingOf(component, clock);
    const [id] = timesOf(line);
    if (id !== undefined) ids.push(id);
    if (own === undefined) continue;
    const anchor = timing?.start ?? own.start;
    const originalSeconds = id === undefined ? undefined : comparableInstant(id, anchor, clock);
    overrides.push(singleInstance(component, own, originalSeconds));
    const range = parameterOf(line, 'RANGE')?.toUpperCase();
    if (range === 'THISANDFUTURE' && set !== undefined && originalSeconds !== undefined) {
      const originalLocal = originalSeconds + set.zone.offsetAt(originalSeconds);
      const startSeconds = own.zone.instantOf(own.start.localSeconds);
      // §3.8.4.4: the difference moves them all; by the wall clock, as the rule itself does.
      const shiftLocal =
        own.zone === set.zone || own.start.kind === 'date'
          ? own.start.localSeconds - originalLocal
          : startSeconds + set.zone.offsetAt(startSeconds) - originalLocal;
      later.push({
        component,
        timing: { ...own, zone: set.zone },
        from: originalSeconds,
        shiftLocal,
      });
    }
  }
  const overridden = timeSetOf(ids, timing?.start ?? overrides[0]?.timing.start ?? midnight, clock);
  const stretches: Stretch[] = [];
  if (timing !== undefined && set !== undefined) {
    later.sort((a, b) => a.from - b.from);
    const first = later[0];
    stretches.push({ ...whole(master!, timing), to: first?.from ?? Number.POSITIVE_INFINITY });
    later.forEach((entry, index) => {
      stretches.push({ ...entry, to: later[index + 1]?.from ?? Number.POSITIVE_INFINITY });
    });
  }
  return withOwn({ object, clock, set, stretches, overridden, overrides });
}

function withOwn(source: Omit<InstanceSource, 'byComponent'>): InstanceSource {
  const byComponent = new Map<Component, Own>();
  for (const stretch of source.stretches) {
    byComponent.set(stretch.component, { instance: undefined, stretch });
  }
  for (const instance of source.overrides) {
    const stretch = byComponent.get(instance.component)?.stretch;
    byComponent.set(instance.component, { instance, stretch });
  }
  return { ...source, byComponent };
}

const none: TimeSet = { instants: new Set(), days: new Set() };
const midnight: CalendarTime = { kind: 'utc', localSeconds: 0, tzid: undefined };

function whole(component: Component, timing: Timing): Stretch {
  const to = Number.POSITIVE_INFINITY;
  return { component, timing, from: Number.NEGATIVE_INFINITY, to, shiftLocal: 0 };
}

function singleInstance(
  component: Component,
  timing: Timing,
  originalSeconds: number | undefined,
): Instance {
  const startLocal = timing.start.localSeconds;
  const startSeconds = timing.zone.instantOf(startLocal);
  const endSeconds = endOf(timing, startLocal, startSeconds);
  return { component, timing, startSeconds, endSeconds, startLocal, originalSeconds };
}

/**
 * Visits every instance whose span touches `[from, to]`, overridden ones first, until `visit` says
 * `true`. `from` and `to` may be infinite. True if it was stopped so; whether all were visited is to
 * be asked of the budget. `only`: instances of this component alone, so that a search for those of an
 * override does not walk through an endless master.
 */
export function visitInstances(
  source: InstanceSource,
  from: number,
  to: number,
  budget: Budget,
  visit: (instance: Instance) => boolean,
  only?: Component,
): boolean {
  const own = only && source.byComponent.get(only);
  if (only !== undefined && own === undefined) return false;
  for (const instance of own === undefined ? source.overrides : present(own.instance)) {
    if (instance.startSeconds <= to && instance.endSeconds >= from && visit(instance)) return true;
  }
  for (const stretch of own === undefined ? source.stretches : present(own.stretch)) {
    if (visitStretch(source, stretch, from, to, budget, visit)) return true;
    if (budget.spent) return false;
  }
  return false;
}

function present<Item>(item: Item | undefined): readonly Item[] {
  return item === undefined ? [] : [item];
}

function visitStretch(
  { set, overridden, stretches }: InstanceSource,
  stretch: Stretch,
  from: number,
  to: number,
  budget: Budget,
  visit: (instance: Instance) => boolean,
): boolean {
  if (set === undefined) return false;
  const { component, timing, shiftLocal } = stretch;
  if (!recurs(set) && stretches.length === 1) {
    const single = singleInstance(component, timing, undefined);
    const { startSeconds, endSeconds, startLocal } = single;
    if (startSeconds > to || endSeconds < from) return false;
    // Even an event that does not recur may be moved, or taken away, by its own time.
    if (contains(set.exceptions, startSeconds, startLocal)) return false;
    if (contains(overridden, startSeconds, startLocal)) return false;
    return visit(single);
  }
  let longest = mostSeconds(timing.length, timing.byWallClock);
  for (const { length } of set.dates) {
    if (length !== undefined) longest = Math.max(longest, mostSeconds(length));
  }
  // Two hours for what clocks do between the two times.
  const moved = Math.abs(shiftLocal) + 7200;
  const first = Math.max(stretch.from, from - longest - moved);
  const end = Math.min(stretch.to, to + moved + 1);
  if (first >= end) return false;
  return visitOriginals(set, first, end, budget, (original) => {
    if (contains(overridden, original.seconds, original.local)) return false;
    const instance = instanceOf(stretch, original);
    if (instance.startSeconds > to || instance.endSeconds < from) return false;
    return visit(instance);
  });
}

function instanceOf(stretch: Stretch, { seconds, local, length }: Original): Instance {
  const { component, timing, shiftLocal } = stretch;
  const startLocal = local + shiftLocal;
  const startSeconds = shiftLocal === 0 ? seconds : timing.zone.instantOf(startLocal);
  const { zone } = timing;
  const own = length === undefined ? timing : { zone, length, byWallClock: false };
  const endSeconds = endOf(own, startLocal, startSeconds);
  return { component, timing, startSeconds, endSeconds, startLocal, originalSeconds: seconds };
}

export type InstanceList =
  | { readonly type: 'instances'; readonly instances: readonly Instance[] }
  /** The work is more than is allowed; nothing is known. */
  | { readonly type: 'too-much-work' };

/** More than anybody looks at; each takes about 200 octets. */
export const defaultMaxInstances = 20_000;

/** Instances that touch `[from, to]`, in order of their starts. */
export function listInstances(
  source: InstanceSource,
  from: number,
  to: number,
  budget: Budget = makeBudget(),
  maxInstances: number = defaultMaxInstances,
): InstanceList {
  const instances: Instance[] = [];
  const stopped = visitInstances(source, from, to, budget, (instance) => {
    instances.push(instance);
    return instances.length > maxInstances;
  });
  if (stopped || budget.spent) return { type: 'too-much-work' };
  instances.sort((a, b) => a.startSeconds - b.startSeconds);
  return { type: 'instances', instances };
}

/**
 * The instance with the earliest start at or after an instant, without walking there from DTSTART;
 * undefined if none follows. Whether it can be trusted is to be asked of the budget.
 */
export function firstInstanceFrom(
  source: InstanceSource,
  from: number,
  budget: Budget = makeBudget(),
): Instance | undefined {
  let first: Instance | undefined;
  const consider = (instance: Instance): boolean => {
    if (instance.startSeconds < from) return false;
    if (first === undefined || instance.startSeconds < first.startSeconds) first = instance;
    return true;
  };
  for (const instance of source.overrides) consider(instance);
  for (const stretch of source.stretches) {
    visitStretch(source, stretch, from, Number.POSITIVE_INFINITY, budget, consider);
    if (budget.spent) return undefined;
  }
  return first;
}
