/** Removing a member, or a collection with everything in it (RFC 4918 §9.6); of a shared collection: leaving it. */
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError } from '../dav-error.ts';
import { sharedRecords, withSharedRecord } from '../sharing/shared-collections.ts';
import { isAliasRoot, isHome } from '../tree/node.ts';
import { removalSummary } from './change-summary.ts';
import { displayNameOf } from './display-name.ts';
import type { WritePlan } from './write-plan.ts';
import { requireRightsOnParent, type WriteTarget } from './write-target.ts';

/** The right to take it out of the collection it lies in; a collection’s own entries do not give it. */
export async function requireDeleteRights(context: Context, target: WriteTarget): Promise<void> {
  await requireRightsOnParent(context, target, Right.unbind);
  if (target.node === undefined) throw new DavError(404);
  if (isHome(target.path)) {
    await requireRights(context, target.node, Right.unbind);
    throw new DavError(403, { sentence: 'Homes go with the account.' });
  }
}

export async function planDelete(context: Context, target: WriteTarget): Promise<WritePlan> {
  const { node, stored } = target;
  if (node === undefined) throw new DavError(404);
  if (isAliasRoot(node)) return planLeave(context, target, node.alias.name);
  return {
    operations: [{ type: 'delete', path: stored }],
    requirements: [
      node.type === 'member'
        ? { type: 'etag', path: stored, etag: node.resource.etag }
        : { type: 'collection', path: stored },
    ],
    summary:
      node.type === 'member'
        ? await removalSummary(context, target.parent?.resource, node.resource)
        : `${displayNameOf(node.resource)} removed`,
  };
}

/** What belongs to somebody else is never destroyed by who it was shared with. */
async function planLeave(context: Context, target: WriteTarget, alias: string): Promise<WritePlan> {
  const path = target.path.slice(0, 2);
  const home = await context.view.resource(path);
  if (home === undefined) throw new DavError(404);
  const record = sharedRecords(home.metadata).get(alias);
  const metadata = withSharedRecord(home.metadata, alias, {
    left: true,
    properties: record?.properties ?? [],
  });
  return {
    operations: [{ type: 'set-metadata', path, metadata }],
    requirements: [{ type: 'metadata', path, version: home.metadataVersion }],
    summary: `${alias} left`,
  };
}
