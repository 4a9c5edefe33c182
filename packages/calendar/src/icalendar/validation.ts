/**
 * Whether octets may be stored as a calendar object resource (RFC 4791 §4.1, §5.3.2.1; RFC 7529 §5).
 * Lenient: what clients have been seen to send is taken and noted; refused is what cannot be told
 * apart, cannot be placed in time, or is of another kind. Not looked at: who may write, whether the UID
 * is free, which kinds the calendar takes.
 */
import { type Problem, problem, sentenceOf } from '../codes.ts';
import { type Component, type Document, parseDocument, propertyOf } from '../document/document.ts';
import { calendarSystem } from '../recurrence/calendar-system.ts';
import { maxRules } from '../recurrence/recurrence-set.ts';
import { parseRule } from '../recurrence/rule.ts';
import { type ContentLine, parameterOf } from '../syntax/content-line.ts';
import { ianaZone } from '../time-zone/iana.ts';
import { evaluated, maxTimeZonesOfObject } from '../time-zone/resolve.ts';
import { type CalendarTime, parseDateTime, tzidOf } from '../values/date-time.ts';
import { parseDuration } from '../values/duration.ts';
import { parsePeriod } from '../values/period.ts';
import { type CalendarObject, makeCalendarObject } from './calendar-object.ts';
import { type Facts, factsOf } from './facts.ts';

/** Names of the elements that say why not, in CalDAV's namespace. */
export type Precondition =
  | 'supported-calendar-data'
  | 'valid-calendar-data'
  | 'valid-calendar-object-resource'
  | 'max-resource-size'
  | 'max-instances'
  | 'max-attendees-per-instance'
  | 'min-date-time'
  | 'max-date-time'
  | 'supported-rscale'
  | 'valid-timezone';

/** Undefined: no limit. */
export type ObjectLimits = {
  readonly maxResourceOctets?: number;
  readonly maxInstances?: number;
  readonly maxAttendeesPerInstance?: number;
  /** Seconds since 1970, as CALDAV:min-date-time and max-date-time announce them. */
  readonly minSeconds?: number;
  readonly maxSeconds?: number;
};

export type Refusal = {
  readonly ok: false;
  readonly precondition: Precondition;
  /** For people: what, and where. */
  readonly sentence: string;
  /** With the first of them the sentence was made. */
  readonly problems: readonly Problem[];
};

export type AcceptedObject = {
  readonly ok: true;
  readonly object: CalendarObject;
  readonly facts: Facts;
  /** What was tolerated. */
  readonly notes: readonly Problem[];
};

/** On every PUT, and for what comes out of an import or a repository. Total. */
export function checkCalendarObject(
  octets: Uint8Array,
  limits: ObjectLimits = {},
): AcceptedObject | Refusal {
  if (octets.length > (limits.maxResourceOctets ?? Number.POSITIVE_INFINITY)) {
    return refuse('max-resource-size', problem('document.octets', 0, 0, `${octets.length} octets`));
  }
  const otherKind = foreignKind(octets);
  if (otherKind !== undefined) {
    return refuse('supported-calendar-data', problem('object.kind', 1, 1, otherKind));
  }
  const parsed = parseDocument(octets, { syntax: 'icalendar' });
  if (!parsed.ok) return refuse('valid-calendar-data', ...parsed.error);
  return checkCalendarDocument(parsed.value, limits);
}

/** The same for a document that was parsed already. */
export function checkCalendarDocument(
  document: Document,
  limits: ObjectLimits = {},
): AcceptedObject | Refusal {
  const [calendar, second] = document.components;
  if (calendar?.name !== 'VCALENDAR') {
    return refuse('supported-calendar-data', problem('object.kind', 1, 1, calendar?.name ?? ''));
  }
  if (second !== undefined) {
    const line = second.begin?.line ?? 0;
    return refuse(
      'valid-calendar-object-resource',
      problem('object.component', line, 1, `a second ${second.name} in one resource`),
    );
  }
  const notes = [...document.notes];
  const object = makeCalendarObject(document, calendar);
  const refusal =
    checkCalendarProperties(calendar, notes) ??
    checkStructure(object) ??
    checkComponents(object, notes, limits);
  if (refusal !== undefined) return refusal;
  const { facts, instances } = factsOf(object);
  noteZones(object, facts.earliestSeconds ?? 0, notes);
  const { maxInstances } = limits;
  // RFC 4791 §5.2.8; of infinite sets no number is asked. A set that cannot be counted is too large.
  if (maxInstances !== undefined && (instances ?? 0) > maxInstances) {
    const line = object.master?.begin?.line ?? 0;
    const number = Number.isFinite(instances) ? `${instances}` : 'more than can be counted:';
    const detail = `${number} instances, ${maxInstances} are allowed`;
    return refuse('max-instances', problem('object.component', line, 1, detail));
  }
  return { ok: true, object, facts, notes };
}

