/** COPY (RFC 4918 §9.8). */
import type { Exchange } from '../exchange.ts';
import type { DavResponse } from '../request.ts';
import { copyOrMove } from './copy-or-move.ts';

export function copy(exchange: Exchange): Promise<DavResponse> {
  return copyOrMove(exchange, false);
}
