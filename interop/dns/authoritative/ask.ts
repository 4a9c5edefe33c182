/**
 * Asks a server many queries and matches the answers: over UDP in windows with repetition on loss,
 * over TCP pipelined on one connection. Answers are told apart by their IDs and questions.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from '../../peers/server.ts';

const udpWindow = 64; // what any server's receive buffer holds
const udpTries = 4;
const udpWaitMs = 1_000;
const tcpWindow = 32;
const tcpIdleMs = 10_000;

/** The answer to each query, or undefined where none came. Queries are whole messages with any ID. */
export async function askOverUdp(
  target: Target,
  queries: readonly Uint8Array[],
): Promise<(Uint8Array | undefined)[]> {
  const answers = new Array<Uint8Array | undefined>(queries.length).fill(undefined);
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.connect(target.port, target.address);
  await once(socket, 'connect');
  socket.on('error', () => undefined); // a refused datagram is a lost one
  await new Promise<void>((resolve) => {
    const waiting = new Map<number, { index: number; tries: number; sentAt: number }>();
    let next = 0;
    let nextId = 1;
    let settled = 0;
    const send = (index: number, tries: number): void => {
      while (waiting.has(nextId)) nextId = (nextId + 1) & 0xffff;
      const id = nextId;
      nextId = (nextId + 1) & 0xffff;
      waiting.set(id, { index, tries, sentAt: performance.now() });
      socket.send(withId(queries[index]!, id), () => undefined);
    };
    const fill = (): void => {
      while (waiting.size < udpWindow && next < queries.length) send(next++, 1);
      if (settled === queries.length) {
        clearInterval(clock);
        resolve();
      }
    };
    socket.on('message', (reply) => {
      const id = reply.length < 2 ? -1 : (reply[0]! << 8) | reply[1]!;
      const asked = waiting.get(id);
      if (asked === undefined) return;
      waiting.delete(id);
      answers[asked.index] = Uint8Array.from(reply);
      settled++;
      fill();
    });
    const clock = setInterval(() => {
      const now = performance.now();
      for (const [id, { index, tries, sentAt }] of waiting) {
        if (now - sentAt < udpWaitMs) continue;
        waiting.delete(id);
        if (tries < udpTries) send(index, tries + 1);
        else settled++;
      }
      fill();
    }, 100);
    fill();
  });
  socket.close();
  return answers;
}

/** The same over one TCP connection (RFC 7766 §6.2.1.1: answers may come in any order). */
export function askOverTcp(
  target: Target,
  queries: readonly Uint8Array[],
): Promise<(Uint8Array | undefined)[]> {
  return askOverStreams(() => connect(target.port, target.address), 'connect', queries);
}

/** The same over TLS (RFC 7858), whoever the server says it is. */
export function askOverTls(
  { port, address: host }: Target,
  queries: readonly Uint8Array[],
): Promise<(Uint8Array | undefined)[]> {
  const open = (): Socket => connectTls({ port, host, rejectUnauthorized: false });
  return askOverStreams(open, 'secureConnect', queries);
}

async function askOverStreams(
  open: () => Socket,
  opened: 'connect' | 'secureConnect',
  queries: readonly Uint8Array[],
): Promise<(Uint8Array | undefined)[]> {
  const answers = new Array<Uint8Array | undefined>(queries.length).fill(undefined);
  let next = 0;
  let failures = 0;
  // A server may close a connection after as many queries as it likes: then a new one goes on.
  while (next < queries.length && failures < 20) {
    const before = next;
    next = await askOnOneConnection(open(), opened, queries, answers, next);
    if (next === before) failures++;
  }
  return answers;
}

/** Returns the first query that has no answer and may be asked again. */
function askOnOneConnection(
  socket: Socket,
  opened: string,
  queries: readonly Uint8Array[],
  answers: (Uint8Array | undefined)[],
  start: number,
): Promise<number> {
  return new Promise((resolve) => {
    const waiting = new Map<number, number>();
    let next = start;
    let received = Buffer.alloc(0);
    const finish = (): void => {
      socket.destroy();
      resolve(Math.min(next, ...waiting.values()));
    };
    const fill = (): void => {
      while (waiting.size < tcpWindow && next < queries.length) {
        const id = next & 0xffff;
        const query = withId(queries[next]!, id);
        waiting.set(id, next++);
        socket.write(Uint8Array.from([query.length >> 8, query.length & 0xff, ...query]));
      }
      if (waiting.size === 0 && next === queries.length) finish();
    };
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    socket.on(opened, fill);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        const reply = Uint8Array.from(received.subarray(2, 2 + length));
        received = received.subarray(2 + length);
        const id = ((reply[0] ?? 0) << 8) | (reply[1] ?? 0);
        const index = waiting.get(id);
        if (index === undefined) continue;
        waiting.delete(id);
        answers[index] = reply;
      }
      fill();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', finish);
  });
}

function withId(query: Uint8Array, id: number): Uint8Array {
  const copy = query.slice();
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}
