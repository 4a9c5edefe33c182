/**
 * Answers on all sockets of a service: its workers' UDP, the portable loop where there are no native
 * calls, TCP and TLS. What is no plain query goes to the service's handler of requests.
 */
import type { Socket } from 'node:dgram';
import { counter } from '@riad/dns-server/answer/counters';
import { transport } from '@riad/dns-server/answer/query-state';
import { octetsOfAddress } from '@riad/net/streams/client-address';
import type { StreamConnection } from '@riad/net/streams/stream-connection';
import { StreamServer } from '@riad/net/streams/stream-server';
import { DatagramSender } from '@riad/net/udp/datagram-sender';
import { RequestRing, readSocketName } from '@riad/net/udp/request-ring';
import { formatIpAddress } from '@riad/octets/ip-address';
import { limitedLog } from '@riad/runtime/logging/limited-log';
import type { Listener, ServiceContext } from '@riad/runtime/service';
import { AnswerCounts } from './answering/answer-counts.ts';
import { answererOf } from './answering/answer-worker.ts';
import { answerWithDgram } from './answering/dgram-answering.ts';
import { MessageAnswering } from './answering/message-answering.ts';
import type { AnsweringConfig } from './answering-configuration.ts';
import { metrics as declared } from './answering-metrics.ts';
import type { Requester, RequestHandler } from './requests.ts';
import type { Threads } from './threads.ts';

/** Wrapping counters are added up at least this often. */
const countMs = 60_000;
/** Datagrams handed over by a worker that are looked at before others have their turn. */
const datagramsPerTurn = 32;

export type Answering = {
  readonly streams: StreamServer;
  /**
   * Answers a plain query, or none, from the zones as they are now: for who has taken a signature off.
   * `permitted`: by its key.
   */
  answer(query: Uint8Array, from: Requester, permitted: boolean): Uint8Array | undefined;
  stop(): Promise<void>;
};

/** Starts answering; `handler` is called from then on. */
export async function startAnswering(
  context: ServiceContext<AnsweringConfig>,
  threads: Threads,
  handler: RequestHandler,
): Promise<Answering> {
  const { config, log } = context;
  const { arena, layout, settings, workers, workerListeners } = threads;
  const answering = new MessageAnswering(
    arena,
    answererOf(arena, layout.main, settings),
    layout.main,
  );
  const failed = (error: unknown): void => log.error('a request could not be handled', { error });
  const handle = (message: Uint8Array, from: Requester): void =>
    void handler.request(message, from).catch(failed);

  let stopping = false;
  const rings = layout.workers.map(({ ring }) => new RequestRing(arena.buffer, ring));
  workerListeners.forEach((listener, i) => {
    const ring = rings[i]!;
    const sender = new DatagramSender(listener.fd!);
    const follow = async (): Promise<void> => {
      while (!stopping) {
        for (let taken = 0; taken < datagramsPerTurn; taken++) {
          const datagram = ring.take();
          if (datagram === undefined) break;
          const { address: addressOctets, port } = readSocketName(datagram.name);
          handle(datagram.message, {
            address: formatIpAddress(addressOctets),
            addressOctets,
            port,
            transport: 'udp',
            connection: undefined,
            send: (message) => void sender.send(message, datagram),
          });
        }
        await ring.filled();
        // Others have their turn, however much comes.
        await new Promise(setImmediate);
      }
    };
    follow().catch(failed);
  });
  for (const worker of workers) worker.run();

  const sockets: Socket[] = [];
  for (const listener of context.listeners) {
    if (listener.protocol !== 'udp' || workerListeners.includes(listener)) continue;
    sockets.push(
      await answerWithDgram(listener, (query, address, port, send) => {
        const addressOctets = octetsOfAddress(address) ?? new Uint8Array(4);
        const answer = answering.answer(query, addressOctets, port, transport.udp);
        if (answer !== 'notMine') return answer;
        const connection = undefined;
        handle(query.slice(), { address, addressOctets, port, transport: 'udp', connection, send });
        return undefined;
      }),
    );
  }
  const hostile = limitedLog(log);
  const streams = new StreamServer({
    maxClients: config.streams.maxClients,
    maxClientsPerAddress: config.streams.maxClientsPerAddress,
    idleTimeoutMs: config.streams.idleTimeoutSeconds * 1000,
    answer: (message, client) => {
      if (((message[2] ?? 0) & 0x80) !== 0) {
        handler.response(message.slice(), requesterOf(client));
        return undefined;
      }
      const via = client.tls ? transport.tls : transport.tcp;
      const answer = answering.answer(message, client.addressOctets, client.port, via);
      if (answer !== 'notMine') return answer;
      const end = client.begin();
      void handler.request(message.slice(), requesterOf(client)).catch(failed).finally(end);
      return undefined;
    },
    report: (event, fields) => hostile.warn(event, fields),
  });
  for (const listener of context.listeners) {
    if (listener.protocol === 'tcp') await streams.listen(placeOf(listener));
    else if (listener.protocol === 'tls') {
      if (context.tls === undefined)
        throw new Error(`${listener.url}: tls needs a certificate: give the service the key tls`);
      await streams.listen(placeOf(listener), context.tls);
    }
  }
  const counts = new AnswerCounts(arena.words, [
    layout.main.counters,
    ...layout.workers.map(({ answer }) => answer.counters),
  ]);
  const counting = setInterval(() => counts.add(), countMs);
  const updateRings = layout.workers.map(
    ({ updateRing }) => new RequestRing(arena.buffer, updateRing),
  );
  declareMetrics(context, counts, threads, streams, [...rings, ...updateRings]);

  return {
    streams,
    answer(query, { transport: via, addressOctets, port }, permitted) {
      const answer = answering.answer(query, addressOctets, port, transport[via], permitted);
      return answer === 'notMine' ? undefined : answer;
    },
    async stop() {
      stopping = true;
      for (const ring of rings) ring.wake();
      clearInterval(counting);
      for (const socket of sockets) socket.close();
      await streams.stop();
    },
  };
}

