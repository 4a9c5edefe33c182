/** What the main thread does: answering what the workers do not, the source of the zones, figures. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatRcode } from '@riad/dns/iana/rcodes';
import { canonicalName, formatName, parseName } from '@riad/dns/name';
import { AccessFiles } from '@riad/name-server/access/access-files';
import { addressRules, ownAddresses } from '@riad/name-server/access/address-rules';
import { type Answering, startAnswering } from '@riad/name-server/answering';
import { AccessControl } from '@riad/name-server/control/access-control';
import { NotifySending } from '@riad/name-server/control/notify-sending';
import { ServedZones } from '@riad/name-server/control/served-zones';
import { answerSignedQuery } from '@riad/name-server/control/signed-queries';
import { TransferAnswering } from '@riad/name-server/control/transfer-answering';
import { collectControl } from '@riad/name-server/control-metrics';
import type {
  UpdateCommand,
  ZoneCommand,
  ZoneResult,
} from '@riad/name-server/loading/loader-messages';
import { RequestHandling } from '@riad/name-server/request-handling';
import { abortion } from '@riad/name-server/stopping';
import type { Threads } from '@riad/name-server/threads';
import { UpdateCounts } from '@riad/name-server/updating/update-counts';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import { gitHook } from '@riad/runtime/hooks/git-hook';
import { limitedLog } from '@riad/runtime/logging/limited-log';
import type { Health, RunningService, ServiceContext } from '@riad/runtime/service';
import type { GitStore } from '@riad/store/git-options';
import { catalogNames, catalogRules } from './catalog-rules.ts';
import type { DnsPrimaryConfig } from './config.ts';
import { setCatalogsAside } from './left-catalogs.ts';
import { metrics as declared } from './metrics.ts';
import { takeNotify } from './notify-taking.ts';
import { openCatalogs } from './open-catalogs.ts';
import { RepositoryOpening } from './repository-opening.ts';
import { refuseBusily, tellUpdates } from './update-talk.ts';
import { openWriteBack } from './write-back/open-write-back.ts';
import type { WriteBack } from './write-back/write-back.ts';
import { zoneControl } from './zone-control.ts';
import { ZoneFolder } from './zone-folder.ts';
import { ZoneRepository } from './zone-repository.ts';
import { ZoneSupply } from './zone-supply.ts';

export async function serve(
  context: ServiceContext<DnsPrimaryConfig>,
  threads: Threads,
): Promise<RunningService> {
  const { config, log } = context;
  const { loader, workers, native } = threads;
  const asked = abortion(context.signal);
  const begun = await Promise.race([loader.started, asked]);
  for (const complaint of begun.complaints) log.warn('loader complains', { text: complaint });
  const perform = (command: ZoneCommand | UpdateCommand): Promise<ZoneResult> =>
    loader.perform(command);
  const madeCatalogs = catalogRules(config.catalogs);
  const supply = new ZoneSupply(perform, config.serial, log, catalogNames(madeCatalogs));
  supply.restored(begun.zones);
  await setCatalogsAside(begun.zones, catalogNames(madeCatalogs), perform, supply).catch(
    threadEnded,
  );
  void supply.fixMade().catch(threadEnded);
  loader.warned = (zone, count, first) => supply.warned(zone, count, first);
  const now = (): UnixSeconds => Math.floor(Date.now() / 1000) as UnixSeconds;
  const zones = new ServedZones();
  let caughtUp = false;
  const hostile = limitedLog(log);
  // The loader answers updates, and has to know who may.
  let accessPassed: Promise<unknown> = Promise.resolve();
  const access = new AccessControl(hostile, (ring, rules) => {
    accessPassed = loader
      .perform({ type: 'access', keys: [...ring.keys()], rules })
      .catch(threadEnded);
  });
  const notify = new NotifySending({
    zones,
    access,
    hmac,
    now,
    alsoNotify: config.alsoNotify.map(({ address, port, key }) => ({
      address,
      port,
      key: key === undefined ? undefined : formatName(canonicalName(parseName(key))),
    })),
    own: ownAddresses(context.listeners),
    log,
  });
  const transfers = new TransferAnswering({ arena: threads.arena, zones, access, hmac, now, log });
  const updates = new UpdateCounts(threads.arena.buffer, threads.layout.updateCounts);
  const git = repositoryOf(context);
  await git?.openIfNeeded();
  const writeBack = openWriteBack(context, threads, supply, git?.store, (work) =>
    source.exclusively(work),
  );
  const accessFiles = new AccessFiles({
    folder: accessFolder(context),
    stateDirectory: context.stateDirectory,
    originIsRoot: config.origin === 'root',
    addresses: addressRules(config.access),
    access,
    changed: (changes) => notify.keysChanged(changes),
    log,
  });
  await accessFiles.start();
  const catalogs = await openCatalogs(madeCatalogs, {
    zones,
    perform,
    settled: () => supply.settled && caughtUp,
    isKnown: (zone) => supply.isKnown(zone),
    isAside: (zone) => supply.isAside(zone),
    isTaken: (zone) => supply.hasFile(zone),
    wall: now,
    log,
  });
  loader.listen((changes, news) => {
    const { told, come, gone } = zones.changed(changes, news);
    if (come.length + gone.length > 0) catalogs?.changed(gone);
    if (caughtUp) tellUpdates(changes, log);
    supply.changedElsewhere(changes, news);
    writeBack?.changed(news);
    for (const zone of gone) notify.removed(zone);
    for (const zone of told) if (!supply.isAside(formatName(zone))) notify.announce(zone);
  });
  const lookAgain = (): void => {
    git?.pull();
    source.look();
  };
  const requests: RequestHandling = new RequestHandling({
    keys: () => access.ring.lookup,
    hmac,
    now,
    roles: {
      update: async (request) => refuseBusily(request),
      notify: async (request) => takeNotify(request, zones, access, lookAgain),
      transfer: (request) => transfers.transfer(request),
      query: async (request) =>
        answerSignedQuery(
          { zones, access, notify, answer: (...asked) => answering.answer(...asked) },
          request,
        ),
      response: (message, from) => notify.response(message, from),
    },
    passUpdate: (octets, from) =>
      loader.update(octets, from)?.then((answer) => {
        if (answer !== undefined) from.send(answer);
      }),
    ready: loader.caughtUp,
    log: hostile,
  });
  const answering: Answering = await startAnswering(context, threads, requests);
  log.info('answering', {
    zones: begun.zones.length,
    from: begun.from,
    workers: workers.length,
    native,
  });

  const expiring = setInterval(() => transfers.expire(), expireLookMs);
  // Keys lie beside the zones, and come with them.
  const source: ZoneFolder | ZoneRepository = openSource(
    context,
    supply,
    () => {
      void accessFiles.look();
      catalogs?.looked();
    },
    async () => git?.writer(),
  );
  supply.again = (zone) => source.forget(zone);
  source.start();
  void loader.caughtUp.then(() => {
    caughtUp = true;
    catalogs?.looked();
  });
  if (begun.zones.length === 0) await firstZones(supply, context.signal);
  declareMetrics(context, supply, updates, writeBack);
  collectControl(context.metrics, transfers, notify);

  return {
    async stop() {
      accessFiles.stop();
      notify.stop();
      clearInterval(expiring);
      await catalogs?.stop();
      await Promise.all([source.stop(), writeBack?.stop(), answering.stop()]);
      await git?.close();
      await threads.stop();
    },
    status: () => ({
      zones: supply.status(),
      memoryOctets: loader.usedOctets,
      workers: workers.length,
      native,
      notifies: { pending: notify.pending, registered: notify.registered },
      ...(git === undefined ? {} : { repository: git.status() }),
    }),
    health: () =>
      withComplaints(supply.health(), [
        ...accessFiles.complaints,
        ...(catalogs?.complaints ?? []),
        ...(writeBack?.complaints() ?? []),
        ...(git?.complaints() ?? []),
      ]),
    commands: {
      ...supply.commands,
      ...zoneControl(supply, writeBack),
      'notify-pending': async () => ({ pending: notify.pendingList() }),
      'keys.reload': async () => {
        await accessFiles.look();
        await accessPassed;
        return { keys: access.ring.size };
      },
    },
    hooks: {
      zones: async () => {
        source.look();
        return true;
      },
      ...('git' in config.zones && config.zones.hookSecretFile !== undefined
        ? { git: gitHook(context.resolvePath(config.zones.hookSecretFile), lookAgain) }
        : {}),
    },
    async reload() {
      source.look();
      answering.streams.lookAtCertificates();
    },
  };
}

/** The thread that was to hear of it is gone: who stops it, or ends the service for it, says so. */
function threadEnded(): void {}

