/** Carries one message to a server and one back. */
import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Refusal } from '../refusal.ts';

export type Server = {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** With a name the certificate is checked; without, the connection is only private. */
  readonly tls: { readonly name: string | undefined } | undefined;
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
      reject(new Refusal(`${address} port ${port}: ${error.message}`));
    });
    // Connected: the kernel drops what comes from elsewhere, and a closed port is an error at once.
    socket.connect(port, address, () => socket.send(question));
    socket.on('message', (octets) => {
      if (accept(octets)) finish(octets);
    });
  });
}

/** RFC 1035 §4.2.2: each message behind its length in two octets. */
export function askStream(server: Server, question: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = open(server);
    const framed = new Uint8Array(2 + question.length);
    new DataView(framed.buffer).setUint16(0, question.length);
    framed.set(question, 2);
    let received = Buffer.alloc(0);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Refusal(`${server.address} port ${server.port}: ${why}`));
    };
    socket.setTimeout(server.timeoutMs, () => fail('no answer in time'));
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => fail('closed without an answer'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const end = 2 + received.readUInt16BE(0);
      if (received.length < end) return;
      socket.destroy();
      resolve(received.subarray(2, end));
    });
    socket.write(framed);
  });
}

function open({ address, port, tls }: Server): Socket {
  if (tls === undefined) return connectTcp(port, address);
  return connectTls({
    host: address,
    port,
    ALPNProtocols: ['dot'], // the registered name of DNS over TLS
    rejectUnauthorized: tls.name !== undefined,
    ...(tls.name === undefined ? {} : { servername: tls.name }),
  });
}
