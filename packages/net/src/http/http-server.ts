/**
 * HTTP/1.1, and HTTP/2 where there is TLS, as plain values: a request in, a response out. Bounds on what a
 * client can hold are here; what a request means is the handler's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { Socket } from 'node:net';
import { type TlsFiles, WatchedContext } from '../streams/watched-context.ts';
import { compressed, isCompressible } from './compression.ts';
import {
  headersTimeoutMs,
  idleTimeoutMs,
  maxBodiesOctets,
  maxConnections,
  maxConnectionsPerAddress,
  maxDroppedOctets,
  maxHeaderOctets,
  maxRequests,
  maxStreamsPerConnection,
  requestTimeoutMs,
  stalledTimeoutMs,
} from './http-limits.ts';

export type HttpRequest = {
  readonly method: string;
  /** As it stands in the request: path and query. */
  readonly target: string;
  /** Lower-case names; a field that came several times has several values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Of the other end of the connection. */
  readonly address: string;
  readonly secure: boolean;
  /** Read at most once. Throws BodyTooLargeError beyond `limit` octets. */
  body(limit: number): Promise<Uint8Array>;
  /** Aborted when the client goes away. */
  readonly gone: AbortSignal;
};

export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is read as fast as the client takes it, and ended if the client goes away. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
};

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

export type HttpPlace =
  | { readonly fd: number }
  | { readonly address: string; readonly port: number };

export type HttpServerOptions = {
  readonly handle: HttpHandler;
  /** Hears what went wrong: a handler that threw, a certificate that cannot be read. */
  readonly report: (event: string, fields: Readonly<Record<string, unknown>>) => void;
};

/** A body has more octets than it may: 413. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly limit: number;

  constructor(limit: number) {
    super(`a body of more than ${limit} octets`);
    this.limit = limit;
  }
}

/** Others hold as much as all may together: 503. */
class BodiesTooManyError extends Error {
  override readonly name = 'BodiesTooManyError';
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** Of one hop, and none of HTTP/2's (RFC 9113 §8.2.2). */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #servers: (Server | Http2SecureServer)[] = [];
  readonly #contexts: WatchedContext[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();
  #requests = 0;
  #bodiesOctets = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Resolves with the port once it listens. With `tls` HTTP/2 is spoken as well. */
  async listen(place: HttpPlace, tls?: TlsFiles): Promise<number> {
    const server = tls === undefined ? this.#plain() : this.#secure(tls);
    server.on('connection', (socket: Socket) => this.#admit(socket));
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen('fd' in place ? place : { host: place.address, port: place.port }, resolve);
    await promise;
    server.removeListener('error', reject);
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  }

  /** Looks at the files of certificates now. */
  lookAtCertificates(): void {
    for (const context of this.#contexts) context.look();
  }

  /** Requests under way have a moment to end. */
  async stop(graceMs: number = 300): Promise<void> {
    for (const context of this.#contexts) context.stop();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const server of this.#servers)
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    const late = setTimeout(
      () => {
        for (const socket of this.#sockets) socket.destroy();
      },
      this.#requests === 0 ? 0 : graceMs,
    );
    await Promise.all(closed);
    clearTimeout(late);
  }

  #plain(): Server {
    const server = createServer({
      maxHeaderSize: maxHeaderOctets,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
      joinDuplicateHeaders: false,
    });
    const serve = (request: Request, response: Response): void =>
      this.#serve(request, response, false);
    server.on('request', serve);
    server.on('checkContinue', serve);
    return server;
  }

  #secure(tls: TlsFiles): Http2SecureServer {
    const context = new WatchedContext(tls, (error) =>
      this.#options.report('certificate cannot be read', { error }),
    );
    this.#contexts.push(context);
    const server = createSecureServer({
      allowHTTP1: true,
      // For each connection the newest certificate.
      SNICallback: (_name, done) => done(null, context.current),
      ...context.options(),
      maxHeaderListPairs: 100,
      maxSessionMemory: 8, // megabytes
      settings: {
        maxConcurrentStreams: maxStreamsPerConnection,
        maxHeaderListSize: maxHeaderOctets,
      },
      maxHeaderSize: maxHeaderOctets,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
    } as Parameters<typeof createSecureServer>[0]);
    const serve = (request: Request, response: Response): void =>
      this.#serve(request, response, true);
    server.on('request', serve);
    server.on('checkContinue', serve);
    server.on('session', (session) => session.setTimeout(idleTimeoutMs, () => session.close()));
    server.on('sessionError', () => {}); // a client that breaks off
    server.on('tlsClientError', () => {});
    return server;
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const count = this.#byAddress.get(address) ?? 0;
    if (this.#sockets.size >= maxConnections || count >= maxConnectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#byAddress.set(address, count + 1);
    // A client that takes nothing of its answer, or sends nothing of its request.
    socket.setTimeout(stalledTimeoutMs, () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    });
  }

  #serve(request: Request, response: Response, secure: boolean): void {
    const gone = new AbortController();
    // Making the reason of an abortion costs more than the rest of a small answer.
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    response.on('error', () => {}); // the client went away
    request.on('error', () => {});
    if (this.#requests >= maxRequests) {
      refuseForNow(response);
      return;
    }
    this.#requests++;
    void this.#answer(request, response, secure, gone.signal)
      .catch((error: unknown) => {
        if (error instanceof BodiesTooManyError && !response.headersSent) {
          leaveBody(request, response);
          refuseForNow(response);
          return;
        }
        if (!gone.signal.aborted)
          this.#options.report('a request failed', { error, url: request.url });
        if (response.headersSent) response.destroy();
        else endWith(response, 500);
      })
      .finally(() => {
        this.#requests--;
      });
  }

  async #answer(
    request: Request,
    response: Response,
    secure: boolean,
    gone: AbortSignal,
  ): Promise<void> {
    const expects = request.headers['expect']?.toLowerCase() === '100-continue';
    let held = 0;
    using _released = {
      [Symbol.dispose]: () => {
        this.#bodiesOctets -= held;
      },
    };
    const hold = (octets: number): void => {
      held += octets;
      this.#bodiesOctets += octets;
      if (this.#bodiesOctets > maxBodiesOctets) throw new BodiesTooManyError('too many bodies');
    };
    const { status, headers, body } = await this.#options.handle({
      method: request.method ?? '',
      target: request.url ?? '/',
      headers: headersOf(request),
      address: plainAddress(request.socket.remoteAddress ?? ''),
      secure,
      gone,
      body: (limit) => {
        // RFC 9110 §10.1.1: only now is the body wanted.
        if (expects) response.writeContinue();
        return bodyOf(request, limit, hold);
      },
    });
    for (const [name, value] of Object.entries(headers))
      if (!(request.httpVersionMajor > 1 && ofConnection.has(name.toLowerCase())))
        response.setHeader(name, value as string | string[]);
    if (!request.complete && hasBody(request)) leaveBody(request, response);
    response.statusCode = status;
    if (body === undefined) {
      if (status !== 204 && status !== 304 && request.method !== 'HEAD')
        response.setHeader('Content-Length', '0');
      response.end();
      return;
    }
    const whole = body instanceof Uint8Array;
    const compress = isCompressible(request.headers['accept-encoding'], headers, body);
    if (compress) {
      response.setHeader('Content-Encoding', 'gzip');
      appendVary(response, 'Accept-Encoding');
    } else if (whole) response.setHeader('Content-Length', String(body.length));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    if (whole && !compress) {
      response.end(body);
      return;
    }
    await stream(compress ? compressed(body) : (body as AsyncIterable<Uint8Array>), response, gone);
  }
}

