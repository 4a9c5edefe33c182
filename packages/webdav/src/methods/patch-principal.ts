/** PROPPATCH of one's own principal: dead properties alone, for what it has besides comes from the account. */
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { withOwnProperties } from '../properties/principal-record.ts';
import { applyInstructions, instructionsIn } from '../properties/property-changes.ts';
import { registeredProperty } from '../properties/registry.ts';
import type { DavResponse } from '../request.ts';
import { carryOut } from '../resources/write-plan.ts';
import type { PrincipalNode } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { patched } from './patched.ts';
import { requireXml } from './request-xml.ts';

export async function patchPrincipal(
  exchange: Exchange,
  node: PrincipalNode,
): Promise<DavResponse> {
  const { context, request, body, actor } = exchange;
  await requireRights(context, node, Right.writeProperties);
  const path = ['calendars', node.principal.name];
  const home = await context.view.resource(path);
  if (home === undefined) throw new DavError(404);
  const instructions = instructionsIn(requireXml(request, body, 'D:propertyupdate'));
  const { properties, outcomes } = applyInstructions(node.properties, instructions, {
    calendar: false,
    refuse: refuseLive,
  });
  if (properties !== undefined) {
    const metadata = withOwnProperties(home.metadata, properties);
    await carryOut(
      context,
      {
        operations: [{ type: 'set-metadata', path, metadata }],
        requirements: [{ type: 'metadata', path, version: home.metadataVersion }],
        summary: `${node.principal.name}: own properties changed`,
      },
      actor,
    );
  }
  return patched(exchange, node, outcomes);
}

/** Name, addresses and groups are the account's. */
function refuseLive({ namespace, name }: Element): DavError | undefined {
  if (registeredProperty(namespace, name) === undefined) return undefined;
  return failed('D:cannot-modify-protected-property');
}