/** Undefined where zones come from a folder, or are not written back. */
function repositoryOf(context: ServiceContext<DnsPrimaryConfig>): RepositoryOpening | undefined {
  const { config, stateDirectory, resolvePath, log } = context;
  const { zones } = config;
  if (!('git' in zones) || !config.writeBack) return undefined;
  return new RepositoryOpening({
    repository: resolvePath(zones.git),
    branch: zones.branch,
    stateDirectory,
    journal: join(stateDirectory, 'store'),
    rootOrigin: config.origin === 'root',
    remote: zones.remote,
    resolvePath,
    log,
  });
}

/** Who starts a server asks it as soon as it says where; a large zone, or a repository that is away, is not waited for. */
async function firstZones(supply: ZoneSupply, signal: AbortSignal): Promise<void> {
  const end = performance.now() + firstZonesMs;
  while (!supply.settled && !signal.aborted && performance.now() < end)
    await sleep(firstZonesLookMs);
}

const firstZonesMs = 1000;
const firstZonesLookMs = 5;

/** Transfers that take too long are looked for so often. */
const expireLookMs = 10_000;

function accessFolder({
  config,
  resolvePath,
  stateDirectory,
}: ServiceContext<DnsPrimaryConfig>): string {
  return 'folder' in config.zones
    ? resolvePath(config.zones.folder)
    : join(stateDirectory, 'checkout', 'files');
}

