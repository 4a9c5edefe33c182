/** ACL (RFC 3744 §8.1): the entries of a resource, all at once. */
import { parseAcl } from '../acl/parse-acl.ts';
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import type { DavResponse } from '../request.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut, nameOf } from '../resources/write-plan.ts';
import { requireNode } from '../tree/find-node.ts';
import { isStored } from '../tree/node.ts';
import { empty } from './answer.ts';
import { requireXml } from './request-xml.ts';

export async function acl(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, body, actor } = exchange;
  const node = await requireNode(context, target.segments);
  await requireRights(context, node, Right.writeAcl);
  if (!isStored(node)) return empty(403);
  const root = requireXml(request, body, 'D:acl');
  const { resource } = node;
  const submitted = await submittedWith(exchange);
  requireTokens(context, submitted.tokens, { changed: [resource.path] });
  await requirePreconditions(exchange, node);
  const entries = await parseAcl(context, request, node, root);
  await carryOut(
    context,
    {
      operations: [
        {
          type: 'set-metadata',
          path: resource.path,
          metadata: { ...resource.metadata, acl: entries },
        },
      ],
      requirements: [{ type: 'metadata', path: resource.path, version: resource.metadataVersion }],
      summary: `${nameOf(resource.path)}: access rights changed`,
    },
    actor,
    submitted.requirements,
  );
  return empty(200);
}
