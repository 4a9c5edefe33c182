/**
 * A request in, a response out. What a client did wrong is an answer; what throws is our bug, or the
 * storage’s, and the shell’s 500.
 */
import { DecodeError } from '@riad/octets/decode-error';
import { contextOf } from './context.ts';
import { DavError, errorResponse } from './dav-error.ts';
import type { Engine } from './engine.ts';
import type { Exchange } from './exchange.ts';
import { acl } from './methods/acl.ts';
import { copy } from './methods/copy.ts';
import { remove } from './methods/delete.ts';
import { get, head } from './methods/get.ts';
import { lock } from './methods/lock.ts';
import { mkcalendar } from './methods/mkcalendar.ts';
import { mkcol } from './methods/mkcol.ts';
import { move } from './methods/move.ts';
import { options } from './methods/options.ts';
import { propfind } from './methods/propfind.ts';
import { proppatch } from './methods/proppatch.ts';
import { put } from './methods/put.ts';
import { report } from './methods/report.ts';
import { hasXml, xmlBody } from './methods/request-xml.ts';
import { unlock } from './methods/unlock.ts';
import { wellKnown } from './methods/well-known.ts';
import { codes, parseUrlPath, splitUrl, type UrlPath } from './path/url-path.ts';
import { type DavRequest, type DavResponse, header } from './request.ts';
import { wholeBody } from './request-body.ts';
import { provideHomes } from './resources/provide-homes.ts';
import { contentOf, etagOf } from './resources/representation.ts';
import { PreferredRepresentation } from './resources/write-conditions.ts';
import { Overtaken } from './resources/write-plan.ts';
import type { Actor } from './storage/storage.ts';

type Method = (exchange: Exchange) => Promise<DavResponse>;

const methods: Readonly<Record<string, Method>> = {
  OPTIONS: options,
  GET: get,
  HEAD: head,
  PUT: put,
  DELETE: remove,
  MKCOL: mkcol,
  MKCALENDAR: mkcalendar,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  COPY: copy,
  MOVE: move,
  LOCK: lock,
  UNLOCK: unlock,
  ACL: acl,
  REPORT: report,
};

/** Writers that meet on one object; each time another one has succeeded. */
export const maxAttempts = 10;

export async function handle(engine: Engine, request: DavRequest): Promise<DavResponse> {
  try {
    return await answer(engine, request);
  } catch (error) {
    if (error instanceof DavError) return errorResponse(error);
    if (isNotReady(error)) {
      const sentence = 'The server is still reading its data; try again in a moment.';
      return errorResponse(new DavError(503, { sentence, headers: { 'Retry-After': '5' } }));
    }
    throw error;
  }
}

async function answer(engine: Engine, request: DavRequest): Promise<DavResponse> {
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (method === undefined) throw unknownMethod(request.method);
  const target = parseTarget(request.target);
  const redirect = wellKnown(request, target);
  if (redirect !== undefined) return redirect;
  const body = hasXml(request.method)
    ? await xmlBody(engine, request)
    : await wholeBody(request.body);
  const actor = actorOf(request);
  if (request.user !== undefined) await provideHomes(engine, request.user, actor);
  for (let attempt = 1; ; attempt++) {
    const view = await engine.storage.view();
    const context = contextOf(engine, view, request.user, request.nowSeconds);
    try {
      return await method({ context, request, target, body, actor });
    } catch (error) {
      if (error instanceof PreferredRepresentation) {
        const octets = await contentOf(context, error.node);
        return {
          status: 412,
          headers: {
            'Content-Type': error.node.resource.contentType,
            ETag: await etagOf(context, error.node),
            'Preference-Applied': 'return=representation',
            Vary: 'Prefer',
          },
          body: octets,
        };
      }
      if (!(error instanceof Overtaken)) throw error;
      if (attempt === maxAttempts) {
        throw new DavError(503, {
          sentence: 'Others keep changing this; try again in a moment.',
          headers: { 'Retry-After': '1' },
        });
      }
    }
  }
}

function parseTarget(target: string): UrlPath {
  try {
    // The absolute form is for proxies, and still a request of ours (RFC 9112 §3.2.2).
    return parseUrlPath(splitUrl(target)?.path ?? (target === '*' ? '/' : target));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const sentence = `The path is not one of ours: ${codes[error.code as keyof typeof codes]}.`;
    throw new DavError(error.code === 'path.length' ? 414 : 400, { sentence });
  }
}

function unknownMethod(method: string): DavError {
  // POST is known, but nothing here takes it.
  const status = method === 'POST' ? 405 : 501;
  return new DavError(status, { headers: { Allow: Object.keys(methods).join(', ') } });
}

/** Who a commit says it was. */
export function actorOf(request: DavRequest): Actor {
  const question = request.target.indexOf('?');
  return {
    user: request.user ?? '',
    device: request.device,
    userAgent: header(request.headers, 'user-agent'),
    method: request.method,
    target: question < 0 ? request.target : request.target.slice(0, question),
    requestId: request.requestId,
  };
}

function isNotReady(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'storage.not-ready';
}
