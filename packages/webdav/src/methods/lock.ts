/** LOCK (RFC 4918 §9.10). */
import { formatHex } from '@riad/octets/hex';
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import { writeLockDiscovery } from '../locks/lock-discovery.ts';
import { defaultLockSeconds, type Lock, maxLockSeconds } from '../locks/lock-table.ts';
import { formatHref } from '../path/url-path.ts';
import { type DavResponse, header, type RequestHeaders } from '../request.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { planPut, requirePutPlace, requirePutRights } from '../resources/put-member.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut } from '../resources/write-plan.ts';
import { findWriteTarget, type WriteTarget } from '../resources/write-target.ts';
import { childOf, type Element, elementsOf } from '../xml/element.ts';
import { DAV, declarations, xmlDeclaration } from '../xml/namespaces.ts';
import { serializeElement } from '../xml/serialize-element.ts';
import { XmlWriter } from '../xml/xml-writer.ts';
import { requireXml } from './request-xml.ts';

/** What people write about themselves; it is shown to others who want the lock. */
export const maxLockOwnerOctets = 4096;

export async function lock(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, body, actor } = exchange;
  const aim = await findWriteTarget(context, target.segments);
  await requirePutRights(context, aim);
  const { user } = context;
  if (user === undefined) throw new DavError(401);
  if (body.length === 0) return refresh(exchange, aim, user);
  const info = requireXml(request, body, 'D:lockinfo');
  const depth = depthOf(request.headers, 'infinity');
  if (depth === 1) throw new DavError(400, { sentence: 'A lock has Depth 0 or infinity.' });
  const { tokens, requirements } = await submittedWith(exchange);
  await requirePreconditions(exchange, aim.node);
  const seconds = timeoutOf(request.headers);
  const made: Lock = {
    token: newToken(context.engine.random),
    path: aim.stored,
    scope: scopeIn(info),
    depth,
    ownerXml: ownerIn(info),
    user,
    timeoutSeconds: seconds,
    expiresSeconds: context.nowSeconds + seconds,
  };
  requireNoConflict(context, made);
  const created = aim.node === undefined;
  if (created) {
    // §7.3: the name is taken by an empty file.
    requireTokens(context, tokens, { membership: [aim.stored] });
    requirePutPlace(aim);
    const octets = new Uint8Array(0);
    const plan = await planPut(context, aim, { octets, contentType: undefined });
    await carryOut(context, plan, actor, requirements);
  } else if (aim.node?.type === 'collection') await requireRights(context, aim.node, Right.bind);
  // Writing takes a moment, in which somebody else may have locked.
  requireNoConflict(context, made);
  if (!context.engine.locks.set(made, context.nowSeconds)) {
    throw new DavError(507, { sentence: 'There are too many locks.' });
  }
  return answer(context, made, created ? 201 : 200, { 'Lock-Token': `<${made.token}>` });
}

/** §9.10.2: without a body, and with the token in `If`. */
async function refresh(exchange: Exchange, aim: WriteTarget, user: string): Promise<DavResponse> {
  const { context, request } = exchange;
  const { tokens } = await submittedWith(exchange);
  const covering = context.engine.locks.covering(aim.stored, context.nowSeconds);
  const held = covering.find((one) => tokens.has(one.token) && one.user === user);
  if (held === undefined) {
    throw failed('D:lock-token-matches-request-uri', { status: 412 });
  }
  const seconds = timeoutOf(request.headers);
  const renewed = {
    ...held,
    timeoutSeconds: seconds,
    expiresSeconds: context.nowSeconds + seconds,
  };
  context.engine.locks.set(renewed, context.nowSeconds);
  return answer(context, renewed, 200, {});
}

/** §6.1, §7.4: an exclusive lock bears no other, a shared one none that is exclusive. */
function requireNoConflict(context: Context, made: Lock): void {
  const { locks } = context.engine;
  const near = [
    ...locks.covering(made.path, context.nowSeconds),
    ...(made.depth === 'infinity' ? locks.below(made.path, context.nowSeconds) : []),
  ];
  const conflict = near.find((one) => made.scope === 'exclusive' || one.scope === 'exclusive');
  if (conflict === undefined) return;
  throw failed('D:no-conflicting-lock', {
    status: 423,
    detail: (out) => out.raw(`<D:href>${formatHref(conflict.path, false)}</D:href>`),
  });
}

function scopeIn(info: Element): 'exclusive' | 'shared' {
  const scope = childOf(info, DAV, 'lockscope');
  const type = childOf(info, DAV, 'locktype');
  if (type === undefined || childOf(type, DAV, 'write') === undefined) throw new DavError(400);
  const [name] = scope === undefined ? [] : elementsOf(scope).map((one) => one.name);
  if (name !== 'exclusive' && name !== 'shared') throw new DavError(400);
  return name;
}

function ownerIn(info: Element): string | undefined {
  const owner = childOf(info, DAV, 'owner');
  if (owner === undefined) return undefined;
  const xml = serializeElement(owner, undefined);
  if (xml.length > maxLockOwnerOctets)
    throw new DavError(400, { sentence: 'D:owner is too long.' });
  return xml;
}

/** `Timeout: Infinite, Second-4100000000` (§10.7): a wish, granted up to a day. */
function timeoutOf(headers: RequestHeaders): number {
  const value = header(headers, 'timeout');
  if (value === undefined) return defaultLockSeconds;
  for (const wish of value.split(',')) {
    const seconds = /^second-(\d{1,10})$/i.exec(wish.trim())?.[1];
    if (seconds !== undefined) return Math.max(1, Math.min(Number(seconds), maxLockSeconds));
    if (/^infinite$/i.test(wish.trim())) return maxLockSeconds;
  }
  return defaultLockSeconds;
}

/** A UUID of version 4 as a URN (§6.5). */
function newToken(random: (length: number) => Uint8Array): string {
  const octets = random(16).slice();
  octets[6] = (octets[6]! & 0x0f) | 0x40;
  octets[8] = (octets[8]! & 0x3f) | 0x80;
  const hex = formatHex(octets);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

function answer(
  context: Context,
  held: Lock,
  status: number,
  headers: Record<string, string>,
): DavResponse {
  const out = new XmlWriter();
  out.raw(`${xmlDeclaration}<D:prop${declarations}><D:lockdiscovery>`);
  writeLockDiscovery(out, held, context);
  out.raw('</D:lockdiscovery></D:prop>');
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/xml; charset=utf-8' },
    body: out.take(),
  };
}
