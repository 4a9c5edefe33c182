/** `D:sync-collection` (RFC 6578 §3): what has changed in a collection since a token. */
import { Right } from '../acl/privilege.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError, failed, writeError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import { preferencesOf } from '../http/prefer.ts';
import { statusLine } from '../http/status-line.ts';
import { eachWritten, multistatus } from '../multistatus.ts';
import { formatHref } from '../path/url-path.ts';
import { type PropertyRequest, requestedIn } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import { type DavRequest, type DavResponse, header } from '../request.ts';
import type { SharedCollection } from '../sharing/shared-collections.ts';
import type { Path } from '../storage/storage.ts';
import { formatSyncToken, parseSyncToken, type SyncToken, sharedIn } from '../sync/sync-token.ts';
import { storedNode } from '../tree/find-node.ts';
import { readableIn } from '../tree/list-node.ts';
import { type CollectionNode, isCollection, type Node } from '../tree/node.ts';
import { childOf, type Element, textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

/** Changes in one answer, if the client sets no limit of its own; a first synchronisation is not cut. */
export const maxSyncChanges = 50_000;

type SyncRequest = {
  readonly since: SyncToken | undefined;
  readonly infinite: boolean;
  readonly limit: number | undefined;
  readonly properties: PropertyRequest;
};

/** One thing to tell: what is there now, or the path of what is there no more. */
type Item = { readonly node: Node } | { readonly removed: Path; readonly collection: boolean };

export async function syncCollection(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  await requireRights(context, node, Right.read);
  if (node.type !== 'collection') throw failed('D:supported-report');
  const asked = parseRequest(request, root);
  const { items, token, truncated } = await itemsSince(context, node, asked);
  const { minimal, applied } = preferencesOf(request.headers);
  return multistatus(
    context.engine,
    async function* responses(out) {
      yield* eachWritten(items, (item) => {
        if ('removed' in item) {
          // An empty token asks for what is there: nothing is removed then (§3.4).
          if (asked.since !== undefined) writeRemoved(out, item.removed, item.collection);
          return undefined;
        }
        if (asked.infinite && item.node.type === 'collection') {
          return writeNotTraversed(out, item.node);
        }
        return writeResponse(out, context, item.node, asked.properties, { minimal });
      });
      if (truncated) writeTruncated(out, node);
      out.element('D:sync-token', formatSyncToken(token));
    },
    applied,
  );
}

function parseRequest(request: DavRequest, root: Element): SyncRequest {
  const token = childOf(root, DAV, 'sync-token');
  const level = childOf(root, DAV, 'sync-level');
  const prop = childOf(root, DAV, 'prop');
  if (token === undefined || prop === undefined) {
    throw new DavError(400, { sentence: 'D:sync-token or D:prop is missing.' });
  }
  const depth = depthOf(request.headers, 0);
  // §3.2: Depth 0 only. Clients from before the RFC said the level by Depth: 1.
  const old = level === undefined && depth === 1;
  const levelText = old ? '1' : level && textOf(level).trim();
  // Thunderbird says both, and after a 400 has an empty calendar: it knows no other way to synchronise.
  const both = depth === 1 && levelText === '1' && isThunderbird(request);
  if (!old && !both && depth !== 0) throw new DavError(400, { sentence: 'Depth must be 0 here.' });
  if (levelText !== '1' && levelText !== 'infinite') {
    throw new DavError(400, { sentence: 'D:sync-level must be 1 or infinite.' });
  }
  const text = textOf(token).trim();
  const since = text === '' ? undefined : parseSyncToken(text);
  if (text !== '' && since === undefined) throw failed('D:valid-sync-token');
  return {
    since,
    infinite: levelText === 'infinite',
    limit: limitIn(root),
    properties: { type: 'prop', properties: requestedIn(prop) },
  };
}

function isThunderbird({ headers }: DavRequest): boolean {
  return / Thunderbird\/\d/.test(header(headers, 'user-agent') ?? '');
}

function limitIn(root: Element): number | undefined {
  const limit = childOf(root, DAV, 'limit');
  const results = limit && childOf(limit, DAV, 'nresults');
  if (results === undefined) return undefined;
  const text = textOf(results).trim();
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) {
    throw new DavError(400, { sentence: 'D:nresults must be a positive number.' });
  }
  return Number(text);
}

