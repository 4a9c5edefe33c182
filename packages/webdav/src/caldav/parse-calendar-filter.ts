/** `C:filter` from XML into the value that the calendar package evaluates (RFC 4791 §9.7). */

import type { TimeRange } from '@riad/calendar/icalendar/time-range';
import type {
  ComponentFilter,
  ParameterFilter,
  PropertyFilter,
  TextMatch,
} from '@riad/calendar/query/calendar-filter';
import { checkCalendarFilter } from '@riad/calendar/query/calendar-filter-validity';
import { findCollation } from '@riad/calendar/query/collation';
import { failed } from '../dav-error.ts';
import { attributeOf, childOf, childrenOf, type Element, textOf } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { escapeAttribute } from '../xml/serialize-element.ts';
import { parseTimeRange } from './parse-time-range.ts';

export function parseCalendarFilter(root: Element): ComponentFilter {
  const element = childOf(root, CALDAV, 'filter');
  const outermost = element === undefined ? [] : childrenOf(element, CALDAV, 'comp-filter');
  const [first, second] = outermost;
  if (first === undefined || second !== undefined) {
    throw failed('C:valid-filter', { sentence: 'C:filter has exactly one C:comp-filter.' });
  }
  const filter = parseComponentFilter(first);
  const refusal = checkCalendarFilter(filter);
  if (refusal === undefined) return filter;
  const { precondition, sentence, component, property } = refusal;
  throw failed(`C:${precondition}`, {
    sentence,
    detail: (out) => {
      if (precondition !== 'supported-filter') return;
      // §7.8: what cannot be searched for is named.
      const inner = property && `<C:prop-filter name="${escapeAttribute(property)}"/>`;
      out.verbatim(
        `<C:comp-filter name="${escapeAttribute(component)}">${inner ?? ''}</C:comp-filter>`,
      );
    },
  });
}

function parseComponentFilter(element: Element): ComponentFilter {
  return {
    name: nameOf(element),
    isNotDefined: isNotDefined(element),
    timeRange: timeRangeIn(element),
    properties: childrenOf(element, CALDAV, 'prop-filter').map(parsePropertyFilter),
    components: childrenOf(element, CALDAV, 'comp-filter').map(parseComponentFilter),
  };
}

function parsePropertyFilter(element: Element): PropertyFilter {
  return {
    name: nameOf(element),
    isNotDefined: isNotDefined(element),
    timeRange: timeRangeIn(element),
    textMatch: textMatchIn(element),
    parameters: childrenOf(element, CALDAV, 'param-filter').map(parseParameterFilter),
  };
}

function parseParameterFilter(element: Element): ParameterFilter {
  return {
    name: nameOf(element),
    isNotDefined: isNotDefined(element),
    textMatch: textMatchIn(element),
  };
}

function nameOf(element: Element): string {
  const name = attributeOf(element, 'name');
  if (name) return name;
  throw failed('C:valid-filter', { sentence: `C:${element.name} has no name.` });
}

function isNotDefined(element: Element): boolean {
  return childOf(element, CALDAV, 'is-not-defined') !== undefined;
}

function timeRangeIn(element: Element): TimeRange | undefined {
  const inner = childOf(element, CALDAV, 'time-range');
  if (inner === undefined) return undefined;
  const range = parseTimeRange(inner);
  if (range !== undefined) return range;
  throw failed('C:valid-filter', {
    sentence: 'C:time-range has start or end, in UTC, and ends after it begins.',
  });
}

function textMatchIn(element: Element): TextMatch | undefined {
  const inner = childOf(element, CALDAV, 'text-match');
  if (inner === undefined) return undefined;
  const collation = findCollation(attributeOf(inner, 'collation'), 'i;ascii-casemap');
  if (collation === undefined) throw failed('C:supported-collation');
  return {
    text: textOf(inner),
    collation,
    negate: attributeOf(inner, 'negate-condition') === 'yes',
  };
}
