/** `D:acl-principal-prop-set` (RFC 3744 §9.2): properties of every principal that a resource’s entries name. */
import { effectiveAcl } from '../acl/effective-acl.ts';
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import type { DavResponse } from '../request.ts';
import type { Principal } from '../storage/directory.ts';
import { isStored, type Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { answerPrincipals } from './principal-property-search.ts';
import { requireDepthZero } from './report-request.ts';

export async function aclPrincipalPropSet(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  requireDepthZero(exchange);
  const { context } = exchange;
  await requireRights(context, node, Right.readAcl);
  const found = new Map<string, Principal>();
  for (const { principal } of await effectiveAcl(context, node)) {
    let kind: 'user' | 'group' = 'user';
    let name: string | undefined;
    if (principal.kind === 'user' || principal.kind === 'group') ({ kind, name } = principal);
    else if (principal.kind === 'owner' && isStored(node)) name = node.resource.owner;
    if (name === undefined) continue;
    const known = await context.engine.directory.principal(kind, name);
    if (known !== undefined) found.set(`${kind} ${name}`, known);
  }
  return answerPrincipals(exchange, [...found.values()], propertyRequestOf(root));
}
