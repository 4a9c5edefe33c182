/**
 * What others may see of PRIVATE and CONFIDENTIAL components (RFC 5545 §3.8.1.3): when somebody is
 * busy, and nothing else. The octets differ from those that are stored, so an ETag of those does not fit.
 */
import { type Component, makeComponent, propertyOf } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { lineLike, makeLine } from '../syntax/content-line.ts';
import { type CalendarObject, readCalendarObject } from './calendar-object.ts';

/** What says when, and whether it counts as busy. */
const shown: ReadonlySet<string> = new Set([
  'CLASS',
  'DTEND',
  'DTSTAMP',
  'DTSTART',
  'DURATION',
  'EXDATE',
  'EXRULE',
  'RDATE',
  'RECURRENCE-ID',
  'RRULE',
  'SEQUENCE',
  'STATUS',
  'TRANSP',
  'UID',
]);

export type Masked =
  /** Nothing in it is private. */
  | { readonly type: 'unchanged' }
  | { readonly type: 'masked'; readonly object: CalendarObject }
  /** A private task or journal entry keeps nobody busy, and is not shown at all. */
  | { readonly type: 'hidden' };

/** `title` stands for SUMMARY, in the reader's language. */
export function maskPrivate(object: CalendarObject, title: string = 'Busy'): Masked {
  const whole = object.master !== undefined && isPrivate(object.master);
  // An override is private if the series is, for it may repeat its text.
  const hidden = object.components.filter((component) => whole || isPrivate(component));
  if (hidden.length === 0) return { type: 'unchanged' };
  if (object.kind !== 'VEVENT') return { type: 'hidden' };
  const components = object.calendar.components.map((component) =>
    component.name === 'VTIMEZONE' ||
    (component.name === object.kind && !hidden.includes(component))
      ? component
      : maskComponent(component, title),
  );
  const calendar = { ...object.calendar, components };
  const masked = readCalendarObject(formatComponent(calendar));
  if (!masked.ok) throw new Error('a masked object does not parse'); // our bug, if ever
  return { type: 'masked', object: masked.value };
}

export function isPrivate(component: Component): boolean {
  const line = propertyOf(component, 'CLASS');
  if (line === undefined) return false;
  // §3.8.1.3: what is not known is treated as PRIVATE.
  return line.value.trim().toUpperCase() !== 'PUBLIC';
}

const shownParameters: ReadonlySet<string> = new Set(['RANGE', 'TZID', 'VALUE']);

function maskComponent({ name, properties }: Component, title: string): Component {
  const kept = properties
    .filter((line) => shown.has(line.name))
    .map((line) => {
      // Apps keep notes of their own in parameters.
      const parameters = line.parameters.filter((parameter) => shownParameters.has(parameter.name));
      return parameters.length === line.parameters.length
        ? line
        : lineLike(line, line.name, line.value, parameters);
    });
  return makeComponent(name, [...kept, makeLine('SUMMARY', title)]);
}

/** Every event as busy time alone, whatever its CLASS: what a reader of free-busy may see of it. */
export function maskAll(object: CalendarObject, title: string = 'Busy'): Masked {
  if (object.kind !== 'VEVENT') return { type: 'hidden' };
  const components = object.calendar.components.map((component) =>
    component.name === 'VTIMEZONE' ? component : maskComponent(component, title),
  );
  const masked = readCalendarObject(formatComponent({ ...object.calendar, components }));
  if (!masked.ok) throw new Error('a masked object does not parse'); // our bug, if ever
  return { type: 'masked', object: masked.value };
}
