/** GET and HEAD (RFC 4918 §9.4): members as they are kept, calendars and address books as one export, folders as a list. */
import { Right } from '../acl/privilege.ts';
import { timeZonesOf } from '../caldav/calendar-data.ts';
import { representObject } from '../caldav/represent-object.ts';
import { representCard } from '../carddav/represent-card.ts';
import { requireRights } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { formatHttpDate } from '../http/http-date.ts';
import { evaluatePreconditions } from '../http/preconditions.ts';
import { type DavResponse, header } from '../request.ts';
import { exportCollection } from '../resources/export-collection.ts';
import { listFolder } from '../resources/list-folder.ts';
import { contentOf, contentTypeOf, etagOf } from '../resources/representation.ts';
import { requireNode } from '../tree/find-node.ts';
import type { MemberNode } from '../tree/node.ts';
import { empty } from './answer.ts';

export async function get(exchange: Exchange): Promise<DavResponse> {
  const { context, target } = exchange;
  const node = await requireNode(context, target.segments);
  await requireRights(context, node, Right.read);
  if (node.type === 'member') {
    const response = await getMember(exchange, node);
    return conditional(exchange, node, response);
  }
  if (node.type === 'collection' && node.resource.kind !== 'folder') {
    return exportCollection(exchange, node);
  }
  return listFolder(context, node);
}

/** The answer without its body; the shell gives the length of what is not sent. */
export async function head(exchange: Exchange): Promise<DavResponse> {
  const { status, headers, body } = await get(exchange);
  if (body instanceof Uint8Array) {
    return {
      status,
      headers: { ...headers, 'Content-Length': String(body.length) },
      body: undefined,
    };
  }
  return { status, headers, body: undefined };
}

/** 304 or 412 instead (RFC 9110 §13.2): by the tag of what would be sent. */
function conditional({ request }: Exchange, node: MemberNode, response: DavResponse): DavResponse {
  const { headers } = request;
  const etag = response.headers['ETag'];
  const status = evaluatePreconditions(
    headers,
    { exists: true, etag: etag?.slice(1, -1), modifiedSeconds: node.resource.modifiedSeconds },
    true,
  );
  if (status === 412) throw new DavError(412);
  if (status === undefined) return response;
  return empty(304, etag === undefined ? {} : { ETag: etag }); // RFC 9110 §15.4.5
}

async function getMember(exchange: Exchange, node: MemberNode): Promise<DavResponse> {
  const { context, request } = exchange;
  const { resource } = node;
  const octets = await contentOf(context, node);
  if (octets === undefined) throw new DavError(404);
  const headers: Record<string, string> = {
    'Content-Type': contentTypeOf(node),
    ETag: await etagOf(context, node),
    'Last-Modified': formatHttpDate(resource.modifiedSeconds),
    'Cache-Control': 'private, no-cache',
    'X-Content-Type-Options': 'nosniff',
  };
  if (resource.kind === 'address-book') {
    return representCard(octets, headers, header(request.headers, 'accept'));
  }
  if (resource.kind === 'calendar') return representObject(octets, headers, timeZonesOf(request));
  if (resource.kind === 'folder') {
    // Whatever somebody has put there, it is no page of this site.
    headers['Content-Security-Policy'] = "sandbox; default-src 'none'";
  }
  return { status: 200, headers, body: octets };
}
