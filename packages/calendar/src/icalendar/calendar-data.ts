/**
 * What CALDAV:calendar-data asks of an object (RFC 4791 §9.6): all of it as it is stored, or parts,
 * or another form. Time zones by reference are RFC 7809.
 */
import { type Component, makeComponent } from '../document/document.ts';
import { type Edit, editDocument } from '../document/edit.ts';
import { formatComponent } from '../document/serialise.ts';
import { makeBudget } from '../recurrence/budget.ts';
import { type ContentLine, withValue } from '../syntax/content-line.ts';
import { knownTimeZone } from '../time-zone/known-time-zone.ts';
import { type Clock, makeZoneResolver } from '../time-zone/resolve.ts';
import { definedTimeZones, isStandardTimeZone, usedTimeZones } from '../time-zone/used-zones.ts';
import { utc, type Zone } from '../time-zone/zone.ts';
import { tzidOf } from '../values/date-time.ts';
import { type CalendarObject, clockOf, readCalendarObject } from './calendar-object.ts';
import { expandObject } from './expand.ts';
import { factsOf } from './facts.ts';
import { periodBounds } from './free-busy-periods.ts';
import { instanceSource, visitInstances } from './instances.ts';
import { componentOverlaps, hasInstances, instanceOverlaps, type TimeRange } from './time-range.ts';
import { endOf } from './timing.ts';

export type PropertySelection = {
  readonly name: string;
  /** Name, parameters and the colon only. */
  readonly noValue: boolean;
};

/** CALDAV:comp; the outermost one is VCALENDAR. */
export type ComponentSelection = {
  readonly name: string;
  /** CALDAV:allprop. */
  readonly properties: 'all' | readonly PropertySelection[];
  /** CALDAV:allcomp: everything below, whole. */
  readonly components: 'all' | readonly ComponentSelection[];
};

export type CalendarDataRequest = {
  readonly selection?: ComponentSelection;
  /** Not together with `limitRecurrenceSet`. */
  readonly expand?: TimeRange;
  readonly limitRecurrenceSet?: TimeRange;
  readonly limitFreeBusySet?: TimeRange;
  /**
   * `as-stored` unless given. `complete` adds those that are referred to and missing;
   * `without-standard` takes away those that IANA lists (CalDAV-Timezones: F).
   */
  readonly timeZones?: 'as-stored' | 'complete' | 'without-standard';
  /** Instances that `expand` may give. */
  readonly maxInstances?: number;
};

export type CalendarData =
  | { readonly type: 'octets'; readonly octets: Uint8Array }
  /** No instance lies in the range of `expand`. */
  | { readonly type: 'nothing' }
  | { readonly type: 'too-much-work' };

/** `floating`: the zone of RFC 4791 §7.3. Without any wish the octets that are stored come back. */
export function shapeCalendarData(
  object: CalendarObject,
  request: CalendarDataRequest,
  floating: Zone,
): CalendarData {
  if (request.expand !== undefined) {
    const expansion = expandObject(object, request.expand, floating, request.maxInstances);
    if (expansion.type !== 'components') return expansion;
    if (expansion.components.length === 0) return { type: 'nothing' };
    const { properties } = object.calendar;
    const expanded = makeComponent('VCALENDAR', properties, expansion.components);
    return { type: 'octets', octets: formatSelected(expanded, request.selection) };
  }
  let shaped = object;
  const edits: Edit[] = [];
  const clock = clockOf(object, floating);
  if (request.limitRecurrenceSet !== undefined) {
    const limited = limitRecurrenceSet(object, request.limitRecurrenceSet, clock);
    if (limited === 'too-much-work') return { type: limited };
    edits.push(...limited);
  }
  if (request.limitFreeBusySet !== undefined) {
    edits.push(...limitFreeBusySet(object, request.limitFreeBusySet, clock));
  }
  edits.push(...timeZoneEdits(object, request.timeZones ?? 'as-stored'));
  if (edits.length > 0) {
    const edited = readCalendarObject(editDocument(object.document, edits));
    if (!edited.ok) throw new Error('an edited document does not parse'); // our bug, if ever
    shaped = edited.value;
  }
  if (request.selection === undefined) return { type: 'octets', octets: shaped.document.octets };
  return { type: 'octets', octets: formatSelected(shaped.calendar, request.selection) };
}

function formatSelected(
  calendar: Component,
  selection: ComponentSelection | undefined,
): Uint8Array {
  return formatComponent(selection === undefined ? calendar : selectComponent(calendar, selection));
}

