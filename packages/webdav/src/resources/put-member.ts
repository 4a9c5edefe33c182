/** Putting octets under a name: the rules, whoever asks for it (RFC 4918 §9.7, RFC 4791 §5.3.2, RFC 6352 §6.3.2). */
import { Right } from '../acl/privilege.ts';
import { checkCalendarObject } from '../caldav/check-calendar-object.ts';
import { checkAddressObject } from '../carddav/check-address-object.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import { safeContentType } from '../http/media-type.ts';
import { formatHref, samePath } from '../path/url-path.ts';
import type { Collection, Facts, Metadata, Path, Requirement } from '../storage/storage.ts';
import type { CollectionNode } from '../tree/node.ts';
import { type ParsedObject, summaryOf } from './change-summary.ts';
import { maxFileOctets } from './object-limits.ts';
import { nameOf, notAllowed, requireRoom, type WritePlan } from './write-plan.ts';
import { requireParent, requireRightsOnParent, type WriteTarget } from './write-target.ts';

export type PutGoal = {
  readonly octets: Uint8Array;
  readonly contentType: string | undefined;
  /** Instead of what it replaces has; for copies. */
  readonly metadata?: Metadata;
  /** What the same change takes away, so that it stands in the way of nothing. */
  readonly gone?: readonly Path[];
  /** Octets of the same account in it. */
  readonly goneOctets?: number;
  /** Of the change that it is a part of; else one is made, for which both states are read. */
  readonly summary?: string;
};

/** 401, 403 or 404 for who may not; before anything else is looked at. */
export async function requirePutRights(context: Context, target: WriteTarget): Promise<void> {
  if (target.node === undefined) await requireRightsOnParent(context, target, Right.bind);
  else await requireRights(context, target.node, Right.writeContent);
}

/** 405 on a collection, 409 without a parent. */
export function requirePutPlace(target: WriteTarget): CollectionNode {
  if (target.node?.type === 'collection') throw notAllowed('OPTIONS, PROPFIND, REPORT, DELETE');
  return requireParent(target);
}

export async function planPut(
  context: Context,
  target: WriteTarget,
  goal: PutGoal,
): Promise<WritePlan> {
  const parent = requirePutPlace(target);
  const { stored, node } = target;
  const replaced = node?.type === 'member' ? node.resource : undefined;
  const { gone = [] } = goal;
  const { facts, contentType, holder, parsed } = await checkContent(context, target, parent, goal);
  await requireRoom(
    context,
    parent.resource.owner,
    goal.octets.length - (replaced?.sizeOctets ?? 0) - (goal.goneOctets ?? 0),
  );
  const requirements: Requirement[] = [{ type: 'collection', path: parent.resource.path }];
  if (replaced !== undefined) {
    requirements.push({ type: 'etag', path: stored, etag: replaced.etag });
  } else if (!gone.some((path) => samePath(path, stored))) {
    requirements.push({ type: 'absent', path: stored });
  }
  if (facts !== undefined) {
    const collection = parent.resource.path;
    requirements.push({ type: 'uid-free', collection, uid: facts.uid, except: holder });
  }
  return {
    operations: [
      {
        type: 'put',
        path: stored,
        octets: goal.octets,
        contentType,
        facts,
        ...(goal.metadata && { metadata: goal.metadata }),
      },
    ],
    requirements,
    summary:
      goal.summary ??
      (await summaryOf(context, parent.resource, nameOf(stored), replaced, {
        octets: goal.octets,
        ...parsed,
      })),
  };
}

type Checked = {
  readonly facts: Facts | undefined;
  readonly contentType: string;
  readonly parsed?: ParsedObject;
  /** The member that has the UID and may have it. */
  readonly holder?: string | undefined;
};

async function checkContent(
  context: Context,
  target: WriteTarget,
  parent: CollectionNode,
  goal: PutGoal,
): Promise<Checked> {
  if (parent.resource.kind === 'folder') {
    if (target.stored[0] !== 'files') {
      throw new DavError(403, {
        sentence: 'Homes of calendars and address books hold nothing else.',
      });
    }
    if (goal.octets.length > maxFileOctets) throw new DavError(413);
    return { facts: undefined, contentType: safeContentType(goal.contentType) };
  }
  const checked = checkObject(parent.resource, goal.octets, goal.contentType);
  const holder = await requireFreeUid(context, target, parent, checked.facts, goal);
  return { ...checked, holder };
}

/** An object by the rules of the calendar or address book it is to lie in. */
export function checkObject(
  collection: Pick<Collection, 'kind' | 'components'>,
  octets: Uint8Array,
  contentType: string | undefined,
): { readonly facts: Facts; readonly contentType: string; readonly parsed: ParsedObject } {
  if (collection.kind === 'calendar') {
    const { facts, object } = checkCalendarObject(collection, octets, contentType);
    return { facts, contentType: 'text/calendar', parsed: { calendarObject: object } };
  }
  const { facts, object } = checkAddressObject(octets, contentType);
  return { facts, contentType: 'text/vcard', parsed: { card: object } };
}

/** A UID names one object of a collection, and an object keeps its UID (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1). */
async function requireFreeUid(
  context: Context,
  target: WriteTarget,
  parent: CollectionNode,
  { uid }: Facts,
  { gone = [] }: PutGoal,
): Promise<string | undefined> {
  const collection = parent.resource.path;
  let holder: string | undefined;
  for await (const members of context.view.candidates(collection, { uid })) {
    for (const member of members) {
      holder = nameOf(member.path);
      if (samePath(member.path, target.stored)) return holder;
      if (gone.some((path) => samePath(path, member.path))) return holder;
    }
  }
  if (holder === undefined && target.node === undefined) return undefined;
  const conflict = formatHref([...parent.path, holder ?? nameOf(target.stored)], false);
  throw failed(parent.resource.kind === 'calendar' ? 'C:no-uid-conflict' : 'CR:no-uid-conflict', {
    status: 409,
    detail: (out) => out.raw(`<D:href>${conflict}</D:href>`),
  });
}
