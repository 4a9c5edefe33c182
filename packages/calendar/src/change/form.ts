/** What lines and components say, whatever their form: place, folding and order of parameters say nothing. */
import { type Component, propertyOf } from '../document/document.ts';
import { type CalendarObject, clockOf } from '../icalendar/calendar-object.ts';
import { comparableInstant, timesOf } from '../recurrence/recurrence-set.ts';
import type { ContentLine } from '../syntax/content-line.ts';
import { formatUnfolded } from '../syntax/line-format.ts';
import type { Clock } from '../time-zone/resolve.ts';
import { utc } from '../time-zone/zone.ts';
import type { CalendarTime } from '../values/date-time.ts';

export function textOfLine(line: ContentLine): string {
  const parameters = [...line.parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
  return formatUnfolded({ ...line, written: line.name, group: undefined, parameters });
}

/** One text, whatever the order of its properties. */
export function textOfComponent({ name, properties, components }: Component): string {
  const lines = properties.map(textOfLine).sort();
  return [name, ...lines, ...components.map(textOfComponent)].join('\n');
}

/** The master under `''`, overridden instances under what says which. */
export function componentsByInstance(object: CalendarObject): Map<string, Component> {
  const clock = clockOf(object, utc);
  const found = new Map<string, Component>();
  for (const component of object.components) {
    const line = propertyOf(component, 'RECURRENCE-ID');
    let key = line === undefined ? '' : (instanceKeys(line, clock)[0] ?? line.value);
    // Two for the same instance are odd; both are there.
    while (found.has(key)) key += '+';
    found.set(key, component);
  }
  return found;
}

/** Of the times of RECURRENCE-ID or EXDATE, comparable between objects. */
export function instanceKeys(line: ContentLine, clock: Clock): string[] {
  return timesOf(line).map((time: CalendarTime) => {
    return `${time.kind === 'date'} ${comparableInstant(time, time, clock)}`;
  });
}
