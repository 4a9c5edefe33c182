/** `C:calendar-data` as a report asks for it and as it is written (RFC 4791 §9.6, RFC 7809 §7.1). */
import {
  type CalendarDataRequest,
  type ComponentSelection,
  shapeCalendarData,
} from '@riad/calendar/icalendar/calendar-data';
import { type CalendarObject, readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import type { TimeRange } from '@riad/calendar/icalendar/time-range';
import type { Zone } from '@riad/calendar/time-zone/zone';
import { DavError, failed } from '../dav-error.ts';
import type { PropertyRequest } from '../properties/property-request.ts';
import { type DavRequest, header } from '../request.ts';
import { attributeOf, childOf, childrenOf, type Element } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import { parseTimeRange } from './parse-time-range.ts';

/** Of one object that is expanded (§9.6.5): a rule by the second has as many in a few hours. */
export const maxExpandedInstances = 5000;

/** Of all objects of one answer that are expanded, in octets of what comes out. */
export const maxExpandedOctets = 67_108_864;

export type WantedCalendarData = CalendarDataRequest & {
  /** What may still be expanded in this answer. */
  readonly budget: { octets: number };
};

/** Undefined if the report does not ask for it. */
export function calendarDataIn(
  request: DavRequest,
  wanted: PropertyRequest,
): WantedCalendarData | undefined {
  const named =
    wanted.type === 'prop' ? wanted.properties : wanted.type === 'allprop' ? wanted.include : [];
  const property = named.find(
    ({ namespace, name }) => namespace === CALDAV && name === 'calendar-data',
  );
  if (property === undefined) return undefined;
  const timeZones = timeZonesOf(request);
  return {
    ...parse(property.element),
    timeZones,
    maxInstances: maxExpandedInstances,
    budget: { octets: maxExpandedOctets },
  };
}

/** RFC 7809 §7.1: who has said nothing gets every time zone that is referred to (§3.1.4). */
export function timeZonesOf(request: DavRequest): 'complete' | 'without-standard' {
  const value = header(request.headers, 'caldav-timezones')?.trim().toUpperCase();
  return value === 'F' ? 'without-standard' : 'complete';
}

function parse(element: Element | undefined): CalendarDataRequest {
  if (element === undefined) return {};
  const type = attributeOf(element, 'content-type') ?? 'text/calendar';
  const version = attributeOf(element, 'version') ?? '2.0';
  if (type.toLowerCase() !== 'text/calendar' || version !== '2.0') {
    throw failed('C:supported-calendar-data');
  }
  const comp = childOf(element, CALDAV, 'comp');
  const expand = rangeIn(element, 'expand');
  const limitRecurrenceSet = rangeIn(element, 'limit-recurrence-set');
  const limitFreeBusySet = rangeIn(element, 'limit-freebusy-set');
  if (expand !== undefined && limitRecurrenceSet !== undefined) {
    throw new DavError(400, {
      sentence: 'C:expand and C:limit-recurrence-set exclude each other.',
    });
  }
  return {
    ...(comp && { selection: parseSelection(comp) }),
    ...(expand && { expand }),
    ...(limitRecurrenceSet && { limitRecurrenceSet }),
    ...(limitFreeBusySet && { limitFreeBusySet }),
  };
}

function parseSelection(element: Element): ComponentSelection {
  const components = childrenOf(element, CALDAV, 'comp');
  const properties = childrenOf(element, CALDAV, 'prop');
  return {
    name: attributeOf(element, 'name') ?? '',
    properties:
      childOf(element, CALDAV, 'allprop') === undefined
        ? properties.map((one) => ({
            name: attributeOf(one, 'name') ?? '',
            noValue: attributeOf(one, 'novalue') === 'yes',
          }))
        : 'all',
    components:
      childOf(element, CALDAV, 'allcomp') === undefined ? components.map(parseSelection) : 'all',
  };
}

function rangeIn(element: Element, name: string): TimeRange | undefined {
  const inner = childOf(element, CALDAV, name);
  if (inner === undefined) return undefined;
  const range = parseTimeRange(inner);
  // §9.6.5 to §9.6.7: both ends are required.
  if (range !== undefined && Number.isFinite(range.from) && Number.isFinite(range.to)) return range;
  throw new DavError(400, { sentence: `C:${name} has start and end, in UTC.` });
}

/** Whether nothing is asked but the object as it is kept, so that it need not be parsed. */
export function isWhole(request: CalendarDataRequest): boolean {
  return (
    request.selection === undefined &&
    request.expand === undefined &&
    request.limitRecurrenceSet === undefined &&
    request.limitFreeBusySet === undefined &&
    request.timeZones !== 'without-standard'
  );
}

/** Writes the element; false if no instance of the object is left. */
export function writeCalendarData(
  out: XmlWriter,
  octets: Uint8Array,
  object: CalendarObject | undefined,
  request: WantedCalendarData,
  floating: Zone,
): boolean {
  if (isWhole(request) && !lacksTimeZones(octets)) {
    writeElement(out, octets);
    return true;
  }
  const read = object ?? parseObject(octets);
  // What an import or a push has brought in and cannot be read is given as it is.
  if (read === undefined) {
    writeElement(out, octets);
    return true;
  }
  const data = shapeCalendarData(read, request, floating);
  if (data.type === 'too-much-work') throw tooMuch();
  if (data.type === 'nothing') return false;
  if (request.expand !== undefined) {
    request.budget.octets -= data.octets.length;
    if (request.budget.octets < 0) throw tooMuch();
  }
  writeElement(out, data.octets);
  return true;
}

export function tooMuch(): DavError {
  return failed('D:number-of-matches-within-limits');
}

export function parseObject(octets: Uint8Array): CalendarObject | undefined {
  const read = readCalendarObject(octets);
  return read.ok ? read.value : undefined;
}

function writeElement(out: XmlWriter, octets: Uint8Array): void {
  out.raw('<C:calendar-data>');
  out.octets(octets);
  out.raw('</C:calendar-data>');
}

/** RFC 7809 §3.1.4: some clients leave out time zones that everybody knows. Looked at without parsing. */
export function lacksTimeZones(octets: Uint8Array): boolean {
  return includes(octets, ';TZID=') && !includes(octets, 'BEGIN:VTIMEZONE');
}

function includes(octets: Uint8Array, wanted: string): boolean {
  const first = wanted.charCodeAt(0);
  const last = octets.length - wanted.length;
  for (let at = octets.indexOf(first); at >= 0 && at <= last; at = octets.indexOf(first, at + 1)) {
    let length = 1;
    while (length < wanted.length && octets[at + length] === wanted.charCodeAt(length)) length++;
    if (length === wanted.length) return true;
  }
  return false;
}
