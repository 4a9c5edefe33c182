/** Headers that many answers share. */
import type { DavResponse } from '../request.ts';

/**
 * What is served (RFC 4918 §10.1 and the RFCs named there), the same on every URL. `1`, `2` and `3`
 * are WebDAV, its locks, and RFC 4918 itself.
 */
export const davHeader =
  '1, 2, 3, access-control, extended-mkcol, calendar-access, calendar-no-timezone, addressbook';

export function empty(status: number, headers: Record<string, string> = {}): DavResponse {
  return { status, headers, body: new Uint8Array(0) };
}
