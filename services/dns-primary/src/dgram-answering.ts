/** The portable way to answer UDP, in the main thread through node:dgram: slower, the same answers. */
import { createSocket, type Socket } from 'node:dgram';
import type { Listener } from '@riad/runtime/service';

export type AnswerDatagram = (query: Uint8Array, address: string) => Uint8Array | undefined;

export async function answerWithDgram(listener: Listener, answer: AnswerDatagram): Promise<Socket> {
  const type = listener.address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: false, ipv6Only: type === 'udp6' });
  socket.on('message', (query, from) => {
    if (from.port === 0) return; // nobody can be answered there
    const reply = answer(query, from.address);
    if (reply !== undefined) socket.send(reply, from.port, from.address, () => {}); // a client that is gone is nobody's concern
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.bind(
    listener.fd === undefined
      ? { address: listener.address, port: listener.port, exclusive: true }
      : { fd: listener.fd },
    resolve,
  );
  await promise;
  socket.on('error', () => {});
  return socket;
}
