/** Calendar objects for tests, from their text. */
import assert from 'node:assert/strict';
import { formatProblem } from '../codes.ts';
import { type CalendarObject, clockOf, readCalendarObject } from '../icalendar/calendar-object.ts';
import { type Instance, instanceSource, visitInstances } from '../icalendar/instances.ts';
import { makeBudget } from '../recurrence/budget.ts';
import { ianaZone } from '../time-zone/iana.ts';
import { utc, type Zone } from '../time-zone/zone.ts';
import { formatLocal, parseDateTime } from '../values/date-time.ts';

const encoder = new TextEncoder();

/** Lines as they stand in a test, without indentation, with CRLF. */
export function octets(text: string): Uint8Array {
  const lines = text.split('\n').map((line) => line.replace(/^ {4,}/, ''));
  while (lines[0]?.trim() === '') lines.shift();
  while (lines.at(-1)?.trim() === '') lines.pop();
  return encoder.encode(`${lines.join('\r\n')}\r\n`);
}

export function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

/** A VCALENDAR around components. */
export function calendar(components: string): Uint8Array {
  return octets(
    `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Riad//tests//EN\n${components}\nEND:VCALENDAR`,
  );
}

export function event(properties: string, uid: string = 'one'): string {
  return `BEGIN:VEVENT\nUID:${uid}\nDTSTAMP:20260101T000000Z\n${properties.trim()}\nEND:VEVENT`;
}

export function read(value: Uint8Array): CalendarObject {
  const result = readCalendarObject(value);
  assert.ok(result.ok, result.ok ? '' : result.error.map(formatProblem).join('\n'));
  return result.value;
}

export function zone(name: string): Zone {
  const found = ianaZone(name);
  assert.ok(found, name);
  return found;
}

/** `19970902T130000Z` or a local time (read as UTC) as seconds. */
export function seconds(value: string): number {
  const time = parseDateTime(value);
  assert.ok(time, value);
  return time.localSeconds;
}

/** Local starts of the first instances of an object, in order. */
export function starts(components: string, count: number = 1000, floating: Zone = utc): string[] {
  const object = read(calendar(components));
  const source = instanceSource(object, clockOf(object, floating));
  const found: Instance[] = [];
  const budget = makeBudget();
  const wanted = count + source.overrides.length;
  visitInstances(source, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, budget, (instance) => {
    found.push(instance);
    return found.length >= wanted;
  });
  assert.equal(budget.spent, false, 'the budget is spent');
  found.sort((a, b) => a.startSeconds - b.startSeconds);
  return found.slice(0, count).map(({ startLocal }) => formatLocal(startLocal));
}
