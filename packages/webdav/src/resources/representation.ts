/**
 * What of a member a user gets to see. Who may read a calendar but not change it sees private and
 * confidential objects as busy time only (RFC 5545 §3.8.1.3); who may change it must see all, or a
 * change would destroy what was hidden.
 */
import { Right } from '../acl/privilege.ts';
import { maskObject } from '../caldav/mask-object.ts';
import { type Context, refusal } from '../context.ts';
import type { Representation } from '../http/etag-list.ts';
import { safeContentType } from '../http/media-type.ts';
import { formatHref } from '../path/url-path.ts';
import type { MemberNode } from '../tree/node.ts';

/** Whether the user gets calendar objects of this collection masked; the same for all of them. */
export function seesMasked(context: Context, node: MemberNode): boolean | Promise<boolean> {
  if (node.resource.kind !== 'calendar' || context.user === node.resource.owner) return false;
  return context.access
    .ofResource(node.resource)
    .then((rights) => (rights & Right.writeContent) === 0);
}

/** With quotes. A masked representation has another tag than the whole one (RFC 9110 §8.8.3). */
export function etagOf(context: Context, node: MemberNode): string | Promise<string> {
  const masked = seesMasked(context, node);
  if (typeof masked === 'boolean')
    return formatEtag(node.resource.etag, masked ? 'busy' : undefined);
  return masked.then((isMasked) => formatEtag(node.resource.etag, isMasked ? 'busy' : undefined));
}

export function formatEtag(etag: string, representation?: Representation): string {
  return representation === undefined ? `"${etag}"` : `"${etag}-${representation}"`;
}

/** Undefined if it has gone meanwhile. */
export function contentOf(context: Context, node: MemberNode): Promise<Uint8Array | undefined> {
  const { kind, owner } = node.resource;
  const whole = kind !== 'calendar' || context.user === owner;
  return whole ? context.view.content(node.resource) : maskedContent(context, node);
}

async function maskedContent(context: Context, node: MemberNode): Promise<Uint8Array | undefined> {
  const octets = await context.view.content(node.resource);
  return octets === undefined || !(await seesMasked(context, node)) ? octets : maskObject(octets);
}

/**
 * What a copy gets. Who sees an object masked cannot move it: the original would go, and with it what is
 * hidden.
 */
export async function contentToCopy(
  context: Context,
  node: MemberNode,
  moves: boolean,
): Promise<Uint8Array | undefined> {
  const octets = await context.view.content(node.resource);
  if (octets === undefined || !(await seesMasked(context, node))) return octets;
  const masked = maskObject(octets);
  if (moves && masked !== octets) {
    const rights = await context.access.ofResource(node.resource);
    throw refusal(context, rights, Right.writeContent, formatHref(node.path, false));
  }
  return masked;
}

/** As GET sends it, and `D:getcontenttype` says it. What is kept may have been written by anybody. */
export function contentTypeOf({ resource }: MemberNode): string {
  if (resource.kind === 'folder') return safeContentType(resource.contentType);
  return `${resource.contentType}; charset=utf-8`;
}
