import type { Exchange } from '../exchange.ts';
import type { DavResponse } from '../request.ts';
import type { Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
export async function calendarQuery(
  _exchange: Exchange,
  _node: Node,
  _root: Element,
): Promise<DavResponse> {
  return { status: 500, headers: {}, body: undefined };
}
