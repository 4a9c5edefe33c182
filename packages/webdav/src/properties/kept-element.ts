/**
 * A kept property as an element. Requests have been read before they were kept; but what lies in a
 * repository may have been written by anybody, and one property that is no XML must not spoil the
 * whole answer it would stand in.
 */
import { DecodeError } from '@riad/octets/decode-error';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { DeadProperty } from '../storage/storage.ts';
import { type Element, is } from '../xml/element.ts';
import { parseXml } from '../xml/parse-xml.ts';

const wellFormed = new WeakMap<DeadProperty, boolean>();

/** Undefined: it is not the element that it says it is, and counts as absent. */
export function elementOf({ namespace, name, xml }: DeadProperty): Element | undefined {
  try {
    const element = parseXml(encodeUtf8(xml));
    return is(element, namespace, name) ? element : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Whether it can be written as it is. */
export function isWellFormed(property: DeadProperty): boolean {
  let known = wellFormed.get(property);
  if (known === undefined) {
    known = elementOf(property) !== undefined;
    wellFormed.set(property, known);
  }
  return known;
}
