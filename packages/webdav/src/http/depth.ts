/** The `Depth` header (RFC 4918 §10.2). */
import { DavError } from '../dav-error.ts';
import { header, type RequestHeaders } from '../request.ts';

export type Depth = 0 | 1 | 'infinity';

export function depthOf(headers: RequestHeaders, absent: Depth): Depth {
  const value = header(headers, 'depth')?.trim().toLowerCase();
  if (value === undefined) return absent;
  if (value === '0') return 0;
  if (value === '1' || value === '1,noroot') return 1;
  if (value === 'infinity') return 'infinity';
  throw new DavError(400, { sentence: 'Depth must be 0, 1 or infinity.' });
}
