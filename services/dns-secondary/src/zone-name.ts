/** Names as they are kept in files and told to people: lower case, with the final dot. */
import { canonicalName, formatName, type Name, parseName } from '@riad/dns/name';

/** Throws DecodeError for what is no name. */
export function canonicalText(text: string): string {
  return formatName(nameOf(text));
}

export function nameOf(text: string): Name {
  return canonicalName(parseName(text.endsWith('.') ? text : `${text}.`));
}

export function textOf(name: Name): string {
  return formatName(canonicalName(name));
}
