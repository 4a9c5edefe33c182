/**
 * A whole calendar as one .ics file, and an .ics file as the objects in it. Components keep their
 * octets both ways.
 */
import { joinOctets } from '@riad/octets/join';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import {
  type Component,
  makeComponent,
  parsingDocument,
  propertyOf,
} from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { type ContentLine, makeLine } from '../syntax/content-line.ts';
import { foldText, formatUnfolded } from '../syntax/line-format.ts';
import { usedTimeZones } from '../time-zone/used-zones.ts';
import { encodeText } from '../values/text.ts';

export type CalendarFileHeading = {
  readonly productId: string;
  /** NAME (RFC 7986 §5.1) and X-WR-CALNAME. */
  readonly name?: string;
  readonly description?: string;
  /** COLOR (RFC 7986 §5.9): a name of CSS. */
  readonly color?: string;
};

/** One VCALENDAR with everything; each VTIMEZONE once, the first of a name. */
export function mergeCalendar(
  objects: Iterable<CalendarObject>,
  heading: CalendarFileHeading,
): Uint8Array {
  const zones = new Map<string, Uint8Array>();
  const components: Uint8Array[] = [];
  for (const { calendar } of objects) {
    for (const component of calendar.components) {
      if (component.name !== 'VTIMEZONE') components.push(formatComponent(component));
      else {
        const tzid = propertyOf(component, 'TZID')?.value.trim() ?? '';
        if (!zones.has(tzid)) zones.set(tzid, formatComponent(component));
      }
    }
  }
  const { productId, name, description, color } = heading;
  const head = [makeLine('VERSION', '2.0'), makeLine('PRODID', encodeText(productId))];
  const text = (key: string, value: string | undefined): void => {
    if (value !== undefined) head.push(makeLine(key, encodeText(value)));
  };
  text('NAME', name);
  text('X-WR-CALNAME', name);
  text('DESCRIPTION', description);
  text('X-WR-CALDESC', description);
  text('COLOR', color);
  return joinOctets([
    foldText('BEGIN:VCALENDAR'),
    ...head.map((line) => foldText(formatUnfolded(line))),
    ...zones.values(),
    ...components,
    foldText('END:VCALENDAR'),
  ]);
}

export type SplitObject = {
  readonly uid: string;
  readonly kind: string;
  readonly octets: Uint8Array;
  /** Line of the file where its first component begins. */
  readonly line: number;
};

export type SplitCalendar = {
  readonly objects: readonly SplitObject[];
  /** NAME or X-WR-CALNAME of the file. */
  readonly name: string | undefined;
  /** What was left out or mended, with its line. */
  readonly notes: readonly Problem[];
};

/**
 * An object for each UID, with the VTIMEZONEs it needs; METHOD goes. An object with a line that cannot
 * be read is left out, and the line is noted. Whether each may be stored is for `checkCalendarObject`. `makeUid` is asked for components without UID.
 */
export function splitCalendar(
  octets: Uint8Array,
  makeUid: () => string,
): Result<SplitCalendar, readonly Problem[]> {
  return atOnce(splittingCalendar(octets, makeUid));
}

/** The same in pieces. */
export function* splittingCalendar(
  octets: Uint8Array,
  makeUid: () => string,
): Pieces<Result<SplitCalendar, readonly Problem[]>> {
  const parsed = yield* parsingDocument(octets, { syntax: 'icalendar', skipBadLines: true });
  if (!parsed.ok) return parsed;
  const { badLines } = parsed.value;
  const notes = [...parsed.value.notes, ...badLines];
  const objects: SplitObject[] = [];
  let name: string | undefined;
  for (const calendar of parsed.value.components) {
    if (calendar.name !== 'VCALENDAR') {
      notes.push(problem('object.kind', calendar.begin?.line ?? 0, 1, calendar.name));
      continue;
    }
    name ??= (propertyOf(calendar, 'NAME') ?? propertyOf(calendar, 'X-WR-CALNAME'))?.value;
    yield;
    for (const object of yield* splitOne(calendar, makeUid, notes, badLines)) objects.push(object);
  }
  return { ok: true, value: { objects, name, notes } };
}