function refuse(precondition: Precondition, ...problems: readonly Problem[]): Refusal {
  const [first] = problems;
  const sentence = first === undefined ? `${precondition}.` : sentenceOf(first);
  return { ok: false, precondition, sentence, problems };
}

/** What begins like another format: JSON, XML, a vCard. */
function foreignKind(octets: Uint8Array): string | undefined {
  let at = octets[0] === 0xef ? 3 : 0;
  while (at < octets.length && octets[at]! <= 0x20) at++;
  switch (octets[at]) {
    case 0x7b: // {
    case 0x5b: // [
      return 'this is JSON';
    case 0x3c: // <
      return 'this is XML';
    default:
      return undefined;
  }
}

function checkCalendarProperties(calendar: Component, notes: Problem[]): Refusal | undefined {
  let version: ContentLine | undefined;
  let product: ContentLine | undefined;
  for (const line of calendar.properties) {
    switch (line.name) {
      case 'VERSION':
        version ??= line;
        if (line.value.trim() !== '2.0') {
          // RFC 4791 §9.6: text/calendar 2.0 is what is stored; 1.0 is vCalendar.
          const found = problem('object.version', line.line, 1, line.value);
          return refuse('supported-calendar-data', found);
        }
        break;
      case 'METHOD':
        // RFC 4791 §4.1: MUST NOT specify METHOD.
        return refuse(
          'valid-calendar-object-resource',
          problem('object.method', line.line, 1, line.value),
        );
      case 'CALSCALE':
        if (line.value.trim().toUpperCase() !== 'GREGORIAN') {
          const found = problem('object.calendar', line.line, 1, line.value);
          return refuse('supported-calendar-data', found);
        }
        break;
      case 'PRODID':
        if (product !== undefined) addNote(notes, 'tolerated.twice', line, 'PRODID');
        product = line;
        break;
    }
  }
  const begin = calendar.begin!;
  if (version === undefined) addNote(notes, 'tolerated.missing', begin, 'VERSION');
  if (product === undefined) addNote(notes, 'tolerated.missing', begin, 'PRODID');
  return undefined;
}

function checkStructure({ calendar, components, kind, uid }: CalendarObject): Refusal | undefined {
  const structure = (component: Component, code: Problem['code'], detail: string): Refusal =>
    refuse('valid-calendar-object-resource', problem(code, component.begin!.line, 1, detail));
  if (components.length === 0) {
    return structure(calendar, 'object.component', 'there is none but VTIMEZONE');
  }
  if (uid === '') return structure(components[0]!, 'object.uid', 'UID is missing');
  for (const component of calendar.components) {
    const { name } = component;
    if (name === 'VTIMEZONE' || (name !== kind && name.startsWith('X-'))) continue;
    if (name !== kind) return structure(component, 'object.component', `${kind} and ${name}`);
    const own = propertyOf(component, 'UID');
    if (own?.value.trim() !== uid) {
      const detail = own === undefined ? 'UID is missing' : `${own.value} and ${uid}`;
      return structure(component, 'object.uid', detail);
    }
  }
  const masters = components.filter((component) => !propertyOf(component, 'RECURRENCE-ID'));
  if (masters[1] !== undefined) {
    return structure(masters[1], 'object.twice', 'neither has RECURRENCE-ID');
  }
  return undefined;
}

