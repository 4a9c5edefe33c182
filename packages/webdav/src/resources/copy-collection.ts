/** A collection with everything in it, written anew elsewhere: one change, all or nothing. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { failed } from '../dav-error.ts';
import { eachOf } from '../storage/pages.ts';
import type { Collection, Member, Operation, Path } from '../storage/storage.ts';
import { storedNode } from '../tree/find-node.ts';
import type { CopyGoal } from './copy-resource.ts';
import { requirePlaceFor } from './make-collection.ts';
import { checkObject } from './put-member.ts';
import { contentToCopy } from './representation.ts';
import { nameOf, requireRoom, type WritePlan } from './write-plan.ts';
import type { WriteTarget } from './write-target.ts';

/** All of it is held in memory until it is written. */
export const maxCopiedMembers = 20_000;
export const maxCopiedOctets = 268_435_456;

export async function planCopyCollection(
  context: Context,
  collection: Collection,
  destination: WriteTarget,
  { move, shallow, source, destination: replaced }: CopyGoal,
): Promise<WritePlan> {
  requirePlaceFor(collection.kind, destination);
  const operations: Operation[] = [];
  const owner = destination.stored[1] ?? '';
  const keepsRights = move && collection.owner === owner;
  let members = 0;
  let octets = 0;

  async function copyCollection(from: Collection, to: Path): Promise<void> {
    const { kind, components, metadata } = from;
    const acl = keepsRights ? metadata.acl : [];
    operations.push({
      type: 'make-collection',
      path: to,
      kind,
      components,
      metadata: { properties: metadata.properties, acl },
    });
    if (shallow) return;
    for await (const resource of eachOf(context.view.members(from.path, maxCopiedMembers + 1))) {
      members++;
      await context.engine.pause();
      // What may not be read is left behind by COPY (§9.8.3), and keeps MOVE from being whole.
      if (((await context.access.ofResource(resource)) & Right.read) === 0) {
        if (move) throw failed('D:need-privileges', { sentence: 'A part of it may not be read.' });
        continue;
      }
      const path = [...to, nameOf(resource.path)];
      if (resource.type === 'collection') await copyCollection(resource, path);
      else await copyMember(from, resource, path);
      if (members > maxCopiedMembers || octets > maxCopiedOctets) {
        throw failed('D:number-of-matches-within-limits', {
          status: 507,
          sentence: 'The collection is too large to be copied at once.',
        });
      }
    }
  }

  async function copyMember(from: Collection, member: Member, path: Path): Promise<void> {
    const node = storedNode(member.path, member, undefined);
    const content = node.type === 'member' ? await contentToCopy(context, node, move) : undefined;
    if (content === undefined) return;
    octets += content.length;
    const { contentType, metadata } = member;
    operations.push({
      type: 'put',
      path,
      octets: content,
      contentType,
      facts: from.kind === 'folder' ? undefined : checkObject(from, content, contentType).facts,
      metadata: { properties: metadata.properties, acl: keepsRights ? metadata.acl : [] },
    });
  }

  await copyCollection(collection, destination.stored);
  if (!move || collection.owner !== owner) await requireRoom(context, owner, octets);
  return {
    operations,
    requirements: [
      { type: 'sync-state', path: source.stored, syncState: collection.syncState },
      { type: 'collection', path: destination.stored.slice(0, -1) },
      ...(replaced.node === undefined
        ? [{ type: 'absent', path: destination.stored } as const]
        : []),
    ],
    summary: '',
  };
}
