/** What git calls octets, and so what their ETag is. SHA-1 names them here; it keeps nobody out. */
import { createHash } from 'node:crypto';

export function blobId(octets: Uint8Array): string {
  return createHash('sha1').update(`blob ${octets.length}\0`).update(octets).digest('hex');
}
