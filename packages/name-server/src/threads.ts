/**
 * The threads of the name server and the memory they share: one that owns the zones and one for each
 * socket that answers UDP. They are started before the rest of the program is read.
 */
import { ffiMissing } from '@riad/net/ffi/libc';
import { Arena } from '@riad/octets/arena';
import type { Listener, ServiceContext } from '@riad/runtime/service';
import { type AccessLists, askersOf } from './access/address-rules.ts';
import { layOutTail, type TailLayout } from './answering/arena-layout.ts';
import { cookieSecret } from './answering/cookie-secret.ts';
import { UdpWorker } from './answering/udp-worker.ts';
import type { AnsweringConfig } from './answering-configuration.ts';
import { Loader } from './loading/loader.ts';
import type { AnswerSettings, LoaderData } from './loading/loader-messages.ts';

/** The shared clock serves cookies and rates, which count in seconds. */
const clockMs = 250;

export type Threads = {
  readonly arena: Arena;
  readonly layout: TailLayout;
  readonly settings: AnswerSettings;
  readonly loader: Loader;
  readonly workers: readonly UdpWorker[];
  /** What the workers listen on; other datagrams are the main thread's. */
  readonly workerListeners: readonly Listener[];
  /** Whether there are native calls. */
  readonly native: boolean;
  stop(): Promise<void>;
};

/** How the zones of a service come to their names and serials, and whether updates change them. */
export type ZoneRules = Pick<LoaderData, 'rootOrigin' | 'raiseSerial'> & {
  readonly takesUpdates: boolean;
};

/** `access`: of riad.yaml. */
export function startThreads(
  context: ServiceContext<AnsweringConfig>,
  rules: ZoneRules,
  access: AccessLists,
): Threads {
  const { config, log } = context;
  const native = ffiMissing() === undefined;
  const workerListeners = native
    ? context.listeners.filter(({ protocol, fd }) => protocol === 'udp' && fd !== undefined)
    : [];
  const regionOctets = config.reserveMebibytes * 2 ** 20;
  const layout = layOutTail(regionOctets, workerListeners.length);
  const arena = Arena.reserve(regionOctets, layout.tailOctets);

  const tick = (): void =>
    void Atomics.store(arena.words, layout.clock, Math.floor(Date.now() / 1000));
  tick();
  const settings: AnswerSettings = {
    identity: config.identity,
    version: config.version,
    maxUdpOctets: config.maxUdpOctets,
    keepaliveUnits: config.streams.idleTimeoutSeconds * 10, // RFC 7828 §3.1: units of 100 ms
    rateLimit: config.rateLimit,
    askers: askersOf(access),
    cookieSecret: cookieSecret(
      context.stateDirectory,
      config.cookieSecretFile === undefined
        ? undefined
        : context.resolvePath(config.cookieSecretFile),
    ),
  };
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    clearInterval(clock);
    ended ??= Promise.all([loader.stop(), ...workers.map((worker) => worker.stop())]).then(
      () => {},
    );
    return ended;
  };
  const died = (error: Error): void => {
    // Without one of its threads the service is a ruin: the supervisor starts a new one.
    log.error('a thread died', { error });
    void stop().finally(() => process.exit(1));
  };
  const { rootOrigin, raiseSerial, takesUpdates } = rules;
  const sources = workerListeners.map(({ fd }, i) => ({
    fd: fd!,
    ring: layout.workers[i]!.updateRing,
  }));
  const loader = new Loader(
    {
      buffer: arena.buffer,
      tailOctets: layout.tailOctets,
      stateDirectory: context.stateDirectory,
      rootOrigin,
      raiseSerial,
      updates: takesUpdates ? { sources, counts: layout.updateCounts } : undefined,
    },
    (text) => log.warn('loader complains', { text }),
    ({ level, event, fields }) => log[level](event, fields),
    died,
  );
  const workers = workerListeners.map(
    (listener, i) =>
      new UdpWorker(arena.buffer, layout.workers[i]!, settings, takesUpdates, listener, died),
  );
  const clock = setInterval(tick, clockMs);
  return { arena, layout, settings, loader, workers, workerListeners, native, stop };
}
