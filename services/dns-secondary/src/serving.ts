/** What the main thread does: answering what the workers do not, keeping copies, figures. */
import { join } from 'node:path';
import { canonicalName, formatName, type Name, parseName } from '@riad/dns/name';
import { AccessFiles } from '@riad/name-server/access/access-files';
import { addressRules, ownAddresses } from '@riad/name-server/access/address-rules';
import { type Answering, startAnswering } from '@riad/name-server/answering';
import { AccessControl } from '@riad/name-server/control/access-control';
import { NotifySending } from '@riad/name-server/control/notify-sending';
import { ServedZones } from '@riad/name-server/control/served-zones';
import { answerSignedQuery } from '@riad/name-server/control/signed-queries';
import { TransferAnswering } from '@riad/name-server/control/transfer-answering';
import type { TransferCommand, TransferResult } from '@riad/name-server/loading/zone-copies';
import { RequestHandling } from '@riad/name-server/request-handling';
import { abortion } from '@riad/name-server/stopping';
import type { Threads } from '@riad/name-server/threads';
import { hmac } from '@riad/net/ciphers/hmac';
import type { Instant } from '@riad/octets/engine';
import { limitedLog } from '@riad/runtime/logging/limited-log';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import { Catalogs } from './catalogs.ts';
import { type Clocks, realClocks } from './clocks.ts';
import type { DnsSecondaryConfig } from './config.ts';
import { Copies } from './copies.ts';
import { CopyRecords } from './copy-records.ts';
import { CopyStatus } from './copy-status.ts';
import { Inquiries } from './inquiries.ts';
import { takeNotify } from './notify-taking.ts';
import { orders } from './orders.ts';
import { Reach } from './reach.ts';
import { Subscriptions } from './subscriptions.ts';
import { refuseUpdate } from './update-refusing.ts';
import { ZoneChoice } from './zone-choice.ts';
import { textOf } from './zone-name.ts';

export async function serve(
  context: ServiceContext<DnsSecondaryConfig>,
  threads: Threads,
  clocks: Clocks = realClocks,
): Promise<RunningService> {
  const { config, log, stateDirectory, resolvePath } = context;
  const { loader, workers, native } = threads;
  const asked = abortion(context.signal);
  const begun = await Promise.race([loader.started, asked]);
  for (const complaint of begun.complaints) log.warn('loader complains', { text: complaint });
  const { wall } = clocks;
  const zones = new ServedZones();
  const hostile = limitedLog(log);
  const access = new AccessControl(hostile);
  const ring = () => access.ring;
  const perform = loader.perform.bind(loader);
  const records = new CopyRecords(stateDirectory, (error) =>
    log.error('what is known of the zones cannot be written', { error }),
  );
  if (records.damaged) log.error('secondary.json is damaged: zones stay until they expire');
  const reach = new Reach(ring, config.primaries, resolvePath);
  const inquiries = new Inquiries({
    ...{ reach, hmac, wall, log, troubles: hostile },
    perform: (command: TransferCommand) => perform(command) as Promise<TransferResult>,
  });
  const { maxAddedPerKey } = config;
  const copies = new Copies({ ...clocks, maxAddedPerKey, records, inquiries, perform, log });
  const choice = new ZoneChoice({ config, ring, reach, records, copies, zones, log });
  const catalogs = new Catalogs({ choice, copies, records, perform, log });
  const notify = new NotifySending({
    ...{ zones, access, hmac, now: wall, log },
    alsoNotify: config.alsoNotify.map(({ address, port, key }) => ({
      ...{ address, port },
      key: key === undefined ? undefined : formatName(canonicalName(parseName(key))),
    })),
    own: ownAddresses(context.listeners),
  });
  const expiresIn = (zone: Name): number | undefined => {
    const { expireAt } = copies.stateOf(zone) ?? {};
    return expireAt === undefined ? undefined : secondsUntil(expireAt, clocks.now());
  };
  const expects = (zone: Name): boolean => copies.expects(zone);
  const transfers = new TransferAnswering({
    ...{ arena: threads.arena, zones, access, hmac, now: wall, log },
    expects,
    expiresIn,
  });
  let choosing = false;
  const accessFiles = new AccessFiles({
    folder: config.keys === undefined ? join(stateDirectory, 'access') : resolvePath(config.keys),
    stateDirectory,
    originIsRoot: false,
    addresses: addressRules(config.access),
    access,
    changed: (changes) => {
      notify.keysChanged(changes);
      if (!choosing) return;
      choice.keysChanged();
      subscriptions.keysChanged();
    },
    log,
  });
  await accessFiles.start();
  loader.listen((changes, news) => {
    const { told, gone } = zones.changed(changes, news);
    if (!choosing) choice.history(changes);
    for (const zone of gone) notify.removed(zone);
    for (const zone of told) {
      notify.announce(zone);
      if (choosing) catalogs.changed(textOf(zone));
    }
  });
  const requests: RequestHandling = new RequestHandling({
    keys: () => access.ring.lookup,
    ...{ hmac, now: wall, log: hostile },
    roles: {
      update: async (request) => refuseUpdate(request, zones, expects),
      notify: async (request) => takeNotify({ access, copies, reach, log: hostile }, request),
      transfer: (request) => transfers.transfer(request),
      query: async (request) =>
        answerSignedQuery(
          {
            ...{ zones, access, notify, expects, expiresIn },
            answer: (...asked) => answering.answer(...asked),
          },
          request,
        ),
      response: (message, from) => notify.response(message, from),
    },
    ready: loader.caughtUp,
  });
  const subscriptions = new Subscriptions({
    ...{ ring, reach, requests, hmac, wall, log },
    refresh: (key) => copies.lookForKey(key),
  });
  await Promise.race([loader.caughtUp, asked]);
  choosing = true;
  choice.begin();
  for (const catalog of choice.catalogs) catalogs.changed(catalog);
  // What has expired meanwhile must not be answered, not even once.
  await Promise.race([copies.withholdAsKnown(zones), asked]);
  const answering: Answering = await startAnswering(context, threads, requests);
  subscriptions.keysChanged();
  log.info('answering', {
    zones: begun.zones.length,
    from: begun.from,
    workers: workers.length,
    native,
  });

  const expiring = setInterval(() => transfers.expire(), expireLookMs);
  const status = new CopyStatus({ copies, records, zones, clocks });
  status.declareMetrics(context.metrics, inquiries, subscriptions);

  return {
    async stop() {
      accessFiles.stop();
      notify.stop();
      subscriptions.stop();
      copies.stop();
      clearInterval(expiring);
      await answering.stop();
      records.stop();
      await threads.stop();
    },
    status: () => ({
      zones: status.all(),
      subscriptions: subscriptions.status(),
      memoryOctets: loader.usedOctets,
      workers: workers.length,
      native,
    }),
    health: () => status.health([...accessFiles.complaints, ...catalogs.complaints]),
    commands: {
      ...orders({ status, copies, choice, notify }),
      'keys.reload': () => accessFiles.look().then(() => ({ keys: access.ring.size })),
    },
    async reload() {
      await accessFiles.look();
      answering.streams.lookAtCertificates();
    },
  };
}

/** Transfers that take too long are looked for so often. */
const expireLookMs = 10_000;

function secondsUntil(at: Instant, now: Instant): number {
  return Math.max(0, Math.floor((at - now) / 1000));
}
