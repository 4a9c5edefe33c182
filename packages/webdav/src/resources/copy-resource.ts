/** COPY and MOVE (RFC 4918 §9.8, §9.9): what has to be written, by the rules of the place it comes to. */
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError } from '../dav-error.ts';
import { isWithin, samePath } from '../path/url-path.ts';
import type { Operation, Path } from '../storage/storage.ts';
import { isAliasRoot, isHome, type MemberNode, type StoredNode } from '../tree/node.ts';
import { planCopyCollection } from './copy-collection.ts';
import { planPut } from './put-member.ts';
import { contentToCopy } from './representation.ts';
import { nameOf, type WritePlan } from './write-plan.ts';
import { requireParent, requireRightsOnParent, type WriteTarget } from './write-target.ts';

export type CopyGoal = {
  /** Its `node` is there. */
  readonly source: WriteTarget & { readonly node: StoredNode };
  readonly destination: WriteTarget;
  readonly move: boolean;
  /** Of a collection: without its members (Depth 0). */
  readonly shallow: boolean;
};

export async function requireCopyRights(context: Context, goal: CopyGoal): Promise<void> {
  const { source, destination, move } = goal;
  await requireRights(context, source.node, Right.read);
  if (move) await requireRightsOnParent(context, source, Right.unbind);
  // What stands at the destination goes (RFC 3744 App. B).
  const replaces = destination.node === undefined ? 0 : Right.unbind;
  await requireRightsOnParent(context, destination, Right.bind | replaces);
}

export async function planCopy(context: Context, goal: CopyGoal): Promise<WritePlan> {
  const { source, destination, move } = goal;
  requireMovable(goal);
  const from = source.stored;
  const to = destination.stored;
  const gone: Path[] = [];
  if (destination.node !== undefined) gone.push(to);
  if (move) gone.push(from);
  const free: WriteTarget = { ...destination, node: undefined };
  const plan =
    source.node.type === 'member'
      ? await planCopyMember(context, source.node, free, gone, overwrittenOctets(goal))
      : await planCopyCollection(context, source.node.resource, free, goal);
  // What goes, goes first: a calendar may hold a UID once only.
  const deletions: Operation[] = gone.map((path) => ({ type: 'delete', path }));
  const requirements = [...plan.requirements];
  if (destination.node?.type === 'member') {
    requirements.push({ type: 'etag', path: to, etag: destination.node.resource.etag });
  } else if (destination.node !== undefined) requirements.push({ type: 'collection', path: to });
  return {
    operations: [...deletions, ...plan.operations],
    requirements,
    summary: `${nameOf(from)} ${move ? 'moved' : 'copied'} to ${destination.path.slice(1).join('/')}`,
  };
}

function requireMovable({ source, destination, move, shallow }: CopyGoal): void {
  const from = source.stored;
  const to = destination.stored;
  const no = (sentence: string): DavError => new DavError(403, { sentence });
  if (samePath(from, to)) throw no('Source and destination are the same.'); // §9.8.5
  if (isHome(from) || isAliasRoot(source.node)) throw no('This collection stays where it is.');
  if (isHome(to) || (destination.node && isAliasRoot(destination.node))) {
    throw no('What is at the destination stays where it is.');
  }
  requireParent(destination);
  if (isWithin(to, from) && (move || !shallow)) throw no('A collection cannot lie in itself.');
  if (isWithin(from, to)) throw no('The destination contains the source.');
}

async function planCopyMember(
  context: Context,
  source: MemberNode,
  destination: WriteTarget,
  gone: readonly Path[],
  overwritten: number,
): Promise<WritePlan> {
  const { resource } = source;
  const moves = gone.some((path) => samePath(path, resource.path));
  const octets = await contentToCopy(context, source, moves);
  if (octets === undefined) throw new DavError(404);
  // Rights are given for a place: they go along only if the place is the same person’s.
  const sameOwner = resource.owner === destination.stored[1];
  const { properties, acl } = resource.metadata;
  const plan = await planPut(context, destination, {
    octets,
    contentType: resource.contentType,
    metadata: { properties, acl: moves && sameOwner ? acl : [] },
    gone,
    goneOctets: overwritten + (moves && sameOwner ? resource.sizeOctets : 0),
  });
  const etag = { type: 'etag', path: resource.path, etag: resource.etag } as const;
  return { ...plan, requirements: [...plan.requirements, etag] };
}

function overwrittenOctets({ destination: { node } }: CopyGoal): number {
  return node?.type === 'member' ? node.resource.sizeOctets : 0;
}