function checkComponents(
  object: CalendarObject,
  notes: Problem[],
  limits: ObjectLimits,
): Refusal | undefined {
  for (const component of object.components) {
    const refusal = checkComponent(component, notes, limits);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkComponent(
  component: Component,
  notes: Problem[],
  limits: ObjectLimits,
): Refusal | undefined {
  let attendees = 0;
  let start: CalendarTime | undefined;
  let end: CalendarTime | undefined;
  let rule: ContentLine | undefined;
  let rules = 0;
  let stamped = false;
  for (const line of component.properties) {
    switch (line.name) {
      case 'DTSTART':
      case 'DTEND':
      case 'DUE':
      case 'RECURRENCE-ID': {
        const time = parseDateTime(line.value, tzidOf(line));
        if (time === undefined) return badTime(line);
        const outside = checkBounds(line, time, limits);
        if (outside !== undefined) return outside;
        if (line.name === 'DTSTART') start ??= time;
        else if (line.name !== 'RECURRENCE-ID') end ??= time;
        break;
      }
      case 'RRULE':
      case 'EXRULE': {
        const refusal = checkRule(line);
        if (refusal !== undefined) return refusal;
        if (++rules > maxRules) {
          const found = problem('value.rule', line.line, 1, `more than ${maxRules} rules`);
          return refuse('valid-calendar-data', found);
        }
        rule ??= line;
        break;
      }
      case 'RDATE':
      case 'EXDATE': {
        const tzid = tzidOf(line);
        if (line.value.trim() === '') {
          addNote(notes, 'tolerated.value', line, `${line.name} is empty`);
          break;
        }
        for (const text of line.value.split(',')) {
          const time = parseDateTime(text, tzid) ?? parsePeriod(text, tzid)?.start;
          if (time === undefined) return badTime(line);
        }
        rule ??= line.name === 'RDATE' ? line : undefined;
        break;
      }
      case 'DURATION':
        if (parseDuration(line.value) === undefined) {
          return refuse('valid-calendar-data', problem('value.duration', line.line, 1, line.value));
        }
        break;
      case 'ATTENDEE':
        attendees++;
        break;
      case 'DTSTAMP':
        stamped = true;
        break;
    }
  }
  const { name } = component;
  const begin = component.begin!;
  if (!stamped) addNote(notes, 'tolerated.missing', begin, 'DTSTAMP');
  // RFC 5545 §3.6.1: without METHOD an event has DTSTART; without it nothing could be shown or found.
  if (start === undefined && (name === 'VEVENT' || (rule !== undefined && end === undefined))) {
    return refuse('valid-calendar-data', problem('object.start', begin.line, 1, name));
  }
  if (start !== undefined && end !== undefined && start.tzid === end.tzid) {
    if (end.kind === start.kind && end.localSeconds <= start.localSeconds) {
      addNote(notes, 'tolerated.end', begin, name);
    }
  }
  const { maxAttendeesPerInstance: most } = limits;
  if (most !== undefined && attendees > most) {
    const detail = `${attendees} attendees, ${most} are allowed`;
    return refuse('max-attendees-per-instance', problem('object.component', begin.line, 1, detail));
  }
  return undefined;
}

function badTime(line: ContentLine): Refusal {
  const code = line.value.includes('T') ? 'value.date-time' : 'value.date';
  return refuse('valid-calendar-data', problem(code, line.line, 1, `${line.name}:${line.value}`));
}

/** Only what is written: a rule without end passes every limit (RFC 4791 §5.2.7). */
function checkBounds(
  line: ContentLine,
  { localSeconds }: CalendarTime,
  { minSeconds, maxSeconds }: ObjectLimits,
): Refusal | undefined {
  if (line.name === 'RECURRENCE-ID') return undefined; // one app always writes 1970 there
  if (minSeconds !== undefined && localSeconds < minSeconds) {
    return refuse('min-date-time', problem('value.date-time', line.line, 1, line.value));
  }
  if (maxSeconds !== undefined && localSeconds > maxSeconds) {
    return refuse('max-date-time', problem('value.date-time', line.line, 1, line.value));
  }
  return undefined;
}

function checkRule(line: ContentLine): Refusal | undefined {
  const parsed = parseRule(line.value);
  if (!parsed.ok) {
    return refuse('valid-calendar-data', problem('value.rule', line.line, 1, parsed.error));
  }
  const { calendar } = parsed.value;
  if (calendarSystem(calendar) === undefined) {
    return refuse('supported-rscale', problem('value.rscale', line.line, 1, calendar));
  }
  return undefined;
}

function addNote(notes: Problem[], code: Problem['code'], line: ContentLine, detail: string): void {
  if (notes.some((note) => note.code === code)) return;
  notes.push(problem(code, line.line, 0, detail));
}

/** TZIDs without VTIMEZONE are tolerated (RFC 7809 has made them legal), and so is the reverse. */
function noteZones(
  { calendar, components }: CalendarObject,
  seconds: number,
  notes: Problem[],
): void {
  const used = new Map<string, ContentLine>();
  const visit = (component: Component): void => {
    for (const line of component.properties) {
      if (line.parameters.length === 0) continue;
      const tzid = parameterOf(line, 'TZID');
      if (tzid === undefined) continue;
      const trimmed = tzid.trim();
      if (trimmed !== tzid) addNote(notes, 'tolerated.trailing-blank', line, 'TZID');
      if (!used.has(trimmed)) used.set(trimmed, line);
    }
    component.components.forEach(visit);
  };
  components.forEach(visit);
  const defined = new Map<string, Component>();
  for (const component of calendar.components) {
    if (component.name !== 'VTIMEZONE') continue;
    const tzid = propertyOf(component, 'TZID')?.value.trim() ?? '';
    if (!defined.has(tzid)) defined.set(tzid, component);
    if (!used.has(tzid)) addNote(notes, 'tolerated.zone-unused', component.begin!, tzid);
  }
  let compared = 0;
  for (const [tzid, line] of used) {
    const own = defined.get(tzid);
    if (own !== undefined) {
      const iana = ianaZone(tzid);
      const few = ++compared <= maxTimeZonesOfObject;
      const embedded = iana !== undefined && few ? evaluated(own) : undefined;
      if (iana !== undefined && embedded?.offsetAt(seconds) !== iana.offsetAt(seconds)) {
        if (embedded !== undefined) addNote(notes, 'tolerated.zone-differs', own.begin!, tzid);
      }
      continue;
    }
    const code = ianaZone(tzid) === undefined ? 'tolerated.zone-unknown' : 'tolerated.zone-missing';
    addNote(notes, code, line, tzid);
  }
}
