/** An address object resource (RFC 6352 §5.1): one vCard of version 2.1, 3.0 or 4.0. */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import {
  type Component,
  type Document,
  type ParseOptions,
  parseDocument,
  propertyOf,
} from '../document/document.ts';

export type CardVersion = '2.1' | '3.0' | '4.0';

export type AddressObject = {
  readonly document: Document;
  readonly card: Component;
  readonly version: CardVersion;
  /** Empty if there is none, which is never stored. */
  readonly uid: string;
};

/** Total. The first vCard of the document; whether it may be stored is for `validation.ts`. */
export function readAddressObject(
  octets: Uint8Array,
  options: Omit<ParseOptions, 'syntax'> = {},
): Result<AddressObject, readonly Problem[]> {
  const parsed = parseDocument(octets, { ...options, syntax: 'vcard' });
  if (!parsed.ok) return parsed;
  const card = parsed.value.components.find(({ name }) => name === 'VCARD');
  if (card === undefined) {
    return { ok: false, error: [problem('object.kind', 1, 1, 'there is no VCARD')] };
  }
  return makeAddressObject(parsed.value, card);
}

export function makeAddressObject(
  document: Document,
  card: Component,
): Result<AddressObject, readonly Problem[]> {
  const line = propertyOf(card, 'VERSION');
  const version = line?.value.trim();
  // Version 2.1 is where cards without one come from.
  if (version !== undefined && version !== '2.1' && version !== '3.0' && version !== '4.0') {
    return { ok: false, error: [problem('card.version', line!.line, 1, version)] };
  }
  const uid = propertyOf(card, 'UID')?.value.trim() ?? '';
  return { ok: true, value: { document, card, version: version ?? '2.1', uid } };
}
