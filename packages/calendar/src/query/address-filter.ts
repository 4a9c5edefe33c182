/** CARDDAV:filter as a value (RFC 6352 §10.5) and its evaluation over a vCard. */
import { type ContentLine, parameterValues } from '../syntax/content-line.ts';
import type { AddressObject } from '../vcard/card.ts';
import { searchedCardText, typesOf } from '../vcard/card-text.ts';
import {
  type Collation,
  type MatchType,
  maxSearchCharacters,
  type TextMatcher,
  textMatcher,
} from './collation.ts';

/** `anyof` where the request does not say. */
export type FilterTest = 'anyof' | 'allof';

export type AddressTextMatch = {
  readonly text: string;
  /** `i;unicode-casemap` where the request names none. */
  readonly collation: Collation;
  /** `contains` where the request does not say. */
  readonly matchType: MatchType;
  readonly negate: boolean;
};

export type AddressParameterFilter = {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly textMatch: AddressTextMatch | undefined;
};

export type AddressPropertyFilter = {
  /** `TEL`, which any group matches, or `item1.TEL`. */
  readonly name: string;
  readonly test: FilterTest;
  readonly isNotDefined: boolean;
  readonly textMatches: readonly AddressTextMatch[];
  readonly parameters: readonly AddressParameterFilter[];
};

export type AddressFilter = {
  readonly test: FilterTest;
  readonly properties: readonly AddressPropertyFilter[];
};

/** An empty filter matches every card (§10.5). */
export function matchesAddressFilter({ card }: AddressObject, filter: AddressFilter): boolean {
  const { properties } = filter;
  if (properties.length === 0) return true;
  const matches = (inner: AddressPropertyFilter): boolean =>
    propertyMatches(card.properties, inner);
  return filter.test === 'allof' ? properties.every(matches) : properties.some(matches);
}

function propertyMatches(
  properties: readonly ContentLine[],
  filter: AddressPropertyFilter,
): boolean {
  const dot = filter.name.lastIndexOf('.');
  const name = filter.name.slice(dot + 1).toUpperCase();
  const group = dot === -1 ? undefined : filter.name.slice(0, dot).toUpperCase();
  // §10.5.1: without a group in the filter any group will do.
  const lines = properties.filter(
    (line) => line.name === name && (group === undefined || line.group?.toUpperCase() === group),
  );
  if (filter.isNotDefined) return lines.length === 0;
  const { textMatches, parameters } = filter;
  if (textMatches.length + parameters.length === 0) return lines.length > 0;
  return lines.some((line) => {
    const text = textMatches.length === 0 ? '' : searchedCardText(line);
    const byText = (match: AddressTextMatch): boolean => matcherOf(match)(text) !== match.negate;
    const byParameter = (inner: AddressParameterFilter): boolean => parameterMatches(line, inner);
    return filter.test === 'allof'
      ? textMatches.every(byText) && parameters.every(byParameter)
      : textMatches.some(byText) || parameters.some(byParameter);
  });
}

function parameterMatches(line: ContentLine, filter: AddressParameterFilter): boolean {
  const name = filter.name.toUpperCase();
  // TYPE lists are taken apart at commas, quoted or not.
  const values = name === 'TYPE' ? typesOf(line) : parameterValues(line, name);
  if (filter.isNotDefined) return values.length === 0;
  if (values.length === 0) return false;
  const { textMatch } = filter;
  if (textMatch === undefined) return true;
  const matcher = matcherOf(textMatch);
  return values.some((value) => matcher(value) !== textMatch.negate);
}

/** Made once for each filter, however many cards it is held against. */
const matchers = new WeakMap<AddressTextMatch, TextMatcher>();

function matcherOf(match: AddressTextMatch): TextMatcher {
  const known = matchers.get(match);
  if (known !== undefined) return known;
  const made = textMatcher(match.text, match.collation, match.matchType);
  matchers.set(match, made);
  return made;
}

export type AddressFilterRefusal = {
  readonly precondition: 'valid-filter' | 'supported-filter';
  readonly sentence: string;
  readonly property: string | undefined;
};

/** Conditions in one filter: it is held against each card of a book. */
export const maxAddressFilterConditions = 200;

/** Undefined: the filter may be evaluated. */
export function checkAddressFilter(filter: AddressFilter): AddressFilterRefusal | undefined {
  let conditions = 0;
  for (const { name, isNotDefined, textMatches, parameters } of filter.properties) {
    conditions += 1 + textMatches.length + parameters.length;
    if (isNotDefined && textMatches.length + parameters.length > 0) {
      const sentence = `is-not-defined stands alone, for ${name} too`;
      return { precondition: 'valid-filter', sentence, property: name };
    }
    const texts = [...textMatches, ...parameters.map(({ textMatch }) => textMatch)];
    if (texts.some((match) => match !== undefined && match.text.length > maxSearchCharacters)) {
      const sentence = `a text to search for has at most ${maxSearchCharacters} characters`;
      return { precondition: 'supported-filter', sentence, property: name };
    }
    const wrong = parameters.find((inner) => inner.isNotDefined && inner.textMatch !== undefined);
    if (wrong !== undefined) {
      const sentence = `is-not-defined stands alone, for ${wrong.name} of ${name} too`;
      return { precondition: 'valid-filter', sentence, property: name };
    }
  }
  if (conditions <= maxAddressFilterConditions) return undefined;
  const sentence = `a filter has at most ${maxAddressFilterConditions} conditions`;
  return { precondition: 'supported-filter', sentence, property: undefined };
}
