/** What the main thread does: streams, datagrams without native calls, the source of the zones, figures. */
import type { Socket } from 'node:dgram';
import { counter } from '@riad/dns-server/answer/counters';
import { transport } from '@riad/dns-server/answer/query-state';
import { octetsOfAddress } from '@riad/net/streams/client-address';
import { StreamServer } from '@riad/net/streams/stream-server';
import { limitedLog } from '@riad/runtime/logging/limited-log';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import { AnswerCounts } from './answer-counts.ts';
import { answererOf } from './answer-worker.ts';
import type { DnsPrimaryConfig } from './config.ts';
import { answerWithDgram } from './dgram-answering.ts';
import type { Loader } from './loader.ts';
import { MessageAnswering } from './message-answering.ts';
import { metrics as declared } from './metrics.ts';
import type { Threads } from './threads.ts';
import { ZoneFolder } from './zone-folder.ts';
import { ZoneRepository } from './zone-repository.ts';
import { ZoneSupply } from './zone-supply.ts';

/** Wrapping counters are added up at least this often. */
const countMs = 60_000;

export async function serve(
  context: ServiceContext<DnsPrimaryConfig>,
  threads: Threads,
): Promise<RunningService> {
  const { config, log } = context;
  const { arena, layout, settings, loader, workers, workerListeners, native } = threads;
  const asked = abortion(context.signal);
  const begun = await Promise.race([loader.started, asked]);
  for (const complaint of begun.complaints) log.warn('loader complains', { text: complaint });
  const supply = new ZoneSupply((command) => loader.perform(command), log);
  supply.restored(begun.zones);
  loader.warned = (zone, count, first) => supply.warned(zone, count, first);
  for (const worker of workers) worker.run();

  const answering = new MessageAnswering(
    arena,
    answererOf(arena, layout.main, settings),
    layout.main,
  );
  const sockets: Socket[] = [];
  for (const listener of context.listeners) {
    if (listener.protocol !== 'udp' || workerListeners.includes(listener)) continue;
    sockets.push(
      await answerWithDgram(listener, (query, address) =>
        answering.answer(query, octetsOfAddress(address) ?? new Uint8Array(4), transport.udp),
      ),
    );
  }
  const hostile = limitedLog(log);
  const streams = new StreamServer({
    maxClients: config.streams.maxClients,
    maxClientsPerAddress: config.streams.maxClientsPerAddress,
    idleTimeoutMs: config.streams.idleTimeoutSeconds * 1000,
    answer: (message, client) =>
      answering.answer(message, client.addressOctets, client.tls ? transport.tls : transport.tcp),
    report: (event, fields) => hostile.warn(event, fields),
  });
  for (const listener of context.listeners) {
    if (listener.protocol !== 'tcp' && listener.protocol !== 'tls') continue;
    const where =
      listener.fd === undefined
        ? { address: listener.address, port: listener.port }
        : { fd: listener.fd };
    if (listener.protocol === 'tcp') await streams.listen(where);
    else if (context.tls !== undefined) await streams.listen(where, context.tls);
    else throw new Error(`${listener.url}: tls needs a certificate: give the service the key tls`);
  }
  log.info('answering', {
    zones: begun.zones.length,
    from: begun.from,
    workers: workers.length,
    native,
  });

  const source = openSource(context, supply);
  supply.again = (zone) => source.forget(zone);
  source.start();
  const counts = new AnswerCounts(arena.words, [
    layout.main.counters,
    ...layout.workers.map(({ answer }) => answer.counters),
  ]);
  const counting = setInterval(() => counts.add(), countMs);
  declareMetrics(context, counts, supply, loader, streams);

  return {
    async stop() {
      clearInterval(counting);
      await source.stop();
      for (const socket of sockets) socket.close();
      await Promise.all([streams.stop(), threads.stop()]);
    },
    status: () => ({
      zones: supply.status(),
      memoryOctets: loader.usedOctets,
      workers: workers.length,
      native,
    }),
    health: () => supply.health(),
    commands: supply.commands,
    hooks: { zones: () => source.look() },
    async reload() {
      source.look();
      streams.lookAtCertificates();
    },
  };
}

/** Rejects when the service is asked to stop: reading large zones takes longer than stopping may. */
function abortion(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // nobody waits for it any more once the zones are read
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  if (signal.aborted) reject(signal.reason as Error);
  return promise;
}

function openSource(
  context: ServiceContext<DnsPrimaryConfig>,
  supply: ZoneSupply,
): ZoneFolder | ZoneRepository {
  const { zones } = context.config;
  const failed = (error: unknown): void =>
    context.log.error('a zone could not be handled', { error });
  const events = {
    changed: (zone: string, path: string) => void supply.changed(zone, path).catch(failed),
    ambiguous: (zone: string, files: readonly string[]) => supply.ambiguous(zone, files),
    present: (present: ReadonlySet<string>) => supply.present(present),
    deleted: async (zone: string) => void (await supply.remove(zone)),
    unreadable: (error: Error) => supply.unreadable(error),
  };
  return 'folder' in zones
    ? new ZoneFolder(context.resolvePath(zones.folder), events)
    : new ZoneRepository(
        context.resolvePath(zones.git),
        zones.branch,
        context.stateDirectory,
        events,
      );
}

function declareMetrics(
  { metrics }: ServiceContext<DnsPrimaryConfig>,
  counts: AnswerCounts,
  supply: ZoneSupply,
  loader: Loader,
  streams: StreamServer,
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
  metrics.collect(declared.zones, () =>
    (['served', 'serving-last-good', 'not-served'] as const).map((state) => ({
      labels: { state },
      value: supply.status().filter((zone) => zone.state === state).length,
    })),
  );
  metrics.collect(declared.serial, () =>
    supply
      .status()
      .flatMap(({ zone, serial }) =>
        serial === undefined ? [] : [{ labels: { zone }, value: serial }],
      ),
  );
  metrics.collect(declared.records, () =>
    supply
      .status()
      .flatMap(({ zone, records }) =>
        records === undefined ? [] : [{ labels: { zone }, value: records }],
      ),
  );
  metrics.collect(declared.trouble, () =>
    supply
      .status()
      .flatMap(({ zone, trouble }) =>
        trouble === undefined ? [] : [{ labels: { zone, reason: trouble }, value: 1 }],
      ),
  );
  metrics.collect(declared.warnings, () =>
    supply
      .status()
      .flatMap(({ zone, warnings }) =>
        warnings === undefined ? [] : [{ labels: { zone }, value: warnings }],
      ),
  );
  metrics.collect(declared.loads, () =>
    Object.entries(supply.loads).map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
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
