/** A client of length-prefixed messages, for tests. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

/** Fails a test instead of letting it hang. */
export const deadlineMs = 10_000;

export class StreamClient {
  readonly socket: Socket;
  readonly messages: Uint8Array[] = [];
  closed = false;
  #pending = Buffer.alloc(0);
  #woken: () => void = () => {};

  constructor(socket: Socket, reads: boolean = true) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.once('end', () => socket.end()); // half-open sockets do not do so by themselves
    socket.once('close', () => {
      this.closed = true;
      this.#woken();
    });
    if (reads) this.read();
    else socket.pause();
  }

  read(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      this.#split();
      this.#woken();
    });
    this.socket.resume();
  }

  /** Resolves when `count` messages have arrived in all; rejects when the connection closes before. */
  async received(count: number): Promise<void> {
    await this.#until(() => this.messages.length >= count || this.closed);
    if (this.messages.length < count)
      throw new Error(`closed after ${this.messages.length} of ${count} messages`);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.untilClosed();
  }

  async untilClosed(): Promise<void> {
    await this.#until(() => this.closed);
  }

  async ask(message: Uint8Array): Promise<Uint8Array> {
    const before = this.messages.length;
    this.socket.write(framed(message));
    await this.received(before + 1);
    return this.messages[before]!;
  }

  #until(met: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('nothing happened in time')), deadlineMs);
      this.#woken = () => {
        if (!met()) return;
        clearTimeout(late);
        this.#woken = () => {};
        resolve();
      };
      this.#woken();
    });
  }

  #split(): void {
    for (;;) {
      if (this.#pending.length < 2) return;
      const end = 2 + this.#pending.readUInt16BE(0);
      if (this.#pending.length < end) return;
      this.messages.push(new Uint8Array(this.#pending.subarray(2, end)));
      this.#pending = this.#pending.subarray(end);
    }
  }
}

export function framed(message: Uint8Array): Uint8Array {
  const octets = new Uint8Array(2 + message.length);
  octets.set([message.length >> 8, message.length & 255]);
  octets.set(message, 2);
  return octets;
}

export async function openClient(
  port: number,
  { from = '127.0.0.1', reads = true }: { from?: string; reads?: boolean } = {},
): Promise<StreamClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true });
  socket.setNoDelay(true);
  const client = new StreamClient(socket, reads);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

/** Resolves when the handshake is over, rejects when it fails. */
export function openTlsClient(port: number, options: ConnectionOptions): Promise<StreamClient> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ...options },
      () => resolve(new StreamClient(socket)),
    );
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed during the handshake')));
  });
}

/** Looks at a condition that no event tells of until it holds. */
export async function until(met: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
