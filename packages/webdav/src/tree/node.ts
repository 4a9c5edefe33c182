/**
 * What a URL of the engine's names:
 *
 *     /                                        root
 *     /principals/                             principals
 *     /principals/users/, /principals/groups/  principal-set
 *     /principals/users/ann/                   principal
 *     /principals/users/ann/calendar-proxy-read/, …-write/   proxy
 *     /calendars/, /addressbooks/, /files/     homes
 *     /calendars/ann/                          a stored collection: the home
 *     /calendars/ann/work/                     a stored collection
 *     /calendars/ann/work/x.ics                a stored member
 *     /calendars/bob/ann~work/                 a stored collection again, by its name in Bob’s home
 */
import type { Principal } from '../storage/directory.ts';
import type { Collection, DeadProperty, Member, Path } from '../storage/storage.ts';

export type Area = 'calendars' | 'addressbooks' | 'files';

export const areas: readonly Area[] = ['calendars', 'addressbooks', 'files'];

/** A calendar or address book of somebody else’s as it appears in a user’s own home. */
export type Alias = {
  /** `ann~work` */
  readonly name: string;
  /** The user in whose home it appears. */
  readonly user: string;
  /** Properties this user has set for it; they go before the owner’s. */
  readonly properties: readonly DeadProperty[];
};

export type CollectionNode = {
  readonly type: 'collection';
  /** As in the URL; differs from `resource.path` below an alias. */
  readonly path: Path;
  readonly resource: Collection;
  /** Of the shared collection it is, or lies in. */
  readonly alias: Alias | undefined;
};

export type MemberNode = {
  readonly type: 'member';
  readonly path: Path;
  readonly resource: Member;
  readonly alias: Alias | undefined;
};

export type StoredNode = CollectionNode | MemberNode;

export type PrincipalNode = {
  readonly type: 'principal';
  readonly path: Path;
  readonly principal: Principal;
  /** Dead ones; of the principal whose request it is, and of no others. */
  readonly properties: readonly DeadProperty[];
};

export type ProxyNode = {
  readonly type: 'proxy';
  readonly path: Path;
  readonly principal: Principal;
  readonly access: 'read' | 'write';
};

export type Node =
  | { readonly type: 'root'; readonly path: Path }
  | { readonly type: 'principals'; readonly path: Path }
  | { readonly type: 'principal-set'; readonly path: Path; readonly of: 'user' | 'group' }
  | PrincipalNode
  | ProxyNode
  | { readonly type: 'homes'; readonly path: Path; readonly area: Area }
  | StoredNode;

export function isStored(node: Node): node is StoredNode {
  return node.type === 'collection' || node.type === 'member';
}

/** Everything but a member ends in a slash and can be asked for with Depth 1. */
export function isCollection(node: Node): boolean {
  return node.type !== 'member';
}

/** The home itself: what lies in `/calendars/ann/`. */
export function isHome(path: Path): boolean {
  return path.length === 2;
}

export function areaOf(path: Path): Area | undefined {
  return areas.find((area) => area === path[0]);
}

/** The collection node itself is the shared one, not something in it. */
export function isAliasRoot(node: Node): node is CollectionNode & { readonly alias: Alias } {
  return node.type === 'collection' && node.alias !== undefined && node.path.length === 3;
}

export function principalPath(kind: 'user' | 'group', name: string): Path {
  return ['principals', kind === 'user' ? 'users' : 'groups', name];
}
