/**
 * A document as a tree of components over its content lines. Octets stay as they were: `octets` is
 * the document, and every line knows its place there.
 */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Result } from '@riad/octets/result';
import type { Problem } from '../codes.ts';
import type { ContentLine } from '../syntax/content-line.ts';
import {
  maxProblems,
  readingLines,
  type Syntax,
  type TokenizerOptions,
} from '../syntax/tokenizer.ts';
import { type Keeps, TreeBuilder } from './tree-builder.ts';

/** As many as lines: a property has at least one. */
export const defaultMaxProperties = 1_000_000;
/** What an import of a whole calendar needs: 50,000 events with one alarm each. */
export const defaultMaxComponents = 100_000;

/** Of an import; a file with more is of another kind. */
export const maxBadLines = 1000;

export type Component = {
  /** In upper case. */
  readonly name: string;
  readonly properties: readonly ContentLine[];
  readonly components: readonly Component[];
  /** Undefined for a component that was made here. */
  readonly begin: ContentLine | undefined;
  readonly end: ContentLine | undefined;
};

export type Document = {
  readonly syntax: Syntax;
  readonly octets: Uint8Array;
  /** Those that stand side by side at the top: one VCALENDAR, many VCARDs. */
  readonly components: readonly Component[];
  /** What was tolerated, each kind once, where it came up first. */
  readonly notes: readonly Problem[];
  /** Lines that could not be read and are in no component; empty unless `skipBadLines`. */
  readonly badLines: readonly Problem[];
};

export type ParseOptions = TokenizerOptions & {
  readonly maxProperties?: number;
  readonly maxComponents?: number;
  /** For imports, where one bad line should not cost all the rest: leaves it out and goes on. */
  readonly skipBadLines?: boolean;
  /** What need not be held up to the end of the document. */
  readonly keeps?: Keeps;
};

/** Total: a tree, or every problem that was found, at most 20. */
export function parseDocument(
  octets: Uint8Array,
  options: ParseOptions,
): Result<Document, readonly Problem[]> {
  return atOnce(parsingDocument(octets, options));
}

/** The same in pieces. */
export function* parsingDocument(
  octets: Uint8Array,
  options: ParseOptions,
): Pieces<Result<Document, readonly Problem[]>> {
  const { maxProperties = defaultMaxProperties, maxComponents = defaultMaxComponents } = options;
  const { syntax, skipBadLines = false, keeps } = options;
  const maxErrors = skipBadLines ? maxBadLines : maxProblems;
  const tree = new TreeBuilder({ maxProperties, maxComponents }, keeps);
  const found = yield* readingLines(octets, { ...options, maxErrors }, (line) => tree.take(line));
  const skip = skipBadLines && found.errors.every(({ code }) => code.startsWith('line.'));
  const errors = skip ? [] : [...found.errors];
  if (errors.length === 0 && tree.errors.length === 0) tree.finish();
  errors.push(...tree.errors.slice(0, Math.max(0, maxProblems - errors.length)));
  if (errors.length > 0) return { ok: false, error: errors };
  const notes = [...found.notes, ...tree.notes];
  const badLines = skip ? found.errors : [];
  return { ok: true, value: { syntax, octets, components: tree.roots, notes, badLines } };
}

/** The first property of that name (upper case); undefined if there is none. */
export function propertyOf(component: Component, name: string): ContentLine | undefined {
  const { properties } = component;
  for (let i = 0; i < properties.length; i++) {
    if (properties[i]!.name === name) return properties[i];
  }
  return undefined;
}

export function propertiesOf(component: Component, name: string): readonly ContentLine[] {
  return component.properties.filter((property) => property.name === name);
}

export function componentsOf(component: Component, name: string): readonly Component[] {
  return component.components.filter((inner) => inner.name === name);
}

export function makeComponent(
  name: string,
  properties: readonly ContentLine[],
  components: readonly Component[] = [],
): Component {
  return { name, properties, components, begin: undefined, end: undefined };
}
