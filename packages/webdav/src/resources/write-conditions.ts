/** What must hold before a request may change something: `If`, locks, and the conditions of HTTP. */
import type { Context } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { localPath } from '../http/destination.ts';
import { type IfCondition, type IfList, parseIf, submittedTokens } from '../http/if-header.ts';
import { evaluatePreconditions } from '../http/preconditions.ts';
import { preferencesOf } from '../http/prefer.ts';
import type { Lock } from '../locks/lock-table.ts';
import { formatHref, pathKey } from '../path/url-path.ts';
import { header } from '../request.ts';
import type { Path } from '../storage/storage.ts';
import { syncTokenOf } from '../sync/sync-token.ts';
import { findNode, storagePath } from '../tree/find-node.ts';
import type { Node, StoredNode } from '../tree/node.ts';
import { etagOf } from './representation.ts';
import { parentPath } from './write-plan.ts';

export type LockedPaths = {
  /** Changed themselves: content or properties. */
  readonly changed?: readonly Path[];
  /** Something is added to the collection they lie in, or removed from it. */
  readonly membership?: readonly Path[];
  /** Gone or replaced with everything below. */
  readonly trees?: readonly Path[];
};

/** Evaluates `If` (412) and finds the tokens it submits. */
export async function submittedWith(exchange: Exchange): Promise<ReadonlySet<string>> {
  const value = header(exchange.request.headers, 'if');
  if (value === undefined) return new Set();
  const lists = parseIf(value);
  if (lists === undefined) throw new DavError(400, { sentence: 'The If header is malformed.' });
  if (!(await holdsAny(exchange, lists))) throw new DavError(412);
  return submittedTokens(lists);
}

/** RFC 4918 §10.4.3: true if one list holds; a list holds if all its conditions do. */
async function holdsAny(exchange: Exchange, lists: readonly IfList[]): Promise<boolean> {
  const states = new Map<string, Promise<ResourceState>>();
  for (const { resource, conditions } of lists) {
    const path = resource === undefined ? exchange.target : localPath(exchange.request, resource);
    const segments = path === undefined || path === 'foreign' ? undefined : path.segments;
    const key = segments === undefined ? '' : `/${pathKey(segments)}`;
    let state = states.get(key);
    if (state === undefined) {
      state = stateOf(exchange.context, segments);
      states.set(key, state);
    }
    const current = await state;
    if (conditions.every((condition) => holds(condition, current))) return true;
  }
  return false;
}

type ResourceState = { readonly etag: string | undefined; readonly tokens: ReadonlySet<string> };

/** An unmapped URL has no state, so that only negated conditions hold for it (§10.4.4). */
async function stateOf(context: Context, path: Path | undefined): Promise<ResourceState> {
  const tokens = new Set<string>();
  if (path === undefined) return { etag: undefined, tokens };
  const node = await findNode(context, path);
  const stored = await storagePath(context, path);
  for (const { token } of context.engine.locks.covering(stored.path, context.nowSeconds)) {
    tokens.add(token);
  }
  if (node?.type === 'collection') tokens.add(await syncTokenOf(context, node)); // RFC 6578 §5
  return { etag: node?.type === 'member' ? await etagOf(context, node) : undefined, tokens };
}

function holds({ not, kind, value, weak }: IfCondition, state: ResourceState): boolean {
  const matches = kind === 'token' ? state.tokens.has(value) : !weak && state.etag === `"${value}"`;
  return matches !== not;
}

/** 423 unless the tokens of all locks that stand in the way have been submitted by who made them (§7). */
export function requireTokens(
  context: Context,
  tokens: ReadonlySet<string>,
  { changed = [], membership = [], trees = [] }: LockedPaths,
): void {
  const { locks } = context.engine;
  const blocked = (found: readonly Lock[]): Lock | undefined => {
    // Exclusive locks are alone; of several shared ones the holder of any may write (§6.2).
    const held = found.some((lock) => lock.user === context.user && tokens.has(lock.token));
    return held ? undefined : found[0];
  };
  const blockers = [
    ...changed.map((path) => blocked(locks.covering(path, context.nowSeconds))),
    ...membership.map((path) => blocked(locks.covering(parentPath(path), context.nowSeconds))),
    ...trees.flatMap((path) => {
      const below = locks.below(path, context.nowSeconds);
      const roots = new Map(below.map((lock) => [pathKey(lock.path), lock.path]));
      return [path, ...roots.values()].map((root) =>
        blocked(locks.covering(root, context.nowSeconds)),
      );
    }),
  ].filter((lock) => lock !== undefined);
  if (blockers.length === 0) return;
  throw failed('D:lock-token-submitted', {
    status: 423,
    detail: (out) => {
      for (const { path } of blockers) out.raw(`<D:href>${formatHref(path, false)}</D:href>`);
    },
  });
}

/** If-Match and its kin for a method that writes; 412. */
export async function requirePreconditions(
  exchange: Exchange,
  node: StoredNode | undefined,
): Promise<void> {
  const { request, context } = exchange;
  const { headers } = request;
  const conditional =
    headers['if-match'] ?? headers['if-none-match'] ?? headers['if-unmodified-since'];
  if (conditional === undefined) return;
  const selected = await selectedBy(context, node);
  if (evaluatePreconditions(headers, selected, false) === undefined) return;
  if (preferencesOf(headers).representation && node?.type === 'member') {
    throw new PreferredRepresentation(node);
  }
  throw new DavError(412, { sentence: 'The resource is not as the request expects it.' });
}

export async function selectedBy(
  context: Context,
  node: Node | undefined,
): Promise<{ exists: boolean; etag: string | undefined; modifiedSeconds: number | undefined }> {
  if (node?.type !== 'member') {
    return { exists: node !== undefined, etag: undefined, modifiedSeconds: undefined };
  }
  const etag = (await etagOf(context, node)).slice(1, -1);
  return { exists: true, etag, modifiedSeconds: node.resource.modifiedSeconds };
}

/** A condition failed, and the client wants to see what is there instead (RFC 8144 §3.2). */
export class PreferredRepresentation extends DavError {
  readonly node: Extract<StoredNode, { type: 'member' }>;
  constructor(node: Extract<StoredNode, { type: 'member' }>) {
    super(412);
    this.node = node;
  }
}
