/** UNLOCK (RFC 4918 §9.11). */
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { type DavResponse, header } from '../request.ts';
import { requireNode } from '../tree/find-node.ts';
import { isStored } from '../tree/node.ts';

export async function unlock({ context, request, target }: Exchange): Promise<DavResponse> {
  const node = await requireNode(context, target.segments);
  if (!isStored(node)) await requireRights(context, node, Right.writeContent);
  const token = /^\s*<([^>]+)>\s*$/.exec(header(request.headers, 'lock-token') ?? '')?.[1];
  const { locks } = context.engine;
  const covering = isStored(node) ? locks.covering(node.resource.path, context.nowSeconds) : [];
  const held = covering.find((one) => one.token === token);
  // Who made a lock may remove it, whatever has become of the rights (RFC 3744 §3.5).
  if (held?.user !== context.user || held === undefined) {
    await requireRights(context, node, Right.unlock);
  }
  if (token === undefined) throw new DavError(400, { sentence: 'There is no Lock-Token.' });
  if (held === undefined) throw failed('D:lock-token-matches-request-uri', { status: 409 });
  locks.remove(held.token);
  return { status: 204, headers: {}, body: undefined };
}
