/**
 * When an object keeps its owner busy (RFC 4791 §7.10, RFC 5545 §3.6.4, RFC 7953 §5), and one
 * VFREEBUSY that says so.
 */
import { type Component, makeComponent, propertyOf } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { type Budget, makeBudget } from '../recurrence/budget.ts';
import { type ContentLine, makeLine, makeParameter, parameterOf } from '../syntax/content-line.ts';
import type { Zone } from '../time-zone/zone.ts';
import { formatUtc } from '../values/date-time.ts';
import { type CalendarObject, clockOf } from './calendar-object.ts';
import { type FreeBusyPeriod, freeBusyPeriods } from './free-busy-periods.ts';
import { instanceSource, visitInstances } from './instances.ts';
import { availabilityBounds, type TimeRange } from './time-range.ts';

export type BusyOptions = {
  /** RFC 4791 §7.10: dates and floating times are read in the calendar's time zone. */
  readonly floating: Zone;
  /**
   * Calendar user addresses of the owner, in lower case: what they declined is free, what they have
   * not answered is tentative. No RFC says so, and every user expects it.
   */
  readonly ownerAddresses?: ReadonlySet<string>;
  readonly budget?: Budget;
};

export type Busy =
  | { readonly type: 'periods'; readonly periods: readonly FreeBusyPeriod[] }
  | { readonly type: 'too-much-work' };

/** Within the range and clipped to it, neither in order nor merged; FREE periods are left out. */
export function busyPeriods(object: CalendarObject, range: TimeRange, options: BusyOptions): Busy {
  const { floating, ownerAddresses, budget = makeBudget() } = options;
  const periods: FreeBusyPeriod[] = [];
  const clock = clockOf(object, floating);
  const add = (period: FreeBusyPeriod): void => {
    const startSeconds = Math.max(period.startSeconds, range.from);
    const endSeconds = Math.min(period.endSeconds, range.to);
    if (startSeconds < endSeconds) periods.push({ startSeconds, endSeconds, type: period.type });
  };
  if (object.kind === 'VFREEBUSY') {
    for (const component of object.components) {
      for (const period of freeBusyPeriods(component, clock)) {
        if (period.type !== 'FREE') add(period);
      }
    }
  } else if (object.kind === 'VEVENT') {
    const types = new Map<Component, string | undefined>();
    for (const component of object.components)
      types.set(component, busyType(component, ownerAddresses));
    if ([...types.values()].every((type) => type === undefined))
      return { type: 'periods', periods };
    visitInstances(
      instanceSource(object, clock),
      range.from,
      range.to,
      budget,
      ({ component, startSeconds, endSeconds }) => {
        const type = types.get(component);
        if (type !== undefined) add({ startSeconds, endSeconds, type });
        return false;
      },
    );
  }
  return budget.spent ? { type: 'too-much-work' } : { type: 'periods', periods };
}

/** Undefined: free. */
function busyType(
  component: Component,
  owner: ReadonlySet<string> | undefined,
): string | undefined {
  const value = (name: string): string | undefined =>
    propertyOf(component, name)?.value.trim().toUpperCase();
  if (value('TRANSP') === 'TRANSPARENT') return undefined; // RFC 5545 §3.8.2.7
  const status = value('STATUS');
  if (status === 'CANCELLED') return undefined;
  const type = status === 'TENTATIVE' ? 'BUSY-TENTATIVE' : 'BUSY';
  if (owner === undefined || owner.size === 0) return type;
  for (const line of component.properties) {
    if (line.name !== 'ATTENDEE' || !owner.has(line.value.trim().toLowerCase())) continue;
    // RFC 5545 §3.2.12: NEEDS-ACTION unless it says otherwise.
    const answer = parameterOf(line, 'PARTSTAT')?.toUpperCase() ?? 'NEEDS-ACTION';
    if (answer === 'DECLINED') return undefined;
    if (answer === 'NEEDS-ACTION' || answer === 'TENTATIVE') return 'BUSY-TENTATIVE';
  }
  return type;
}

/** RFC 5545 §3.8.1.9: 1 is the highest, 9 the lowest, 0 and nothing at all come after it. */
function priorityOf(component: Component): number {
  const priority = Number(propertyOf(component, 'PRIORITY')?.value.trim() ?? 0);
  return priority >= 1 && priority <= 9 ? priority : 10;
}

/**
 * Times at which nobody is available, from all VAVAILABILITY components of a user (RFC 7953 §5): the
 * higher priority has the last word, and AVAILABLE makes holes.
 */
