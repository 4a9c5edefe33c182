/** A name server that does what a test says, over UDP and TCP on one port of loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type FakeServer = AsyncDisposable & { readonly port: number };

/** `answers`: the messages that answer one request; over UDP the first of them. */
export async function fakeServer(
  answers: (request: Uint8Array, transport: 'udp' | 'tcp') => readonly Uint8Array[],
): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk: Buffer) => {
      for (const octets of answers(chunk.subarray(2), 'tcp')) {
        socket.write(Uint8Array.of(octets.length >> 8, octets.length & 0xff, ...octets));
      }
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (octets, from) => {
    const [answer] = answers(octets, 'udp');
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    async [Symbol.asyncDispose]() {
      udp.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
