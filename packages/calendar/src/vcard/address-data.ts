/** CARDDAV:address-data: parts of a card (RFC 6352 §10.4). */
import { formatComponent } from '../document/serialise.ts';
import { withValue } from '../syntax/content-line.ts';
import type { AddressObject } from './card.ts';

export type AddressPropertySelection = {
  /** With or without group, as in a filter. */
  readonly name: string;
  readonly noValue: boolean;
};

/** All of it as it is stored, or the properties that are named; the result need not be a valid vCard. */
export function shapeAddressData(
  { document, card }: AddressObject,
  selection: 'all' | readonly AddressPropertySelection[],
): Uint8Array {
  if (selection === 'all') return document.octets;
  const properties = card.properties.flatMap((line) => {
    const wanted = selection.find(({ name }) => {
      const dot = name.lastIndexOf('.');
      if (name.slice(dot + 1).toUpperCase() !== line.name) return false;
      return dot === -1 || name.slice(0, dot).toUpperCase() === line.group?.toUpperCase();
    });
    if (wanted === undefined) return [];
    return wanted.noValue ? [withValue(line, '')] : [line];
  });
  return formatComponent({ ...card, properties });
}
