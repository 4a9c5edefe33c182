/**
 * A document as a tree of components over its content lines. Octets stay as they were: `octets` is
 * the document, and every line knows its place there.
 */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type ContentLine, tolerableName } from '../syntax/content-line.ts';
import {
  maxProblems,
  type Syntax,
  type TokenizerOptions,
  tokenizing,
} from '../syntax/tokenizer.ts';

/** VCALENDAR, VEVENT, VALARM, VLOCATION (RFC 9073) are four; twice that. */
export const maxDepth = 8;
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
};

/** Total: a tree, or every problem that was found, at most 20. */
export function parseDocument(
  octets: Uint8Array,
  options: ParseOptions,
): Result<Document, readonly Problem[]> {
  return atOnce(parsingDocument(octets, options));
}

/** Lines that are put into the tree between two pauses. */
const placedOfPiece = 2048;

/** The same in pieces. */
export function* parsingDocument(
  octets: Uint8Array,
  options: ParseOptions,
): Pieces<Result<Document, readonly Problem[]>> {
  const { maxProperties = defaultMaxProperties, maxComponents = defaultMaxComponents } = options;
  const { skipBadLines = false } = options;
  const maxErrors = skipBadLines ? maxBadLines : maxProblems;
  const tokens = yield* tokenizing(octets, { ...options, maxErrors });
  const { lines, errors: found, notes: tolerated } = tokens;
  const skip = skipBadLines && found.every(({ code }) => code.startsWith('line.'));
  const errors = skip ? [] : [...found];
  const notes = [...tolerated];
  const roots: Building[] = [];
  const open: Building[] = [];
  let components = 0;
  let properties = 0;
  const fail = (line: ContentLine, code: Parameters<typeof problem>[0], detail?: string): boolean =>
    errors.push(problem(code, line.line, 1, detail)) >= maxProblems;

  let full = false;
  let placed = 0;
  for (const line of lines) {
    if (++placed % placedOfPiece === 0) yield;
    if (full || errors.length >= maxProblems) break;
    if (line.name === 'BEGIN') {
      const name = componentName(line, notes);
      if (!tolerableName.test(name)) {
        fail(line, 'line.name', JSON.stringify(name.slice(0, 40)));
        break;
      }
      if (open.length >= maxDepth) full = fail(line, 'document.depth', `${maxDepth} are allowed`);
      if (++components > maxComponents) {
        fail(line, 'document.components', `${maxComponents} are allowed`);
        break;
      }
      const component: Building = {
        name,
        properties: [],
        components: [],
        begin: line,
        end: undefined,
      };
      const parent = open.at(-1);
      if (parent === undefined) roots.push(component);
      else parent.components.push(component);
      open.push(component);
      if (open.length > maxDepth) break;
    } else if (line.name === 'END') {
      const name = line.value.trim().toUpperCase();
      const component = open.at(-1);
      if (component === undefined || component.name !== name) {
        fail(
          line,
          'document.end',
          component === undefined ? name : `${name} ends ${component.name}`,
        );
        break; // What follows would only be complained about because of this.
      }
      component.end = line;
      open.pop();
    } else {
      const component = open.at(-1);
      if (component === undefined) full = fail(line, 'document.stray', line.name);
      else component.properties.push(line);
      if (++properties > maxProperties) {
        full = fail(line, 'document.properties', `${maxProperties} are allowed`);
        break;
      }
    }
  }
  if (errors.length === 0) {
    const unclosed = open.at(-1);
    if (unclosed?.begin) fail(unclosed.begin, 'document.unclosed', unclosed.name);
    else if (roots.length === 0) errors.push(problem('document.empty', 0, 0));
  }
  if (errors.length > 0) return { ok: false, error: errors };
  const badLines = skip ? found : [];
  const { syntax } = options;
  return { ok: true, value: { syntax, octets, components: roots, notes, badLines } };
}

type Building = {
  name: string;
  properties: ContentLine[];
  components: Building[];
  begin: ContentLine;
  end: ContentLine | undefined;
};

function componentName(line: ContentLine, notes: Problem[]): string {
  const { value } = line;
  const name = value.trim().toUpperCase();
  if (name === value) return value;
  const code = value.trim() === value ? 'tolerated.case' : 'tolerated.trailing-blank';
  if (!notes.some((note) => note.code === code)) notes.push(problem(code, line.line, 1, name));
  return name;
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
