/**
 * A private or confidential object as others see it (RFC 5545 §3.8.1.3): when it is, and nothing of
 * what it is. A task or a journal entry keeps nobody busy; but it stands in the lists of its calendar,
 * so it is given without anything that says more than that it is there.
 */
import { makeComponent } from '@riad/calendar/document/document';
import { formatComponent } from '@riad/calendar/document/serialise';
import { type CalendarObject, readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { maskPrivate } from '@riad/calendar/icalendar/masking';
import { makeLine } from '@riad/calendar/syntax/content-line';

/** The same octets if there is nothing to hide. */
export function maskObject(octets: Uint8Array): Uint8Array {
  const read = readCalendarObject(octets);
  // What cannot be read cannot be shown in part.
  if (!read.ok)
    return formatComponent(makeComponent('VCALENDAR', [makeLine('VERSION', '2.0')], []));
  const masked = maskPrivate(read.value);
  switch (masked.type) {
    case 'unchanged':
      return octets;
    case 'masked':
      return masked.object.document.octets;
    case 'hidden':
      return formatComponent(stubOf(read.value));
  }
}

const said: ReadonlySet<string> = new Set(['UID', 'DTSTAMP', 'CLASS', 'RECURRENCE-ID']);

function stubOf({ calendar, components }: CalendarObject): ReturnType<typeof makeComponent> {
  const heading = calendar.properties.filter(({ name }) => ['VERSION', 'PRODID'].includes(name));
  const stubs = components.map(({ name, properties }) =>
    makeComponent(name, [
      ...properties.filter((line) => said.has(line.name)),
      makeLine('SUMMARY', 'Private'),
    ]),
  );
  return makeComponent('VCALENDAR', heading, stubs);
}