type Found = {
  readonly items: AsyncIterable<readonly Item[]>;
  readonly token: SyncToken;
  readonly truncated: boolean;
};

async function itemsSince(
  context: Context,
  node: CollectionNode,
  { since, limit }: SyncRequest,
): Promise<Found> {
  const shared = await sharedIn(context, node);
  if (since === undefined && limit === undefined) {
    const aliases = shared.map(({ alias }) => alias.name);
    const token = { state: node.resource.syncState, aliases };
    return { items: everything(context, node, shared), token, truncated: false };
  }
  const most = limit ?? maxSyncChanges;
  const found = await context.view.changes(node.resource.path, since?.state, most);
  if (found === 'unknown') throw failed('D:valid-sync-token');
  const known = since?.aliases ?? [];
  const { syncState: state, truncated } = found;
  if (truncated) {
    // The shared ones come when the rest has been told.
    const items = changed(context, node, found.changes, []);
    return { items, token: { state, aliases: known }, truncated };
  }
  const different = [
    ...shared.filter(({ alias }) => !known.includes(alias.name)),
    ...known.filter((name) => !shared.some(({ alias }) => alias.name === name)),
  ];
  const told = different.slice(0, most - found.changes.length);
  const aliases = known.filter((name) => !told.includes(name));
  for (const one of told) if (typeof one !== 'string') aliases.push(one.alias.name);
  return {
    items: changed(context, node, found.changes, told),
    token: { state, aliases },
    truncated: told.length < different.length,
  };
}

async function* everything(
  context: Context,
  node: CollectionNode,
  shared: readonly SharedCollection[],
): AsyncGenerator<readonly Item[], void> {
  const members = context.view.members(node.resource.path, Number.MAX_SAFE_INTEGER);
  for await (const page of readableIn(context, node, members))
    yield page.map((member) => ({ node: member }));
  yield shared.map(({ alias, collection }) => ({
    node: storedNode([...node.path, alias.name], collection, alias),
  }));
}

/** Changes that are looked up together. */
const changesInPage = 100;

async function* changed(
  context: Context,
  node: CollectionNode,
  changes: readonly { name: string; what: 'member' | 'collection'; change: string }[],
  shared: readonly (SharedCollection | string)[],
): AsyncGenerator<readonly Item[], void> {
  for (let at = 0; at < changes.length; at += changesInPage) {
    const page: Item[] = [];
    for (const { name, what, change } of changes.slice(at, at + changesInPage)) {
      const path = [...node.path, name];
      const resource =
        change === 'removed'
          ? undefined
          : await context.view.resource([...node.resource.path, name]);
      const readable =
        resource !== undefined && ((await context.access.ofResource(resource)) & Right.read) !== 0;
      // What may no longer be read is gone for this user (§3.5.2).
      if (resource === undefined || !readable)
        page.push({ removed: path, collection: what === 'collection' });
      else page.push({ node: storedNode(path, resource, node.alias) });
    }
    yield page;
  }
  yield shared.map((one) =>
    typeof one === 'string'
      ? { removed: [...node.path, one], collection: true }
      : { node: storedNode([...node.path, one.alias.name], one.collection, one.alias) },
  );
}

function writeRemoved(out: XmlWriter, path: Path, collection: boolean): void {
  out.raw(`<D:response><D:href>${formatHref(path, collection)}</D:href>`);
  out.raw(`<D:status>${statusLine(404)}</D:status></D:response>`);
}

/** §3.3: level `infinite` does not descend; the client asks each collection itself. */
function writeNotTraversed(out: XmlWriter, node: CollectionNode): void {
  out.raw(`<D:response><D:href>${formatHref(node.path, true)}</D:href>`);
  out.raw(`<D:status>${statusLine(403)}</D:status>`);
  writeError(out, failed('D:sync-traversal-supported'), false);
  out.raw('</D:response>');
}

/** §3.6: an entry for the collection itself, which is not counted. */
function writeTruncated(out: XmlWriter, node: Node): void {
  out.raw(`<D:response><D:href>${formatHref(node.path, isCollection(node))}</D:href>`);
  out.raw(`<D:status>${statusLine(507)}</D:status>`);
  writeError(out, failed('D:number-of-matches-within-limits'), false);
  out.raw('</D:response>');
}
