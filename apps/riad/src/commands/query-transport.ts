/** Carries one message to a server and one back. */
import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Unreachable } from '../refusal.ts';

export type Server = {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** With a name the certificate is checked; without, the connection is only private. */
  readonly tls:
    | { readonly name: string | undefined; readonly leastVersion?: 'TLSv1.3' }
    | undefined;
};

/** The first datagram from the server that `accept` takes; `undefined` when time is over. */
export function askUdp(
  { address, port, timeoutMs }: Server,
  question: Uint8Array,
  accept: (octets: Uint8Array) => boolean,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const finish = (octets: Uint8Array | undefined): void => {
      clearTimeout(timer);
      socket.close();
      resolve(octets);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    socket.on('error', (error) => {
      clearTimeout(timer);
      socket.close();
      reject(new Unreachable(`${address} port ${port}: ${error.message}`));
    });
    // Connected: the kernel drops what comes from elsewhere, and a closed port is an error at once.
    socket.connect(port, address, () => socket.send(question));
    socket.on('message', (received) => {
      const octets = plainOctets(received);
      if (accept(octets)) finish(octets);
    });
  });
}

/** One message and the first that comes back. */
export async function askStream(server: Server, question: Uint8Array): Promise<Uint8Array> {
  let answer: Uint8Array | undefined;
  await readStream(server, question, (octets) => {
    answer = octets;
    return true;
  });
  if (answer === undefined) {
    throw new Unreachable(`${place(server)}: closed without an answer`);
  }
  return answer;
}

/**
 * Sends one message and gives `take` each that comes back, until it returns true or the server closes;
 * RFC 1035 §4.2.2: each message behind its length in two octets. `timeoutMs` counts while nothing comes.
 */
export function readStream(
  server: Server,
  question: Uint8Array,
  take: (octets: Uint8Array) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(server);
    const framed = new Uint8Array(2 + question.length);
    new DataView(framed.buffer).setUint16(0, question.length);
    framed.set(question, 2);
    const frames = new Frames();
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Unreachable(`${place(server)}: ${why}`));
    };
    socket.setTimeout(server.timeoutMs, () => fail('no answer in time'));
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => {
      socket.destroy();
      resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
        for (let octets = frames.next(); octets !== undefined; octets = frames.next()) {
          if (!take(octets)) continue;
          socket.destroy();
          resolve();
          return;
        }
      } catch (error) {
        socket.destroy();
        reject(error as Error);
      }
    });
    socket.write(framed);
  });
}

/** Cuts a stream into messages; what has come is copied once, however it was cut up. */
class Frames {
  #chunks: Buffer[] = [];
  #octets = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#octets += chunk.length;
  }

  next(): Uint8Array | undefined {
    if (this.#octets < 2) return undefined;
    const [first] = this.#chunks;
    const second = first!.length > 1 ? first![1]! : this.#chunks[1]![0]!;
    const end = 2 + ((first![0]! << 8) | second);
    if (this.#octets < end) return undefined;
    const all = this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks);
    const rest = all.subarray(end);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#octets = rest.length;
    return plainOctets(all.subarray(2, end));
  }
}

/** The same octets without Buffer’s own ways: its `slice` copies nothing. */
function plainOctets({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function place({ address, port }: Server): string {
  return `${address} port ${port}`;
}

function open({ address, port, tls }: Server): Socket {
  if (tls === undefined) return connectTcp(port, address);
  return connectTls({
    host: address,
    port,
    ALPNProtocols: ['dot'], // the registered name of DNS over TLS
    rejectUnauthorized: tls.name !== undefined,
    minVersion: tls.leastVersion ?? 'TLSv1.2',
    ...(tls.name === undefined ? {} : { servername: tls.name }),
  });
}
