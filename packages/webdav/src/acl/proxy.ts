/**
 * Delegation as Apple’s clients and DAVx5 know it: who may read, or change, everything in a user’s
 * calendar home is a member of the principals `calendar-proxy-read` and `calendar-proxy-write`
 * below that user’s. It is no state of its own: the entries of the home say it.
 */
import type { Context } from '../context.ts';
import type { StoredAce } from '../storage/storage.ts';
import type { ProxyNode } from '../tree/node.ts';
import { Right, rightsOfKeys } from './privilege.ts';

/** Homes are looked at one by one for a user’s own principal; the directory of a small organisation. */
export const maxProxyHomes = 500;

const writes = Right.bind | Right.unbind | Right.writeContent;

type Member = { readonly kind: 'user' | 'group'; readonly name: string };

/** Who is named in the entries of a home with that much. */
export function membersOfProxy(acl: readonly StoredAce[], access: 'read' | 'write'): Member[] {
  const members: Member[] = [];
  for (const { principal, grant, invert, privileges } of acl) {
    if (!grant || invert || (principal.kind !== 'user' && principal.kind !== 'group')) continue;
    const rights = rightsOfKeys(privileges);
    const all = (rights & writes) === writes;
    if ((rights & Right.read) !== 0 && all === (access === 'write')) members.push(principal);
  }
  return members;
}

/** The entries of a home when these, and nobody else, are the members. */
export function withProxyMembers(
  acl: readonly StoredAce[],
  access: 'read' | 'write',
  members: readonly Member[],
): StoredAce[] {
  const privileges = access === 'read' ? ['DAV: read'] : ['DAV: read', 'DAV: write'];
  const others = acl.filter((ace) => membersOfProxy([ace], access).length === 0);
  // Who becomes a member of one is no longer one of the other.
  const kept = others.filter(
    (ace) =>
      !membersOfProxy([ace], access === 'read' ? 'write' : 'read').some((old) =>
        members.some(({ kind, name }) => kind === old.kind && name === old.name),
      ),
  );
  return [
    ...kept,
    ...members.map((principal) => ({ principal, invert: false, grant: true, privileges })),
  ];
}

export async function proxyMembers(context: Context, node: ProxyNode): Promise<Member[]> {
  const home = await context.view.resource(['calendars', node.principal.name]);
  return home === undefined ? [] : membersOfProxy(home.metadata.acl, node.access);
}

/** The users whose proxy the one who asks is. */
export async function proxiesOf(context: Context, access: 'read' | 'write'): Promise<string[]> {
  const groups = await context.access.groups();
  const owners: string[] = [];
  for (const { kind, name } of await context.engine.directory.principals(maxProxyHomes)) {
    if (kind !== 'user' || name === context.user) continue;
    const home = await context.view.resource(['calendars', name]);
    if (home === undefined || home.metadata.acl.length === 0) continue;
    const named = membersOfProxy(home.metadata.acl, access).some((member) =>
      member.kind === 'user' ? member.name === context.user : groups.has(member.name),
    );
    if (named) owners.push(name);
  }
  return owners;
}
