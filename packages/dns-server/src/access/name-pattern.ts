/** Patterns of names: `*` is every name, `*.example.com` all below one, `example.com` that one. */
import { equalNames, isSubdomain, labelsOf, type Name, parseName } from '@riad/dns/name';
import { DecodeError } from '@riad/octets/decode-error';

export type NamePattern =
  | { readonly kind: 'every' }
  | { readonly kind: 'exact'; readonly name: Name }
  | { readonly kind: 'below'; readonly name: Name };

/** The pattern of a text, or a sentence that says what is wrong with it. */
export function parseNamePattern(text: string): NamePattern | string {
  if (text === '*') return { kind: 'every' };
  const below = text.startsWith('*.');
  // `*.` is all below the root.
  const name = parseAbsolute(below ? text.slice(2) || '.' : text);
  if (typeof name === 'string') return name;
  // A star elsewhere would match the label "*" alone, which is hardly meant.
  if (labelsOf(name).some((label) => label.includes(0x2a))) {
    return `"${text}": * stands at the front only, for one or more labels`;
  }
  return below ? { kind: 'below', name } : { kind: 'exact', name };
}

export function fitsPattern(pattern: NamePattern, name: Name): boolean {
  if (pattern.kind === 'every') return true;
  if (pattern.kind === 'exact') return equalNames(pattern.name, name);
  return !equalNames(pattern.name, name) && isSubdomain(name, pattern.name);
}

/** A name with or without its final dot, or a sentence that says why it is none. */
export function parseAbsolute(text: string): Name | string {
  if (text === '') return 'there is no name';
  try {
    return parseName(text.endsWith('.') ? text : `${text}.`);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `"${text}" is not a name: ${error.message}`;
  }
}
