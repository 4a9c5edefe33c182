/**
 * HTTP/1.1, and HTTP/2 where there is TLS, as plain values: a request in, a response out. Bounds on what a
 * client can hold are here; what a request means is the handler's.
 */
import type { Server } from 'node:http';
import type { createSecureServer, Http2SecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { joinOctets } from '@riad/octets/join';
import { type TlsFiles, WatchedContext } from '../streams/watched-context.ts';
import {
  headersTimeoutMs,
  idleTimeoutMs,
  maxBodiesOctets,
  maxConnections,
  maxConnectionsPerAddress,
  maxHeaderOctets,
  maxRequests,
  maxStreamsPerConnection,
  requestTimeoutMs,
  stalledTimeoutMs,
} from './http-limits.ts';
import { onePieceATurn } from './request-body.ts';
import { Leaving, leaveBody, type Request, type Response, send } from './send-answer.ts';

export type HttpRequest = {
  readonly method: string;
  /** As it stands in the request: path and query. */
  readonly target: string;
  /** Lower-case names; a field that came several times has several values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Of the other end of the connection. */
  readonly address: string;
  readonly secure: boolean;
  /** Read at most once, this way or that. Throws BodyTooLargeError beyond `limit` octets. */
  body(limit: number): Promise<Uint8Array>;
  /** As it comes. Who stops early leaves the rest, which is dropped with the answer. */
  bodyPieces(limit: number): AsyncIterable<Uint8Array>;
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
    // An `import` would read all that it exports, and with that load a client of HTTP and WebSockets: 40 ms.
    const server = process.getBuiltinModule('node:http').createServer({
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
    const server = process.getBuiltinModule('node:http2').createSecureServer({
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
    const leaving = new Leaving(response);
    response.on('error', ignore); // the client went away
    request.on('error', ignore);
    if (this.#requests >= maxRequests) {
      refuseForNow(response);
      return;
    }
    void this.#answerOrFail(request, response, secure, leaving);
  }

  async #answerOrFail(
    request: Request,
    response: Response,
    secure: boolean,
    leaving: Leaving,
  ): Promise<void> {
    this.#requests++;
    try {
      await this.#answer(request, response, secure, leaving);
    } catch (error) {
      if (error instanceof BodiesTooManyError && !response.headersSent) {
        if (!leaveBody(request, response)) response.setHeader('Connection', 'close');
        refuseForNow(response);
        return;
      }
      if (!leaving.hasLeft) this.#options.report('a request failed', { error, url: request.url });
      if (response.headersSent) response.destroy();
      else endWith(response, 500);
    } finally {
      this.#requests--;
    }
  }

  async #answer(
    request: Request,
    response: Response,
    secure: boolean,
    leaving: Leaving,
  ): Promise<void> {
    const expects = request.headers['expect']?.toLowerCase() === '100-continue';
    let held = 0;
    const hold = (octets: number): void => {
      held += octets;
      this.#bodiesOctets += octets;
      if (this.#bodiesOctets > maxBodiesOctets) throw new BodiesTooManyError('too many bodies');
    };
    // RFC 9110 §10.1.1: only now is the body wanted.
    const ask = (): void => {
      if (expects) response.writeContinue();
    };
    try {
      const answer = await this.#options.handle({
        method: request.method ?? '',
        target: request.url ?? '/',
        headers: headersOf(request),
        address: plainAddress(request.socket.remoteAddress ?? ''),
        secure,
        body: (limit) => {
          ask();
          return bodyOf(request, limit, hold);
        },
        bodyPieces: (limit) => {
          ask();
          return piecesOf(request, limit, hold);
        },
      });
      await send(request, response, answer, leaving);
    } finally {
      this.#bodiesOctets -= held;
    }
  }
}

function ignore(): void {}

function refuseForNow(response: Response): void {
  response.setHeader('Retry-After', '5');
  endWith(response, 503);
}

/** Without a body; both protocols have this much in common. */
function endWith(response: Response, status: number): void {
  response.statusCode = status;
  response.end();
}

/** `hold` hears how much is held. What throws leaves the connection as it is: the answer still has to go. */
async function bodyOf(
  request: Request,
  limit: number,
  hold: (octets: number) => void,
): Promise<Uint8Array> {
  if (request.httpVersionMajor === 1 && request.complete) {
    // It has come whole, with its head, as nearly all do: nothing is to be waited for.
    const piece = request.read() as Uint8Array | null;
    if (piece === null) return new Uint8Array(0);
    if (piece.length > limit) throw new BodyTooLargeError(limit);
    hold(piece.length);
    return plainOctets(piece);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(request, limit, hold)) pieces.push(piece);
  return pieces.length === 1 ? pieces[0]! : joinOctets(pieces);
}

async function* piecesOf(
  request: Request,
  limit: number,
  hold: (octets: number) => void,
): AsyncGenerator<Uint8Array, void> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError(limit);
  let octets = 0;
  for await (const piece of onePieceATurn(request)) {
    octets += piece.length;
    if (octets > limit) throw new BodyTooLargeError(limit);
    hold(piece.length);
    yield plainOctets(piece);
  }
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
