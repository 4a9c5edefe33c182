/** What git tells its hooks of a push: a line `OLD NEW REF` for each reference that it changes. */
import { Refusal } from '../refusal.ts';

export type PushedReference = {
  /** Undefined: there was none. */
  readonly before: string | undefined;
  /** Undefined: it is deleted. */
  readonly after: string | undefined;
  readonly name: string;
};

export function readPushedReferences(text: string): PushedReference[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, before, after, name] = /^([0-9a-f]+) ([0-9a-f]+) (\S.*)$/.exec(line) ?? [];
      if (before === undefined || after === undefined || name === undefined) {
        throw new Refusal(`"${line}" is no line that git gives to hooks: OLD NEW REF`);
      }
      return { before: idOf(before), after: idOf(after), name };
    });
}

/** The id of nothing is all zeros, as many as the repository’s hash has. */
function idOf(text: string): string | undefined {
  return /^0+$/.test(text) ? undefined : text;
}
