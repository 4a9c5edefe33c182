import type { DavResponse } from '../request.ts';
export function representCard(
  octets: Uint8Array,
  headers: Record<string, string>,
  _accept: string | undefined,
): DavResponse {
  return { status: 200, headers, body: octets };
}
