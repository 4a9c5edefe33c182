/**
 * Sync tokens (RFC 6578 §4): `data:,STATE`, which is a URI, is no time stamp, and can be fetched from
 * nowhere. That of a home goes on with the shared collections in it, for they come and go without
 * a change of the home: `data:,STATE/ann~work/ann~team`.
 */
import type { Context } from '../context.ts';
import { encodeSegment, parseUrlPath } from '../path/url-path.ts';
import { type SharedCollection, sharedCollections } from '../sharing/shared-collections.ts';
import { type CollectionNode, isHome } from '../tree/node.ts';

export type SyncToken = {
  readonly state: string;
  /** Of a home: the shared collections it held. */
  readonly aliases: readonly string[];
};

export async function syncTokenOf(context: Context, node: CollectionNode): Promise<string> {
  const shared = await sharedIn(context, node);
  return formatSyncToken({
    state: node.resource.syncState,
    aliases: shared.map(({ alias }) => alias.name),
  });
}

/** What others share into this collection, which is nothing unless it is the user’s own home. */
export async function sharedIn(
  context: Context,
  node: CollectionNode,
): Promise<readonly SharedCollection[]> {
  const [area] = node.resource.path;
  if (!isHome(node.resource.path) || (area !== 'calendars' && area !== 'addressbooks')) return [];
  return sharedCollections(context, area, node.resource);
}

const prefix = 'data:,';

export function formatSyncToken({ state, aliases }: SyncToken): string {
  // In one order, so that one state has one token.
  return [prefix + state, ...aliases.toSorted().map(encodeSegment)].join('/');
}

/** Undefined if it is none of ours. */
export function parseSyncToken(token: string): SyncToken | undefined {
  const match = /^data:,([A-Za-z0-9-]+)((?:\/[\w\-.~@:()%]+)*)$/.exec(token);
  if (match === null) return undefined;
  const [, state = '', rest = ''] = match;
  if (rest === '') return { state, aliases: [] };
  const aliases: string[] = [];
  for (const piece of rest.slice(1).split('/')) {
    try {
      aliases.push(...parseUrlPath(`/${piece}`).segments);
    } catch {
      return undefined;
    }
  }
  return { state, aliases };
}
