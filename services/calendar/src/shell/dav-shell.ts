/**
 * What stands around the engine: who asks, whether a page may, how much of a body is read, and what is said
 * where somebody has to log in. Not here: what a request means (`webdav`), pages for people (`page/`).
 */
import { randomUUID } from 'node:crypto';
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from '@riad/net/http/http-server';
import type { LoginCheck } from '@riad/runtime/accounts/login';
import type { Engine } from '@riad/webdav/engine';
import { handle } from '@riad/webdav/handle';
import { hasXml } from '@riad/webdav/methods/request-xml';
import { maxFileOctets } from '@riad/webdav/resources/object-limits';
import { type Client, clientOf, type ProxyRules } from './client.ts';
import { challenge, credentialsOf } from './credentials.ts';
import { crossOrigin, preflight } from './cross-origin.ts';

/** XML of requests besides PUT: filters and lists of hrefs. */
export const maxRequestXmlOctets: number = 4 << 20;
/** The same of who has not logged in, and may read what is public. */
export const maxStrangerXmlOctets: number = 256 << 10;

export type Visitor = {
  readonly client: Client;
  /** Undefined: has not logged in. */
  readonly user: string | undefined;
  readonly device: string | undefined;
};

/** Pages for people; undefined for what is not theirs. */
export type Pages = (request: HttpRequest, visitor: Visitor) => Promise<HttpResponse | undefined>;

export type DavShellParts = {
  readonly engine: Engine;
  readonly login: LoginCheck;
  /** Whether there is an enabled account of that name. */
  readonly isUser: (name: string) => boolean;
  readonly pages: Pages;
  readonly url: string | undefined;
  readonly proxy: ProxyRules | undefined;
  readonly allowedOrigins: readonly string[];
  /** Hears of each answer. */
  readonly answered: (request: HttpRequest, visitor: Visitor, status: number) => void;
};

export class DavShell {
  readonly #parts: DavShellParts;

  constructor(parts: DavShellParts) {
    this.#parts = parts;
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { url, proxy, allowedOrigins, answered } = this.#parts;
    const client = clientOf(request, url, proxy);
    const origin = request.headers['origin']?.[0];
    const cors = crossOrigin(origin, allowedOrigins);
    const wantedMethod = request.headers['access-control-request-method'];
    if (request.method === 'OPTIONS' && origin !== undefined && wantedMethod !== undefined) {
      const wanted = request.headers['access-control-request-headers']?.[0];
      const headers = cors === undefined ? {} : { ...cors, ...preflight(wanted) };
      return { status: 204, headers: { ...headers, Vary: 'Origin' }, body: undefined };
    }
    const visitor = await this.#visitor(request, client);
    const response =
      'status' in visitor ? visitor : await this.#answer(request, visitor).catch(tooLarge);
    const who = 'status' in visitor ? { client, user: undefined, device: undefined } : visitor;
    answered(request, who, response.status);
    return cors === undefined ? response : withCors(response, cors);
  }

  /** Who asks, or what to answer to a wrong password. */
  async #visitor(request: HttpRequest, client: Client): Promise<Visitor | HttpResponse> {
    const { login, isUser } = this.#parts;
    if (client.proxyUser !== undefined) {
      const user = client.proxyUser.toLowerCase();
      return isUser(user) ? { client, user, device: undefined } : refusal(401, 'calendar.login');
    }
    const field = request.headers['authorization']?.[0];
    if (field === undefined) return { client, user: undefined, device: undefined };
    const credentials = credentialsOf(field);
    if (credentials === undefined) return refusal(401, 'calendar.login');
    const agent = request.headers['user-agent']?.[0];
    const { name, password } = credentials;
    const result = await login.check(name, password, client.address, agent);
    switch (result.kind) {
      case 'in':
        return { client, user: result.user, device: result.device };
      case 'wrong':
        return refusal(401, 'calendar.login');
      case 'too-often':
        return refusal(429, 'calendar.too-often', result.retryAfterSeconds);
      default:
        return refusal(503, 'calendar.busy', 5);
    }
  }

  async #answer(request: HttpRequest, visitor: Visitor): Promise<HttpResponse> {
    const { engine, pages } = this.#parts;
    const page = await pages(request, visitor);
    if (page !== undefined) return page;
    const { client, user, device } = visitor;
    const xml = user === undefined ? maxStrangerXmlOctets : maxRequestXmlOctets;
    const limit = request.method === 'PUT' ? maxFileOctets : xml;
    // Nothing of a body is read for who will be asked to log in.
    const body =
      user === undefined && request.method !== 'PROPFIND' && request.method !== 'REPORT'
        ? new Uint8Array(0)
        : hasXml(request.method) && isLong(request)
          ? request.bodyPieces(limit)
          : await request.body(limit);
    const {
      status,
      headers,
      body: answer,
    } = await handle(engine, {
      method: request.method,
      target: request.target,
      headers: request.headers,
      body,
      user,
      device,
      baseUrl: client.baseUrl,
      secure: client.secure,
      requestId: randomUUID(),
      nowSeconds: Math.floor(Date.now() / 1000),
    });
    return { status, headers, body: answer };
  }
}

/** Nearly all bodies are shorter, and come with their head: there is nothing to be gained by pieces then. */
const shortOctets = 32_768;

function isLong({ headers }: HttpRequest): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length']?.[0] ?? 0) > shortOctets;
}

function refusal(status: number, code: string, retryAfterSeconds?: number): HttpResponse {
  const texts: Readonly<Record<string, string>> = {
    'calendar.login': 'Name or password is wrong.',
    'calendar.too-often': 'Too many wrong passwords came from this address; try again later.',
    'calendar.busy': 'Too many passwords are being checked; try again in a moment.',
  };
  return {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      ...(status === 401 ? { 'WWW-Authenticate': challenge } : {}),
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: Buffer.from(`${texts[code]} (${code})\n`),
  };
}

function tooLarge(error: unknown): HttpResponse {
  if (!(error instanceof BodyTooLargeError)) throw error;
  const text = `The body may have ${error.limit} octets. (calendar.too-large)\n`;
  return {
    status: 413,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: Buffer.from(text),
  };
}

function withCors(response: HttpResponse, cors: Record<string, string>): HttpResponse {
  const vary = response.headers['Vary'];
  const headers = {
    ...response.headers,
    ...cors,
    Vary: vary === undefined ? 'Origin' : `${String(vary)}, Origin`,
  };
  return { ...response, headers };
}
