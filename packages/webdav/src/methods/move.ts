/** MOVE (RFC 4918 §9.9). */
import type { Exchange } from '../exchange.ts';
import type { DavResponse } from '../request.ts';
import { copyOrMove } from './copy-or-move.ts';

export function move(exchange: Exchange): Promise<DavResponse> {
  return copyOrMove(exchange, true);
}
