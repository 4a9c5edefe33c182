/** Whether a browser sends something for a page that is not ours: it adds the password whoever asks it to. */
import type { HttpRequest } from '@riad/net/http/http-server';
import type { Visitor } from './dav-shell.ts';

/** Programs, which send neither header, are not meant. */
export function isFromOtherSite(request: HttpRequest, { client }: Visitor): boolean {
  const site = request.headers['sec-fetch-site']?.[0];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.headers['origin']?.[0];
  return origin !== undefined && origin !== client.baseUrl;
}
