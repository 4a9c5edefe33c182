/** What every report is: a function from the exchange, what it is asked of, and the body’s root. */
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import type { DavResponse } from '../request.ts';
import type { Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';

export type Report = (exchange: Exchange, node: Node, root: Element) => Promise<DavResponse>;

/** Reports that work on the resource itself take Depth 0 and no other (RFC 3744 §9.3 to §9.5). */
export function requireDepthZero({ request }: Exchange): void {
  if (depthOf(request.headers, 0) !== 0) {
    throw new DavError(400, { sentence: 'This report takes Depth: 0 only.' });
  }
}
