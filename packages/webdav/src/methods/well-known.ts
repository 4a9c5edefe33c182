/** `/.well-known/caldav` and `/carddav` (RFC 6764 §5): never the service itself, but the way to it, by any method. */
import type { UrlPath } from '../path/url-path.ts';
import type { DavRequest, DavResponse } from '../request.ts';
import { empty } from './answer.ts';

/** Where clients begin: it knows who they are (RFC 5397). */
const contextPath = '/principals/';

export function wellKnown(request: DavRequest, { segments }: UrlPath): DavResponse | undefined {
  const [first, second, ...more] = segments;
  if (first !== '.well-known' || more.length > 0) return undefined;
  if (second !== 'caldav' && second !== 'carddav') return undefined;
  return empty(301, {
    Location: request.baseUrl + contextPath,
    'Cache-Control': 'no-cache', // RFC 6764 §5: it may move
  });
}
