/**
 * Files of Python’s configparser: sections, `key = value` or `key: value`, comments on lines of their own, values that go
 * on in indented lines. Keys are without case; those of `DEFAULT` count in every section. `%(name)s` is not resolved.
 */
import { SourceError } from './source-error.ts';

export type Section = { readonly name: string; readonly values: ReadonlyMap<string, string> };

export function parseConfiguration(text: string): {
  readonly defaults: ReadonlyMap<string, string>;
  /** In the order of the file. */
  readonly sections: readonly Section[];
} {
  const defaults = new Map<string, string>();
  const sections: { name: string; values: Map<string, string> }[] = [];
  let values: Map<string, string> | undefined;
  let key: string | undefined;
  let number = 0;
  for (const line of text.split(/\r?\n/)) {
    number++;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const header = /^\[(.+)\]$/.exec(trimmed);
    if (/^\s/.test(line) && key !== undefined && values !== undefined) {
      values.set(key, `${values.get(key)}\n${trimmed}`);
      continue;
    }
    if (header !== null) {
      const name = header[1]!;
      values = name === 'DEFAULT' ? defaults : new Map<string, string>();
      if (name !== 'DEFAULT') sections.push({ name, values });
      key = undefined;
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed);
    if (pair === null || values === undefined)
      throw new SourceError(
        'takeover.format',
        `line ${number}: neither a section nor a key with a value`,
      );
    key = pair[1]!.toLowerCase();
    values.set(key, pair[2]!);
  }
  const unescaped = (map: ReadonlyMap<string, string>): Map<string, string> =>
    new Map([...map].map(([name, value]) => [name, value.replaceAll('%%', '%')]));
  return {
    defaults: unescaped(defaults),
    sections: sections.map(({ name, values: own }) => ({
      name,
      values: unescaped(new Map([...defaults, ...own])),
    })),
  };
}
