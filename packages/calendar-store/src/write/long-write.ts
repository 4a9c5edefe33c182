/** Which writes are made ready in pieces, with pauses for others. */
import type { WriteRequest } from '@riad/webdav/storage/storage';

/** Fewer operations, and fewer octets, take a few milliseconds: less than what the pauses cost. */
export const longWriteOperations = 32;
export const longWriteOctets: number = 1 << 18;

export function isLongWrite({ operations }: WriteRequest): boolean {
  if (operations.length >= longWriteOperations) return true;
  let octets = 0;
  for (const operation of operations) {
    if (operation.type === 'put') octets += operation.octets.length;
  }
  return octets >= longWriteOctets;
}
