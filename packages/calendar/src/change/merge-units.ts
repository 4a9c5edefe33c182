/** What of a component is merged as one: a property, the lines of a group, or properties that belong together. */
import type { Component } from '../document/document.ts';
import type { ContentLine } from '../syntax/content-line.ts';
import { textOfComponent, textOfLine } from './form.ts';

/** When something is, and how it repeats: half of one and half of another is neither. */
export const timesUnit = 'DTSTART';

/** Property → the unit it belongs to, where that is not its own name. */
const together: ReadonlyMap<string, string> = new Map([
  ...['DTSTART', 'DTEND', 'DURATION', 'DUE', 'RRULE', 'EXRULE', 'RDATE'].map(
    (name): [string, string] => [name, timesUnit],
  ),
  ['COMPLETED', 'STATUS'],
  ['PERCENT-COMPLETE', 'STATUS'],
  ['GEO', 'LOCATION'],
  ['X-APPLE-STRUCTURED-LOCATION', 'LOCATION'],
  ['X-ALT-DESC', 'DESCRIPTION'],
  ['FN', 'N'],
  ['SORT-STRING', 'N'],
]);

/** Sets: who adds one has not changed the others. */
const byValue: ReadonlySet<string> = new Set([
  'ATTACH',
  'ATTENDEE',
  'MEMBER',
  'RELATED-TO',
  'X-ADDRESSBOOKSERVER-MEMBER',
]);

/** What programs note at each change: the later one counts, or ours where they have no order. */
const bookkeeping: ReadonlyMap<string, 'later' | 'greater' | 'ours'> = new Map([
  ['DTSTAMP', 'later'],
  ['LAST-MODIFIED', 'later'],
  ['REV', 'later'],
  ['SEQUENCE', 'greater'],
  ['CREATED', 'ours'],
  ['PRODID', 'ours'],
  ['X-MOZ-GENERATION', 'greater'],
  ['X-MOZ-LASTACK', 'later'],
]);

export function linesByUnit({ properties }: Component): Map<string, ContentLine[]> {
  const units = new Map<string, ContentLine[]>();
  for (const line of properties) {
    const unit = unitOf(line);
    const lines = units.get(unit);
    if (lines === undefined) units.set(unit, [line]);
    else lines.push(line);
  }
  return units;
}

function unitOf({ name, group, value }: ContentLine): string {
  // `item1.TEL` and `item1.X-ABLabel`: the label is of no use without what it labels.
  if (group !== undefined) return `${group.toLowerCase()}.`;
  if (byValue.has(name)) return `${name} ${value.trim().toLowerCase()}`;
  return together.get(name) ?? name;
}

/** Whatever their order and form. */
export function textOfUnit(lines: readonly ContentLine[]): string {
  return lines.map(textOfLine).sort().join('\n');
}

export function isBookkeeping(unit: string): boolean {
  return bookkeeping.has(unit);
}

/** Ours, or theirs if it came later. */
export function laterOf(
  unit: string,
  ours: readonly ContentLine[],
  theirs: readonly ContentLine[],
): readonly ContentLine[] {
  const order = bookkeeping.get(unit);
  const [our, their] = [ours[0]?.value.trim(), theirs[0]?.value.trim()];
  if (their === undefined || order === 'ours') return ours;
  if (our === undefined) return theirs;
  if (order === 'greater') return Number(their) > Number(our) ? theirs : ours;
  // Both in UTC: digits compare as times do, with dashes and colons or without.
  const digits = (value: string): string => value.replace(/[-:]/g, '');
  return digits(their) > digits(our) ? theirs : ours;
}

export function nestedByName({ components }: Component): Map<string, readonly Component[]> {
  return Map.groupBy(components, ({ name }) => name);
}

/** But for what programs note for themselves. */
export function hasSameContent(one: Component, other: Component): boolean {
  return contentOf(one) === contentOf(other);
}

function contentOf(component: Component): string {
  const properties = component.properties.filter(({ name }) => !isBookkeeping(name));
  return textOfComponent({ ...component, properties });
}
