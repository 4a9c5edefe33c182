/** DELETE (RFC 4918 §9.6). */
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import type { DavResponse } from '../request.ts';
import { planDelete, requireDeleteRights } from '../resources/delete-resource.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut } from '../resources/write-plan.ts';
import { findWriteTarget } from '../resources/write-target.ts';
import { isAliasRoot } from '../tree/node.ts';
import { empty } from './answer.ts';

export async function remove(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, actor } = exchange;
  const aim = await findWriteTarget(context, target.segments);
  await requireDeleteRights(context, aim);
  // §9.6.1: of a collection only the whole.
  if (aim.node?.type === 'collection' && depthOf(request.headers, 'infinity') !== 'infinity') {
    throw new DavError(400, { sentence: 'A collection is removed with Depth: infinity only.' });
  }
  if (request.target.includes('#')) throw new DavError(400); // a fragment names a part (RFC 9110 §4.2.5)
  const { tokens, requirements } = await submittedWith(exchange);
  if (aim.node !== undefined && !isAliasRoot(aim.node)) {
    requireTokens(context, tokens, { membership: [aim.stored], trees: [aim.stored] });
  }
  await requirePreconditions(exchange, aim.node);
  await carryOut(context, await planDelete(context, aim), actor, requirements);
  return empty(204);
}
