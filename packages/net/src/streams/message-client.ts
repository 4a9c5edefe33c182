/**
 * The other end of `stream-server.ts`: one connection of ours to a server, over TCP or TLS, with
 * length-prefixed messages (RFC 1035 §4.2.2). Who we speak to over TLS is checked, always: by its
 * certificate's authority and name, by the key itself (a pin), or both.
 */
import { createHash } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { framed } from './stream-connection.ts';

/** From the first packet to the end of the handshake. */
export const connectMs = 10_000;
/** Octets of messages that are cut out of the stream at a time. */
const groupOctets = 256 << 10;

export type TlsPeer = {
  /** Whose certificate it has to be; undefined: that of the address. */
  readonly name: string | undefined;
  /** Authorities, PEM; undefined: those of the system. */
  readonly authorities: string | undefined;
  /** SHA-256 of public keys (SPKI), one of which it has to have, in base64. */
  readonly pins: readonly string[];
  /** Our own certificate and key, PEM. */
  readonly own: { readonly certificate: string; readonly key: string } | undefined;
};

export type StreamTarget = {
  readonly address: string;
  readonly port: number;
  readonly tls: TlsPeer | undefined;
};

/** What goes wrong between us and a server: a plain sentence in `message`. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure';
}

export class MessageClient {
  readonly #socket: Socket;
  readonly #frames = new Frames();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Rejects with a StreamFailure. */
  static async open(target: StreamTarget, signal?: AbortSignal): Promise<MessageClient> {
    if (signal?.aborted === true) throw new StreamFailure('given up');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { socket, ready } =
      target.tls === undefined ? openTcp(target) : openTls(target, target.tls);
    const late = setTimeout(
      () => reject(new StreamFailure(`no connection within ${connectMs / 1000} s`)),
      connectMs,
    );
    const abort = (): void => reject(new StreamFailure('given up'));
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', (error) => reject(new StreamFailure(error.message)));
    socket.once('close', () => reject(new StreamFailure('closed before it was open')));
    socket.on('error', () => {}); // whoever reads sees it
    socket.once(ready, () => {
      const refusal =
        target.tls === undefined ? undefined : refusalOf(socket as TLSSocket, target.tls);
      if (refusal === undefined) resolve();
      else reject(new StreamFailure(refusal));
    });
    try {
      await promise;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', abort);
    }
    socket.setNoDelay(true);
    return new MessageClient(socket);
  }

  send(message: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(framed(message));
  }

  /** Sends empty probes while nothing is said, so that a peer that is gone for good is noticed. */
  keepAlive(afterMs: number): void {
    this.#socket.setKeepAlive(true, afterMs);
  }

  close(): void {
    this.#socket.destroy();
  }

  /**
   * Messages as they arrive, those that came together in one array of their own octets. Ends when the
   * server closes; throws a StreamFailure when a message takes longer than `messageMs` to come (undefined:
   * as long as it likes), or the connection breaks. Nothing is read while the caller is busy.
   */
  async *messages(messageMs: number | undefined): AsyncGenerator<Uint8Array[], void, void> {
    const socket = this.#socket;
    let patience: NodeJS.Timeout | undefined;
    let left = messageMs ?? 0;
    let began = 0;
    const wait = (): void => {
      if (messageMs === undefined) return;
      began = performance.now();
      patience = setTimeout(
        () => socket.destroy(new StreamFailure(`no message within ${messageMs / 1000} s`)),
        Math.max(0, left),
      );
    };
    try {
      wait();
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        clearTimeout(patience);
        left -= performance.now() - began;
        this.#frames.add(chunk);
        for (;;) {
          const messages = this.#frames.take(groupOctets);
          if (messages.length === 0) break;
          left = messageMs ?? 0;
          yield messages;
        }
        wait();
      }
    } catch (error) {
      throw error instanceof StreamFailure ? error : new StreamFailure((error as Error).message);
    } finally {
      clearTimeout(patience);
      socket.destroy();
    }
  }
}

/** Cuts a stream into messages. */
class Frames {
  #chunks: Buffer[] = [];
  #octets = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#octets += chunk.length;
  }

  /** The messages that are whole, up to about `most` octets. */
  take(most: number): Uint8Array[] {
    const messages: Uint8Array[] = [];
    if (this.#octets < 2) return messages;
    const held = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    let at = 0;
    while (at < most && at + 2 <= held.length) {
      const end = at + 2 + held.readUInt16BE(at);
      if (end > held.length) break;
      messages.push(Uint8Array.prototype.slice.call(held, at + 2, end));
      at = end;
    }
    this.#chunks = at === held.length ? [] : [held.subarray(at)];
    this.#octets = held.length - at;
    return messages;
  }
}

type Opening = { readonly socket: Socket; readonly ready: 'connect' | 'secureConnect' };

function openTcp({ address, port }: StreamTarget): Opening {
  return { socket: connectTcp({ host: address, port }), ready: 'connect' };
}

function openTls({ address, port }: StreamTarget, peer: TlsPeer): Opening {
  const { name, authorities, own } = peer;
  const options: ConnectionOptions = {
    host: address,
    port,
    ALPNProtocols: ['dot'], // RFC 9103 §7.1
    minVersion: 'TLSv1.3', // RFC 9103 §7.2
    // A pin says more than any authority; with a name or authorities of its own, both have to be right.
    rejectUnauthorized: needsAuthority(peer),
  };
  // SNI is for names only (RFC 6066 §3); without it the certificate has to be the address's.
  if (name !== undefined && isIP(name) === 0) options.servername = name;
  if (authorities !== undefined) options.ca = authorities;
  if (own !== undefined) Object.assign(options, { cert: own.certificate, key: own.key });
  return { socket: connectTls(options), ready: 'secureConnect' };
}

function needsAuthority({ name, authorities, pins }: TlsPeer): boolean {
  return pins.length === 0 || name !== undefined || authorities !== undefined;
}

/** Why the server is not who it should be. */
function refusalOf(socket: TLSSocket, { pins }: TlsPeer): string | undefined {
  if (socket.alpnProtocol !== 'dot') return 'the server does not speak DNS over TLS (ALPN dot)';
  if (pins.length === 0) return undefined;
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  const pin = key === undefined ? '' : createHash('sha256').update(key).digest('base64');
  return pins.includes(pin) ? undefined : `the server has another key than the pinned: ${pin}`;
}
