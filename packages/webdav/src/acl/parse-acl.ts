/** `D:acl` as a client sends it, into entries to keep, with the preconditions of RFC 3744 §8.1.1. */
import type { Context } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import { localPath } from '../http/destination.ts';
import { pathKey } from '../path/url-path.ts';
import type { DavRequest } from '../request.ts';
import type { StoredAce } from '../storage/storage.ts';
import { findNode } from '../tree/find-node.ts';
import type { StoredNode } from '../tree/node.ts';
import { childOf, childrenOf, type Element, elementsOf, textOf } from '../xml/element.ts';
import { DAV, nameKey } from '../xml/namespaces.ts';
import { effectiveAcl } from './effective-acl.ts';
import { privilegeByKey, rightsOfKeys } from './privilege.ts';

/** One for each member of a small organisation; all are looked at for each request of others. */
export const maxAces = 200;

export async function parseAcl(
  context: Context,
  request: DavRequest,
  node: StoredNode,
  root: Element,
): Promise<StoredAce[]> {
  const aces: StoredAce[] = [];
  const current = await effectiveAcl(context, node);
  for (const element of childrenOf(root, DAV, 'ace')) {
    const ace = await parseAce(context, request, element);
    const isProtected = childOf(element, DAV, 'protected') !== undefined;
    const inherited = childOf(element, DAV, 'inherited') !== undefined;
    if (isProtected || inherited) {
      // Clients send back the whole list they were shown: what has not changed is no conflict.
      const same = current.some(
        (one) =>
          one.protected === isProtected &&
          (one.inherited !== undefined) === inherited &&
          aceKey(one) === aceKey(ace),
      );
      if (same) continue;
      throw failed(isProtected ? 'D:no-protected-ace-conflict' : 'D:no-inherited-ace-conflict');
    }
    if (!ace.grant && namesOwner(ace, node.resource.owner)) {
      throw failed('D:no-protected-ace-conflict');
    }
    aces.push(ace);
    if (aces.length > maxAces) throw failed('D:limited-number-of-aces');
  }
  requireNoContradiction(aces);
  return aces;
}

async function parseAce(
  context: Context,
  request: DavRequest,
  element: Element,
): Promise<StoredAce> {
  const invert = childOf(element, DAV, 'invert');
  const principal = childOf(invert ?? element, DAV, 'principal');
  const grant = childOf(element, DAV, 'grant');
  const deny = childOf(element, DAV, 'deny');
  const list = grant ?? deny;
  if (principal === undefined || list === undefined || (grant && deny)) {
    throw new DavError(400, { sentence: 'D:ace has one principal, and one of grant and deny.' });
  }
  return {
    principal: await parsePrincipal(context, request, principal),
    invert: invert !== undefined,
    grant: grant !== undefined,
    privileges: childrenOf(list, DAV, 'privilege').flatMap(parsePrivilege),
  };
}

function parsePrivilege(element: Element): string[] {
  return elementsOf(element).map(({ namespace, name }) => {
    const key = nameKey(namespace, name);
    if (privilegeByKey(key) === undefined) throw failed('D:not-supported-privilege');
    return key;
  });
}

async function parsePrincipal(
  context: Context,
  request: DavRequest,
  element: Element,
): Promise<StoredAce['principal']> {
  const [what] = elementsOf(element);
  if (what?.namespace !== DAV) throw failed('D:recognized-principal');
  switch (what.name) {
    case 'all':
    case 'authenticated':
    case 'unauthenticated':
      return { kind: what.name };
    case 'property':
      // The owner is the only property of a resource here that names a principal.
      if (childOf(what, DAV, 'owner') !== undefined) return { kind: 'owner' };
      throw failed('D:allowed-principal');
    case 'self':
      throw failed('D:allowed-principal'); // means something on principals only (§5.5.1)
    case 'href':
      return principalAt(context, request, textOf(what));
    default:
      throw failed('D:recognized-principal');
  }
}

/** The user or group that a URL names; `D:recognized-principal` otherwise. */
export async function principalAt(
  context: Context,
  request: DavRequest,
  href: string,
): Promise<{ readonly kind: 'user' | 'group'; readonly name: string }> {
  const path = localPath(request, href);
  if (path === undefined || path === 'foreign') throw failed('D:recognized-principal');
  const node = await findNode(context, path.segments);
  if (node?.type !== 'principal') throw failed('D:recognized-principal');
  return { kind: node.principal.kind, name: node.principal.name };
}

/** Entries that both give and take the same right from the same principal (§8.1.1). */
function requireNoContradiction(aces: readonly StoredAce[]): void {
  const seen = new Map<string, { granted: number; denied: number }>();
  for (const ace of aces) {
    const key = principalKey(ace);
    const { granted, denied } = seen.get(key) ?? { granted: 0, denied: 0 };
    const rights = rightsOfKeys(ace.privileges);
    if ((rights & (ace.grant ? denied : granted)) !== 0) throw failed('D:no-ace-conflict');
    seen.set(key, {
      granted: ace.grant ? granted | rights : granted,
      denied: ace.grant ? denied : denied | rights,
    });
  }
}

function namesOwner({ principal, invert }: StoredAce, owner: string): boolean {
  if (invert) return false;
  return principal.kind === 'owner' || (principal.kind === 'user' && principal.name === owner);
}

function principalKey({ principal, invert }: StoredAce): string {
  return `${invert ? 'not ' : ''}${principal.kind} ${'name' in principal ? pathKey([principal.name]) : ''}`;
}

function aceKey(ace: StoredAce): string {
  return `${principalKey(ace)} ${ace.grant} ${rightsOfKeys(ace.privileges)}`;
}
