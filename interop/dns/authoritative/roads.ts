/**
 * The roads by which a query can come to the one answering function, all open at once over the same
 * zones: the batched worker thread, `node:dgram`, TCP and TLS, put together from the very parts the
 * service is put together from. The clock stands still, so that cookies come out alike.
 */
import type { Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transport } from '@riad/dns-server/answer/query-state';
import { answererOf } from '@riad/name-server/answering/answer-worker';
import { layOutTail } from '@riad/name-server/answering/arena-layout';
import { answerWithDgram } from '@riad/name-server/answering/dgram-answering';
import { MessageAnswering } from '@riad/name-server/answering/message-answering';
import { UdpWorker } from '@riad/name-server/answering/udp-worker';
import type { AnswerSettings } from '@riad/name-server/loading/loader-messages';
import { ffiMissing } from '@riad/net/ffi/libc';
import { boundAddress, closeDescriptor, openUdpSocket } from '@riad/net/ffi/socket';
import { octetsOfAddress } from '@riad/net/streams/client-address';
import { StreamServer } from '@riad/net/streams/stream-server';
import { Arena } from '@riad/octets/arena';
import type { Listener } from '@riad/runtime/service';
import { writeCertificate } from '../../peers/certificate.ts';
import { loopback, type ServedZone, type Target } from '../../peers/server.ts';
import { publish } from './riad.ts';

export type Roads = AsyncDisposable & {
  /** Undefined where there are no native calls. */
  readonly worker: Target | undefined;
  readonly dgram: Target;
  readonly tcp: Target;
  readonly tls: Target;
  /** The function itself, called by `via` as that road would call it. */
  direct(query: Uint8Array, via: number): Uint8Array | undefined;
};

const usual: AnswerSettings = {
  identity: 'riad-of-test',
  version: '',
  maxUdpOctets: 1232,
  keepaliveUnits: 300,
  rateLimit: { responsesPerSecond: 0, slip: 0, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
  askers: undefined,
  cookieSecret: new Uint8Array(16).fill(7),
};

export async function openRoads(
  zones: readonly ServedZone[],
  changes: Partial<AnswerSettings> = {},
): Promise<Roads> {
  const settings = { ...usual, ...changes };
  const regionOctets = 256 << 20;
  const layout = layOutTail(regionOctets, 1);
  const arena = Arena.reserve(regionOctets, layout.tailOctets);
  await publish(arena, zones);
  arena.words[layout.clock] = 1_800_000_000;
  const answering = new MessageAnswering(
    arena,
    answererOf(arena, layout.main, settings),
    layout.main,
  );

  const died = (error: Error): void => {
    throw error;
  };
  let worker: UdpWorker | undefined;
  let workerFd = -1;
  const listener = (fd: number | undefined, port: number): Listener =>
    ({
      url: 'udp:',
      protocol: 'udp',
      address: loopback,
      port,
      shard: 0,
      shards: 1,
      fd,
    }) as Listener;
  if (ffiMissing() === undefined) {
    workerFd = openUdpSocket(loopback, 0, { receiveBufferOctets: 4 << 20 });
    worker = new UdpWorker(
      arena.buffer,
      layout.workers[0]!,
      settings,
      false,
      listener(workerFd, boundAddress(workerFd).port),
      died,
    );
    worker.run();
  }
  // Plain queries only: nothing here is another thread's.
  const answer = (
    query: Uint8Array,
    client: Uint8Array,
    port: number,
    via: number,
  ): Uint8Array | undefined => {
    const answered = answering.answer(query, client, port, via);
    return answered === 'notMine' ? undefined : answered;
  };
  const socket: Socket = await answerWithDgram(listener(undefined, 0), (query, address, port) =>
    answer(query, octetsOfAddress(address)!, port, transport.udp),
  );
  socket.setRecvBufferSize(4 << 20);
  const streams = new StreamServer({
    maxClients: 1000,
    maxClientsPerAddress: 1000,
    idleTimeoutMs: 30_000,
    answer: (message, { addressOctets, port, tls }) =>
      answer(message, addressOctets, port, tls ? transport.tls : transport.tcp),
  });
  const folder = mkdtempSync(join(tmpdir(), 'riad-roads-'));
  const tcp = await streams.listen({ address: loopback, port: 0 });
  const tls = await streams.listen({ address: loopback, port: 0 }, writeCertificate(folder));
  const target = (name: string, port: number): Target => ({ name, address: loopback, port });
  return {
    worker: worker === undefined ? undefined : target('worker', boundAddress(workerFd).port),
    dgram: target('dgram', socket.address().port),
    tcp: target('tcp', tcp.port),
    tls: target('tls', tls.port),
    direct: (query, via) => answer(query, clientOctets, 0, via)?.slice(),
    async [Symbol.asyncDispose]() {
      socket.close();
      await Promise.all([streams.stop(), worker?.stop()]);
      if (workerFd >= 0) closeDescriptor(workerFd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const clientOctets = Uint8Array.of(127, 0, 0, 1);
