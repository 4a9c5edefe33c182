/**
 * `D:principal-property-search` (RFC 3744 §9.4): principals whose properties contain some text,
 * whatever its case; all searches must hold, or with `test="anyof"` one.
 */
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { type PropertyRequest, propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import type { Principal } from '../storage/directory.ts';
import { principalNode } from '../tree/find-node.ts';
import { maxListedPrincipals } from '../tree/list-node.ts';
import { type Node, principalPath } from '../tree/node.ts';
import {
  attributeOf,
  childOf,
  childrenOf,
  type Element,
  elementsOf,
  textOf,
} from '../xml/element.ts';
import { DAV, prefixOf } from '../xml/namespaces.ts';
import { searchable } from './principal-search-property-set.ts';
import { requireDepthZero } from './report-request.ts';

/** A search that finds more is one for a list, and there is one at `/principals/users/`. */
export const maxPrincipalMatches = 200;

type Search = (principal: Principal) => boolean;

export async function principalPropertySearch(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  requireDepthZero(exchange);
  const { context } = exchange;
  await requireRights(context, node, Right.read);
  const everywhere = childOf(root, DAV, 'apply-to-principal-collection-set') !== undefined;
  const searches = childrenOf(root, DAV, 'property-search').map(parseSearch);
  const anyOf = attributeOf(root, 'test') === 'anyof';
  const matches: Search = (principal) =>
    anyOf ? searches.some((one) => one(principal)) : searches.every((one) => one(principal));
  const found =
    searches.length === 0
      ? []
      : await searchPrincipals(context, everywhere ? undefined : node, matches);
  return answerPrincipals(exchange, found, propertyRequestOf(root));
}

/** Those below a node, or all. */
export async function searchPrincipals(
  context: Context,
  below: Node | undefined,
  matches: Search,
): Promise<Principal[]> {
  const found: Principal[] = [];
  for (const principal of await context.engine.directory.principals(maxListedPrincipals)) {
    const path = principalPath(principal.kind, principal.name);
    const within = below === undefined || below.path.every((segment, i) => path[i] === segment);
    if (!within || !matches(principal)) continue;
    found.push(principal);
    if (found.length > maxPrincipalMatches) throw failed('D:number-of-matches-within-limits');
  }
  return found;
}

export function answerPrincipals(
  { context, request }: Exchange,
  principals: readonly Principal[],
  wanted: PropertyRequest = { type: 'prop', properties: [] },
): Promise<DavResponse> {
  const { minimal, applied } = preferencesOf(request.headers);
  return multistatus(
    context.engine,
    async function* responses(out) {
      for (const principal of principals) {
        const node = await principalNode(context, principal);
        await writeResponse(out, context, node, wanted, { minimal });
        yield 1;
      }
    },
    applied,
  );
}

function parseSearch(element: Element): Search {
  const prop = childOf(element, DAV, 'prop');
  const match = childOf(element, DAV, 'match');
  if (prop === undefined || match === undefined) {
    throw new DavError(400, { sentence: 'D:property-search has D:prop and D:match.' });
  }
  const text = textOf(match).trim().toLowerCase();
  const kind = attributeOf(match, 'match-type') ?? 'contains';
  const names = elementsOf(prop).map(({ namespace, name }) => `${prefixOf(namespace)}:${name}`);
  return (principal) =>
    // §9.4: a property that cannot be searched matches nothing.
    names.every((name) => {
      const values = searchable.find((one) => one.name === name)?.values(principal) ?? [];
      return values.some((value) => matchesText(value.toLowerCase(), text, kind));
    });
}

export function matchesText(value: string, text: string, kind: string): boolean {
  switch (kind) {
    case 'equals':
      return value === text;
    case 'starts-with':
      return value.startsWith(text);
    case 'ends-with':
      return value.endsWith(text);
    default:
      return value.includes(text);
  }
}