function refuseForNow(response: Response): void {
  response.setHeader('Retry-After', '5');
  endWith(response, 503);
}

/** Without a body; both protocols have this much in common. */
function endWith(response: Response, status: number): void {
  response.statusCode = status;
  response.end();
}

/**
 * What is left of a body stands before the next request. Many clients read no answer before they have sent all, so
 * the rest is taken and dropped; of an unknown or huge length the connection ends with the answer.
 */
function leaveBody(request: Request, response: Response): void {
  const { 'content-length': length, expect } = request.headers;
  // Who waits to be asked for the body may send none, and then nobody knows where the next request begins.
  const octets = Number(expect === undefined ? (length ?? Number.NaN) : Number.NaN);
  if (request.httpVersionMajor === 1 && !(octets <= maxDroppedOctets))
    response.setHeader('Connection', 'close');
  request.resume();
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** `hold` hears how much is held. What throws leaves the connection as it is: the answer still has to go. */
async function bodyOf(
  request: Request,
  limit: number,
  hold: (octets: number) => void,
): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError(limit);
  const pieces: Uint8Array[] = [];
  let octets = 0;
  for await (const piece of request.iterator({
    destroyOnReturn: false,
  }) as AsyncIterable<Uint8Array>) {
    octets += piece.length;
    if (octets > limit) throw new BodyTooLargeError(limit);
    hold(piece.length);
    pieces.push(piece);
  }
  if (pieces.length === 1) return plainOctets(pieces[0]!);
  const whole = new Uint8Array(octets);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** `slice` of a Node Buffer is no copy, which others do not expect. */
function plainOctets(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

function headersOf(request: Request): Record<string, readonly string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i]!.toLowerCase();
    // RFC 9113 §8.3.1: HTTP/2 has the host in a pseudo-header.
    const name = written === ':authority' ? 'host' : written;
    if (name.startsWith(':')) continue;
    const values = headers[name];
    if (values === undefined) headers[name] = [rawHeaders[i + 1]!];
    else values.push(rawHeaders[i + 1]!);
  }
  return headers;
}

/** An IPv4 client of an IPv6 socket is an IPv4 client. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function appendVary(response: Response, field: string): void {
  const before = response.getHeader('Vary');
  response.setHeader('Vary', before === undefined ? field : `${String(before)}, ${field}`);
}

/** Writes as fast as the client takes it. */
async function stream(
  body: AsyncIterable<Uint8Array>,
  response: Response,
  gone: AbortSignal,
): Promise<void> {
  for await (const piece of body) {
    if (gone.aborted) return; // and so ends the body
    if ((response as ServerResponse).write(piece)) continue;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.removeListener('drain', done);
        gone.removeEventListener('abort', done);
        resolve();
      };
      response.on('drain', done);
      gone.addEventListener('abort', done);
    });
  }
  response.end();
}
