/** What lies directly in a node and may be read by the user: Depth 1 without the node itself. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import type { Resource } from '../storage/storage.ts';
import { sharedIn } from '../sync/sync-token.ts';
import { principalNode, storedNode } from './find-node.ts';
import type { CollectionNode, Node, StoredNode } from './node.ts';

/** Of principals, and of homes: a small organisation. */
export const maxListedPrincipals = 2000;
/** More members than this a collection cannot be asked for at once; sync-collection goes on in pages. */
export const maxListedMembers = 100_000;

/** In pages, which may be empty. */
export async function* childrenOf(
  context: Context,
  node: Node,
): AsyncGenerator<readonly Node[], void> {
  if (node.type === 'collection') yield* membersOf(context, node);
  else yield await Array.fromAsync(madeUp(context, node));
}

/** What lies above the homes, and principals. */
async function* madeUp(context: Context, node: Node): AsyncGenerator<Node, void> {
  switch (node.type) {
    case 'root':
      yield { type: 'principals', path: ['principals'] };
      for (const area of ['calendars', 'addressbooks', 'files'] as const) {
        yield { type: 'homes', path: [area], area };
      }
      return;
    case 'principals':
      yield { type: 'principal-set', path: ['principals', 'users'], of: 'user' };
      yield { type: 'principal-set', path: ['principals', 'groups'], of: 'group' };
      return;
    case 'principal-set':
      for (const principal of await context.engine.directory.principals(maxListedPrincipals)) {
        if (principal.kind !== node.of) continue;
        yield await principalNode(context, principal);
      }
      return;
    case 'principal': {
      const { principal } = node;
      if (principal.kind !== 'user') return;
      for (const access of ['read', 'write'] as const) {
        yield {
          type: 'proxy',
          path: [...node.path, `calendar-proxy-${access}`],
          principal,
          access,
        };
      }
      return;
    }
    case 'homes':
      for (const { kind, name } of await context.engine.directory.principals(maxListedPrincipals)) {
        if (kind !== 'user') continue;
        const home = await context.view.resource([node.area, name]);
        if (home === undefined) continue;
        if (((await context.access.ofResource(home)) & Right.read) === 0) continue;
        yield storedNode([node.area, name], home, undefined);
      }
      return;
    default:
      return;
  }
}

async function* membersOf(
  context: Context,
  node: CollectionNode,
): AsyncGenerator<readonly StoredNode[], void> {
  yield* readableIn(context, node, context.view.members(node.resource.path, maxListedMembers));
  yield (await sharedIn(context, node)).map(({ alias, collection }) =>
    storedNode([...node.path, alias.name], collection, alias),
  );
}

/** Of pages of a collection’s members those that the user may see, as they stand in the collection. */
export async function* readableIn(
  context: Context,
  { path, resource: { owner }, alias }: CollectionNode,
  pages: AsyncIterable<readonly Resource[]>,
  needed: number = Right.read,
): AsyncGenerator<readonly StoredNode[], void> {
  const owned = context.user !== undefined && owner === context.user;
  for await (const page of pages) {
    const nodes: StoredNode[] = [];
    for (const resource of page) {
      if (!owned && ((await context.access.ofResource(resource)) & needed) !== needed) continue;
      nodes.push(storedNode([...path, resource.path.at(-1)!], resource, alias));
    }
    yield nodes;
  }
}
