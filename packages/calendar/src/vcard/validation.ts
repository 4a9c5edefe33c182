/**
 * Whether octets may be stored as an address object resource (RFC 6352 §5.1, §6.3.2.1). Lenient as
 * for calendars: what clients send is taken and noted.
 */
import { type Problem, problem, sentenceOf } from '../codes.ts';
import { parseDocument, propertiesOf, propertyOf } from '../document/document.ts';
import type { Facts } from '../icalendar/facts.ts';
import { type AddressObject, makeAddressObject } from './card.ts';

/** Names of the elements that say why not, in CardDAV's namespace. */
export type AddressPrecondition =
  | 'supported-address-data'
  | 'valid-address-data'
  | 'max-resource-size';

export type AddressRefusal = {
  readonly ok: false;
  readonly precondition: AddressPrecondition;
  /** For people: what, and where. */
  readonly sentence: string;
  readonly problems: readonly Problem[];
};

export type AcceptedCard = {
  readonly ok: true;
  readonly object: AddressObject;
  readonly facts: Facts;
  readonly notes: readonly Problem[];
};

export type AddressLimits = {
  readonly maxResourceOctets?: number;
};

/** On every PUT into an address book. Total. */
export function checkAddressObject(
  octets: Uint8Array,
  limits: AddressLimits = {},
): AcceptedCard | AddressRefusal {
  if (octets.length > (limits.maxResourceOctets ?? Number.POSITIVE_INFINITY)) {
    return refuse('max-resource-size', problem('document.octets', 0, 0, `${octets.length} octets`));
  }
  let at = octets[0] === 0xef ? 3 : 0;
  while (at < octets.length && octets[at]! <= 0x20) at++;
  if (octets[at] === 0x7b || octets[at] === 0x5b || octets[at] === 0x3c) {
    return refuse('supported-address-data', problem('object.kind', 1, 1, 'this is JSON or XML'));
  }
  const parsed = parseDocument(octets, { syntax: 'vcard' });
  if (!parsed.ok) return refuse('valid-address-data', ...parsed.error);
  const [card, second] = parsed.value.components;
  if (card?.name !== 'VCARD') {
    const found = problem('object.kind', card?.begin?.line ?? 1, 1, card?.name);
    return refuse('supported-address-data', found);
  }
  if (second !== undefined) {
    // RFC 6352 §5.1: exactly one.
    const line = second.begin?.line ?? 0;
    return refuse('valid-address-data', problem('object.component', line, 1, 'a second vCard'));
  }
  const made = makeAddressObject(parsed.value, card);
  if (!made.ok) return refuse('supported-address-data', ...made.error);
  const { value: object } = made;
  const begin = card.begin?.line ?? 1;
  if (object.uid === '') {
    return refuse('valid-address-data', problem('object.uid', begin, 1, 'UID is missing'));
  }
  const notes = [...parsed.value.notes];
  if (propertyOf(card, 'VERSION') === undefined) {
    notes.push(problem('tolerated.missing', begin, 0, 'VERSION'));
  }
  // RFC 6350 §6.2.1; RFC 2426 §3.1. A card with neither has nothing to be shown by.
  if (propertyOf(card, 'FN') === undefined) {
    const named = ['N', 'ORG', 'EMAIL', 'TEL', 'NICKNAME'].some((name) => propertyOf(card, name));
    if (!named) return refuse('valid-address-data', problem('card.name', begin, 1));
    notes.push(problem('tolerated.missing', begin, 0, 'FN'));
  }
  if (propertiesOf(card, 'UID').length > 1) {
    notes.push(problem('tolerated.twice', begin, 0, 'UID'));
  }
  const facts: Facts = {
    uid: object.uid,
    component: 'VCARD',
    earliestSeconds: undefined,
    latestSeconds: undefined,
  };
  return { ok: true, object, facts, notes };
}

function refuse(
  precondition: AddressPrecondition,
  ...problems: readonly Problem[]
): AddressRefusal {
  const [first] = problems;
  const sentence = first === undefined ? `${precondition}.` : sentenceOf(first);
  return { ok: false, precondition, sentence, problems };
}
