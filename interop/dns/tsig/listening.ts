/** A socket over UDP and TCP on one free port, which answers with whatever it is told to. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { freePort } from '@riad/net/testing/free-port';
import { loopback } from '../../peers/server.ts';

export type Listening = AsyncDisposable & { readonly port: number };

/** The messages that answer one request, in order. */
export type Respond = (request: Uint8Array, over: 'udp' | 'tcp') => readonly Uint8Array[];

export async function listenWith(respond: Respond): Promise<Listening> {
  const port = await freePort();
  const udp = createSocket('udp4');
  udp.on('message', (request, from) => {
    for (const octets of respond(new Uint8Array(request), 'udp')) {
      udp.send(octets, from.port, from.address);
    }
  });
  udp.bind(port, loopback);
  await once(udp, 'listening');
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined); // programs close as they like
    eachMessage(socket, (request) => {
      for (const octets of respond(request, 'tcp')) socket.write(framed(octets));
    });
  });
  tcp.listen(port, loopback);
  await once(tcp, 'listening');
  return {
    port,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** Sends one request over TCP and gathers what comes until `enough`, or until the server closes. */
export async function askForStream(
  port: number,
  request: Uint8Array,
  enough: (messages: readonly Uint8Array[]) => boolean,
): Promise<readonly Uint8Array[]> {
  const socket = connect(port, loopback);
  const messages: Uint8Array[] = [];
  const over = Promise.withResolvers<void>();
  socket.on('error', over.reject);
  socket.on('close', () => over.resolve());
  eachMessage(socket, (message) => {
    messages.push(message);
    if (enough(messages)) socket.destroy();
  });
  socket.write(framed(request));
  await over.promise;
  return messages;
}

function eachMessage(socket: NodeJS.ReadableStream, take: (message: Uint8Array) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      take(new Uint8Array(pending.subarray(2, end)));
      pending = pending.subarray(end);
    }
  });
}

function framed(octets: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(octets.length >> 8, octets.length & 0xff), octets]);
}
