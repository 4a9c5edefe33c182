/**
 * Sends packets that may be anything to a server and tells how it took each: with silence, or with an
 * answer of some RCODE. Silence over UDP needs no waiting: a good query sent behind a window of packets
 * is answered after all of them.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeMessage } from '@riad/dns/message';
import type { Target } from '../../peers/server.ts';

/** `silence`, or the RCODE as a number in text, or `malformed` for an answer that cannot be read. */
export type Reaction = string;

const window = 48;
const graceMs = 3; // a server may answer a little out of order
/** What seemed silent is waited for longer: some answers take another way through a server. */
const secondGraceMs = 60;
/** And before a server is accused of silence: as long as a busy machine may take for the other way. */
const lastGraceMs = 5_000;
/** IDs of the present window begin here, so that a late answer to an earlier one is known. */
let firstId = 0;
const sentinelMs = 2_000;

export async function reactionsOverUdp(
  target: Target,
  packets: readonly Uint8Array[],
  sentinel: Uint8Array,
): Promise<Reaction[]> {
  const reactions: Reaction[] = [];
  const socket = await connected(target);
  for (let at = 0; at < packets.length; at += window) {
    const some = packets.slice(at, at + window);
    reactions.push(...(await askWindow(socket, target, some, sentinel)));
  }
  // What seemed silent is asked once more and given time: a loaded machine is no reason to accuse anybody.
  const silent = reactions.flatMap((reaction, i) =>
    reaction === 'silence' && packets[i]!.length >= 12 ? [i] : [],
  );
  for (let at = 0; at < silent.length; at += window) {
    const some = silent.slice(at, at + window);
    const again = await askWindow(
      socket,
      target,
      some.map((i) => packets[i]!),
      sentinel,
      secondGraceMs,
    );
    some.forEach((i, k) => {
      reactions[i] = again[k]!;
    });
  }
  socket.close();
  return reactions;
}

/**
 * How it takes packets that all the others answered and it seemingly did not. Updates, transfers and
 * notifications take another way than queries, and a good query behind them may overtake them; so each is
 * waited for until it is answered or `lastGraceMs` have passed.
 */
export async function patientReactions(
  target: Target,
  road: 'udp' | 'tcp',
  packets: readonly Uint8Array[],
  sentinel: Uint8Array,
): Promise<Reaction[]> {
  if (road === 'tcp') return reactionsOverTcp(target, packets, sentinel, 8, lastGraceMs);
  const socket = await connected(target);
  const reactions: Reaction[] = [];
  for (let at = 0; at < packets.length; at += window) {
    const some = packets.slice(at, at + window);
    reactions.push(...(await askWindow(socket, target, some, sentinel, lastGraceMs)));
  }
  socket.close();
  return reactions;
}

async function connected(target: Target): Promise<UdpSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  socket.connect(target.port, target.address);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

async function askWindow(
  socket: UdpSocket,
  target: Target,
  packets: readonly Uint8Array[],
  sentinel: Uint8Array,
  grace: number = graceMs,
): Promise<Reaction[]> {
  firstId = (firstId + window) % sentinelId;
  const base = firstId;
  const reactions: Reaction[] = packets.map(() => 'silence');
  const done = Promise.withResolvers<void>();
  const complete = new AbortController(); // every packet is answered: nothing to wait for
  const look = (reply: Buffer): void => {
    const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
    if (id === sentinelId) done.resolve();
    else if (id >= base && id < base + packets.length) reactions[id - base] = reactionOf(reply);
    if (!reactions.includes('silence')) complete.abort();
  };
  socket.on('message', look);
  for (const [id, packet] of packets.entries())
    socket.send(withId(packet, base + id), () => undefined);
  const ask = (): void => {
    socket.send(withId(sentinel, sentinelId), () => undefined);
  };
  ask();
  const again = setInterval(ask, 200);
  const late = setTimeout(
    () => done.reject(new Error(`${target.name} answers no good query any more`)),
    sentinelMs,
  );
  try {
    await done.promise;
    await delay(grace, undefined, { signal: complete.signal }).catch(() => undefined);
  } finally {
    clearInterval(again);
    clearTimeout(late);
    socket.removeListener('message', look);
  }
  return reactions;
}

const sentinelId = 0xfff0;

/** Each packet on a connection of its own, with a good query behind it; a closed connection is silence. */
export async function reactionsOverTcp(
  target: Target,
  packets: readonly Uint8Array[],
  sentinel: Uint8Array,
  parallel: number = 8,
  grace: number = 0,
): Promise<Reaction[]> {
  const reactions: Reaction[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < packets.length) {
      const i = next++;
      reactions[i] = await askOnConnection(target, packets[i]!, sentinel, grace);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return reactions;
}

function askOnConnection(
  target: Target,
  packet: Uint8Array,
  sentinel: Uint8Array,
  grace: number,
): Promise<Reaction> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.address);
    let received = Buffer.alloc(0);
    let reaction: Reaction = 'silence';
    let overtaken = false;
    socket.setTimeout(5_000, () => {
      socket.destroy();
      if (!overtaken) reject(new Error(`${target.name} neither answers nor closes`));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const reply = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + reply.length);
        if (reply.length >= 2 && reply.readUInt16BE(0) === sentinelId) overtaken = true;
        else reaction = reactionOf(reply);
      }
      if (!overtaken) return;
      if (reaction !== 'silence' || grace === 0) socket.destroy();
      else socket.setTimeout(grace, () => socket.destroy());
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(reaction));
    socket.on('connect', () => {
      socket.write(framed(withId(packet, 1)));
      socket.write(framed(withId(sentinel, sentinelId)));
      if (packet.length < 12) socket.end(); // some wait for a better one
    });
  });
}

export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 255, ...message]);
}

function reactionOf(reply: Uint8Array): Reaction {
  if (reply.length < 12 || (reply[2]! & 0x80) === 0) return 'malformed';
  const decoded = decodeMessage(reply);
  if (decoded.ok) return String(decoded.value.rcode);
  // The question may be given back as it came, and other opcodes have layouts of their own.
  const rcode = reply[3]! & 15;
  return rcode === 0 ? 'malformed' : String(rcode);
}

export function withId(packet: Uint8Array, id: number): Uint8Array {
  const copy = packet.slice();
  if (copy.length > 0) copy[0] = id >> 8;
  if (copy.length > 1) copy[1] = id & 255;
  return copy;
}
