/**
 * Octets of components. What was read is copied octet for octet; what was made here is written and
 * folded. A component whose content is untouched is best copied whole: `octetsOf`.
 */
import { joinOctets } from '@riad/octets/join';
import type { ContentLine } from '../syntax/content-line.ts';
import { foldText, formatLine, withLineBreak } from '../syntax/line-format.ts';
import type { Component } from './document.ts';

/** The octets a component was read from, its blank lines included; undefined if it was made here. */
export function octetsOf(component: Component): Uint8Array | undefined {
  const { begin, end } = component;
  if (begin?.octets === undefined || end?.octets !== begin.octets) return undefined;
  return begin.octets.subarray(begin.start, end.end);
}

export function formatComponent(component: Component): Uint8Array {
  return joinOctets(octetRuns(component));
}

/** The same in parts: what stands together in what was read is one, and no copy. */
export function octetRuns(component: Component): Uint8Array[] {
  const runs = new Runs();
  runs.component(component);
  return runs.finish();
}

export function octetRunsOfLines(lines: Iterable<ContentLine>): Uint8Array[] {
  const runs = new Runs();
  for (const line of lines) runs.line(line);
  return runs.finish();
}

class Runs {
  readonly #runs: Uint8Array[] = [];
  /** Of the run that may go on. */
  #octets: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  component(component: Component): void {
    if (component.begin === undefined) this.#add(foldText(`BEGIN:${component.name}`));
    else this.line(component.begin);
    for (const property of component.properties) this.line(property);
    for (const inner of component.components) this.component(inner);
    if (component.end === undefined) this.#add(foldText(`END:${component.name}`));
    else this.line(component.end);
  }

  line(line: ContentLine): void {
    const { octets, start, end } = line;
    if (octets === undefined) {
      this.#add(formatLine(line));
      return;
    }
    if (octets === this.#octets && start === this.#end) {
      this.#end = end;
      return;
    }
    this.#close();
    this.#octets = octets;
    this.#start = start;
    this.#end = end;
  }

  finish(): Uint8Array[] {
    this.#close();
    return this.#runs;
  }

  #add(octets: Uint8Array): void {
    this.#close();
    this.#runs.push(octets);
  }

  #close(): void {
    const octets = this.#octets;
    if (octets === undefined) return;
    this.#runs.push(withLineBreak(octets.subarray(this.#start, this.#end)));
    this.#octets = undefined;
  }
}
