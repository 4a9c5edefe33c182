/**
 * Messages over TCP and TLS, each behind two octets of length (RFC 1035 §4.2.2, RFC 7766, RFC 7858).
 * A connection costs memory only for octets that have arrived; silent, slow and greedy clients are cut.
 * Not here: what a message means.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { joinOctets } from '@riad/octets/join';
import { addressKey, octetsOfAddress } from './client-address.ts';
import { framed, maxOutstanding, StreamConnection } from './stream-connection.ts';
import { type TlsFiles, WatchedContext } from './watched-context.ts';

export type StreamOptions = {
  readonly maxClients: number;
  /** IPv6: per /64. */
  readonly maxClientsPerAddress: number;
  readonly idleTimeoutMs: number;
  /**
   * Answers one message; undefined: no answer, or one that is sent later (`StreamConnection.begin`).
   * The result is copied before it returns, and the message is valid only until then.
   */
  readonly answer: (message: Uint8Array, client: StreamConnection) => Uint8Array | undefined;
  readonly report?: (event: string, fields: Record<string, unknown>) => void;
};

/** Messages of one client answered in one go; then others have their turn. */
export const messagesPerTurn = 256;
/** Answers a client has not taken yet; above it nothing more is read from it. */
export const maxUnsentOctets = 65_536;
/** A message and its length (RFC 1035 §4.2.2). */
export const maxPendingOctets = 65_537;
/** From the connection to the end of the TLS handshake. */
export const handshakeTimeoutMs = 10_000;
/** Waiting connections; the system may keep fewer. */
export const backlog = 1024;
/** Who stops gives clients so long to take what was answered. */
export const lastWordsMs = 250;
/** How often connections are looked over for idle ones: at most this late one is cut. */
const sweepsPerTimeout = 10;
/** A message's header (RFC 1035 §4.1.1). */
const headerOctets = 12;

type Connection = {
  readonly socket: Socket;
  readonly client: StreamConnection;
  readonly key: string;
  /** What has arrived and is not answered yet stands at the start of `pending`. */
  pending: Uint8Array;
  held: number;
  lastActivity: number;
  /** Whole messages wait for the client to read, or for others to have had their turn. */
  waiting: boolean;
  /** The client says no more. */
  ended: boolean;
  /** Runs during a TLS handshake. */
  handshake: NodeJS.Timeout | undefined;
};

