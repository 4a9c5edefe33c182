/** A card as GET gives it: as it is kept, or in the version that `Accept` wants (RFC 6352 §5.1.1). */
import { readAddressObject } from '@riad/calendar/vcard/card';
import { convertCard, type ServedVersion } from '@riad/calendar/vcard/convert';
import { failed } from '../dav-error.ts';
import { parseAccept } from '../http/media-type.ts';
import type { DavResponse } from '../request.ts';

export function representCard(
  octets: Uint8Array,
  headers: Readonly<Record<string, string>>,
  accept: string | undefined,
): DavResponse {
  const varying = { ...headers, Vary: 'Accept' };
  const wanted = accept === undefined ? 'any' : versionIn(accept);
  if (wanted === undefined) {
    throw failed('CR:supported-address-data-conversion', { status: 406 });
  }
  const card = wanted === 'any' ? undefined : readAddressObject(octets);
  if (wanted === 'any' || !card?.ok || card.value.version === wanted) {
    return { status: 200, headers: varying, body: octets };
  }
  const etag = headers['ETag']?.replace(/"$/, `-${wanted}"`);
  return {
    status: 200,
    headers: {
      ...varying,
      'Content-Type': `text/vcard; version=${wanted}; charset=utf-8`,
      // Another representation has another tag (RFC 9110 §8.8.3).
      ...(etag && { ETag: etag }),
    },
    body: convertCard(card.value, wanted),
  };
}

/** Undefined: nothing that is wanted can be given. */
function versionIn(accept: string): ServedVersion | 'any' | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type === '*/*' || type === 'text/*') return 'any';
    if (type !== 'text/vcard' && type !== 'text/x-vcard') continue;
    const version = parameters.get('version');
    if (version === undefined) return 'any';
    if (version === '3.0' || version === '4.0') return version;
  }
  return undefined;
}
