/** What MKCOL and MKCALENDAR have in common. */
import type { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { formatHref } from '../path/url-path.ts';
import type { PropertyInstruction } from '../properties/property-changes.ts';
import type { DavResponse } from '../request.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { planMakeCollection, requireMakeRights } from '../resources/make-collection.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut } from '../resources/write-plan.ts';
import { findWriteTarget } from '../resources/write-target.ts';
import type { CollectionKind } from '../storage/storage.ts';
import { empty } from './answer.ts';

export async function createCollection(
  exchange: Exchange,
  kind: CollectionKind,
  instructions: readonly PropertyInstruction[],
  { exists }: { readonly exists: DavError },
): Promise<DavResponse> {
  const { context, request, target, actor } = exchange;
  const aim = await findWriteTarget(context, target.segments);
  await requireMakeRights(context, aim);
  if (aim.node !== undefined) throw exists;
  const { tokens, requirements } = await submittedWith(exchange);
  requireTokens(context, tokens, { membership: [aim.stored], changed: [aim.stored] });
  await requirePreconditions(exchange, undefined);
  const plan = await planMakeCollection(context, aim, kind, instructions);
  await carryOut(context, plan, actor, requirements);
  return empty(201, {
    Location: request.baseUrl + formatHref(aim.path, true),
    'Cache-Control': 'no-cache', // RFC 4791 §5.3.1
  });
}