/** §9.6.1: nothing but what is asked for; the result need not be valid iCalendar. */
export function selectComponent(component: Component, selection: ComponentSelection): Component {
  const { properties, components } = selection;
  return {
    name: component.name,
    begin: component.begin,
    end: component.end,
    properties:
      properties === 'all' ? component.properties : selectProperties(component, properties),
    components:
      components === 'all'
        ? component.components
        : component.components.flatMap((inner) => {
            const wanted = components.find(({ name }) => name.toUpperCase() === inner.name);
            return wanted === undefined ? [] : [selectComponent(inner, wanted)];
          }),
  };
}

export function selectProperties(
  { properties }: Component,
  selected: readonly PropertySelection[],
): ContentLine[] {
  const byName = new Map(selected.map((property) => [property.name.toUpperCase(), property]));
  return properties.flatMap((line) => {
    const wanted = byName.get(line.name);
    if (wanted === undefined) return [];
    return wanted.noValue ? [withValue(line, '')] : [line];
  });
}

/** §9.6.6: the master, overrides that are or were to be in the range, and those that move later ones into it. */
function limitRecurrenceSet(
  object: CalendarObject,
  range: TimeRange,
  clock: Clock,
): Edit[] | 'too-much-work' {
  const source = instanceSource(object, clock);
  const budget = makeBudget();
  const kept = new Set<Component>();
  for (const { component, originalSeconds, timing } of source.overrides) {
    const usual = source.stretches[0]?.timing ?? timing;
    if (originalSeconds === undefined) continue;
    const local = originalSeconds + usual.zone.offsetAt(originalSeconds);
    const end = endOf(usual, local, originalSeconds);
    const overlaps =
      range.to > originalSeconds && (range.from < end || range.from === originalSeconds);
    if (overlaps) kept.add(component);
  }
  for (const component of object.overrides) {
    if (kept.has(component)) continue;
    const inRange = hasInstances(component, clock)
      ? visitInstances(
          source,
          range.from,
          range.to,
          budget,
          (instance) => instanceOverlaps(instance, range),
          component,
        )
      : componentOverlaps(component, range, clock);
    if (inRange) kept.add(component);
  }
  if (budget.spent) return 'too-much-work';
  return object.overrides
    .filter((component) => !kept.has(component))
    .map((component) => ({ type: 'remove-component', component }));
}

/** §9.6.7: FREEBUSY periods that touch the range; a property without any goes. */
function limitFreeBusySet(object: CalendarObject, range: TimeRange, clock: Clock): Edit[] {
  const edits: Edit[] = [];
  for (const component of object.components) {
    if (component.name !== 'VFREEBUSY') continue;
    for (const line of component.properties) {
      if (line.name !== 'FREEBUSY') continue;
      const periods = line.value.split(',');
      const kept = periods.filter((text) => {
        const bounds = periodBounds(text, tzidOf(line), clock);
        return (
          bounds === undefined || (range.from < bounds.endSeconds && range.to > bounds.startSeconds)
        );
      });
      if (kept.length === periods.length) continue;
      edits.push({
        type: 'replace',
        line,
        by: kept.length === 0 ? [] : [withValue(line, kept.join(','))],
      });
    }
  }
  return edits;
}

function timeZoneEdits(
  object: CalendarObject,
  wish: 'as-stored' | 'complete' | 'without-standard',
): Edit[] {
  if (wish === 'as-stored') return [];
  const { calendar } = object;
  const defined = definedTimeZones(calendar);
  if (wish === 'without-standard') {
    return calendar.components
      .filter(({ name }) => name === 'VTIMEZONE')
      .filter((component) =>
        [...defined].some(([tzid, own]) => own === component && isStandardTimeZone(tzid)),
      )
      .map((component) => ({ type: 'remove-component', component }));
  }
  return missingTimeZones(object).map((component) => ({
    type: 'add-component',
    parent: calendar,
    component,
  }));
}

/** VTIMEZONEs for what the object refers to and does not define; of names that nobody knows there are none. */
export function missingTimeZones(object: CalendarObject): Component[] {
  const { calendar } = object;
  const defined = definedTimeZones(calendar);
  const missing = [...usedTimeZones(calendar)].filter((tzid) => !defined.has(tzid));
  if (missing.length === 0) return [];
  const zones = makeZoneResolver(calendar, utc);
  const from = factsOf(object).facts.earliestSeconds ?? 0;
  return missing.flatMap((tzid) => {
    const { zone, by } = zones.resolve(tzid);
    return by === 'fallback' ? [] : [knownTimeZone(zone, tzid, from)];
  });
}