/** Properties of the VCALENDAR that say something of each object in it. */
const carried: ReadonlySet<string> = new Set(['VERSION', 'PRODID', 'CALSCALE']);

/** Components that are looked at between two pauses. */
const componentsOfPiece = 16;

function* splitOne(
  calendar: Component,
  makeUid: () => string,
  notes: Problem[],
  badLines: readonly Problem[],
): Pieces<SplitObject[]> {
  const zones = new Map<string, Component>();
  const groups = new Map<string, { uid: string; components: Component[] }>();
  let looked = 0;
  for (const component of calendar.components) {
    if (++looked % componentsOfPiece === 0) yield;
    if (component.name === 'VTIMEZONE') {
      const tzid = propertyOf(component, 'TZID')?.value.trim() ?? '';
      if (!zones.has(tzid)) zones.set(tzid, component);
      continue;
    }
    const line = propertyOf(component, 'UID');
    const uid = line?.value.trim() ?? '';
    if (uid === '') {
      const made = makeUid();
      notes.push(problem('tolerated.missing', component.begin?.line ?? 0, 0, 'UID'));
      const properties = component.properties.filter((property) => property.name !== 'UID');
      const identified = { ...component, properties: [makeLine('UID', made), ...properties] };
      groups.set(made, { uid: made, components: [identified] });
      continue;
    }
    // The same UID for another kind is another object; a calendar refuses it later, and says so.
    const key = `${component.name} ${uid}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { uid, components: [component] });
    else group.components.push(component);
  }
  for (const [key, { components }] of groups) {
    if (badLines.length === 0) break;
    if (++looked % componentsOfPiece === 0) yield;
    // An object that lost a line would be another one.
    if (components.some((component) => isBroken(component, badLines))) groups.delete(key);
  }
  const head: ContentLine[] = calendar.properties.filter((line) => carried.has(line.name));
  if (!head.some((line) => line.name === 'VERSION')) head.unshift(makeLine('VERSION', '2.0'));
  const objects: SplitObject[] = [];
  for (const { uid, components } of groups.values()) {
    if (++looked % componentsOfPiece === 0) yield;
    const own = makeComponent('VCALENDAR', head, withoutRepeatedMasters(components, notes));
    const needed = [...usedTimeZones(own)].flatMap((tzid) => zones.get(tzid) ?? []);
    const whole = makeComponent('VCALENDAR', head, [...needed, ...own.components]);
    const [first] = components;
    objects.push({
      uid,
      kind: first!.name,
      octets: formatComponent(whole),
      line: first!.begin?.line ?? 0,
    });
  }
  return objects;
}

function isBroken({ begin, end }: Component, badLines: readonly Problem[]): boolean {
  const first = begin?.line ?? 0;
  const last = end?.line ?? 0;
  return badLines.some(({ line }) => line > first && line < last);
}

/** Exports of several calendars at once repeat events: the one with the highest SEQUENCE stays, then the last. */
function withoutRepeatedMasters(
  components: readonly Component[],
  notes: Problem[],
): readonly Component[] {
  const best = new Map<string, Component>();
  for (const component of components) {
    const key = propertyOf(component, 'RECURRENCE-ID')?.value.trim() ?? '';
    const known = best.get(key);
    if (known === undefined) best.set(key, component);
    else {
      notes.push(problem('object.twice', component.begin?.line ?? 0, 1, key));
      if (sequenceOf(component) >= sequenceOf(known)) best.set(key, component);
    }
  }
  return best.size === components.length ? components : [...best.values()];
}

function sequenceOf(component: Component): number {
  const sequence = Number(propertyOf(component, 'SEQUENCE')?.value ?? 0);
  return Number.isFinite(sequence) ? sequence : 0;
}

/** A new object around components that were made here, such as those of an import from CSV. */
export function wrapComponents(components: readonly Component[], productId: string): Uint8Array {
  const head = [makeLine('VERSION', '2.0'), makeLine('PRODID', encodeText(productId))];
  return formatComponent(makeComponent('VCALENDAR', head, components));
}
