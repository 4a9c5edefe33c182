/** The body of a request, whole or as it comes; more than any method takes is refused. */
import { joinOctets } from '@riad/octets/join';
import { DavError } from './dav-error.ts';
import type { DavRequest } from './request.ts';
import { maxFileOctets } from './resources/object-limits.ts';

export async function wholeBody(body: DavRequest['body']): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : joinOctets(await Array.fromAsync(piecesOf(body)));
}

export async function* piecesOf(body: DavRequest['body']): AsyncGenerator<Uint8Array, void> {
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  let octets = 0;
  for await (const piece of body) {
    octets += piece.length;
    if (octets > maxFileOctets) throw new DavError(413);
    yield piece;
  }
}
