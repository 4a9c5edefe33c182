/** `D:principal-match` (RFC 3744 §9.3): members of a collection that are the user, a group of the user’s, or owned by the user. */
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { eachOf } from '../storage/pages.ts';
import { principalNode } from '../tree/find-node.ts';
import { childrenOf } from '../tree/list-node.ts';
import { isStored, type Node, principalPath } from '../tree/node.ts';
import { childOf, type Element, elementsOf, is } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import { requireDepthZero } from './report-request.ts';

export async function principalMatch(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  requireDepthZero(exchange);
  const { context, request } = exchange;
  await requireRights(context, node, Right.read);
  const property = childOf(root, DAV, 'principal-property');
  if (property === undefined && childOf(root, DAV, 'self') === undefined) {
    throw new DavError(400, { sentence: 'D:self or D:principal-property is missing.' });
  }
  const wanted = propertyRequestOf(root) ?? { type: 'prop', properties: [] };
  const { minimal, applied } = preferencesOf(request.headers);
  const ownedOnly = property && elementsOf(property).some((one) => is(one, DAV, 'owner'));
  return multistatus(
    context.engine,
    async function* responses(out) {
      const found =
        property === undefined ? selves(context, node) : ownedBy(context, node, ownedOnly);
      for await (const one of found) {
        await writeResponse(out, context, one, wanted, { minimal });
        yield 1;
      }
    },
    applied,
  );
}

/** The user and the user’s groups, if they lie here. */
async function* selves(context: Context, node: Node): AsyncGenerator<Node, void> {
  const { user, engine, access } = context;
  if (user === undefined) return;
  const names = [
    { kind: 'user' as const, name: user },
    ...[...(await access.groups())].map((name) => ({ kind: 'group' as const, name })),
  ];
  for (const { kind, name } of names) {
    const path = principalPath(kind, name);
    if (!node.path.every((segment, i) => path[i] === segment)) continue;
    const principal = await engine.directory.principal(kind, name);
    if (principal !== undefined) yield principalNode(context, principal);
  }
}

async function* ownedBy(
  context: Context,
  node: Node,
  owned: boolean | undefined,
): AsyncGenerator<Node, void> {
  if (!owned) return;
  for await (const child of eachOf(childrenOf(context, node))) {
    if (isStored(child) && child.resource.owner === context.user) yield child;
  }
}