/** One for each connection, so that it can be told from others. */
const requesters = new WeakMap<StreamConnection, Requester>();

function requesterOf(connection: StreamConnection): Requester {
  let requester = requesters.get(connection);
  if (requester === undefined) {
    const { address, addressOctets, port, tls } = connection;
    requester = {
      address,
      addressOctets,
      port,
      transport: tls ? 'tls' : 'tcp',
      connection,
      send: (message) => connection.send(message),
    };
    requesters.set(connection, requester);
  }
  return requester;
}

function placeOf({
  fd,
  address,
  port,
}: Listener): { fd: number } | { address: string; port: number } {
  return fd === undefined ? { address, port } : { fd };
}

function declareMetrics(
  { metrics }: ServiceContext<AnsweringConfig>,
  counts: AnswerCounts,
  { loader }: Threads,
  streams: StreamServer,
  rings: readonly RequestRing[],
): void {
  const one = (index: number): { value: number }[] => [{ value: counts.total(index) }];
  metrics.collect(declared.queries, () => [
    { labels: { transport: 'udp' }, value: counts.total(counter.queriesUdp) },
    { labels: { transport: 'tcp' }, value: counts.total(counter.queriesTcp) },
    { labels: { transport: 'tls' }, value: counts.total(counter.queriesTls) },
  ]);
  metrics.collect(declared.responses, () => counts.byRcode());
  metrics.collect(declared.dropped, () => one(counter.dropped));
  metrics.collect(declared.truncated, () => one(counter.truncated));
  metrics.collect(declared.rateLimited, () => [
    { labels: { verdict: 'dropped' }, value: counts.total(counter.rateDropped) },
    { labels: { verdict: 'truncated' }, value: counts.total(counter.rateTruncated) },
  ]);
  metrics.collect(declared.features, () => [
    { labels: { feature: 'edns' }, value: counts.total(counter.edns) },
    { labels: { feature: 'do' }, value: counts.total(counter.dnssecOk) },
    { labels: { feature: 'cookie' }, value: counts.total(counter.cookies) },
    { labels: { feature: 'valid-cookie' }, value: counts.total(counter.validCookies) },
  ]);
  metrics.collect(declared.requestsDropped, () => [
    { value: rings.reduce((sum, ring) => sum + ring.dropped, 0) },
  ]);
  metrics.collect(declared.memory, () => [{ value: loader.usedOctets }]);
  metrics.collect(declared.streams, () => [{ value: streams.counts.active }]);
  metrics.collect(declared.streamsCut, () => [
    { labels: { reason: 'address-limit' }, value: streams.counts.refusedPerAddress },
    { labels: { reason: 'table-full' }, value: streams.counts.refusedTotal },
    { labels: { reason: 'idle' }, value: streams.counts.idleClosed },
    { labels: { reason: 'malformed' }, value: streams.counts.malformed },
    { labels: { reason: 'handshake' }, value: streams.counts.tlsErrors },
  ]);
}
