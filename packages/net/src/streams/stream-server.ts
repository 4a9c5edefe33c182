/**
 * Messages over TCP and TLS, each behind two octets of length (RFC 1035 §4.2.2, RFC 7766, RFC 7858).
 * A connection costs memory only for octets that have arrived; silent, slow and greedy clients are cut.
 * Not here: what a message means.
 */
import { createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { addressKey, octetsOfAddress } from './client-address.ts';
import { type TlsFiles, WatchedContext } from './watched-context.ts';

export type StreamClient = {
  readonly address: string;
  /** 4 or 16. */
  readonly addressOctets: Uint8Array;
  readonly port: number;
  readonly tls: boolean;
};

export type StreamOptions = {
  readonly maxClients: number;
  /** IPv6: per /64. */
  readonly maxClientsPerAddress: number;
  readonly idleTimeoutMs: number;
  /** Answers one message; undefined: no answer. The result is copied before it returns. */
  readonly answer: (message: Uint8Array, client: StreamClient) => Uint8Array | undefined;
  readonly report?: (event: string, fields: Record<string, unknown>) => void;
};

/** Messages of one client answered in one go; then others have their turn. */
const messagesPerTurn = 256;
/** Answers a client has not taken yet; above it nothing more is read from it. */
const maxUnsentOctets = 262_144;
/** A message and its length (RFC 1035 §4.2.2). */
const maxBufferedOctets = 65_537;
const handshakeTimeoutMs = 10_000;
/** Waiting connections; the system may keep fewer. */
const backlog = 1024;
/** How often connections are looked over for idle ones: at most this late one is cut. */
const sweepsPerTimeout = 10;

type Connection = {
  readonly socket: Socket;
  readonly client: StreamClient;
  readonly key: string;
  /** What has arrived and is not a whole message yet. */
  pending: Uint8Array;
  lastActivity: number;
  waiting: boolean;
  ended: boolean;
};

export class StreamServer {
  readonly counts = {
    accepted: 0,
    refusedTotal: 0,
    refusedPerAddress: 0,
    idleClosed: 0,
    malformed: 0,
    active: 0,
    tlsErrors: 0,
  };
  readonly #options: StreamOptions;
  /** In order of activity, the longest idle first. */
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #servers: (Server | TlsServer)[] = [];
  readonly #contexts: WatchedContext[] = [];
  readonly #handshaking = new Set<Socket>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#sweep = setInterval(
      () => this.#cutIdle(),
      Math.max(10, options.idleTimeoutMs / sweepsPerTimeout),
    );
    this.#sweep.unref();
  }

  /** Accepts on a listening socket that was handed over, or opens one. */
  async listen(
    where: { readonly fd: number } | { readonly address: string; readonly port: number },
    tls?: TlsFiles,
  ): Promise<{ address: string; port: number }> {
    let server: Server | TlsServer;
    if (tls === undefined) {
      server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        this.#accept(socket, false),
      );
    } else {
      const context = new WatchedContext(tls, (error) =>
        this.#report('certificate not reloaded', { error: error.message }),
      );
      this.#contexts.push(context);
      const secure = createTlsServer(
        {
          ...context.options,
          minVersion: 'TLSv1.2',
          ALPNCallback: ({ protocols }) => (protocols.includes('dot') ? 'dot' : undefined),
          handshakeTimeout: handshakeTimeoutMs,
          allowHalfOpen: true,
          noDelay: true,
        },
        (socket: TLSSocket) => this.#accept(socket, true),
      );
      // Before the handshake is over the client counts already.
      secure.on('connection', (socket: Socket) => {
        if (this.#handshaking.size >= this.#options.maxClients) socket.destroy();
        else {
          this.#handshaking.add(socket);
          socket.once('close', () => this.#handshaking.delete(socket));
        }
      });
      secure.on('tlsClientError', () => {
        this.counts.tlsErrors++;
      });
      context.onChange((options) => secure.setSecureContext(options));
      server = secure;
    }
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    if ('fd' in where) server.listen({ fd: where.fd }, resolve);
    else
      server.listen(
        { host: where.address, port: where.port, ipv6Only: where.address.includes(':'), backlog },
        resolve,
      );
    await promise;
    server.removeListener('error', reject);
    server.on('error', (error) => this.#report('stream listener', { error: error.message }));
    const bound = server.address();
    return bound !== null && typeof bound === 'object'
      ? { address: bound.address, port: bound.port }
      : { address: '', port: 0 };
  }

  /** Stops accepting and cuts every connection: their clients ask elsewhere. */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    for (const context of this.#contexts) context.stop();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const { socket } of this.#connections) socket.destroy();
    for (const socket of this.#handshaking) socket.destroy();
    await Promise.all(closed);
  }

  #report(event: string, fields: Record<string, unknown>): void {
    this.#options.report?.(event, fields);
  }

  #accept(socket: Socket, tls: boolean): void {
    socket.on('error', () => socket.destroy()); // a client that is gone is nobody's concern
    const address = socket.remoteAddress;
    const addressOctets = address === undefined ? undefined : octetsOfAddress(address);
    if (address === undefined || addressOctets === undefined) {
      socket.destroy();
      return;
    }
    const key = addressKey(addressOctets);
    const ofAddress = this.#perAddress.get(key) ?? 0;
    if (ofAddress >= this.#options.maxClientsPerAddress) {
      this.counts.refusedPerAddress++;
      socket.destroy();
      return;
    }
    if (this.#connections.size >= this.#options.maxClients) {
      // RFC 7766 §6.2.3: idle connections may be closed at any time; the longest idle one is first.
      this.counts.refusedTotal++;
      const [longestIdle] = this.#connections;
      if (longestIdle !== undefined) this.#drop(longestIdle);
    }
    const connection: Connection = {
      socket,
      client: { address, addressOctets, port: socket.remotePort ?? 0, tls },
      key,
      pending: nothing,
      lastActivity: performance.now(),
      waiting: false,
      ended: false,
    };
    this.#connections.add(connection);
    this.#perAddress.set(key, ofAddress + 1);
    this.counts.accepted++;
    this.counts.active = this.#connections.size;
    socket.on('data', (chunk: Buffer) => this.#receive(connection, chunk));
    socket.on('end', () => {
      connection.ended = true;
      if (!connection.waiting) socket.end();
    });
    socket.on('drain', () => this.#goOn(connection));
    socket.once('close', () => this.#forget(connection));
  }

  #forget(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const left = (this.#perAddress.get(connection.key) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(connection.key);
    else this.#perAddress.set(connection.key, left);
    this.counts.active = this.#connections.size;
  }

  #drop(connection: Connection): void {
    connection.socket.destroy();
    this.#forget(connection);
  }

  #receive(connection: Connection, chunk: Uint8Array): void {
    connection.pending =
      connection.pending.length === 0 ? chunk : joined(connection.pending, chunk);
    if (!connection.waiting) this.#work(connection);
  }

  /** Answers the whole messages that have arrived, as many as fit into one turn. */
  #work(connection: Connection): void {
    const { socket, client } = connection;
    const answers: Uint8Array[] = [];
    let { pending } = connection;
    let answered = 0;
    let unsent = socket.writableLength;
    let at = 0;
    while (answered < messagesPerTurn && unsent < maxUnsentOctets && pending.length - at >= 2) {
      const length = (pending[at]! << 8) | pending[at + 1]!;
      if (length < 12) {
        this.counts.malformed++; // shorter than a header: no DNS is spoken here
        this.#drop(connection);
        return;
      }
      if (pending.length - at < 2 + length) break;
      const answer = this.#options.answer(pending.subarray(at + 2, at + 2 + length), client);
      at += 2 + length;
      answered++;
      if (answer === undefined) continue;
      // Length and message leave in one write (RFC 7766 §8).
      const framed = new Uint8Array(2 + answer.length);
      framed[0] = answer.length >>> 8;
      framed[1] = answer.length & 255;
      framed.set(answer, 2);
      answers.push(framed);
      unsent += framed.length;
    }
    pending = pending.subarray(at);
    // Half a message keeps no larger buffer alive than it needs.
    connection.pending = pending.length === 0 ? nothing : pending.slice();
    if (answered > 0) this.#touch(connection);
    if (answers.length > 0)
      socket.write(answers.length === 1 ? answers[0]! : concatenated(answers));
    if (hasWholeMessage(connection.pending)) {
      connection.waiting = true;
      socket.pause();
      if (unsent < maxUnsentOctets) setImmediate(() => this.#goOn(connection));
      return;
    }
    if (connection.pending.length > maxBufferedOctets) this.#drop(connection);
    else if (connection.ended) socket.end();
  }

  /** The client has taken what was sent, or others have had their turn. */
  #goOn(connection: Connection): void {
    if (!connection.waiting || !this.#connections.has(connection)) return;
    if (connection.socket.writableLength >= maxUnsentOctets) return; // `drain` comes again
    connection.waiting = false;
    connection.socket.resume();
    this.#work(connection);
  }

  /** Only whole messages count as activity: who drips octets is idle. */
  #touch(connection: Connection): void {
    connection.lastActivity = performance.now();
    this.#connections.delete(connection);
    this.#connections.add(connection);
  }

  #cutIdle(): void {
    const oldest = performance.now() - this.#options.idleTimeoutMs;
    for (const connection of this.#connections) {
      if (connection.lastActivity > oldest) return; // the rest was active later
      this.counts.idleClosed++;
      this.#drop(connection);
    }
  }
}

const nothing = new Uint8Array(0);

function hasWholeMessage(octets: Uint8Array): boolean {
  return octets.length >= 2 && octets.length >= 2 + ((octets[0]! << 8) | octets[1]!);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
