/** Short ways to write filters in tests. */
import type { TimeRange } from '../icalendar/time-range.ts';
import type {
  ComponentFilter,
  ParameterFilter,
  PropertyFilter,
  TextMatch,
} from '../query/calendar-filter.ts';
import type { Collation } from '../query/collation.ts';
import { seconds } from './objects.ts';

export function timeRange(from: string | undefined, to: string | undefined): TimeRange {
  return {
    from: from === undefined ? Number.NEGATIVE_INFINITY : seconds(from),
    to: to === undefined ? Number.POSITIVE_INFINITY : seconds(to),
  };
}

export function component(name: string, more: Partial<ComponentFilter> = {}): ComponentFilter {
  const empty = { isNotDefined: false, timeRange: undefined, properties: [], components: [] };
  return { name, ...empty, ...more };
}

/** A filter for one kind, inside VCALENDAR. */
export function filter(kind: string, more: Partial<ComponentFilter> = {}): ComponentFilter {
  return component('VCALENDAR', { components: [component(kind, more)] });
}

export function property(name: string, more: Partial<PropertyFilter> = {}): PropertyFilter {
  const empty = { isNotDefined: false, timeRange: undefined, textMatch: undefined, parameters: [] };
  return { name, ...empty, ...more };
}

export function parameter(name: string, more: Partial<ParameterFilter> = {}): ParameterFilter {
  return { name, isNotDefined: false, textMatch: undefined, ...more };
}

export function textMatch(
  text: string,
  collation: Collation = 'i;ascii-casemap',
  negate: boolean = false,
): TextMatch {
  return { text, collation, negate };
}
