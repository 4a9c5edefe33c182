import type { Facts } from '../storage/storage.ts';
export function checkAddressObject(octets: Uint8Array, contentType: string | undefined): Facts {
  throw new Error(`${octets.length} ${contentType}`);
}
