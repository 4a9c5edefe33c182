/**
 * Changes a document and leaves every octet that is not meant as it is: order, folding and unknown
 * properties survive (RFC 4791 §5.3.3).
 */
import { joinOctets } from '@riad/octets/join';
import type { ContentLine } from '../syntax/content-line.ts';
import { formatLine } from '../syntax/line-format.ts';
import { type Component, type Document, propertiesOf } from './document.ts';
import { formatComponent } from './serialise.ts';

export type Edit =
  | { readonly type: 'replace'; readonly line: ContentLine; readonly by: readonly ContentLine[] }
  | { readonly type: 'remove-component'; readonly component: Component }
  /** At the end of a component's own properties, before what is nested in it. */
  | {
      readonly type: 'add';
      readonly component: Component;
      readonly properties: readonly ContentLine[];
    }
  /** As the last of the components in `parent`. */
  | {
      readonly type: 'add-component';
      readonly parent: Component;
      readonly component: Component;
    };

type Cut = { readonly start: number; readonly end: number; readonly by: readonly Uint8Array[] };

/** The document's octets after the edits, which must not overlap. */
export function editDocument(document: Document, edits: readonly Edit[]): Uint8Array {
  const cuts = edits.map(cutOf).sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, by } of cuts) {
    if (start < at) continue; // inside a component that goes away as a whole
    parts.push(document.octets.subarray(at, start), ...by);
    at = end;
  }
  parts.push(document.octets.subarray(at));
  return joinOctets(parts);
}

function cutOf(edit: Edit): Cut {
  switch (edit.type) {
    case 'replace':
      return { start: edit.line.start, end: edit.line.end, by: edit.by.map(formatLine) };
    case 'remove-component': {
      const { begin, end } = read(edit.component);
      return { start: begin.start, end: end.end, by: [] };
    }
    case 'add': {
      const { begin, end } = read(edit.component);
      const last = edit.component.properties.at(-1) ?? begin;
      const first = edit.component.components[0]?.begin ?? end;
      // Properties behind nested components are not where new ones should go.
      const place = Math.min(last.end, first.start);
      return { start: place, end: place, by: edit.properties.map(formatLine) };
    }
    case 'add-component': {
      const { end } = read(edit.parent);
      return { start: end.start, end: end.start, by: [formatComponent(edit.component)] };
    }
  }
}

function read({ name, begin, end }: Component): { begin: ContentLine; end: ContentLine } {
  if (begin === undefined || end === undefined) {
    throw new TypeError(`${name} was made here and stands in no document`);
  }
  return { begin, end };
}

/** Edits that leave exactly these lines under a name in a component. */
export function setProperty(
  component: Component,
  name: string,
  lines: readonly ContentLine[],
): Edit[] {
  const [first, ...others] = propertiesOf(component, name);
  if (first === undefined) {
    return lines.length === 0 ? [] : [{ type: 'add', component, properties: lines }];
  }
  return [
    { type: 'replace', line: first, by: lines },
    ...others.map((line): Edit => ({ type: 'replace', line, by: [] })),
  ];
}
