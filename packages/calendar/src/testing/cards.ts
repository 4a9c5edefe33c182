/** vCards for tests, from their text. */
import assert from 'node:assert/strict';
import { formatProblem } from '../codes.ts';
import { type AddressObject, readAddressObject } from '../vcard/card.ts';
import { octets } from './objects.ts';

export function card(properties: string, version: string = '3.0'): Uint8Array {
  return octets(`BEGIN:VCARD\nVERSION:${version}\n${properties.trim()}\nEND:VCARD`);
}

export function readCard(value: Uint8Array): AddressObject {
  const result = readAddressObject(value);
  assert.ok(result.ok, result.ok ? '' : result.error.map(formatProblem).join('\n'));
  return result.value;
}