export function unavailablePeriods(
  objects: readonly CalendarObject[],
  range: TimeRange,
  floating: Zone,
  budget: Budget = makeBudget(),
): Busy {
  const all = objects.flatMap((object) =>
    object.components
      .filter(({ name }) => name === 'VAVAILABILITY')
      .map((component) => ({ object, component, priority: priorityOf(component) })),
  );
  all.sort((a, b) => b.priority - a.priority);
  let periods: FreeBusyPeriod[] = [];
  for (const { object, component } of all) {
    const clock = clockOf(object, floating);
    const bounds = availabilityBounds(component, clock);
    const from = Math.max(bounds.from, range.from);
    const to = Math.min(bounds.to, range.to);
    if (from >= to) continue;
    const busy = propertyOf(component, 'BUSYTYPE')?.value.trim().toUpperCase();
    const type = busy ?? 'BUSY-UNAVAILABLE'; // RFC 7953 §3.2
    const free: FreeBusyPeriod[] = [];
    for (const group of availableGroups(component)) {
      const available = { ...object, kind: 'AVAILABLE', ...group };
      visitInstances(instanceSource(available, clock), from, to, budget, (instance) => {
        const { startSeconds, endSeconds } = instance;
        free.push({ startSeconds, endSeconds, type: 'FREE' });
        return false;
      });
    }
    // What a lower priority said of this time is no longer heard.
    periods = without(periods, from, to);
    let at = from;
    for (const { startSeconds, endSeconds } of mergePeriods(free)) {
      if (startSeconds > at)
        periods.push({ startSeconds: at, endSeconds: Math.min(startSeconds, to), type });
      at = Math.max(at, endSeconds);
    }
    if (at < to) periods.push({ startSeconds: at, endSeconds: to, type });
  }
  return budget.spent ? { type: 'too-much-work' } : { type: 'periods', periods };
}

/** What lies outside `[from, to)`. */
function without(periods: readonly FreeBusyPeriod[], from: number, to: number): FreeBusyPeriod[] {
  return periods.flatMap((period) => [
    ...(period.startSeconds < from
      ? [{ ...period, endSeconds: Math.min(period.endSeconds, from) }]
      : []),
    ...(period.endSeconds > to
      ? [{ ...period, startSeconds: Math.max(period.startSeconds, to) }]
      : []),
  ]);
}

type Group = Pick<CalendarObject, 'components' | 'master' | 'overrides' | 'uid'>;

/** AVAILABLE components with the same UID are a master and its overrides. */
function availableGroups(component: Component): Group[] {
  const groups = new Map<string, Component[]>();
  for (const inner of component.components) {
    if (inner.name !== 'AVAILABLE') continue;
    const uid = propertyOf(inner, 'UID')?.value.trim() ?? '';
    const group = groups.get(uid);
    if (group === undefined) groups.set(uid, [inner]);
    else group.push(inner);
  }
  return [...groups].map(([uid, components]) => ({
    uid,
    components,
    master: components.find((inner) => propertyOf(inner, 'RECURRENCE-ID') === undefined),
    overrides: components.filter((inner) => propertyOf(inner, 'RECURRENCE-ID') !== undefined),
  }));
}

/** Those of one type that touch or overlap become one; in order of start. Types may overlap each other. */
export function mergePeriods(periods: readonly FreeBusyPeriod[]): FreeBusyPeriod[] {
  const byType = new Map<string, FreeBusyPeriod[]>();
  const ordered = [...periods].sort((a, b) => a.startSeconds - b.startSeconds);
  for (const period of ordered) {
    const merged = byType.get(period.type) ?? [];
    byType.set(period.type, merged);
    const last = merged.at(-1);
    if (last === undefined || last.endSeconds < period.startSeconds) merged.push(period);
    else if (last.endSeconds < period.endSeconds) {
      merged[merged.length - 1] = { ...last, endSeconds: period.endSeconds };
    }
  }
  return [...byType.values()]
    .flat()
    .sort((a, b) => a.startSeconds - b.startSeconds || (a.type < b.type ? -1 : 1));
}

export type FreeBusyHeading = {
  readonly productId: string;
  readonly uid: string;
  /** Seconds since 1970. */
  readonly stampSeconds: number;
  /** `REPLY` where an outbox answers. */
  readonly method?: string;
  /** ORGANIZER, ATTENDEE and the like, as they were asked. */
  readonly properties?: readonly ContentLine[];
};

/** Periods in one FREEBUSY line; more lines do not say more. */
const periodsPerLine = 50;

/** One VCALENDAR with exactly one VFREEBUSY, in UTC; without busy times it still says which range (§7.10). */
export function formatFreeBusy(
  periods: readonly FreeBusyPeriod[],
  range: TimeRange,
  heading: FreeBusyHeading,
): Uint8Array {
  const lines: ContentLine[] = [];
  const byType = new Map<string, string[]>();
  for (const { startSeconds, endSeconds, type } of mergePeriods(periods)) {
    const text = `${formatUtc(startSeconds)}/${formatUtc(endSeconds)}`;
    byType.set(type, [...(byType.get(type) ?? []), text]);
  }
  for (const [type, texts] of byType) {
    const parameters = type === 'BUSY' ? [] : [makeParameter('FBTYPE', type)];
    for (let at = 0; at < texts.length; at += periodsPerLine) {
      const value = texts.slice(at, at + periodsPerLine).join(',');
      lines.push(makeLine('FREEBUSY', value, parameters));
    }
  }
  const { productId, uid, stampSeconds, method, properties = [] } = heading;
  const freeBusy = makeComponent('VFREEBUSY', [
    makeLine('UID', uid),
    makeLine('DTSTAMP', formatUtc(stampSeconds)),
    makeLine('DTSTART', formatUtc(range.from)),
    makeLine('DTEND', formatUtc(range.to)),
    ...properties,
    ...lines,
  ]);
  const head = [makeLine('VERSION', '2.0'), makeLine('PRODID', productId)];
  if (method !== undefined) head.push(makeLine('METHOD', method));
  return formatComponent(makeComponent('VCALENDAR', head, [freeBusy]));
}
