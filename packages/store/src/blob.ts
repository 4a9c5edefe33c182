/** What a file's octets are called before they are committed. */
import { objectId } from './history/objects.ts';
import type { BlobId } from './store.ts';

export function blobId(octets: Uint8Array): BlobId {
  return objectId('blob', octets);
}
