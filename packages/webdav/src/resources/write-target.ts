/** What a write is aimed at: what is there, or the collection in which it would be. */
import { Right } from '../acl/privilege.ts';
import { type Context, refusal } from '../context.ts';
import { DavError } from '../dav-error.ts';
import { formatHref } from '../path/url-path.ts';
import type { Path } from '../storage/storage.ts';
import { findNode, nearestNode, storagePath } from '../tree/find-node.ts';
import {
  type CollectionNode,
  isCollection,
  isHome,
  isStored,
  type Node,
  type StoredNode,
} from '../tree/node.ts';
import { parentPath } from './write-plan.ts';

export type WriteTarget = {
  /** As in the URL. */
  readonly path: Path;
  /** In the storage. */
  readonly stored: Path;
  readonly node: StoredNode | undefined;
  /** Undefined if there is none, or `node` is a home. */
  readonly parent: CollectionNode | undefined;
};

export async function findWriteTarget(context: Context, path: Path): Promise<WriteTarget> {
  const node = await findNode(context, path);
  if (node !== undefined && !isStored(node)) throw await refuseVirtual(context, node);
  const parent = path.length > 2 ? await findNode(context, parentPath(path)) : undefined;
  const stored = node === undefined ? (await storagePath(context, path)).path : node.resource.path;
  return { path, stored, node, parent: parent?.type === 'collection' ? parent : undefined };
}

/** Principals and what lies above the homes are the server’s own. */
async function refuseVirtual(context: Context, node: Node): Promise<DavError> {
  const rights = await context.access.of(node);
  return refusal(context, rights, Right.writeContent, formatHref(node.path, isCollection(node)));
}

/** Refuses unless something may be added to the collection, or removed from it: `Right.bind`, `Right.unbind`. */
export async function requireRightsOnParent(
  context: Context,
  target: WriteTarget,
  needed: number,
): Promise<void> {
  const parent = target.parent ?? (await nearestNode(context, parentPath(target.path)));
  const rights = await context.access.of(parent);
  if ((rights & needed) === needed) return;
  throw refusal(context, rights, needed, formatHref(parent.path, isCollection(parent)));
}

/** The parent of something new; 409 if there is none (RFC 4918 §9.3.1, §9.7.1). */
export function requireParent(target: WriteTarget): CollectionNode {
  if (target.parent !== undefined) return target.parent;
  throw new DavError(409, {
    sentence: isHome(target.path)
      ? 'Homes are made with the account.'
      : 'The collection it would lie in does not exist.',
  });
}
