/** Content lines, one after the other, as a tree of components. Not here: how lines are cut, and what they mean. */
import { type Code, type Problem, problem } from '../codes.ts';
import { type ContentLine, tolerableName } from '../syntax/content-line.ts';
import { maxProblems } from '../syntax/tokenizer.ts';
import type { Component } from './document.ts';

/** VCALENDAR, VEVENT, VALARM, VLOCATION (RFC 9073) are four; twice that. */
export const maxDepth = 8;

export type TreeLimits = { readonly maxProperties: number; readonly maxComponents: number };

/** Asked of each component when it has ended, with how many are around it; one that is not kept is in no tree. */
export type Keeps = (component: Component, depth: number) => boolean;

type Building = {
  name: string;
  properties: ContentLine[];
  components: Building[];
  begin: ContentLine;
  end: ContentLine | undefined;
};

export class TreeBuilder {
  /** Those that have ended and are kept. */
  readonly roots: Component[] = [];
  readonly errors: Problem[] = [];
  /** Each kind once. */
  readonly notes: Problem[] = [];
  readonly #limits: TreeLimits;
  readonly #keeps: Keeps | undefined;
  readonly #open: Building[] = [];
  #components = 0;
  #properties = 0;
  /** What follows would only be complained about because of what was wrong before. */
  #stopped = false;

  constructor(limits: TreeLimits, keeps?: Keeps) {
    this.#limits = limits;
    this.#keeps = keeps;
  }

  take(line: ContentLine): void {
    if (this.#stopped) return;
    if (line.name === 'BEGIN') this.#begin(line);
    else if (line.name === 'END') this.#end(line);
    else this.#property(line);
  }

  /** After the last line of a document without errors: what it lacks. */
  finish(): void {
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) this.#fail(unclosed.begin, 'document.unclosed', unclosed.name);
    else if (this.#components === 0) this.errors.push(problem('document.empty', 0, 0));
  }

  #begin(line: ContentLine): void {
    const name = this.#nameOf(line);
    if (!tolerableName.test(name)) {
      this.#stop(line, 'line.name', JSON.stringify(name.slice(0, 40)));
      return;
    }
    if (this.#open.length >= maxDepth) {
      this.#stop(line, 'document.depth', `${maxDepth} are allowed`);
      return;
    }
    const { maxComponents } = this.#limits;
    if (++this.#components > maxComponents) {
      this.#stop(line, 'document.components', `${maxComponents} are allowed`);
      return;
    }
    this.#open.push({ name, properties: [], components: [], begin: line, end: undefined });
  }

  #end(line: ContentLine): void {
    const name = line.value.trim().toUpperCase();
    const component = this.#open.at(-1);
    if (component === undefined || component.name !== name) {
      const detail = component === undefined ? name : `${name} ends ${component.name}`;
      this.#stop(line, 'document.end', detail);
      return;
    }
    component.end = line;
    this.#open.pop();
    if (this.#keeps?.(component, this.#open.length) === false) return;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.roots.push(component);
    else parent.components.push(component);
  }

  #property(line: ContentLine): void {
    const component = this.#open.at(-1);
    if (component === undefined) this.#fail(line, 'document.stray', line.name);
    else component.properties.push(line);
    const { maxProperties } = this.#limits;
    if (++this.#properties > maxProperties) {
      this.#stop(line, 'document.properties', `${maxProperties} are allowed`);
    }
  }

  #fail(line: ContentLine, code: Code, detail: string): void {
    if (this.errors.push(problem(code, line.line, 1, detail)) >= maxProblems) this.#stopped = true;
  }

  #stop(line: ContentLine, code: Code, detail: string): void {
    this.#fail(line, code, detail);
    this.#stopped = true;
  }

  #nameOf(line: ContentLine): string {
    const { value } = line;
    const name = value.trim().toUpperCase();
    if (name === value) return value;
    const code = value.trim() === value ? 'tolerated.case' : 'tolerated.trailing-blank';
    if (!this.notes.some((note) => note.code === code))
      this.notes.push(problem(code, line.line, 1, name));
    return name;
  }
}
