/** The portable way to answer UDP, in the main thread through node:dgram: slower, the same answers. */
import { createSocket, type Socket } from 'node:dgram';
import type { Listener } from '@riad/runtime/service';

/** Answers at once, or later through `send`. */
export type AnswerDatagram = (
  query: Uint8Array,
  address: string,
  port: number,
  send: (reply: Uint8Array) => void,
) => Uint8Array | undefined;

export async function answerWithDgram(listener: Listener, answer: AnswerDatagram): Promise<Socket> {
  const type = listener.address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: false, ipv6Only: type === 'udp6' });
  socket.on('message', (query, from) => {
    if (from.port === 0) return; // nobody can be answered there
    const { address, port } = from;
    // A client that is gone is nobody's concern.
    const send = (reply: Uint8Array): void => socket.send(reply, port, address, () => {});
    const reply = answer(query, address, port, send);
    if (reply !== undefined) send(reply);
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
