/** The calendars and objects that a report on a resource speaks of (RFC 4791 §7.2). */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import type { Depth } from '../http/depth.ts';
import { eachOf } from '../storage/pages.ts';
import type { CandidateQuery, Collection, CollectionKind } from '../storage/storage.ts';
import { childrenOf, readableIn } from '../tree/list-node.ts';
import type { CollectionNode, MemberNode, Node } from '../tree/node.ts';

/** Of the collections that a report with this Depth reaches into. */
export async function* collectionsIn(
  context: Context,
  node: Node,
  kind: CollectionKind,
  depth: Depth,
): AsyncGenerator<CollectionNode, void> {
  if (node.type !== 'collection' || depth === 0) return;
  if (node.resource.kind === kind) {
    yield node;
    return;
  }
  // Objects in the calendars of a home are two levels down.
  if (depth !== 'infinity') return;
  for await (const child of eachOf(childrenOf(context, node))) {
    if (child.type === 'collection' && child.resource.kind === kind) yield child;
  }
}

/** Members of a collection that may fit and may be read, by name. */
export async function* candidatesIn(
  context: Context,
  collection: CollectionNode,
  query: CandidateQuery,
  needed: number = Right.read,
): AsyncGenerator<MemberNode, void> {
  const candidates = context.view.candidates(collection.resource.path, query);
  for await (const node of eachOf(readableIn(context, collection, candidates, needed)))
    if (node.type === 'member') yield node;
}

const unknown = { metadata: { properties: [], acl: [] } } as const;

/** The collection an object lies in. */
export async function calendarOf(
  context: Context,
  node: MemberNode,
): Promise<Pick<Collection, 'metadata'>> {
  const parent = await context.view.resource(node.resource.path.slice(0, -1));
  return parent?.type === 'collection' ? parent : unknown;
}
