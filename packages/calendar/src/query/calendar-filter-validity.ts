/**
 * Whether a calendar filter makes sense (CALDAV:valid-filter) and can be evaluated
 * (CALDAV:supported-filter, CALDAV:supported-collation): RFC 4791 §7.8, §9.7.
 */
import { type Code, codes } from '../codes.ts';
import { timedProperties } from '../icalendar/time-range.ts';
import type { ComponentFilter, PropertyFilter } from './calendar-filter.ts';
import { maxSearchCharacters } from './collation.ts';

export type FilterRefusal = {
  readonly precondition: 'valid-filter' | 'supported-filter';
  readonly code: Code;
  readonly sentence: string;
  /** The component and, in it, property or parameter that it is about. */
  readonly component: string;
  readonly property: string | undefined;
};

/** Conditions in one filter, all levels together: a filter is held against each object of a calendar. */
export const maxFilterConditions = 200;

/** RFC 5545 §3.6, RFC 7953 §3.1, RFC 9073 §7: what may stand in what. */
const nesting: Readonly<Record<string, readonly string[]>> = {
  VCALENDAR: ['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE', 'VAVAILABILITY', 'VPOLL'],
  VEVENT: ['VALARM', 'PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VTODO: ['VALARM', 'PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VJOURNAL: ['PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VFREEBUSY: ['PARTICIPANT', 'VLOCATION', 'VRESOURCE'],
  VALARM: ['VLOCATION'],
  VTIMEZONE: ['STANDARD', 'DAYLIGHT'],
  VAVAILABILITY: ['AVAILABLE'],
  PARTICIPANT: ['VLOCATION', 'VRESOURCE'],
};

/** Components whose times the tables of §9.9 know. */
const timed: ReadonlySet<string> = new Set([
  'VEVENT',
  'VTODO',
  'VJOURNAL',
  'VFREEBUSY',
  'VALARM',
  'VAVAILABILITY',
]);

/** Undefined: the filter may be evaluated. */
export function checkCalendarFilter(filter: ComponentFilter): FilterRefusal | undefined {
  const name = filter.name.toUpperCase();
  if (name !== 'VCALENDAR') {
    return refuse('valid-filter', 'filter.nesting', name, undefined, 'the outermost is VCALENDAR');
  }
  if (conditions(filter) > maxFilterConditions) {
    const detail = `more than ${maxFilterConditions} conditions`;
    return refuse('supported-filter', 'filter.name', name, undefined, detail);
  }
  return checkComponentFilter(filter);
}

function conditions(filter: ComponentFilter): number {
  let count = 1 + filter.properties.length;
  for (const property of filter.properties) count += property.parameters.length;
  for (const inner of filter.components) count += conditions(inner);
  return count;
}

function checkComponentFilter(filter: ComponentFilter): FilterRefusal | undefined {
  const name = filter.name.toUpperCase();
  const { timeRange, properties, components, isNotDefined } = filter;
  if (isNotDefined && (timeRange !== undefined || properties.length + components.length > 0)) {
    return refuse('valid-filter', 'filter.combination', name);
  }
  if (timeRange !== undefined) {
    if (!timed.has(name)) return refuse('valid-filter', 'filter.time-range', name);
    if (!isRange(timeRange)) return refuse('valid-filter', 'filter.time-range', name);
  }
  for (const property of properties) {
    const refusal = checkPropertyFilter(name, property);
    if (refusal !== undefined) return refusal;
  }
  for (const inner of components) {
    const innerName = inner.name.toUpperCase();
    const possible = nesting[name];
    // Of components that nobody has described, nothing is impossible; but they can only be there or not.
    if (possible !== undefined && !possible.includes(innerName) && !isExtension(innerName)) {
      return refuse(
        'valid-filter',
        'filter.nesting',
        innerName,
        undefined,
        `${innerName} in ${name}`,
      );
    }
    const refusal = checkComponentFilter(inner);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function isExtension(name: string): boolean {
  return name.startsWith('X-');
}

function checkPropertyFilter(component: string, filter: PropertyFilter): FilterRefusal | undefined {
  const name = filter.name.toUpperCase();
  const { timeRange, textMatch, parameters, isNotDefined } = filter;
  const wrong = (code: Code, detail?: string): FilterRefusal =>
    refuse('valid-filter', code, component, name, detail);
  const conditioned = timeRange !== undefined || textMatch !== undefined;
  if (isNotDefined && (conditioned || parameters.length > 0)) return wrong('filter.combination');
  if (timeRange !== undefined) {
    if (textMatch !== undefined) return wrong('filter.combination');
    if (!timedProperties.has(name) || !isRange(timeRange)) return wrong('filter.time-range');
  }
  const texts = [textMatch, ...parameters.map((parameter) => parameter.textMatch)];
  if (texts.some((match) => match !== undefined && match.text.length > maxSearchCharacters)) {
    const detail = `a text of more than ${maxSearchCharacters} characters for ${name}`;
    return refuse('supported-filter', 'filter.name', component, name, detail);
  }
  for (const parameter of parameters) {
    if (parameter.isNotDefined && parameter.textMatch !== undefined) {
      return wrong('filter.combination', parameter.name);
    }
  }
  return undefined;
}

/** §9.9: one end may be open, and the end lies after the start. */
function isRange({ from, to }: { readonly from: number; readonly to: number }): boolean {
  return (Number.isFinite(from) || Number.isFinite(to)) && from < to;
}

function refuse(
  precondition: FilterRefusal['precondition'],
  code: Code,
  component: string,
  property?: string,
  detail?: string,
): FilterRefusal {
  const about = detail ?? (property === undefined ? component : `${property} of ${component}`);
  return { precondition, code, sentence: `${codes[code]}: ${about}`, component, property };
}
