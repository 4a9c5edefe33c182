/** PROPPATCH of a proxy’s `D:group-member-set`: how Apple’s clients delegate a whole home. It sets entries of the home. */
import { principalAt } from '../acl/parse-acl.ts';
import { Right } from '../acl/privilege.ts';
import { withProxyMembers } from '../acl/proxy.ts';
import { requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { instructionsIn } from '../properties/property-changes.ts';
import type { DavResponse } from '../request.ts';
import { carryOut } from '../resources/write-plan.ts';
import { findNode } from '../tree/find-node.ts';
import type { ProxyNode } from '../tree/node.ts';
import { childrenOf, is, textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import { patched } from './patched.ts';
import { requireXml } from './request-xml.ts';

export async function patchProxy(exchange: Exchange, node: ProxyNode): Promise<DavResponse> {
  const { context, request, body, actor } = exchange;
  const path = ['calendars', node.principal.name];
  const home = await findNode(context, path);
  if (home?.type !== 'collection') throw new DavError(404);
  await requireRights(context, home, Right.writeAcl);
  const instructions = instructionsIn(requireXml(request, body, 'D:propertyupdate'));
  const [first, second] = instructions;
  const element = first?.element;
  if (element === undefined || second !== undefined || !is(element, DAV, 'group-member-set')) {
    throw failed('D:cannot-modify-protected-property');
  }
  const hrefs = first?.type === 'set' ? childrenOf(element, DAV, 'href').map(textOf) : [];
  const members = await Promise.all(hrefs.map((href) => principalAt(context, request, href)));
  const { metadata, metadataVersion } = home.resource;
  const acl = withProxyMembers(metadata.acl, node.access, members);
  await carryOut(
    context,
    {
      operations: [{ type: 'set-metadata', path, metadata: { ...metadata, acl } }],
      requirements: [{ type: 'metadata', path, version: metadataVersion }],
      summary: `${node.principal.name}: delegation changed`,
    },
    actor,
  );
  return patched(exchange, node, [
    { namespace: DAV, name: 'group-member-set', failure: undefined },
  ]);
}
