/**
 * CALDAV:filter as a value (RFC 4791 §9.7) and its evaluation over a calendar object. Reading it from
 * XML is for whoever knows XML; `calendar-filter-validity.ts` says which filters may be evaluated.
 */
import { type Component, propertiesOf } from '../document/document.ts';
import {
  type AlarmTiming,
  alarmReach,
  alarmRings,
  alarmTiming,
  triggerSeconds,
} from '../icalendar/alarms.ts';
import { type CalendarObject, clockOf } from '../icalendar/calendar-object.ts';
import { type InstanceSource, instanceSource, visitInstances } from '../icalendar/instances.ts';
import {
  componentOverlaps,
  hasInstances,
  instanceOverlaps,
  propertyInRange,
  type TimeRange,
} from '../icalendar/time-range.ts';
import { type Budget, makeBudget } from '../recurrence/budget.ts';
import { type ContentLine, parameterValues } from '../syntax/content-line.ts';
import type { Clock } from '../time-zone/resolve.ts';
import type { Zone } from '../time-zone/zone.ts';
import { decodeText } from '../values/text.ts';
import { type Collation, type TextMatcher, textMatcher } from './collation.ts';

export type TextMatch = {
  readonly text: string;
  /** By `findCollation`; `i;ascii-casemap` where the request names none. */
  readonly collation: Collation;
  readonly negate: boolean;
};

export type ParameterFilter = {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly textMatch: TextMatch | undefined;
};

export type PropertyFilter = {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly timeRange: TimeRange | undefined;
  readonly textMatch: TextMatch | undefined;
  readonly parameters: readonly ParameterFilter[];
};

export type ComponentFilter = {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly timeRange: TimeRange | undefined;
  readonly properties: readonly PropertyFilter[];
  readonly components: readonly ComponentFilter[];
};

/** `too-much-work`: the budget is spent and nothing is known: number-of-matches-within-limits. */
export type Match = 'yes' | 'no' | 'too-much-work';

/** `filter` is the outermost one, whose name is VCALENDAR. `floating`: the zone of RFC 4791 §7.3. */
export function matchesCalendarFilter(
  object: CalendarObject,
  filter: ComponentFilter,
  floating: Zone,
  budget: Budget = makeBudget(),
): Match {
  const clock = clockOf(object, floating);
  const state: State = { clock, budget, object, source: undefined };
  if (filter.name.toUpperCase() !== object.calendar.name) return 'no';
  const matches = componentMatches(object.calendar, filter, undefined, state);
  return budget.spent ? 'too-much-work' : matches ? 'yes' : 'no';
}

type State = {
  readonly object: CalendarObject;
  readonly clock: Clock;
  readonly budget: Budget;
  /** The set of instances is made once for each object, when a time range asks for it. */
  source: InstanceSource | undefined;
};

/** What is inside the filter, of one component; that its name fits is known. */
function componentMatches(
  component: Component,
  filter: ComponentFilter,
  parent: Component | undefined,
  state: State,
): boolean {
  // The cheap ones first: they are all and-ed (§9.7.1).
  return (
    filter.properties.every((inner) => propertyMatches(component, inner, state)) &&
    filter.components.every((inner) => filterMatches(component, inner, state)) &&
    (filter.timeRange === undefined || inRange(component, filter.timeRange, parent, state))
  );
}

function filterMatches(scope: Component, filter: ComponentFilter, state: State): boolean {
  const name = filter.name.toUpperCase();
  const candidates = scope.components.filter((component) => component.name === name);
  if (filter.isNotDefined) return candidates.length === 0;
  // One component must satisfy everything (§9.7.1).
  return candidates.some((component) => componentMatches(component, filter, scope, state));
}

