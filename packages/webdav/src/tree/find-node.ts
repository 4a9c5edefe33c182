/** From a decoded path to what it names, in one view. */
import { Right } from '../acl/privilege.ts';
import { type Context, refusal } from '../context.ts';
import { DavError } from '../dav-error.ts';
import { formatHref } from '../path/url-path.ts';
import { ownPropertiesIn } from '../properties/principal-record.ts';
import { sharedCollection } from '../sharing/shared-collections.ts';
import type { Principal } from '../storage/directory.ts';
import type { Path } from '../storage/storage.ts';
import {
  type Alias,
  areaOf,
  isCollection,
  type Node,
  type PrincipalNode,
  principalPath,
  type StoredNode,
} from './node.ts';

/** Undefined if there is nothing. Whether the user may know of it is not asked here. */
export async function findNode(context: Context, path: Path): Promise<Node | undefined> {
  const [first, second, third, fourth] = path;
  if (first === undefined) return { type: 'root', path };
  const area = areaOf(path);
  if (area !== undefined) {
    if (second === undefined) return { type: 'homes', path, area };
    return findStored(context, path);
  }
  if (first !== 'principals' || path.length > 4) return undefined;
  if (second === undefined) return { type: 'principals', path };
  if (second !== 'users' && second !== 'groups') return undefined;
  const kind = second === 'users' ? 'user' : 'group';
  if (third === undefined) return { type: 'principal-set', path, of: kind };
  const principal = await context.engine.directory.principal(kind, third);
  if (principal === undefined) return undefined;
  if (fourth === undefined) return principalNode(context, principal);
  if (kind !== 'user') return undefined;
  if (fourth === 'calendar-proxy-read') return { type: 'proxy', path, principal, access: 'read' };
  if (fourth === 'calendar-proxy-write') return { type: 'proxy', path, principal, access: 'write' };
  return undefined;
}

/** A principal with what only it sees of itself. */
export async function principalNode(
  context: Context,
  principal: Principal,
): Promise<PrincipalNode> {
  const { kind, name } = principal;
  const own = kind === 'user' && name === context.user;
  const home = own ? await context.view.resource(['calendars', name]) : undefined;
  const properties = home === undefined ? [] : ownPropertiesIn(home.metadata);
  return { type: 'principal', path: principalPath(kind, name), principal, properties };
}

async function findStored(context: Context, path: Path): Promise<StoredNode | undefined> {
  const resource = await context.view.resource(path);
  if (resource !== undefined) return storedNode(path, resource, undefined);
  const target = await resolveAlias(context, path);
  if (target === undefined) return undefined;
  const behind = await context.view.resource(target.path);
  return behind === undefined ? undefined : storedNode(path, behind, target.alias);
}

export function storedNode(
  path: Path,
  resource: StoredNode['resource'],
  alias: Alias | undefined,
): StoredNode {
  return resource.type === 'collection'
    ? { type: 'collection', path, resource, alias }
    : { type: 'member', path, resource, alias };
}

export type StoragePath = { readonly path: Path; readonly alias: Alias | undefined };

/** Where in the storage what has this URL is, or would be. */
export async function storagePath(context: Context, path: Path): Promise<StoragePath> {
  const alias = await resolveAlias(context, path);
  if (alias === undefined) return { path, alias: undefined };
  const real = await context.view.resource(path.slice(0, 3));
  return real === undefined ? alias : { path, alias: undefined };
}

/** The owner’s path of something in a shared collection; undefined if it is none. */
async function resolveAlias(context: Context, path: Path): Promise<StoragePath | undefined> {
  const [area, user, segment, ...rest] = path;
  if (area !== 'calendars' && area !== 'addressbooks') return undefined;
  if (user === undefined || segment === undefined || !segment.includes('~')) return undefined;
  const shared = await sharedCollection(context, area, user, segment);
  return shared && { path: [...shared.collection.path, ...rest], alias: shared.alias };
}

/**
 * The node, or 404; but 401 or 403 for who might not read it if it were there, so that a refusal tells
 * nothing about what exists (RFC 4918 §8.1).
 */
export async function requireNode(context: Context, path: Path): Promise<Node> {
  const node = await findNode(context, path);
  if (node !== undefined) return node;
  const nearest = await nearestNode(context, path);
  const rights = await context.access.of(nearest);
  if (context.user === undefined || (rights & Right.read) === 0) {
    throw refusal(context, rights, Right.read, formatHref(nearest.path, isCollection(nearest)));
  }
  throw new DavError(404);
}

/** The nearest thing there is at or above a path: a request for what is not there is judged by the rights on it. */
export async function nearestNode(context: Context, path: Path): Promise<Node> {
  for (let length = path.length; length > 0; length--) {
    const node = await findNode(context, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return { type: 'root', path: [] };
}
