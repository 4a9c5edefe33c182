/** `CR:address-data` as a report asks for it and as it is written (RFC 6352 §10.4). */
import { type AddressPropertySelection, shapeAddressData } from '@riad/calendar/vcard/address-data';
import { type AddressObject, readAddressObject } from '@riad/calendar/vcard/card';
import { convertCard, type ServedVersion } from '@riad/calendar/vcard/convert';
import { failed } from '../dav-error.ts';
import type { PropertyRequest } from '../properties/property-request.ts';
import { attributeOf, childOf, childrenOf } from '../xml/element.ts';
import { CARDDAV } from '../xml/namespaces.ts';

export type AddressDataRequest = {
  readonly selection: 'all' | readonly AddressPropertySelection[];
  /** Undefined: as it is kept. */
  readonly version: ServedVersion | undefined;
};

/** Undefined if the report does not ask for it. */
export function addressDataIn(wanted: PropertyRequest): AddressDataRequest | undefined {
  const named =
    wanted.type === 'prop' ? wanted.properties : wanted.type === 'allprop' ? wanted.include : [];
  const property = named.find(
    ({ namespace, name }) => namespace === CARDDAV && name === 'address-data',
  );
  const element = property?.element;
  if (element === undefined) return undefined;
  const type = attributeOf(element, 'content-type');
  const version = attributeOf(element, 'version');
  if (version !== undefined && version !== '3.0' && version !== '4.0') {
    throw failed('CR:supported-address-data');
  }
  if (type !== undefined && type.toLowerCase() !== 'text/vcard') {
    throw failed('CR:supported-address-data');
  }
  const properties = childrenOf(element, CARDDAV, 'prop');
  const all = properties.length === 0 || childOf(element, CARDDAV, 'allprop') !== undefined;
  return {
    version,
    selection: all
      ? 'all'
      : properties.map((one) => ({
          name: attributeOf(one, 'name') ?? '',
          noValue: attributeOf(one, 'novalue') === 'yes',
        })),
  };
}

/** Undefined if the card cannot be read, and so not be given in the version asked for (RFC 6352 §5.1.1). */
export function addressDataOf(
  octets: Uint8Array,
  { selection, version }: AddressDataRequest,
): Uint8Array | undefined {
  if (selection === 'all' && version === undefined) return octets;
  const card = version === undefined ? parseCard(octets) : cardIn(octets, version);
  if (card !== undefined) return shapeAddressData(card, selection);
  // What somebody has pushed or moved in and cannot be read has no parts: it is given as it is.
  return version === undefined ? octets : undefined;
}

/** Undefined if it cannot be read, or cannot be made. */
export function cardIn(octets: Uint8Array, version: ServedVersion): AddressObject | undefined {
  const card = parseCard(octets);
  if (card === undefined || card.version === version) return card;
  return parseCard(convertCard(card, version));
}

export function parseCard(octets: Uint8Array): AddressObject | undefined {
  const read = readAddressObject(octets);
  return read.ok ? read.value : undefined;
}
