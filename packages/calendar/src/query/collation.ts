/**
 * Comparing text for a search (RFC 4790, RFC 5051): the collations that CalDAV and CardDAV name. No
 * locale has a say.
 */
import { encodeUtf8 } from '@riad/octets/utf8';

export type Collation = 'i;octet' | 'i;ascii-casemap' | 'i;unicode-casemap';

/** What CALDAV:supported-collation-set and CARDDAV:supported-collation-set list. */
export const collations: readonly Collation[] = ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap'];

/**
 * Undefined if it is not supported: CALDAV:supported-collation. `default` and nothing at all mean
 * `i;ascii-casemap` in CalDAV (RFC 4791 §7.5), `i;unicode-casemap` in CardDAV (RFC 6352 §8.3).
 */
export function findCollation(
  name: string | undefined,
  fallback: Collation,
): Collation | undefined {
  if (name === undefined || name === 'default') return fallback;
  return collations.find((collation) => collation === name);
}

/** The form in which two texts are equal by the collation exactly if they are equal. */
export function collationKey(text: string, collation: Collation): string {
  switch (collation) {
    case 'i;octet':
      return text;
    case 'i;ascii-casemap':
      return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, upperAscii) : text;
    case 'i;unicode-casemap':
      return unicodeCasemap(text);
  }
}

/** `toUpperCase` of ASCII letters touches nothing else and asks no locale. */
function upperAscii(letters: string): string {
  return letters.toUpperCase();
}

/** RFC 5051 §2: simple titlecase of each character, then compatibility decomposition. */
function unicodeCasemap(text: string): string {
  if (!/[\u0080-\uffff]/.test(text)) return collationKey(text, 'i;ascii-casemap');
  let titled = '';
  for (const character of text) titled += simpleTitlecase(character);
  return titled.normalize('NFKD');
}

/**
 * Characters whose simple titlecase is another than their simple uppercase: the four digraphs of
 * Unicode's UnicodeData.txt with a title form of their own, and Georgian, whose small letters have
 * capitals but stay small in a title.
 */
const titleForms: Readonly<Record<string, string>> = {
  Ǆ: 'ǅ',
  ǅ: 'ǅ',
  ǆ: 'ǅ',
  Ǉ: 'ǈ',
  ǈ: 'ǈ',
  ǉ: 'ǈ',
  Ǌ: 'ǋ',
  ǋ: 'ǋ',
  ǌ: 'ǋ',
  Ǳ: 'ǲ',
  ǲ: 'ǲ',
  ǳ: 'ǲ',
};

/**
 * `toUpperCase` maps fully (SpecialCasing.txt): "ß" becomes "SS". Where it gives more than one
 * character the simple mapping is the character itself, but for the Greek letters with iota below,
 * whose capitals with the iota beside them are one character each.
 */
function simpleTitlecase(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x80) return character.toUpperCase();
  const title = titleForms[character];
  if (title !== undefined) return title;
  if ((code >= 0x10d0 && code <= 0x10fa) || (code >= 0x10fd && code <= 0x10ff)) return character;
  const upper = character.toUpperCase();
  const whole = upper.codePointAt(0)!;
  if (upper.length === (whole > 0xffff ? 2 : 1)) return upper;
  return greekTitle(code) ?? character;
}

/** U+1F80–U+1FAF: the letter with the bit for capitals set; and the three that stand alone. */
function greekTitle(code: number): string | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  // Those that are capitals already (U+1FBC, U+1FCC, U+1FFC) stay as they are.
  return undefined;
}

/** More than anybody types; the work of a search grows with it. */
export const maxSearchCharacters = 1000;

export type MatchType = 'equals' | 'contains' | 'starts-with' | 'ends-with';

/** A text to look for, made ready once for many values. */
export type TextMatcher = (value: string) => boolean;

export function textMatcher(
  text: string,
  collation: Collation,
  matchType: MatchType = 'contains',
): TextMatcher {
  const wanted = collationKey(text, collation);
  // Well-formed strings of UTF-16 contain each other exactly if their octets in UTF-8 do.
  switch (matchType) {
    case 'equals':
      return (value) => collationKey(value, collation) === wanted;
    case 'contains':
      return (value) => collationKey(value, collation).includes(wanted);
    case 'starts-with':
      return (value) => collationKey(value, collation).startsWith(wanted);
    case 'ends-with':
      return (value) => collationKey(value, collation).endsWith(wanted);
  }
}

/** For sorting: negative, zero or positive, by the octets of the keys (RFC 4790 §9). */
export function compareTexts(a: string, b: string, collation: Collation): number {
  const left = encodeUtf8(collationKey(a, collation));
  const right = encodeUtf8(collationKey(b, collation));
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return left.length - right.length;
}
