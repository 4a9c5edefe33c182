/**
 * A calendar object resource (RFC 4791 §4.1): one VCALENDAR with the master component and the
 * overridden instances of one UID. Reads what is stored; `validation.ts` says what may be.
 */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import {
  type Component,
  type Document,
  type ParseOptions,
  parseDocument,
  propertyOf,
} from '../document/document.ts';
import { type Clock, makeZoneResolver } from '../time-zone/resolve.ts';
import type { Zone } from '../time-zone/zone.ts';

export type CalendarObject = {
  readonly document: Document;
  /** The VCALENDAR. */
  readonly calendar: Component;
  /** Empty if the object has none, which is never stored. */
  readonly uid: string;
  /** `VEVENT`, `VTODO`, …; empty if there is none. */
  readonly kind: string;
  /** Those of that kind, in order. */
  readonly components: readonly Component[];
  /** The one without RECURRENCE-ID; an attendee of single instances has none. */
  readonly master: Component | undefined;
  readonly overrides: readonly Component[];
};

/** Total: an object, or what is wrong with the document. What is odd about the object is not looked at. */
export function readCalendarObject(
  octets: Uint8Array,
  options: Omit<ParseOptions, 'syntax'> = {},
): Result<CalendarObject, readonly Problem[]> {
  const parsed = parseDocument(octets, { ...options, syntax: 'icalendar' });
  if (!parsed.ok) return parsed;
  const calendar = parsed.value.components.find(({ name }) => name === 'VCALENDAR');
  if (calendar === undefined) {
    return { ok: false, error: [problem('object.kind', 1, 1, 'there is no VCALENDAR')] };
  }
  return { ok: true, value: makeCalendarObject(parsed.value, calendar) };
}

export function makeCalendarObject(document: Document, calendar: Component): CalendarObject {
  let kind = '';
  // A component that IANA does not know may stand beside one that it does (RFC 4791 §5.3.3).
  for (const { name } of calendar.components) {
    if (name === 'VTIMEZONE') continue;
    if (kind === '' || (kind.startsWith('X-') && !name.startsWith('X-'))) kind = name;
  }
  const components = calendar.components.filter(({ name }) => name === kind);
  const overrides: Component[] = [];
  let master: Component | undefined;
  for (const component of components) {
    if (propertyOf(component, 'RECURRENCE-ID') === undefined) master ??= component;
    else overrides.push(component);
  }
  const uid = components[0] && propertyOf(components[0], 'UID')?.value.trim();
  return { document, calendar, uid: uid ?? '', kind, components, master, overrides };
}

/** `floating`: the zone of the request, else of the calendar, else of the server (RFC 4791 §7.3). */
export function clockOf(object: CalendarObject, floating: Zone): Clock {
  return { zones: makeZoneResolver(object.calendar, floating), floating };
}
