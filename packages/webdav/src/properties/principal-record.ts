/**
 * Dead properties of a user's principal (RFC 4918 §4.2). Accounts are elsewhere and have none, so they are kept
 * as one record in the metadata of the user's calendar home. They are the user's own: web clients keep their
 * settings here, and nobody else sees them.
 */
import { DavError } from '../dav-error.ts';
import type { DeadProperty, Metadata } from '../storage/storage.ts';
import { elementsOf } from '../xml/element.ts';
import { RIAD } from '../xml/namespaces.ts';
import { serializeElement } from '../xml/serialize-element.ts';
import { elementOf } from './kept-element.ts';

/** Of all of them; they are read whenever the principal is. */
export const maxPrincipalRecordCharacters = 500_000;

const recordName = 'principal-properties';

/** Whether a property of the home is this record, which nobody sees or sets as one of the home. */
export function isPrincipalRecord({ namespace, name }: DeadProperty): boolean {
  return namespace === RIAD && name === recordName;
}

const parsed = new WeakMap<DeadProperty, readonly DeadProperty[]>();

export function ownPropertiesIn(home: Metadata): readonly DeadProperty[] {
  const record = home.properties.find(isPrincipalRecord);
  if (record === undefined) return [];
  let properties = parsed.get(record);
  if (properties === undefined) {
    const root = elementOf(record);
    properties = (root === undefined ? [] : elementsOf(root)).map((element) => ({
      namespace: element.namespace,
      name: element.name,
      xml: serializeElement(element, undefined),
    }));
    parsed.set(record, properties);
  }
  return properties;
}

/** The home's metadata with these for the principal; without any there is no record. */
export function withOwnProperties(home: Metadata, own: readonly DeadProperty[]): Metadata {
  const properties = home.properties.filter((property) => !isPrincipalRecord(property));
  if (own.length === 0) return { ...home, properties };
  const inside = own.map(({ xml }) => xml).join('');
  const xml = `<${recordName} xmlns="${RIAD}">${inside}</${recordName}>`;
  if (xml.length > maxPrincipalRecordCharacters) throw new DavError(507);
  return { ...home, properties: [...properties, { namespace: RIAD, name: recordName, xml }] };
}
