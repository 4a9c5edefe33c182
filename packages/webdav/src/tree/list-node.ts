/** What lies directly in a node and may be read by the user: Depth 1 without the node itself. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { sharedIn } from '../sync/sync-token.ts';
import { storedNode } from './find-node.ts';
import { type CollectionNode, type Node, principalPath } from './node.ts';

/** Of principals, and of homes: a small organisation. */
export const maxListedPrincipals = 2000;
/** More members than this a collection cannot be asked for at once; sync-collection goes on in pages. */
export const maxListedMembers = 100_000;

export function childrenOf(context: Context, node: Node): AsyncGenerator<Node, void> {
  return node.type === 'collection' ? membersOf(context, node) : madeUp(context, node);
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
        yield { type: 'principal', path: principalPath(node.of, principal.name), principal };
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

async function* membersOf(context: Context, node: CollectionNode): AsyncGenerator<Node, void> {
  const { access, view } = context;
  const owned = context.user !== undefined && node.resource.owner === context.user;
  const prefix = node.path;
  for await (const resource of view.members(node.resource.path, maxListedMembers)) {
    if (!owned && ((await access.ofResource(resource)) & Right.read) === 0) continue;
    yield storedNode([...prefix, resource.path.at(-1)!], resource, node.alias);
  }
  for (const { alias, collection } of await sharedIn(context, node)) {
    yield storedNode([...prefix, alias.name], collection, alias);
  }
}
