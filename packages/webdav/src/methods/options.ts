/** OPTIONS (RFC 9110 §9.3.7, RFC 4918 §9.1). */
import { noRights } from '../acl/privilege.ts';
import { refusal } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import { formatHref } from '../path/url-path.ts';
import type { DavResponse } from '../request.ts';
import { nearestNode } from '../tree/find-node.ts';
import { allowedMethods, allowedOnNothing } from './allowed-methods.ts';
import { davHeader, empty } from './answer.ts';

export async function options({ context, target }: Exchange): Promise<DavResponse> {
  const node = await nearestNode(context, target.segments);
  if ((await context.access.of(node)) === noRights) {
    throw refusal(context, noRights, 0, formatHref(target.segments, false));
  }
  const exists = node.path.length === target.segments.length;
  const allow = exists
    ? await allowedMethods(context, node)
    : await allowedOnNothing(context, node, target.segments);
  return empty(200, { DAV: davHeader, Allow: allow });
}
