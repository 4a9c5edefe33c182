/** URLs in headers and bodies that name a resource of ours: `Destination`, `D:href`, `If` (RFC 4918 §8.3). */
import { DecodeError } from '@riad/octets/decode-error';
import { parseUrlPath, splitUrl, type UrlPath } from '../path/url-path.ts';
import { type DavRequest, header } from '../request.ts';

/** Undefined if the URL is no path of this server; `foreign` if it is another server's. */
export function localPath(request: DavRequest, url: string): UrlPath | 'foreign' | undefined {
  const text = url.trim();
  let path = text;
  if (!text.startsWith('/')) {
    const split = splitUrl(text);
    if (split === undefined) return undefined;
    const own = splitUrl(request.baseUrl)?.authority;
    const asked = header(request.headers, 'host')
      ?.toLowerCase()
      .replace(/:(?:80|443)$/, '');
    if (split.authority !== own && split.authority !== asked) return 'foreign';
    path = split.path;
  }
  try {
    return parseUrlPath(path);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
