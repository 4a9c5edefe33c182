/** `Allow`: what this user can do with this resource now (RFC 9110 §10.2.1); some clients decide by it what is read-only. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import type { Path } from '../storage/storage.ts';
import { findNode } from '../tree/find-node.ts';
import { isAliasRoot, isHome, isStored, type Node } from '../tree/node.ts';

const reading = ['OPTIONS', 'GET', 'HEAD', 'PROPFIND', 'REPORT'];

export async function allowedMethods(context: Context, node: Node): Promise<string> {
  const rights = await context.access.of(node);
  const may = (needed: number): boolean => (rights & needed) === needed;
  const methods = may(Right.read) ? [...reading] : ['OPTIONS', 'REPORT'];
  if (!isStored(node)) {
    if (may(Right.writeProperties)) methods.push('PROPPATCH');
    return methods.join(', ');
  }
  if (may(Right.writeProperties) || isAliasRoot(node)) methods.push('PROPPATCH');
  if (may(Right.writeContent)) methods.push('LOCK', 'UNLOCK');
  if (may(Right.writeAcl)) methods.push('ACL');
  if (node.type === 'member' && may(Right.writeContent)) methods.push('PUT');
  // Of a collection: into it. Clients ask the calendar, not the object they are about to make.
  if (node.type === 'collection' && may(Right.bind) && !isHome(node.path)) methods.push('PUT');
  if (node.type === 'collection' && may(Right.bind)) {
    methods.push('MKCOL');
    if (node.path[0] === 'calendars' && isHome(node.path)) methods.push('MKCALENDAR');
  }
  if (may(Right.read) && !isHome(node.path) && !isAliasRoot(node)) methods.push('COPY');
  if (await mayBeRemoved(context, node, rights)) {
    methods.push('DELETE');
    if (!isAliasRoot(node)) methods.push('MOVE');
  }
  return methods.join(', ');
}

async function mayBeRemoved(context: Context, node: Node, rights: number): Promise<boolean> {
  if (isAliasRoot(node)) return true;
  if (isHome(node.path)) return false;
  const parent = await findNode(context, node.path.slice(0, -1));
  if (parent === undefined) return false;
  if (((await context.access.of(parent)) & Right.unbind) !== 0) return true;
  // Evolution looks for DELETE on the calendar to learn whether events can be deleted.
  return node.type === 'collection' && (rights & Right.unbind) !== 0;
}

/** What could be made at a path where nothing is, by the nearest thing above it. */
export async function allowedOnNothing(
  context: Context,
  nearest: Node,
  path: Path,
): Promise<string> {
  const methods = ['OPTIONS'];
  const parent = nearest.type === 'collection' && nearest.path.length === path.length - 1;
  if (!parent || ((await context.access.of(nearest)) & Right.bind) === 0) return methods.join(', ');
  if (nearest.path[0] === 'files') methods.push('PUT', 'MKCOL', 'LOCK');
  else if (isHome(nearest.path)) methods.push('MKCOL');
  else methods.push('PUT');
  if (nearest.path[0] === 'calendars' && isHome(nearest.path)) methods.push('MKCALENDAR');
  return methods.join(', ');
}
