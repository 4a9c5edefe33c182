/**
 * What differs between two versions of a calendar object or a vCard, property by property, for
 * histories, notices and commit messages. Sentences are made in `sentences.ts`.
 */
import { type Component, propertyOf } from '../document/document.ts';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { type ContentLine, parameterOf } from '../syntax/content-line.ts';
import { componentsByInstance, textOfComponent, textOfLine } from './form.ts';

/** How much a change matters to a reader; notices may leave out all but `content`. */
export type ChangeWeight =
  | 'content'
  /** An answer to an invitation. */
  | 'participation'
  | 'alarm'
  /** DTSTAMP, SEQUENCE and what clients keep for themselves. */
  | 'bookkeeping';

export type PropertyChange = {
  readonly name: string;
  readonly weight: ChangeWeight;
  /** Undefined: added. */
  readonly before: ContentLine | undefined;
  /** Undefined: removed. */
  readonly after: ContentLine | undefined;
};

export type ComponentChange = {
  readonly type: 'added' | 'removed' | 'changed';
  /** Of the later version, if there is one. */
  readonly component: Component;
  readonly before: Component | undefined;
  readonly after: Component | undefined;
  /** The line that says which instance; undefined for the master. */
  readonly recurrenceId: ContentLine | undefined;
  readonly properties: readonly PropertyChange[];
  /** How many alarms came, went or changed. */
  readonly alarms: number;
};

/** In the order of the later version, then what is gone. Empty: nothing differs but form. */
export function compareCalendarObjects(
  before: CalendarObject,
  after: CalendarObject,
): ComponentChange[] {
  const older = componentsByInstance(before);
  const newer = componentsByInstance(after);
  const changes: ComponentChange[] = [];
  for (const [key, component] of newer) {
    const old = older.get(key);
    const change = old === undefined ? whole('added', component) : compare(old, component);
    if (change !== undefined) changes.push(change);
  }
  for (const [key, component] of older) {
    if (!newer.has(key)) changes.push(whole('removed', component));
  }
  return changes;
}

/** The same for two versions of a card. */
export function compareCards(before: Component, after: Component): ComponentChange | undefined {
  return compare(before, after);
}

function whole(type: 'added' | 'removed', component: Component): ComponentChange {
  return {
    type,
    component,
    before: type === 'removed' ? component : undefined,
    after: type === 'added' ? component : undefined,
    recurrenceId: propertyOf(component, 'RECURRENCE-ID'),
    properties: [],
    alarms: 0,
  };
}

function compare(before: Component, after: Component): ComponentChange | undefined {
  const properties = compareProperties(before.properties, after.properties);
  const alarms = countDifferences(
    before.components.map(textOfComponent),
    after.components.map(textOfComponent),
  );
  if (properties.length === 0 && alarms === 0) return undefined;
  const recurrenceId = propertyOf(after, 'RECURRENCE-ID');
  return { type: 'changed', component: after, before, after, recurrenceId, properties, alarms };
}

/** Properties that may stand more than once are told apart by their value, or by whom they name. */
const byValue: ReadonlySet<string> = new Set([
  'ATTENDEE',
  'ATTACH',
  'CATEGORIES',
  'COMMENT',
  'RELATED-TO',
  'TEL',
  'EMAIL',
  'EXDATE',
  'RDATE',
  'MEMBER',
]);

const bookkeeping: ReadonlySet<string> = new Set([
  'CREATED',
  'DTSTAMP',
  'LAST-MODIFIED',
  'PRODID',
  'REV',
  'SEQUENCE',
]);

function compareProperties(
  before: readonly ContentLine[],
  after: readonly ContentLine[],
): PropertyChange[] {
  const older = byName(before);
  const newer = byName(after);
  const changes: PropertyChange[] = [];
  for (const name of new Set([...newer.keys(), ...older.keys()])) {
    const was = older.get(name) ?? [];
    const is = newer.get(name) ?? [];
    const wasTexts = new Set(was.map(textOfLine));
    const isTexts = new Set(is.map(textOfLine));
    const gone = was.filter((line) => !isTexts.has(textOfLine(line)));
    const come = is.filter((line) => !wasTexts.has(textOfLine(line)));
    // A line that came stands for one that went: the same value, or the next where values say nothing.
    const left = new Map<string, ContentLine[]>();
    for (const line of gone) push(left, pairingKey(line), line);
    for (const line of come) {
      const old = left.get(pairingKey(line))?.shift();
      changes.push({ name, weight: weightOf(old, line), before: old, after: line });
    }
    for (const line of [...left.values()].flat()) {
      changes.push({ name, weight: weightOf(line, undefined), before: line, after: undefined });
    }
  }
  return changes;
}

function byName(lines: readonly ContentLine[]): Map<string, ContentLine[]> {
  const found = new Map<string, ContentLine[]>();
  for (const line of lines) push(found, line.name, line);
  return found;
}

function push(map: Map<string, ContentLine[]>, key: string, line: ContentLine): void {
  const lines = map.get(key);
  if (lines === undefined) map.set(key, [line]);
  else lines.push(line);
}

function pairingKey(line: ContentLine): string {
  return byValue.has(line.name) ? line.value.trim().toLowerCase() : '';
}

function weightOf(before: ContentLine | undefined, after: ContentLine | undefined): ChangeWeight {
  const { name } = (after ?? before)!;
  if (bookkeeping.has(name) || name.startsWith('X-')) return 'bookkeeping';
  if (name === 'ATTENDEE' && before !== undefined && after !== undefined) {
    const answer = (line: ContentLine): string | undefined =>
      parameterOf(line, 'PARTSTAT')?.toUpperCase();
    return answer(before) === answer(after) ? 'bookkeeping' : 'participation';
  }
  return 'content';
}

function countDifferences(before: readonly string[], after: readonly string[]): number {
  const older = new Set(before);
  const newer = new Set(after);
  const gone = before.filter((text) => !newer.has(text)).length;
  const come = after.filter((text) => !older.has(text)).length;
  return Math.max(gone, come); // one that changed is one
}
