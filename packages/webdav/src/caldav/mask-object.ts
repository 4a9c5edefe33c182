/**
 * A private or confidential object as others see it (RFC 5545 §3.8.1.3): when it is, and nothing of
 * what it is. Classes that nobody knows count as private, as that section wants it.
 */
import { type Component, makeComponent, propertyOf } from '@riad/calendar/document/document';
import { formatComponent } from '@riad/calendar/document/serialise';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { makeLine } from '@riad/calendar/syntax/content-line';

/** What a free-busy search would tell, and what clients need to store it. */
const kept: ReadonlySet<string> = new Set([
  'CLASS',
  'DTEND',
  'DTSTAMP',
  'DTSTART',
  'DUE',
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

/** The same octets if there is nothing to hide. */
export function maskObject(octets: Uint8Array): Uint8Array {
  const read = readCalendarObject(octets);
  // What cannot be read cannot be shown in part.
  if (!read.ok)
    return formatComponent(makeComponent('VCALENDAR', [makeLine('VERSION', '2.0')], []));
  const { calendar, components } = read.value;
  if (components.every(isPublic)) return octets;
  const masked = calendar.components
    .filter(({ name }) => name === 'VTIMEZONE' || components.some((one) => one.name === name))
    .map((component) => (component.name === 'VTIMEZONE' ? component : maskComponent(component)));
  const properties = calendar.properties.filter(({ name }) =>
    ['VERSION', 'PRODID', 'CALSCALE'].includes(name),
  );
  return formatComponent(makeComponent('VCALENDAR', properties, masked));
}

function isPublic(component: Component): boolean {
  const value = propertyOf(component, 'CLASS')?.value.trim().toUpperCase();
  return value === undefined || value === '' || value === 'PUBLIC';
}

function maskComponent({ name, properties }: Component): Component {
  const shown = properties.filter((line) => kept.has(line.name));
  return makeComponent(name, [...shown, makeLine('SUMMARY', 'Busy')], []);
}
