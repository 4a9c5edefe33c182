/** What must hold before a request may change something, beside `If`: locks, and the conditions of HTTP. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { evaluatePreconditions } from '../http/preconditions.ts';
import { preferencesOf } from '../http/prefer.ts';
import type { Lock } from '../locks/lock-table.ts';
import { formatHref, pathKey } from '../path/url-path.ts';
import type { Path } from '../storage/storage.ts';
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
    const readable = ((await context.access.ofResource(node.resource)) & Right.read) !== 0;
    if (readable) throw new PreferredRepresentation(node);
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
