/**
 * History and undo over HTTP, for whoever has logged in, and of what is the user's own only: a share shows what is
 * there now, not what was there before it was shared.
 *
 *     GET  /api/history?path=/calendars/ann/work/&uid=…&device=…&since=2h&limit=100
 *     POST /api/revert   {"commit": "…"} or {"path": "…", "at": "2h"} or {"device": "…", "since": "2h"},
 *                        with "dryRun" and "overwrite"
 *     GET  /api/export?path=…&format=ics|vcf|json|csv|zip&at=…   of a whole home as zip
 *     POST /api/import?path=…&fileName=…&dryRun=1   with the file as body; it may be a zip file
 */
import { randomUUID } from 'node:crypto';
import type { CalendarStorage } from '@riad/calendar-store/options';
import type { HttpRequest, HttpResponse } from '@riad/net/http/http-server';
import { CommandError } from '@riad/runtime/service';
import type { Engine } from '@riad/webdav/engine';
import type { Path } from '@riad/webdav/storage/storage';
import { challenge } from '../shell/credentials.ts';
import type { Visitor } from '../shell/dav-shell.ts';
import { isFromOtherSite } from '../shell/other-site.ts';
import { type ExportFormat, exportCollection, exportFormats } from './export.ts';
import { importFile } from './import.ts';
import { wordsOf } from './memory-commands.ts';
import { momentOf, nowSeconds, pathOf, secondsSince } from './place.ts';
import { revert, type Undo } from './revert.ts';
import { timeline } from './timeline.ts';

export type MemoryApiParts = {
  readonly storage: CalendarStorage;
  readonly engine: Engine;
  readonly timeZone: string;
};

/** Of an imported file. */
export const maxImportOctets: number = 64 << 20;
const maxOrderOctets = 16_384;

/** Undefined for what is not its business. */
export async function memoryApi(
  parts: MemoryApiParts,
  request: HttpRequest,
  visitor: Visitor,
): Promise<HttpResponse | undefined> {
  const [path = '', query = ''] = request.target.split('?', 2);
  if (!path.startsWith('/api/')) return undefined;
  const { user } = visitor;
  if (user === undefined)
    return json(401, { error: 'log in first' }, { 'WWW-Authenticate': challenge });
  if (request.method === 'POST' && isFromOtherSite(request, visitor))
    return json(403, { error: 'another page sends this' });
  const asked = new URLSearchParams(query);
  try {
    switch (`${request.method} ${path}`) {
      case 'GET /api/history':
        return json(200, await history(parts, asked, user));
      case 'GET /api/export':
        return await exported(parts, asked, user);
      case 'POST /api/revert':
        return json(200, await undo(parts, request, visitor, user));
      case 'POST /api/import':
        return json(200, await imported(parts, request, asked, visitor, user));
      default:
        return json(404, { error: 'nothing here' });
    }
  } catch (error) {
    if (error instanceof CommandError) return json(422, { error: error.message });
    if ((error as { code?: string }).code === 'storage.not-ready')
      return json(503, { error: 'the server is still reading its data' }, { 'Retry-After': '5' });
    throw error;
  }
}

async function history(
  { storage }: MemoryApiParts,
  asked: URLSearchParams,
  user: string,
): Promise<unknown> {
  const device = asked.get('device') ?? undefined;
  const uid = asked.get('uid') ?? undefined;
  const since = asked.get('since');
  const path = asked.get('path');
  return {
    entries: await timeline(storage, {
      ...(path === null ? { user } : { path: ownPath(path, user) }),
      ...(uid === undefined ? {} : { uid }),
      ...(device === undefined ? {} : { device }),
      ...(since === null ? {} : { sinceSeconds: secondsSince(since) }),
      limit: Number(asked.get('limit') ?? 100) || 100,
    }),
  };
}

async function exported(
  { storage, timeZone }: MemoryApiParts,
  asked: URLSearchParams,
  user: string,
): Promise<HttpResponse> {
  const format = asked.get('format') ?? undefined;
  if (format !== undefined && !exportFormats.includes(format as ExportFormat))
    throw new CommandError(`format is one of ${exportFormats.join(', ')}`);
  const at = asked.get('at');
  const { octets, contentType } = await exportCollection(
    storage,
    ownPath(asked.get('path') ?? '', user, 2),
    format as ExportFormat | undefined,
    at === null ? undefined : momentOf(at, nowSeconds()),
    timeZone,
  );
  return {
    status: 200,
    headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' },
    body: octets,
  };
}

async function undo(
  parts: MemoryApiParts,
  request: HttpRequest,
  { device }: Visitor,
  user: string,
): Promise<unknown> {
  const order = JSON.parse(
    Buffer.from(await request.body(maxOrderOctets)).toString() || '{}',
  ) as Record<string, unknown>;
  const what = undoOf(order, user);
  if (what.what === 'commit') {
    // Of somebody else's commits nobody learns even that they are there.
    const entries = parts.storage.history.ofRevision(what.revision);
    if (entries.length === 0 || entries.some(({ collection }) => collection[1] !== user))
      throw new CommandError('there is no such commit of yours');
  }
  return revert(parts, what, {
    user,
    actor: {
      user,
      device,
      userAgent: request.headers['user-agent']?.[0],
      method: 'POST',
      target: '/api/revert',
      requestId: randomUUID(),
    },
    summary: `${user}: ${wordsOf(what)} undone`,
    nowSeconds: nowSeconds(),
    dryRun: order['dryRun'] === true,
    overwrite: order['overwrite'] === true,
  });
}

async function imported(
  parts: MemoryApiParts,
  request: HttpRequest,
  asked: URLSearchParams,
  { device }: Visitor,
  user: string,
): Promise<unknown> {
  return importFile(
    parts,
    ownPath(asked.get('path') ?? '', user),
    await request.body(maxImportOctets),
    {
      user,
      actor: {
        user,
        device,
        userAgent: request.headers['user-agent']?.[0],
        method: 'POST',
        target: '/api/import',
        requestId: randomUUID(),
      },
      nowSeconds: nowSeconds(),
      dryRun: asked.has('dryRun'),
      fileName: asked.get('fileName') ?? 'import',
      timeZone: parts.timeZone,
    },
  );
}

function undoOf(order: Record<string, unknown>, user: string): Undo {
  const { commit, path, at, device, since } = order;
  if (typeof commit === 'string' && /^[0-9a-f]{40}$/.test(commit))
    return { what: 'commit', revision: commit };
  if (typeof path === 'string' && typeof at === 'string')
    return { what: 'path', path: ownPath(path, user), moment: momentOf(at, nowSeconds()) };
  if (typeof since === 'string')
    return {
      what: 'actor',
      user,
      device: typeof device === 'string' ? device : undefined,
      sinceSeconds: secondsSince(since),
    };
  throw new CommandError(
    'undo what? "commit", "path" with "at", or "since" with or without "device"',
  );
}

/** `least`: segments; the home has two. */
function ownPath(text: string, user: string, least: number = 3): Path {
  const path = pathOf(text);
  if (path[1] !== user || path.length < least)
    throw new CommandError('a path of yours is wanted: /calendars/USER/CALENDAR/');
  return path;
}

function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    },
    body: Buffer.from(`${JSON.stringify(body)}\n`),
  };
}
