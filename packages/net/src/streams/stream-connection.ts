/**
 * One client's connection as who answers sees it: messages can be sent to it at any time, in any order
 * (RFC 7766 §6.2.1.1), and what takes longer than one call is waited for.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Messages of one client that are being worked on; above it nothing more is read from him. */
export const maxOutstanding = 32;

export class StreamConnection {
  readonly address: string;
  /** 4 or 16. */
  readonly addressOctets: Uint8Array;
  readonly port: number;
  readonly tls: boolean;
  readonly #socket: Socket;
  readonly #wake: () => void;
  #outstanding = 0;
  #held = false;
  #closed = false;
  readonly #whenClosed = new Set<() => void>();
  /** Who waits for room. */
  readonly #whenWritable = new Set<(writable: boolean) => void>();

  /** `wake` hears when the connection has reason to go on: something was settled. */
  constructor(
    socket: Socket,
    client: { address: string; addressOctets: Uint8Array; port: number; tls: boolean },
    wake: () => void,
  ) {
    this.address = client.address;
    this.addressOctets = client.addressOctets;
    this.port = client.port;
    this.tls = client.tls;
    this.#socket = socket;
    this.#wake = wake;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** As `TLSv1.3`; undefined over TCP. */
  get tlsVersion(): string | undefined {
    return this.#socket instanceof TLSSocket
      ? (this.#socket.getProtocol() ?? undefined)
      : undefined;
  }

  /** Messages that are being worked on. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Whether it stays open although nobody says anything: notices may have to go out over it. */
  get held(): boolean {
    return this.#held;
  }

  hold(): void {
    this.#held = true;
    this.#socket.setKeepAlive(true, 60_000); // else a client that is gone for good would stay for ever
  }

  letGo(): void {
    this.#held = false;
  }

  /** To be called when a message will be answered later; the result ends that. */
  begin(): () => void {
    this.#outstanding++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#outstanding--;
      this.#wake();
    };
  }

  /** Sends one message; what a client that is gone does not get is nobody's concern. */
  send(message: Uint8Array): void {
    if (this.#closed || this.#socket.destroyed) return;
    this.#socket.write(framed(message));
  }

  /** Resolves to true once the client has taken enough of what was sent, to false when he is gone. */
  writable(): Promise<boolean> {
    if (this.#closed || this.#socket.destroyed) return Promise.resolve(false);
    if (!this.#socket.writableNeedDrain) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#whenWritable.add(resolve);
    return promise;
  }

  /** Calls `then` when the connection closes, at once if it has. The result takes that back. */
  whenClosed(then: () => void): () => void {
    if (this.#closed) {
      then();
      return () => {};
    }
    this.#whenClosed.add(then);
    return () => void this.#whenClosed.delete(then);
  }

  close(): void {
    this.#socket.destroySoon();
  }

  /** The server's to call. */
  drained(): void {
    for (const resolve of this.#whenWritable) resolve(true);
    this.#whenWritable.clear();
  }

  /** The server's to call. */
  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resolve of this.#whenWritable) resolve(false);
    this.#whenWritable.clear();
    for (const then of this.#whenClosed) then();
    this.#whenClosed.clear();
  }
}

/** Length and message leave in one write (RFC 7766 §8). */
export function framed(message: Uint8Array): Uint8Array {
  const octets = new Uint8Array(2 + message.length);
  octets[0] = message.length >>> 8;
  octets[1] = message.length & 255;
  octets.set(message, 2);
  return octets;
}
