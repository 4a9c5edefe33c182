/** Asks a name server that runs in the test's own process, and waits for what it becomes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { EdnsOption } from '@riad/dns/edns/option';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { formatRecord } from '@riad/dns/presentation';
import { ffiMissing } from '@riad/net/ffi/libc';
import {
  boundAddress,
  closeDescriptor,
  openTcpListener,
  openUdpSocket,
} from '@riad/net/ffi/socket';
import { type Log, silentLog } from '@riad/runtime/logging/log';
import type { Listener } from '@riad/runtime/service';

/** Fails a test instead of letting it hang. */
const deadlineMs = 15_000;

export type Said = { readonly level: string; readonly event: string; readonly fields: unknown };

/** The port that is free for TCP may be some client's for UDP. */
function openBoth(wanted: number): { port: number; udp: number; tcp: number } {
  for (let attemptsLeft = wanted === 0 ? 10 : 1; ; attemptsLeft--) {
    const tcp = openTcpListener('127.0.0.1', wanted, 64);
    const { port } = boundAddress(tcp);
    try {
      return { port, udp: openUdpSocket('127.0.0.1', port), tcp };
    } catch (error) {
      closeDescriptor(tcp);
      if (attemptsLeft === 1) throw error;
    }
  }
}

/** A free port for UDP and TCP on loopback. `close` gives back what is not Node's. */
export type TestPort = {
  readonly port: number;
  readonly listeners: readonly Listener[];
  /** With what a service that has started leaves to its supervisor. */
  stopped(): void;
  /** With all, for a service that did not start. */
  failed(): void;
};

export function openTestPort(wanted: number = 0): TestPort {
  const native = ffiMissing() === undefined;
  const { port, udp, tcp } = native
    ? openBoth(wanted)
    : { port: wanted, udp: undefined, tcp: undefined };
  const listener = (protocol: 'udp' | 'tcp', fd: number | undefined): Listener => ({
    url: 'udp+tcp://127.0.0.1:0',
    protocol,
    address: '127.0.0.1',
    port,
    shard: 0,
    shards: 1,
    fd,
  });
  return {
    port,
    listeners: [listener('udp', udp), listener('tcp', tcp)],
    stopped: () => {
      // The streams' descriptor is Node's and closed with its server.
      if (udp !== undefined) closeDescriptor(udp);
    },
    failed: () => {
      for (const fd of [udp, tcp]) if (fd !== undefined) closeDescriptor(fd);
    },
  };
}

export function ask(
  port: number,
  name: string,
  type: string = 'A',
  via: 'udp' | 'tcp' = 'udp',
): Promise<Message> {
  return via === 'udp' ? askUdp(port, name, type) : askTcp(port, name, type);
}

/** The data of the answer section, in order of text; the RCODE when there is none. */
export async function askData(
  port: number,
  name: string,
  type: string = 'A',
  via: 'udp' | 'tcp' = 'udp',
): Promise<string> {
  const { answers, rcode } = await ask(port, name, type, via);
  if (answers.length === 0) return `rcode ${rcode}`;
  return answers
    .map((record) => formatRecord(record).split(/\s+/).slice(4).join(' '))
    .sort()
    .join(', ');
}

/** Asks until this is the answer. */
export async function askUntil(
  port: number,
  name: string,
  type: string,
  expected: string,
): Promise<void> {
  let last = '';
  await until(
    async () => {
      last = await askData(port, name, type);
      return last === expected;
    },
    () => `${name} ${type}: ${last} instead of ${expected}`,
  );
}

/** Looks until a condition holds that no event tells of. */
export async function until(
  met: () => boolean | Promise<boolean>,
  what: () => string,
  withinMs: number = deadlineMs,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`in vain: ${what()}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

export function collecting(said: Said[]): Log {
  const say = (level: string) => (event: string, fields?: unknown) =>
    void said.push({ level, event, fields });
  const log: Log = {
    ...silentLog,
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: () => log,
  };
  return log;
}

/** A query without EDNS, or with these options. */
export function question(name: string, type: string, options?: readonly EdnsOption[]): Uint8Array {
  return encodeMessage({
    id: 4711,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: parseName(name), type: parseRecordType(type)!, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    ...(options && { edns: { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options } }),
  });
}

function decoded(octets: Uint8Array): Message {
  const result = decodeMessage(octets);
  if (!result.ok) throw result.error;
  return result.value;
}

function askUdp(port: number, name: string, type: string): Promise<Message> {
  return exchange(port, question(name, type));
}

/** Sends octets over UDP and gives the answer. */
export async function exchange(port: number, octets: Uint8Array): Promise<Message> {
  const socket = createSocket('udp4');
  try {
    socket.send(octets, port, '127.0.0.1');
    const signal = AbortSignal.timeout(deadlineMs);
    const [answer] = (await once(socket, 'message', { signal })) as [Uint8Array];
    return decoded(answer);
  } finally {
    socket.close();
  }
}

async function askTcp(port: number, name: string, type: string): Promise<Message> {
  const socket = connect(port, '127.0.0.1');
  const octets = question(name, type);
  socket.end(Buffer.concat([Uint8Array.of(octets.length >> 8, octets.length & 255), octets]));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end', { signal: AbortSignal.timeout(deadlineMs) });
  return decoded(Buffer.concat(chunks).subarray(2));
}
