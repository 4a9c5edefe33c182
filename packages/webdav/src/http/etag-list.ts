/** `If-Match` and `If-None-Match` (RFC 9110 §13.1): by the grammar, for a tag may hold a comma. */

export type EtagList = '*' | readonly { readonly weak: boolean; readonly tag: string }[];

/** What is no entity tag, as some clients send without quotes, matches nothing: it is left out. */
export function parseEtagList(value: string): EtagList {
  if (value.trim() === '*') return '*';
  const tags: { weak: boolean; tag: string }[] = [];
  // entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE (RFC 9110 §8.8.3)
  for (const [, weak, tag = ''] of value.matchAll(/(W\/)?"([^"\s]*)"/g)) {
    tags.push({ weak: weak !== undefined, tag });
  }
  return tags;
}

/**
 * What is said in a tag beyond the octets that are kept: that they were masked, converted to another
 * version, or given without time zones.
 */
export type Representation = 'busy' | '3.0' | '4.0' | 'no-zones';

/** The tag of what is kept, whichever representation of it a client has seen. */
export function keptTag(tag: string): string {
  return tag.replace(/-(?:busy|[34]\.0|no-zones)$/, '');
}

/**
 * Strong comparison (RFC 9110 §8.8.3.2): a weak tag never matches. `tag` is without quotes. A change is
 * of what is kept, so any representation’s tag will do.
 */
export function matchesStrongly(list: EtagList, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  const kept = keptTag(tag);
  return list === '*' || list.some((one) => !one.weak && keptTag(one.tag) === kept);
}

export function matchesWeakly(list: EtagList, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  return list === '*' || list.some((one) => one.tag === tag);
}
