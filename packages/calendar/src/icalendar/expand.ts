/** CALDAV:expand (RFC 4791 §9.6.5): each instance in a range as a component of its own, in UTC. */
import { type Component, makeComponent } from '../document/document.ts';
import { makeBudget } from '../recurrence/budget.ts';
import {
  type ContentLine,
  makeLine,
  makeParameter,
  parameterOf,
  withParameter,
  withValue,
} from '../syntax/content-line.ts';
import { type Clock, instantOf } from '../time-zone/resolve.ts';
import type { Zone } from '../time-zone/zone.ts';
import {
  type CalendarTime,
  formatDate,
  formatLocal,
  formatUtc,
  parseDateTime,
  tzidOf,
} from '../values/date-time.ts';
import { parsePeriod } from '../values/period.ts';
import { type CalendarObject, clockOf } from './calendar-object.ts';
import { type Instance, instanceSource, listInstances } from './instances.ts';
import { componentOverlaps, hasInstances, instanceOverlaps, type TimeRange } from './time-range.ts';

export type Expansion =
  | { readonly type: 'components'; readonly components: readonly Component[] }
  | { readonly type: 'too-much-work' };

/**
 * In order of their starts; empty if no instance lies in the range. Times with a zone become UTC,
 * dates stay dates, and floating times stay floating, for they mean wherever the reader is.
 */
export function expandObject(
  object: CalendarObject,
  range: TimeRange,
  floating: Zone,
  maxInstances?: number,
): Expansion {
  const clock = clockOf(object, floating);
  const source = instanceSource(object, clock);
  const listed = listInstances(source, range.from, range.to, makeBudget(), maxInstances);
  if (listed.type !== 'instances') return { type: 'too-much-work' };
  const components: Component[] = [];
  for (const component of object.components) {
    if (hasInstances(component, clock)) continue;
    if (componentOverlaps(component, range, clock) === true)
      components.push(inUtc(component, clock));
  }
  const anchor = source.set?.start;
  for (const instance of listed.instances) {
    if (instanceOverlaps(instance, range)) components.push(componentOf(instance, anchor, clock));
  }
  return { type: 'components', components };
}

const recurrenceProperties: ReadonlySet<string> = new Set(['RRULE', 'RDATE', 'EXDATE', 'EXRULE']);

function componentOf(
  instance: Instance,
  anchor: CalendarTime | undefined,
  clock: Clock,
): Component {
  const { component, timing, originalSeconds } = instance;
  const { name } = component;
  const endName = name === 'VTODO' ? 'DUE' : 'DTEND';
  const properties: ContentLine[] = [];
  let identified = false;
  const identify = (): void => {
    if (identified || originalSeconds === undefined) return;
    identified = true;
    properties.push(recurrenceId(originalSeconds, anchor ?? timing.start, timing.zone));
  };
  for (const line of component.properties) {
    if (recurrenceProperties.has(line.name)) continue;
    if (line.name === 'DTSTART') {
      properties.push(
        timeLine('DTSTART', timing.start, instance.startSeconds, instance.startLocal),
      );
      identify();
    } else if (line.name === 'RECURRENCE-ID') identify();
    else if (line.name === endName || line.name === 'DURATION') {
      properties.push(...endLines(line, instance, endName));
    } else properties.push(lineInUtc(line, clock));
  }
  identify();
  return makeComponent(
    name,
    properties,
    component.components.map((inner) => inUtc(inner, clock)),
  );
}

function endLines(line: ContentLine, instance: Instance, endName: string): ContentLine[] {
  const { timing, startLocal, startSeconds, endSeconds } = instance;
  if (timing.anchor === 'due') return [timeLine('DUE', timing.start, startSeconds, startLocal)];
  const { length, start, zone } = timing;
  const usual = endSeconds - startSeconds === length.seconds && length.days === 0;
  // A length in hours says the same in UTC; one in days does not, over a change of clocks.
  if (line.name === 'DURATION' && (usual || start.kind === 'date')) return [line];
  const endLocal = endSeconds + zone.offsetAt(endSeconds);
  if (line.name === endName) {
    const own = parseDateTime(line.value, tzidOf(line));
    // DTEND may be UTC beside a floating DTSTART, against the rules; its own kind is kept.
    return [timeLine(endName, own?.kind === 'utc' ? own : start, endSeconds, endLocal)];
  }
  return timing.end === 'duration' ? [timeLine(endName, start, endSeconds, endLocal)] : [];
}

function timeLine(name: string, like: CalendarTime, seconds: number, local: number): ContentLine {
  switch (like.kind) {
    case 'date':
      return makeLine(name, formatDate(local), [makeParameter('VALUE', 'DATE')]);
    case 'floating':
      return makeLine(name, formatLocal(local));
    default:
      return makeLine(name, formatUtc(seconds));
  }
}

function recurrenceId(seconds: number, like: CalendarTime, zone: Zone): ContentLine {
  return timeLine('RECURRENCE-ID', like, seconds, seconds + zone.offsetAt(seconds));
}

/** The same component with every time that has a zone in UTC. */
export function inUtc(component: Component, clock: Clock): Component {
  return makeComponent(
    component.name,
    component.properties.map((line) => lineInUtc(line, clock)),
    component.components.map((inner) => inUtc(inner, clock)),
  );
}

function lineInUtc(line: ContentLine, clock: Clock): ContentLine {
  if (line.parameters.length === 0) return line;
  const tzid = tzidOf(line);
  if (tzid === undefined) return line;
  const values: string[] = [];
  for (const text of line.value.split(',')) {
    const time = parseDateTime(text, tzid);
    const period = time === undefined ? parsePeriod(text, tzid) : undefined;
    if (time !== undefined) {
      values.push(
        time.kind === 'date' ? formatDate(time.localSeconds) : formatUtc(instantOf(time, clock)),
      );
    } else if (period !== undefined) {
      const rest = text.slice(text.indexOf('/') + 1);
      const end = period.end === undefined ? rest : formatUtc(instantOf(period.end, clock));
      values.push(`${formatUtc(instantOf(period.start, clock))}/${end}`);
    } else return line; // not ours to understand
  }
  if (parameterOf(line, 'TZID') === undefined) return line;
  return withValue(withParameter(line, 'TZID'), values.join(','));
}
