/** Whether octets may become an object of an address book (RFC 6352 §6.3.2.1), and what the index keeps of them. */
import type { AddressObject } from '@riad/calendar/vcard/card';
import { checkAddressObject as check } from '@riad/calendar/vcard/validation';
import { failed } from '../dav-error.ts';
import { parseMediaType } from '../http/media-type.ts';
import { maxObjectOctets } from '../resources/object-limits.ts';
import type { Facts } from '../storage/storage.ts';

const types: ReadonlySet<string> = new Set([
  'text/vcard',
  'text/x-vcard', // what vCard was called before RFC 6350
  'text/directory', // and by RFC 2425
  'application/octet-stream',
  'text/plain',
  '',
]);

export function checkAddressObject(
  octets: Uint8Array,
  contentType: string | undefined,
): { readonly facts: Facts; readonly object: AddressObject } {
  if (contentType !== undefined && !types.has(parseMediaType(contentType).type)) {
    throw failed('CR:supported-address-data');
  }
  const checked = check(octets, { maxResourceOctets: maxObjectOctets });
  if (!checked.ok) throw failed(`CR:${checked.precondition}`, { sentence: checked.sentence });
  return { facts: checked.facts, object: checked.object };
}
