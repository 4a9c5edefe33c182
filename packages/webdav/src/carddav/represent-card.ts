/** A card as GET gives it: as it is kept, or in the version that `Accept` wants (RFC 6352 §5.1.1). */
import type { ServedVersion } from '@riad/calendar/vcard/convert';
import { failed } from '../dav-error.ts';
import { parseAccept } from '../http/media-type.ts';
import type { DavResponse } from '../request.ts';
import { cardIn } from './address-data.ts';

export function representCard(
  octets: Uint8Array,
  headers: Readonly<Record<string, string>>,
  accept: string | undefined,
): DavResponse {
  const varying = { ...headers, Vary: 'Accept' };
  const asKept = { status: 200, headers: varying, body: octets };
  // RFC 9110 §12.5.1: what cannot be made gives way to what the client would take after it.
  for (const wanted of accept === undefined ? ['any' as const] : versionsIn(accept)) {
    if (wanted === 'any') return asKept;
    const card = cardIn(octets, wanted);
    if (card === undefined) continue;
    if (card.document.octets === octets) return asKept;
    const etag = headers['ETag']?.replace(/"$/, `-${wanted}"`);
    return {
      status: 200,
      headers: {
        ...varying,
        'Content-Type': `text/vcard; version=${wanted}; charset=utf-8`,
        // Another representation has another tag (RFC 9110 §8.8.3).
        ...(etag && { ETag: etag }),
      },
      body: card.document.octets,
    };
  }
  // RFC 6352 §5.1.1.1, with the status of RFC 9110 §15.5.7.
  throw failed('CR:supported-address-data-conversion', { status: 406 });
}

/** What is wanted and could be given, best first. */
function* versionsIn(accept: string): Generator<ServedVersion | 'any', void> {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type === '*/*' || type === 'text/*') yield 'any';
    if (type !== 'text/vcard' && type !== 'text/x-vcard') continue;
    const version = parameters.get('version');
    if (version === undefined) yield 'any';
    if (version === '3.0' || version === '4.0') yield version;
  }
}
