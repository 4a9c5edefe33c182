/**
 * A vCard of one version as one of another (RFC 6352 §5.1.1, §10.4.2). What the other version has no
 * word for is kept under an X- name and comes back under its own; parameters may get lost.
 */
import type { Component } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import type { AddressObject, CardVersion } from './card.ts';
import { fromVersion2 } from './from-version-2.ts';
import { toVersion3 } from './to-version-3.ts';
import { toVersion4 } from './to-version-4.ts';

/** Versions that address-data may ask for (CARDDAV:supported-address-data). */
export type ServedVersion = '3.0' | '4.0';

/** The octets as they are if the card is of that version. */
export function convertCard(
  { card, version, document }: AddressObject,
  wanted: ServedVersion,
): Uint8Array {
  if (version === wanted) return document.octets;
  return formatComponent(convertComponent(card, version, wanted));
}

export function convertComponent(
  card: Component,
  from: CardVersion,
  wanted: ServedVersion,
): Component {
  if (from === wanted) return card;
  if (from === '4.0') return toVersion3(card);
  const third = from === '2.1' ? fromVersion2(card) : card;
  return wanted === '3.0' ? third : toVersion4(third);
}
