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
import { formatComponent, octetRuns, octetRunsOfLines } from '../document/serialise.ts';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { type ContentLine, makeLine } from '../syntax/content-line.ts';
import { foldText, formatLine, formatUnfolded } from '../syntax/line-format.ts';
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

/** The same in pieces. Of a component no more is held than where its octets are and what it is known by. */
export function* splittingCalendar(
  octets: Uint8Array,
  makeUid: () => string,
): Pieces<Result<SplitCalendar, readonly Problem[]>> {
  const membersOf: Member[][] = [[]];
  const parsed = yield* parsingDocument(octets, {
    syntax: 'icalendar',
    skipBadLines: true,
    keeps: (component, depth) => {
      if (depth === 0) membersOf.push([]);
      else if (depth === 1) membersOf.at(-1)!.push(memberOf(component));
      return depth !== 1;
    },
  });
  if (!parsed.ok) return parsed;
  const { badLines } = parsed.value;
  const notes = [...parsed.value.notes, ...badLines];
  const objects: SplitObject[] = [];
  let name: string | undefined;
  for (const [i, calendar] of parsed.value.components.entries()) {
    if (calendar.name !== 'VCALENDAR') {
      notes.push(problem('object.kind', calendar.begin?.line ?? 0, 1, calendar.name));
      continue;
    }
    name ??= (propertyOf(calendar, 'NAME') ?? propertyOf(calendar, 'X-WR-CALNAME'))?.value;
    yield;
    const split = splitOne(calendar, membersOf[i]!, { makeUid, notes, badLines });
    for (const object of yield* split) objects.push(object);
  }
  return { ok: true, value: { objects, name, notes } };
}

/** A component right below a VCALENDAR. */
type Member = {
  readonly kind: string;
  /** Its octets, mostly a view of the file; without a UID behind its first line. */
  readonly runs: readonly Uint8Array[];
  /** First and last line. */
  readonly line: number;
  readonly lastLine: number;
  /** Empty if it has none. */
  readonly uid: string;
  /** Of a VTIMEZONE. */
  readonly tzid: string;
  /** That it refers to. */
  readonly timeZones: readonly string[];
  readonly recurrenceId: string;
  readonly sequence: number;
};

function memberOf(component: Component): Member {
  const { name: kind, begin, end } = component;
  const textOf = (name: string): string => propertyOf(component, name)?.value.trim() ?? '';
  const uid = textOf('UID');
  const sequence = Number(textOf('SEQUENCE'));
  return {
    kind,
    runs: uid === '' && kind !== 'VTIMEZONE' ? withoutUid(component) : octetRuns(component),
    line: begin?.line ?? 0,
    lastLine: end?.line ?? 0,
    uid,
    tzid: kind === 'VTIMEZONE' ? textOf('TZID') : '',
    timeZones: [...usedTimeZones(component)],
    recurrenceId: textOf('RECURRENCE-ID'),
    sequence: Number.isFinite(sequence) ? sequence : 0,
  };
}

/** Room is left behind the first run, which is the BEGIN, for one that is made. */
function withoutUid(component: Component): Uint8Array[] {
  const properties = component.properties.filter(({ name }) => name !== 'UID');
  const rest = octetRuns({ ...component, begin: undefined, properties });
  return [formatLine(component.begin!), ...rest.slice(1)];
}

/** Properties of the VCALENDAR that say something of each object in it. */
const carried: ReadonlySet<string> = new Set(['VERSION', 'PRODID', 'CALSCALE']);

/** Components that are looked at between two pauses. */
const componentsOfPiece = 16;

type Splitting = {
  readonly makeUid: () => string;
  readonly notes: Problem[];
  readonly badLines: readonly Problem[];
};

function* splitOne(
  calendar: Component,
  members: readonly Member[],
  { makeUid, notes, badLines }: Splitting,
): Pieces<SplitObject[]> {
  const zones = new Map<string, Member>();
  const groups = new Map<string, { uid: string; members: Member[] }>();
  let looked = 0;
  for (const member of members) {
    if (++looked % componentsOfPiece === 0) yield;
    const { kind, uid, tzid, line } = member;
    if (kind === 'VTIMEZONE') {
      if (!zones.has(tzid)) zones.set(tzid, member);
      continue;
    }
    if (uid === '') {
      const made = makeUid();
      notes.push(problem('tolerated.missing', line, 0, 'UID'));
      const [begin, ...rest] = member.runs;
      const runs = [begin!, formatLine(makeLine('UID', made)), ...rest];
      groups.set(made, { uid: made, members: [{ ...member, runs }] });
      continue;
    }
    // The same UID for another kind is another object; a calendar refuses it later, and says so.
    const key = `${kind} ${uid}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { uid, members: [member] });
    else group.members.push(member);
  }
  for (const [key, group] of groups) {
    if (badLines.length === 0) break;
    if (++looked % componentsOfPiece === 0) yield;
    // An object that lost a line would be another one.
    if (group.members.some((member) => isBroken(member, badLines))) groups.delete(key);
  }
  const head: ContentLine[] = calendar.properties.filter((line) => carried.has(line.name));
  if (!head.some((line) => line.name === 'VERSION')) head.unshift(makeLine('VERSION', '2.0'));
  const before = [foldText('BEGIN:VCALENDAR'), ...octetRunsOfLines(head)];
  const after = foldText('END:VCALENDAR');
  const objects: SplitObject[] = [];
  for (const group of groups.values()) {
    if (++looked % componentsOfPiece === 0) yield;
    const [first] = group.members;
    const own = withoutRepeatedMasters(group.members, notes);
    const used = new Set(own.flatMap(({ timeZones }) => timeZones));
    const needed = [...used].flatMap((tzid) => zones.get(tzid) ?? []);
    const runs = [...needed, ...own].flatMap((member) => member.runs);
    objects.push({
      uid: group.uid,
      kind: first!.kind,
      octets: joinOctets([...before, ...runs, after]),
      line: first!.line,
    });
  }
  return objects;
}

function isBroken({ line: first, lastLine }: Member, badLines: readonly Problem[]): boolean {
  return badLines.some(({ line }) => line > first && line < lastLine);
}

/** Exports of several calendars at once repeat events: the one with the highest SEQUENCE stays, then the last. */
function withoutRepeatedMasters(members: readonly Member[], notes: Problem[]): readonly Member[] {
  if (members.length === 1) return members;
  const best = new Map<string, Member>();
  for (const member of members) {
    const { recurrenceId, sequence, line } = member;
    const known = best.get(recurrenceId);
    if (known === undefined) best.set(recurrenceId, member);
    else {
      notes.push(problem('object.twice', line, 1, recurrenceId));
      if (sequence >= known.sequence) best.set(recurrenceId, member);
    }
  }
  return [...best.values()];
}

/** A new object around components that were made here, such as those of an import from CSV. */
export function wrapComponents(components: readonly Component[], productId: string): Uint8Array {
  const head = [makeLine('VERSION', '2.0'), makeLine('PRODID', encodeText(productId))];
  return formatComponent(makeComponent('VCALENDAR', head, components));
}
