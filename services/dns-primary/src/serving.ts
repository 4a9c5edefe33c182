/** What the main thread does: answering what the workers do not, the source of the zones, figures. */
import { Rcode } from '@riad/dns/iana/rcodes';
import { startAnswering } from '@riad/name-server/answering';
import { RequestHandling } from '@riad/name-server/request-handling';
import type { Threads } from '@riad/name-server/threads';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import type { DnsPrimaryConfig } from './config.ts';
import { metrics as declared } from './metrics.ts';
import { ZoneFolder } from './zone-folder.ts';
import { ZoneRepository } from './zone-repository.ts';
import { ZoneSupply } from './zone-supply.ts';

export async function serve(
  context: ServiceContext<DnsPrimaryConfig>,
  threads: Threads,
): Promise<RunningService> {
  const { log } = context;
  const { loader, workers, native } = threads;
  const asked = abortion(context.signal);
  const begun = await Promise.race([loader.started, asked]);
  for (const complaint of begun.complaints) log.warn('loader complains', { text: complaint });
  const supply = new ZoneSupply((command) => loader.perform(command), log);
  supply.restored(begun.zones);
  loader.warned = (zone, count, first) => supply.warned(zone, count, first);
  const requests = new RequestHandling({
    keys: () => () => [],
    hmac,
    now: () => Math.floor(Date.now() / 1000) as UnixSeconds,
    roles: {
      update: async (request) => request.reply(request.error({ rcode: Rcode.REFUSED })),
      notify: async (request) => request.reply(request.error({ rcode: Rcode.REFUSED })),
      transfer: async (request) => request.reply(request.error({ rcode: Rcode.REFUSED })),
      query: async (request) => {
        const answer = answering.answer(request.octets, request.from);
        if (answer !== undefined) request.reply(answer);
      },
      response: () => {},
    },
    log,
  });
  const answering = await startAnswering(context, threads, requests);
  log.info('answering', {
    zones: begun.zones.length,
    from: begun.from,
    workers: workers.length,
    native,
  });

  const source = openSource(context, supply);
  supply.again = (zone) => source.forget(zone);
  source.start();
  declareMetrics(context, supply);

  return {
    async stop() {
      await source.stop();
      await Promise.all([answering.stop(), threads.stop()]);
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
      answering.streams.lookAtCertificates();
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

function declareMetrics({ metrics }: ServiceContext<DnsPrimaryConfig>, supply: ZoneSupply): void {
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
}
