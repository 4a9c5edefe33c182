/** PROPPATCH (RFC 4918 §9.2). */
import { Right } from '../acl/privilege.ts';
import { refusal, requireRights } from '../context.ts';
import { type DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { formatHref } from '../path/url-path.ts';
import type { PropertyInstruction } from '../properties/property-changes.ts';
import {
  applyInstructions,
  instructionsIn,
  type PropertyChanges,
} from '../properties/property-changes.ts';
import { registeredProperty } from '../properties/registry.ts';
import { isServerRecord } from '../properties/server-record.ts';
import type { DavResponse } from '../request.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut, nameOf, type WritePlan } from '../resources/write-plan.ts';
import { sharedRecords, withSharedRecord } from '../sharing/shared-collections.ts';
import { requireNode } from '../tree/find-node.ts';
import { isAliasRoot, isStored, type Node, type StoredNode } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { patchPrincipal } from './patch-principal.ts';
import { patchProxy } from './patch-proxy.ts';
import { patched } from './patched.ts';
import { requireXml } from './request-xml.ts';

export async function proppatch(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, body, actor } = exchange;
  const node = await requireNode(context, target.segments);
  if (node.type === 'proxy') return patchProxy(exchange, node);
  if (node.type === 'principal') return patchPrincipal(exchange, node);
  if (!isStored(node)) {
    await requireRights(context, node, Right.writeProperties);
    throw failed('D:cannot-modify-protected-property');
  }
  const stored: StoredNode = node;
  if (!isAliasRoot(stored)) await requireRights(context, stored, Right.writeProperties);
  else await requireRights(context, stored, Right.read);
  const instructions = instructionsIn(requireXml(request, body, 'D:propertyupdate'));
  const { tokens, requirements } = await submittedWith(exchange);
  if (!isAliasRoot(stored)) requireTokens(context, tokens, { changed: [stored.resource.path] });
  await requirePreconditions(exchange, stored);
  const { changes, plan } = await planFor(exchange, stored, instructions);
  if (plan !== undefined) await carryOut(context, plan, actor, requirements);
  return patched(exchange, node, changes.outcomes);
}

type Planned = { readonly changes: PropertyChanges; readonly plan: WritePlan | undefined };

async function planFor(
  exchange: Exchange,
  node: StoredNode,
  instructions: readonly PropertyInstruction[],
): Promise<Planned> {
  if (isAliasRoot(node)) return planForShared(exchange, node, instructions);
  const { resource } = node;
  const before = resource.metadata.properties;
  const calendar = resource.type === 'collection' && resource.kind === 'calendar';
  const changes = applyInstructions(before, instructions, { calendar, refuse: refuseOwn });
  if (changes.properties === undefined) return { changes, plan: undefined };
  return {
    changes,
    plan: {
      operations: [
        {
          type: 'set-metadata',
          path: resource.path,
          metadata: { ...resource.metadata, properties: changes.properties },
        },
      ],
      requirements: [{ type: 'metadata', path: resource.path, version: resource.metadataVersion }],
      summary: `${nameOf(resource.path)}: properties changed`,
    },
  };
}

/** What the server keeps among the properties for itself is none that clients set. */
function refuseOwn({ namespace, name }: Element): DavError | undefined {
  if (!isServerRecord({ namespace, name, xml: '' })) return undefined;
  return failed('D:cannot-modify-protected-property');
}

/** Of a shared collection a user sets only what is the user’s own: its name, colour, order and the like. */
async function planForShared(
  { context }: Exchange,
  node: Extract<Node, { type: 'collection' }> & { readonly alias: { name: string } },
  instructions: readonly PropertyInstruction[],
): Promise<Planned> {
  const path = node.path.slice(0, 2);
  const home = await context.view.resource(path);
  const rights = await context.access.of(node);
  const href = formatHref(node.path, true);
  const record = home && sharedRecords(home.metadata).get(node.alias.name);
  const changes = applyInstructions(record?.properties ?? [], instructions, {
    calendar: false,
    refuse: ({ namespace, name }) =>
      registeredProperty(namespace, name)?.perUser
        ? undefined
        : refusal(context, rights & ~Right.writeProperties, Right.writeProperties, href),
  });
  if (changes.properties === undefined || home === undefined) return { changes, plan: undefined };
  const metadata = withSharedRecord(home.metadata, node.alias.name, {
    left: false,
    properties: changes.properties,
  });
  return {
    changes,
    plan: {
      operations: [{ type: 'set-metadata', path, metadata }],
      requirements: [{ type: 'metadata', path, version: home.metadataVersion }],
      summary: `${node.alias.name}: own properties changed`,
    },
  };
}
