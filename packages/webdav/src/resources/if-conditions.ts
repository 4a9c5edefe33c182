/** The `If` header (RFC 4918 §10.4): whether it holds, which tokens it submits, and what must still hold when the change is made. */
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { localPath } from '../http/destination.ts';
import { type IfCondition, type IfList, parseIf, submittedTokens } from '../http/if-header.ts';
import { pathKey } from '../path/url-path.ts';
import { header } from '../request.ts';
import type { Path, Requirement } from '../storage/storage.ts';
import { syncTokenOf } from '../sync/sync-token.ts';
import { findNode, storagePath } from '../tree/find-node.ts';
import { etagOf } from './representation.ts';

export type Submitted = {
  readonly tokens: ReadonlySet<string>;
  /** For the write: of two requests with the same condition one succeeds. */
  readonly requirements: readonly Requirement[];
};

const nothing: Submitted = { tokens: new Set(), requirements: [] };

/** 412 unless it holds. */
export async function submittedWith(exchange: Exchange): Promise<Submitted> {
  const value = header(exchange.request.headers, 'if');
  if (value === undefined) return nothing;
  const lists = parseIf(value);
  if (lists === undefined) throw new DavError(400, { sentence: 'The If header is malformed.' });
  const requirements = await firstThatHolds(exchange, lists);
  if (requirements === undefined) throw new DavError(412);
  return { tokens: submittedTokens(lists), requirements };
}

/** §10.4.3: one list must hold; a list holds if all its conditions do. */
async function firstThatHolds(
  exchange: Exchange,
  lists: readonly IfList[],
): Promise<Requirement[] | undefined> {
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
    if (conditions.every((condition) => holds(condition, current))) {
      return conditions.flatMap((condition) => current.requirementOf(condition) ?? []);
    }
  }
  return undefined;
}

type ResourceState = {
  readonly etag: string | undefined;
  readonly tokens: ReadonlySet<string>;
  readonly requirementOf: (condition: IfCondition) => Requirement | undefined;
};

/** An unmapped URL has no state, so that only negated conditions hold for it (§10.4.4). */
async function stateOf(context: Context, path: Path | undefined): Promise<ResourceState> {
  const tokens = new Set<string>();
  const none = { etag: undefined, tokens, requirementOf: () => undefined };
  if (path === undefined) return none;
  const node = await findNode(context, path);
  const stored = await storagePath(context, path);
  for (const { token } of context.engine.locks.covering(stored.path, context.nowSeconds)) {
    tokens.add(token);
  }
  if (node?.type === 'collection') {
    const { path: place, syncState } = node.resource;
    const syncToken = await syncTokenOf(context, node); // RFC 6578 §5
    tokens.add(syncToken);
    return {
      etag: undefined,
      tokens,
      requirementOf: ({ not, value }) =>
        !not && value === syncToken ? { type: 'sync-state', path: place, syncState } : undefined,
    };
  }
  if (node?.type !== 'member') return none;
  const { path: place, etag } = node.resource;
  return {
    etag: await etagOf(context, node),
    tokens,
    requirementOf: ({ not, kind }) =>
      !not && kind === 'etag' ? { type: 'etag', path: place, etag } : undefined,
  };
}

function holds({ not, kind, value, weak }: IfCondition, state: ResourceState): boolean {
  const matches = kind === 'token' ? state.tokens.has(value) : !weak && state.etag === `"${value}"`;
  return matches !== not;
}
