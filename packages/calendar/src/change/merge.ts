/**
 * Two versions that both come from a third, as one: what either has changed, property by property, as long as they
 * have not changed the same. Octets of ours stay as they are wherever theirs changes nothing. Properties that mean
 * something only together (when an event is, where, how far a task has got) count as one; rather a conflict than an
 * object that nobody has meant.
 */
import type { Component, Document } from '../document/document.ts';
import { type Edit, editDocument } from '../document/edit.ts';
import { type CalendarObject, clockOf, readCalendarObject } from '../icalendar/calendar-object.ts';
import type { ContentLine } from '../syntax/content-line.ts';
import { definedTimeZones, isStandardTimeZone, usedTimeZones } from '../time-zone/used-zones.ts';
import { utc } from '../time-zone/zone.ts';
import { type AddressObject, readAddressObject } from '../vcard/card.ts';
import { componentsByInstance, instanceKeys, textOfComponent } from './form.ts';
import {
  hasSameContent,
  isBookkeeping,
  laterOf,
  linesByUnit,
  nestedByName,
  textOfUnit,
  timesUnit,
} from './merge-units.ts';

export type MergeConflict = {
  /** What both have changed, for people: `SUMMARY`, `DTSTART, DTEND`, `VALARM`. */
  readonly what: string;
  /** RECURRENCE-ID of the instance, if it is not the whole series. */
  readonly instance: string | undefined;
};

export type Merge =
  | { readonly type: 'merged'; readonly octets: Uint8Array }
  | { readonly type: 'conflict'; readonly conflicts: readonly MergeConflict[] };

type Sides<Value> = { readonly base: Value; readonly ours: Value; readonly theirs: Value };

export function mergeCalendarObjects(objects: Sides<CalendarObject>): Merge {
  const { base, ours, theirs } = objects;
  const edits = new Edits();
  if (base.uid !== ours.uid || base.uid !== theirs.uid) edits.collide('UID');
  if (base.kind !== ours.kind || base.kind !== theirs.kind) edits.collide(ours.kind);
  if (edits.conflicts.length > 0) return edits.applied(ours.document);
  const calendars = each(objects, ({ calendar }) => calendar);
  mergeProperties(calendars, edits, undefined);
  mergeNested(calendars, edits, undefined, (name) => name !== 'VTIMEZONE' && name !== ours.kind);
  mergeTimeZones(objects, edits);
  mergeInstances(objects, edits);
  const merged = edits.applied(ours.document);
  // Of two that can be read comes one that can be; if not, nobody is to have it.
  if (merged.type === 'merged' && !readCalendarObject(merged.octets).ok) return unreadable;
  return merged;
}

export function mergeCards(cards: Sides<AddressObject>): Merge {
  const { base, ours, theirs } = cards;
  const edits = new Edits();
  if (base.uid !== ours.uid || base.uid !== theirs.uid) edits.collide('UID');
  // What a line of another version means is not what it says here.
  if (base.version !== ours.version || base.version !== theirs.version) edits.collide('VERSION');
  if (edits.conflicts.length > 0) return edits.applied(ours.document);
  mergeComponents(
    each(cards, ({ card }) => card),
    edits,
    undefined,
  );
  const merged = edits.applied(ours.document);
  if (merged.type === 'merged' && !readAddressObject(merged.octets).ok) return unreadable;
  return merged;
}

const unreadable: Merge = {
  type: 'conflict',
  conflicts: [{ what: 'the form', instance: undefined }],
};

/** What has to be done to ours, and what cannot be. */
class Edits {
  readonly edits: Edit[] = [];
  readonly conflicts: MergeConflict[] = [];

  collide(what: string, instance?: string): void {
    this.conflicts.push({ what, instance });
  }

  applied(document: Document): Merge {
    const { edits, conflicts } = this;
    if (conflicts.length > 0) return { type: 'conflict', conflicts };
    const octets = edits.length === 0 ? document.octets : editDocument(document, edits);
    return { type: 'merged', octets };
  }
}

function each<From, To>(sides: Sides<From>, map: (value: From) => To): Sides<To> {
  return { base: map(sides.base), ours: map(sides.ours), theirs: map(sides.theirs) };
}

function mergeComponents(
  components: Sides<Component>,
  edits: Edits,
  instance: string | undefined,
): void {
  mergeProperties(components, edits, instance);
  mergeNested(components, edits, instance, () => true);
}

function mergeProperties(
  components: Sides<Component>,
  edits: Edits,
  instance: string | undefined,
): void {
  const { base, ours, theirs } = each(components, linesByUnit);
  for (const unit of new Set([...ours.keys(), ...theirs.keys()])) {
    const lines = each({ base, ours, theirs }, (units) => units.get(unit) ?? []);
    if (isBookkeeping(unit)) {
      const later = laterOf(unit, lines.ours, lines.theirs);
      if (later !== lines.ours) edits.edits.push(...replaced(components.ours, lines.ours, later));
      continue;
    }
    const text = each(lines, textOfUnit);
    if (text.theirs === text.base || text.theirs === text.ours) continue;
    if (text.ours === text.base) {
      edits.edits.push(...replaced(components.ours, lines.ours, lines.theirs));
    } else edits.collide(namesThatDiffer(lines.ours, lines.theirs), instance);
  }
}

function replaced(
  component: Component,
  lines: readonly ContentLine[],
  by: readonly ContentLine[],
): Edit[] {
  const [first, ...others] = lines;
  if (first === undefined) return [{ type: 'add', component, properties: by }];
  return [
    { type: 'replace', line: first, by },
    ...others.map((line): Edit => ({ type: 'replace', line, by: [] })),
  ];
}

