/** Bodies as they come, with turns for others. Not here: how much one may have, and what it means. */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * One piece in each turn of the event loop: what is not taken yet stays in the socket. A body whose pieces are
 * taken at once is read 32 times before anybody else has a turn (uv__read in libuv), which is megabytes.
 * Stopping early leaves the request as it is.
 */
export async function* onePieceATurn(
  request: IncomingMessage | Http2ServerRequest,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    yield piece as Uint8Array;
    await nextTurn();
  }
}

/** Takes what is left of a body and drops it; false if that is more than `limit` octets, and then the rest is left. */
export async function dropBody(
  request: IncomingMessage | Http2ServerRequest,
  limit: number,
): Promise<boolean> {
  let octets = 0;
  try {
    for await (const piece of onePieceATurn(request)) {
      octets += piece.length;
      if (octets > limit) return false;
    }
  } catch {
    // The client went away, as it may.
  }
  return true;
}