export class StreamServer {
  readonly counts = {
    accepted: 0,
    /** Connections closed in favour of new ones, the table being full. */
    refusedTotal: 0,
    refusedPerAddress: 0,
    idleClosed: 0,
    malformed: 0,
    active: 0,
    /** Handshakes that failed or took too long. */
    tlsErrors: 0,
  };
  readonly #options: StreamOptions;
  /** In order of activity, the longest idle first. */
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #contexts: WatchedContext[] = [];
  readonly #sweep: NodeJS.Timeout;
  #stopping = false;

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
    let context: WatchedContext | undefined;
    if (tls !== undefined) {
      context = new WatchedContext(tls, (error) =>
        this.#report('certificate not reloaded', { error: error.message }),
      );
      this.#contexts.push(context);
    }
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket, context),
    );
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    if ('fd' in where) server.listen({ fd: where.fd, backlog }, resolve);
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

  /** Reads certificates again that have changed, without waiting for the next look. */
  lookAtCertificates(): void {
    for (const context of this.#contexts) context.look();
  }

  /** Stops accepting and reading; answers that were given may still leave, then every connection is cut. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweep);
    for (const context of this.#contexts) context.stop();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const { socket } of this.#connections) {
      socket.pause();
      socket.destroySoon();
    }
    const cut = setTimeout(() => {
      for (const connection of this.#connections) this.#drop(connection);
    }, lastWordsMs);
    await Promise.all(closed);
    clearTimeout(cut);
  }

  #report(event: string, fields: Record<string, unknown>): void {
    this.#options.report?.(event, fields);
  }

  /** Before a TLS handshake as after it, a connection is one client's: the same limits hold. */
  #accept(raw: Socket, context: WatchedContext | undefined): void {
    raw.on('error', () => raw.destroy()); // a client that is gone is nobody's concern
    const address = raw.remoteAddress;
    const addressOctets = address === undefined ? undefined : octetsOfAddress(address);
    if (address === undefined || addressOctets === undefined) {
      raw.destroy();
      return;
    }
    const key = addressKey(addressOctets);
    const ofAddress = this.#perAddress.get(key) ?? 0;
    if (ofAddress >= this.#options.maxClientsPerAddress) {
      this.counts.refusedPerAddress++;
      raw.destroy();
      return;
    }
    if (this.#connections.size >= this.#options.maxClients) {
      // RFC 7766 §6.2.3: idle connections may be closed at any time; the longest idle one is first.
      this.counts.refusedTotal++;
      const [longestIdle] = this.#connections;
      if (longestIdle !== undefined) this.#drop(longestIdle);
    }
    const port = raw.remotePort ?? 0;
    const socket = context === undefined ? raw : this.#secure(raw, context);
    const connection: Connection = {
      socket,
      client: new StreamConnection(
        socket,
        { address, addressOctets, port, tls: context !== undefined },
        () => this.#settled(connection),
      ),
      key,
      pending: nothing,
      held: 0,
      lastActivity: performance.now(),
      waiting: false,
      ended: false,
      handshake: undefined,
    };
    this.#connections.add(connection);
    this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
    this.counts.accepted++;
    this.counts.active = this.#connections.size;
    if (context !== undefined) this.#awaitHandshake(connection);
    socket.on('data', (chunk: Buffer) => this.#receive(connection, chunk));
    socket.on('end', () => {
      connection.ended = true;
      this.#endIfDone(connection);
    });
    socket.on('drain', () => {
      this.#touch(connection); // who takes what he is sent is not idle
      connection.client.drained();
      this.#goOn(connection);
    });
    socket.once('close', () => this.#forget(connection));
  }

  #secure(raw: Socket, context: WatchedContext): TLSSocket {
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: context.current,
      ALPNProtocols: ['dot'], // RFC 7858 §9; who names no protocol is served as well
    });
    socket.on('error', () => socket.destroy());
    return socket;
  }

  #awaitHandshake(connection: Connection): void {
    connection.handshake = setTimeout(() => {
      this.counts.tlsErrors++;
      this.#drop(connection);
    }, handshakeTimeoutMs);
    connection.handshake.unref();
    connection.socket.once('secure', () => {
      clearTimeout(connection.handshake);
      connection.handshake = undefined;
      this.#touch(connection);
    });
  }

  #forget(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    connection.client.ended();
    if (connection.handshake !== undefined) {
      clearTimeout(connection.handshake);
      connection.handshake = undefined;
      if (connection.socket.destroyed) this.counts.tlsErrors++;
    }
    const left = (this.#perAddress.get(connection.key) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(connection.key);
    else this.#perAddress.set(connection.key, left);
    this.counts.active = this.#connections.size;
  }

  #drop(connection: Connection): void {
    clearTimeout(connection.handshake);
    connection.handshake = undefined;
    this.#forget(connection);
    connection.socket.destroy();
  }

  #receive(connection: Connection, chunk: Uint8Array): void {
    if (connection.held === 0) {
      connection.pending = chunk;
      connection.held = chunk.length;
    } else append(connection, chunk);
    if (!connection.waiting && !this.#stopping) this.#work(connection);
  }

  /** Answers the whole messages that have arrived, as many as fit into one turn. */
  #work(connection: Connection): void {
    const { socket, client, pending, held } = connection;
    const answers: Uint8Array[] = [];
    let answered = 0;
    let unsent = socket.writableLength;
    let at = 0;
    while (
      answered < messagesPerTurn &&
      unsent < maxUnsentOctets &&
      held - at >= 2 &&
      client.outstanding < maxOutstanding
    ) {
      const length = (pending[at]! << 8) | pending[at + 1]!;
      if (length < headerOctets) {
        this.counts.malformed++; // no DNS is spoken here
        this.#drop(connection);
        return;
      }
      if (held - at < 2 + length) break;
      const answer = this.#options.answer(pending.subarray(at + 2, at + 2 + length), client);
      at += 2 + length;
      answered++;
      if (answer === undefined) continue;
      const octets = framed(answer);
      answers.push(octets);
      unsent += octets.length;
    }
    keepFrom(connection, at);
    if (answered > 0) this.#touch(connection);
    if (answers.length > 0) socket.write(answers.length === 1 ? answers[0]! : joinOctets(answers));
    if (hasWholeMessage(connection)) {
      connection.waiting = true;
      socket.pause();
      if (!socket.writableNeedDrain) setImmediate(() => this.#goOn(connection));
    } else this.#endIfDone(connection);
  }

  /** A message that was answered later has been. */
  #settled(connection: Connection): void {
    if (!this.#connections.has(connection)) return;
    this.#touch(connection);
    this.#goOn(connection);
    this.#endIfDone(connection);
  }

  /** The client said all he had to say, and has been answered. */
  #endIfDone({ ended, waiting, client, socket }: Connection): void {
    if (ended && !waiting && client.outstanding === 0) socket.end();
  }

  /** The client has taken what was sent, or others have had their turn. */
  #goOn(connection: Connection): void {
    if (!connection.waiting || this.#stopping || !this.#connections.has(connection)) return;
    if (connection.socket.writableNeedDrain) return; // `drain` is sure to come
    if (connection.client.outstanding >= maxOutstanding) return; // one of them is sure to end
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
      if (connection.client.held) {
        this.#touch(connection);
        continue;
      }
      this.counts.idleClosed++;
      this.#drop(connection);
    }
  }
}

const nothing = new Uint8Array(0);

/** Room grows with what has arrived, doubled so that many small pieces are not copied each time. */
function append(connection: Connection, chunk: Uint8Array): void {
  const { pending, held } = connection;
  const needed = held + chunk.length;
  let buffer = pending;
  if (needed > pending.length) {
    buffer = new Uint8Array(Math.max(needed, Math.min(2 * held, maxPendingOctets)));
    buffer.set(pending.subarray(0, held));
  }
  buffer.set(chunk, held);
  connection.pending = buffer;
  connection.held = needed;
}

/** Forgets what stands before `at`. What is left moves to a buffer of its own: chunks belong to Node. */
function keepFrom(connection: Connection, at: number): void {
  const { pending, held } = connection;
  if (at === held) connection.pending = nothing;
  else if (at > 0 || pending.buffer.byteLength !== pending.length)
    connection.pending = pending.slice(at, held);
  connection.held = held - at;
}

function hasWholeMessage({ pending, held }: Connection): boolean {
  return held >= 2 && held >= 2 + ((pending[0]! << 8) | pending[1]!);
}