function namesThatDiffer(ours: readonly ContentLine[], theirs: readonly ContentLine[]): string {
  const names = new Set([...ours, ...theirs].map(({ name }) => name));
  const of = (lines: readonly ContentLine[], wanted: string): string =>
    textOfUnit(lines.filter(({ name }) => name === wanted));
  return [...names].filter((name) => of(ours, name) !== of(theirs, name)).join(', ');
}

/** Alarms and the like: all of a name are one. */
function mergeNested(
  components: Sides<Component>,
  edits: Edits,
  instance: string | undefined,
  concerns: (name: string) => boolean,
): void {
  const { base, ours, theirs } = each(components, nestedByName);
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    if (!concerns(name)) continue;
    const inner = each({ base, ours, theirs }, (named) => named.get(name) ?? []);
    const text = each(inner, (all) => all.map(textOfComponent).sort().join('\n'));
    if (text.theirs === text.base || text.theirs === text.ours) continue;
    if (text.ours !== text.base) {
      edits.collide(name, instance);
      continue;
    }
    for (const component of inner.ours) edits.edits.push({ type: 'remove-component', component });
    for (const component of inner.theirs) edits.edits.push(added(components.ours, component));
  }
}

function added(parent: Component, component: Component): Edit {
  return { type: 'add-component', parent, component };
}

/** Those that IANA lists mean the same everywhere; of others, one must not come to mean something else. */
function mergeTimeZones(objects: Sides<CalendarObject>, edits: Edits): void {
  const { calendar } = objects.ours;
  const { base, ours, theirs } = each(objects, (object) => definedTimeZones(object.calendar));
  const used = usedTimeZones(objects.theirs.calendar);
  for (const [tzid, their] of theirs) {
    const our = ours.get(tzid);
    if (our === undefined) {
      if (used.has(tzid)) edits.edits.push(added(calendar, their));
      continue;
    }
    const [was, is, wanted] = [base.get(tzid), our, their].map(
      (one) => one && textOfComponent(one),
    );
    if (isStandardTimeZone(tzid) || wanted === is || wanted === was) continue;
    if (is !== was) edits.collide(`VTIMEZONE ${tzid}`);
    else edits.edits.push({ type: 'remove-component', component: our }, added(calendar, their));
  }
}

function mergeInstances(objects: Sides<CalendarObject>, edits: Edits): void {
  const { base, ours, theirs } = each(objects, componentsByInstance);
  for (const key of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [was, our, their] = [base.get(key), ours.get(key), theirs.get(key)];
    const instance = key === '' ? undefined : instanceOf((our ?? their ?? was)!);
    if (was !== undefined && our !== undefined && their !== undefined) {
      mergeComponents({ base: was, ours: our, theirs: their }, edits, instance);
    } else if (our === undefined && their !== undefined) {
      if (was === undefined) edits.edits.push(added(objects.ours.calendar, their));
      else if (!hasSameContent(was, their)) edits.collide(`${their.name}, removed`, instance);
    } else if (our !== undefined && their === undefined) {
      if (was === undefined) continue;
      if (hasSameContent(was, our)) edits.edits.push({ type: 'remove-component', component: our });
      else edits.collide(`${our.name}, removed`, instance);
    } else if (our !== undefined && their !== undefined && !hasSameContent(our, their)) {
      edits.collide(our.name, instance);
    }
  }
  const clocks = each(objects, (object) => clockOf(object, utc));
  const [mine, others] = [
    stepsOf(base, ours, (line) => instanceKeys(line, clocks.ours)),
    stepsOf(base, theirs, (line) => instanceKeys(line, clocks.theirs)),
  ];
  if (disturbs(mine, others) || disturbs(others, mine)) {
    edits.collide('the times of the series and of single instances');
  }
}

function instanceOf({ properties }: Component): string | undefined {
  return properties.find(({ name }) => name === 'RECURRENCE-ID')?.value;
}

/** What a version has done to the instances that the base had. */
type Steps = {
  /** The series itself has moved, or repeats otherwise. */
  readonly series: boolean;
  /** Instances that came, went or were moved, by themselves. */
  readonly instances: ReadonlySet<string>;
  /** Instances that were taken out or put back. */
  readonly excluded: ReadonlySet<string>;
};

function stepsOf(
  base: ReadonlyMap<string, Component>,
  version: ReadonlyMap<string, Component>,
  keysOf: (line: ContentLine) => readonly string[],
): Steps {
  const times = (component: Component | undefined): string =>
    textOfUnit((component && linesByUnit(component).get(timesUnit)) ?? []);
  const instances = new Set<string>();
  for (const key of new Set([...base.keys(), ...version.keys()])) {
    if (key === '') continue;
    const [was, is] = [base.get(key), version.get(key)];
    if (was === undefined || is === undefined || times(was) !== times(is)) instances.add(key);
  }
  const [was, is] = [base.get(''), version.get('')];
  const exclusions = (component: Component | undefined): string[] =>
    (component?.properties ?? []).filter(({ name }) => name === 'EXDATE').flatMap(keysOf);
  const excluded = new Set(exclusions(was)).symmetricDifference(new Set(exclusions(is)));
  return { series: times(was) !== times(is), instances, excluded };
}

/** Whether what one has done to the series or its instances leaves what the other has done to them without ground. */
function disturbs(one: Steps, other: Steps): boolean {
  if (one.series) return other.instances.size > 0 || other.excluded.size > 0;
  return !one.excluded.isDisjointFrom(other.instances);
}