function withComplaints(health: Health, complaints: readonly string[]): Health {
  if (complaints.length === 0) return health;
  return {
    healthy: false,
    complaints: [...(health.healthy ? [] : health.complaints), ...complaints],
  };
}

function openSource(
  context: ServiceContext<DnsPrimaryConfig>,
  supply: ZoneSupply,
  looked: () => void,
  store: () => Promise<GitStore | undefined>,
): ZoneFolder | ZoneRepository {
  const { zones } = context.config;
  const failed = (error: unknown): void =>
    context.log.error('a zone could not be handled', { error });
  const events = {
    changed: (zone: string, path: string) => void supply.changed(zone, path).catch(failed),
    ambiguous: (zone: string, files: readonly string[]) => supply.ambiguous(zone, files),
    present: (present: ReadonlySet<string>) => {
      supply.present(present);
      looked();
    },
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
        store,
      );
}

function declareMetrics(
  { metrics }: ServiceContext<DnsPrimaryConfig>,
  supply: ZoneSupply,
  updates: UpdateCounts,
  writeBack: WriteBack | undefined,
): void {
  metrics.collect(declared.updates, () =>
    [...updates.entries()].map(([rcode, value]) => ({
      labels: { rcode: formatRcode(rcode) },
      value,
    })),
  );
  metrics.collect(declared.writes, () =>
    Object.entries(writeBack?.counts ?? {}).map(([outcome, value]) => ({
      labels: { outcome },
      value,
    })),
  );
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
