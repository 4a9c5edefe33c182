/** GET on a calendar or an address book: all objects as one document, made while it is sent. */
import { Right } from '../acl/privilege.ts';
import { exportCalendar } from '../caldav/export-calendar.ts';
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { matchesWeakly, parseEtagList } from '../http/etag-list.ts';
import { chunkOctets } from '../multistatus.ts';
import { encodeSegment } from '../path/url-path.ts';
import { candidatesIn } from '../reports/collection-members.ts';
import { type DavResponse, header } from '../request.ts';
import type { CollectionNode } from '../tree/node.ts';
import { contentOf } from './representation.ts';

export async function exportCollection(
  { context, request }: Exchange,
  node: CollectionNode,
): Promise<DavResponse> {
  const { resource } = node;
  const calendar = resource.kind === 'calendar';
  const etag = await exportEtag(context, node);
  const known = header(request.headers, 'if-none-match');
  // Programs that subscribe ask every few minutes.
  if (known !== undefined && matchesWeakly(parseEtagList(known), etag)) {
    return { status: 304, headers: { ETag: `W/"${etag}"` }, body: undefined };
  }
  if (header(request.headers, 'if-match') !== undefined) throw new DavError(412);
  const name = encodeSegment(resource.path.at(-1) ?? '');
  return {
    status: 200,
    headers: {
      'Content-Type': calendar ? 'text/calendar; charset=utf-8' : 'text/vcard; charset=utf-8',
      'Content-Disposition': `attachment; filename*=UTF-8''${name}.${calendar ? 'ics' : 'vcf'}`,
      'Cache-Control': 'private, no-cache',
      'X-Content-Type-Options': 'nosniff',
      ETag: `W/"${etag}"`,
    },
    body: inChunks(context, calendar ? exportCalendar(context, node) : exportCards(context, node)),
  };
}

async function exportEtag(context: Context, { resource }: CollectionNode): Promise<string> {
  const rights = await context.access.ofResource(resource);
  const masked = resource.kind === 'calendar' && (rights & Right.writeContent) === 0;
  return `${resource.syncState}-${resource.metadataVersion}${masked ? '-busy' : ''}`;
}

async function* exportCards(
  context: Context,
  node: CollectionNode,
): AsyncGenerator<Uint8Array, void> {
  for await (const member of candidatesIn(context, node, {})) {
    const octets = await contentOf(context, member);
    if (octets === undefined) continue;
    yield octets;
    if (octets.at(-1) !== 0x0a) yield Uint8Array.of(0x0d, 0x0a);
  }
}

/** Small pieces together; a pause between large ones. */
async function* inChunks(
  { engine }: Context,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  const join = (): Uint8Array => {
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of waiting) {
      whole.set(piece, at);
      at += piece.length;
    }
    waiting = [];
    length = 0;
    return whole;
  };
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < chunkOctets) continue;
    yield join();
    await engine.pause();
  }
  if (length > 0) yield join();
}