function inRange(
  component: Component,
  range: TimeRange,
  parent: Component | undefined,
  state: State,
): boolean {
  if (component.name === 'VALARM') return alarmInRange(component, range, parent, state);
  if (!hasInstances(component, state.clock)) {
    return componentOverlaps(component, range, state.clock) ?? false;
  }
  const source = sourceOf(state);
  return visitInstances(
    source,
    range.from,
    range.to,
    state.budget,
    (instance) => instanceOverlaps(instance, range),
    component,
  );
}

function sourceOf(state: State): InstanceSource {
  state.source ??= instanceSource(state.object, state.clock);
  return state.source;
}

/** The first trigger or a repetition, of any instance of the component it stands in. */
function alarmInRange(
  alarm: Component,
  range: TimeRange,
  parent: Component | undefined,
  state: State,
): boolean {
  const timing = alarmTiming(alarm, state.clock);
  if (timing === undefined) return false;
  const { trigger } = timing;
  if (trigger.type === 'absolute') return alarmRings(timing, trigger.seconds, range.from, range.to);
  return relativeAlarmInRange(timing, range, parent, state);
}

function relativeAlarmInRange(
  timing: AlarmTiming,
  range: TimeRange,
  parent: Component | undefined,
  state: State,
): boolean {
  const { before, after } = alarmReach(timing);
  return visitInstances(
    sourceOf(state),
    range.from - after,
    range.to + before,
    state.budget,
    (instance) => alarmRings(timing, triggerSeconds(timing, instance), range.from, range.to),
    parent,
  );
}

function propertyMatches(component: Component, filter: PropertyFilter, state: State): boolean {
  const name = filter.name.toUpperCase();
  const lines = propertiesOf(component, name);
  if (filter.isNotDefined) return lines.length === 0;
  const { timeRange, textMatch } = filter;
  if (timeRange !== undefined) {
    // DTEND and DUE may follow from DURATION, so the property need not stand there.
    if (propertyInRange(component, name, timeRange, state.clock) !== true) return false;
    const [line] = lines;
    return line === undefined
      ? filter.parameters.every(({ isNotDefined }) => isNotDefined)
      : filter.parameters.every((inner) => parameterMatches(line, inner));
  }
  const matcher = textMatch && matcherOf(textMatch);
  return lines.some(
    (line) =>
      (textMatch === undefined || matcher!(searchedText(line)) !== textMatch.negate) &&
      filter.parameters.every((inner) => parameterMatches(line, inner)),
  );
}

function parameterMatches(line: ContentLine, filter: ParameterFilter): boolean {
  const values = parameterValues(line, filter.name.toUpperCase());
  if (filter.isNotDefined) return values.length === 0;
  if (values.length === 0) return false;
  const { textMatch } = filter;
  if (textMatch === undefined) return true;
  const matcher = matcherOf(textMatch);
  return values.some((value) => matcher(value) !== textMatch.negate);
}

/** Matchers are made once for each filter, however many objects it is held against. */
const matchers = new WeakMap<TextMatch, TextMatcher>();

function matcherOf(match: TextMatch): TextMatcher {
  const known = matchers.get(match);
  if (known !== undefined) return known;
  const made = textMatcher(match.text, match.collation);
  matchers.set(match, made);
  return made;
}

/** Properties whose value is not TEXT: what looks like an escape there is none. */
const notText: ReadonlySet<string> = new Set([
  'ATTACH',
  'ATTENDEE',
  'COMPLETED',
  'CREATED',
  'DTEND',
  'DTSTAMP',
  'DTSTART',
  'DUE',
  'DURATION',
  'EXDATE',
  'EXRULE',
  'FREEBUSY',
  'GEO',
  'LAST-MODIFIED',
  'ORGANIZER',
  'PERCENT-COMPLETE',
  'PRIORITY',
  'RDATE',
  'RECURRENCE-ID',
  'REPEAT',
  'RRULE',
  'SEQUENCE',
  'TRIGGER',
  'TZURL',
  'URL',
]);

/** §9.7.5 looks at the decoded value, lists as a whole. */
function searchedText(line: ContentLine): string {
  return notText.has(line.name) ? line.value : decodeText(line.value);
}
