/** `CR:filter` from XML into the value that the calendar package evaluates (RFC 6352 §10.5). */
import {
  type AddressFilter,
  type AddressParameterFilter,
  type AddressPropertyFilter,
  type AddressTextMatch,
  checkAddressFilter,
  type FilterTest,
} from '@riad/calendar/query/address-filter';
import { findCollation, type MatchType } from '@riad/calendar/query/collation';
import { DavError, failed } from '../dav-error.ts';
import { attributeOf, childOf, childrenOf, type Element, textOf } from '../xml/element.ts';
import { CARDDAV } from '../xml/namespaces.ts';
import { escapeAttribute } from '../xml/serialize-element.ts';

export function parseAddressFilter(root: Element): AddressFilter {
  const element = childOf(root, CARDDAV, 'filter');
  // §10.5: an empty filter matches every card, and one that is not there is taken for it.
  if (element === undefined) return { test: 'anyof', properties: [] };
  const filter = {
    test: testOf(element),
    properties: childrenOf(element, CARDDAV, 'prop-filter').map(parsePropertyFilter),
  };
  const refusal = checkAddressFilter(filter);
  if (refusal === undefined) return filter;
  const { precondition, sentence, property } = refusal;
  // CardDAV has no word for a filter that makes no sense.
  if (precondition === 'valid-filter') throw new DavError(400, { sentence });
  throw failed('CR:supported-filter', {
    sentence,
    detail: (out) => {
      if (property !== undefined) {
        out.verbatim(`<CR:prop-filter name="${escapeAttribute(property)}"/>`);
      }
    },
  });
}

function parsePropertyFilter(element: Element): AddressPropertyFilter {
  return {
    name: nameOf(element),
    test: testOf(element),
    isNotDefined: isNotDefined(element),
    textMatches: childrenOf(element, CARDDAV, 'text-match').map(parseTextMatch),
    parameters: childrenOf(element, CARDDAV, 'param-filter').map(parseParameterFilter),
  };
}

function parseParameterFilter(element: Element): AddressParameterFilter {
  const textMatch = childOf(element, CARDDAV, 'text-match');
  return {
    name: nameOf(element),
    isNotDefined: isNotDefined(element),
    textMatch: textMatch && parseTextMatch(textMatch),
  };
}

const matchTypes: readonly MatchType[] = ['equals', 'contains', 'starts-with', 'ends-with'];

function parseTextMatch(element: Element): AddressTextMatch {
  const collation = findCollation(attributeOf(element, 'collation'), 'i;unicode-casemap');
  if (collation === undefined) throw failed('CR:supported-collation');
  const wanted = attributeOf(element, 'match-type') ?? 'contains';
  const matchType = matchTypes.find((one) => one === wanted);
  if (matchType === undefined)
    throw new DavError(400, { sentence: 'There is no such match-type.' });
  const negate = attributeOf(element, 'negate-condition') === 'yes';
  return { text: textOf(element), collation, matchType, negate };
}

/** §10.5: `anyof` unless it says otherwise. */
function testOf(element: Element): FilterTest {
  return attributeOf(element, 'test') === 'allof' ? 'allof' : 'anyof';
}

function nameOf(element: Element): string {
  const name = attributeOf(element, 'name');
  if (name) return name;
  throw new DavError(400, { sentence: `CR:${element.name} has no name.` });
}

function isNotDefined(element: Element): boolean {
  return childOf(element, CARDDAV, 'is-not-defined') !== undefined;
}
