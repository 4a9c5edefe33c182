/** What a public link gives: the calendar as one file, private events as busy; or only when its owner is busy. */
import { randomUUID } from 'node:crypto';
import { mergeCalendar } from '@riad/calendar/conversion/calendar-file';
import { type CalendarObject, readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { maskPrivate } from '@riad/calendar/icalendar/masking';
import type { HttpRequest, HttpResponse } from '@riad/net/http/http-server';
import type { Engine } from '@riad/webdav/engine';
import { handle } from '@riad/webdav/handle';
import { formatHref } from '@riad/webdav/path/url-path';
import { eachOf } from '@riad/webdav/storage/pages';
import type { Collection } from '@riad/webdav/storage/storage';
import type { Visitor } from '../shell/dav-shell.ts';
import { type PublicLink, type PublicLinks, publicPath } from './public-links.ts';

const productId = '-//Riad//Calendar//EN';
/** Around today: what others want to know of when somebody is busy. */
const busyDaysBefore = 30;
const busyDaysBehind = 366;

/** Undefined for what is no public link. */
export async function publicPage(
  { engine, links }: { readonly engine: Engine; readonly links: PublicLinks },
  request: HttpRequest,
  visitor: Visitor,
): Promise<HttpResponse | undefined> {
  const match = /^\/public\/([A-Za-z0-9_-]{22})(?:\.ics)?(?:\?.*)?$/.exec(request.target);
  if (match === null) return request.target.startsWith(publicPath) ? gone : undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, headers: { Allow: 'GET, HEAD' }, body: undefined };
  const link = links.find(match[1]!, Math.floor(Date.now() / 1000));
  // Expired, taken back and never made look the same.
  if (link === undefined) return gone;
  if ((await engine.directory.principal('user', link.user)) === undefined) return gone;
  const view = await engine.storage.view();
  const collection = await view.resource(link.path.split('/'));
  if (collection?.type !== 'collection' || collection.kind !== 'calendar') return gone;
  const etag = `"${collection.syncState}-${link.level}"`;
  const headers = {
    'Content-Type': 'text/calendar; charset=utf-8',
    'Cache-Control': 'private, no-cache',
    ETag: etag,
    'X-Robots-Tag': 'noindex',
    'Referrer-Policy': 'no-referrer',
  };
  if (request.headers['if-none-match']?.includes(etag))
    return { status: 304, headers, body: undefined };
  if (link.level === 'busy') return busy(engine, link, visitor, headers);
  return { status: 200, headers, body: await details(engine, collection) };
}

async function details(engine: Engine, collection: Collection): Promise<Uint8Array> {
  const view = await engine.storage.view();
  const objects: CalendarObject[] = [];
  for await (const member of eachOf(view.members(collection.path, Number.POSITIVE_INFINITY))) {
    await engine.pause();
    const octets = member.type === 'member' ? await view.content(member) : undefined;
    const read = octets && readCalendarObject(octets);
    if (read?.ok !== true) continue;
    const masked = maskPrivate(read.value);
    if (masked.type === 'unchanged') objects.push(read.value);
    if (masked.type === 'masked') objects.push(masked.object);
  }
  return mergeCalendar(objects, { productId, name: collection.path.at(-1)! });
}

/** As the owner asks for it (RFC 4791 §7.10); the times are all that it has in it. */
async function busy(
  engine: Engine,
  { user, path }: PublicLink,
  { client }: Visitor,
  headers: Readonly<Record<string, string>>,
): Promise<HttpResponse> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const day = (days: number): string =>
    `${new Date((nowSeconds + days * 86_400) * 1000).toISOString().slice(0, 10).replaceAll('-', '')}T000000Z`;
  const answer = await handle(engine, {
    method: 'REPORT',
    target: formatHref(path.split('/'), true),
    headers: { depth: ['1'] },
    body: Buffer.from(
      `<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="${day(-busyDaysBefore)}" end="${day(busyDaysBehind)}"/></C:free-busy-query>`,
    ),
    user,
    device: undefined,
    baseUrl: client.baseUrl,
    secure: client.secure,
    requestId: randomUUID(),
    nowSeconds,
  });
  if (answer.status !== 200) return gone;
  // Days go by without the calendar changing.
  const { ETag: _, ...others } = headers;
  return { status: 200, headers: others, body: answer.body };
}

const gone: HttpResponse = {
  status: 404,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  body: Buffer.from('There is no such link, or it has expired.\n'),
};
