/** Keeps one service process running for each entry of riad.yaml. Owns the sockets; they outlive the processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { closeDescriptor } from '@riad/net/ffi/socket';
import type { Configuration, ServiceConfiguration } from '../configuration/configuration.ts';
import type { Log } from '../logging/log.ts';
import type { NextProgram } from '../privileges/become.ts';
import {
  type Confinement,
  confinementVariable,
  houseCompileCache,
} from '../privileges/confinement.ts';
import type { Listener } from '../service.ts';
import { type BackOff, nextStart, noFailures } from './back-off.ts';
import { closeListeners, openControlSocket, openListeners } from './open-listeners.ts';
import {
  type Control,
  compileCacheOf,
  confinementOf,
  controlPath,
  serviceProcess,
  serviceProgram,
} from './service-process.ts';

/** A service stops within a second; one that does not is stuck, and its writes are journalled. */
export const stopGraceMs = 1000;

const launcherMain = fileURLToPath(import.meta.resolve('../privileges/launcher.ts'));

export type Supervisor = {
  /** What each service listens on, ports chosen. */
  readonly listeners: ReadonlyMap<string, readonly Listener[]>;
  /** Resolves when every service has been ready once. */
  readonly ready: Promise<void>;
  /** A new reading of riad.yaml: starts, stops and restarts what changed, tells the others to reload. */
  apply(configuration: Configuration): Promise<void>;
  stop(): Promise<void>;
};

/** Throws, with everything closed again, when a socket cannot be opened. */
export function supervise(configuration: Configuration, log: Log): Supervisor {
  const running = new Map<string, Supervised>();
  const listeners = new Map<string, readonly Listener[]>();
  const add = (service: ServiceConfiguration, of: Configuration): Supervised => {
    const supervised = new Supervised(service, of, log.with({ service: service.name }));
    running.set(service.name, supervised);
    listeners.set(service.name, supervised.listeners);
    return supervised;
  };
  const remove = async (name: string): Promise<void> => {
    const supervised = running.get(name);
    running.delete(name);
    listeners.delete(name);
    await supervised?.stop();
  };

  try {
    // All sockets before the first process: a port that is taken stops us while nothing runs.
    for (const service of configuration.services) add(service, configuration);
  } catch (error) {
    for (const supervised of running.values()) supervised.close();
    throw error;
  }
  for (const supervised of running.values()) supervised.start();

  return {
    listeners,
    ready: Promise.all([...running.values()].map(({ ready }) => ready)).then(() => {}),
    async apply(next) {
      for (const [name, supervised] of [...running]) {
        const service = next.services.find((candidate) => candidate.name === name);
        if (service && supervised.matches(service)) supervised.reload();
        else await remove(name);
      }
      for (const service of next.services) {
        if (running.has(service.name)) continue;
        try {
          add(service, next).start();
        } catch (error) {
          log.error('service cannot be started', { service: service.name, error });
        }
      }
    },
    async stop() {
      await Promise.all([...running.keys()].map(remove));
    },
  };
}

class Supervised {
  readonly listeners: readonly Listener[];
  readonly ready: Promise<void>;
  readonly #service: ServiceConfiguration;
  readonly #configuration: Configuration;
  readonly #log: Log;
  readonly #confinement: Confinement;
  readonly #control: Control;
  readonly #becomeReady: () => void;
  #child: ChildProcess | undefined;
  #backOff: BackOff = noFailures;
  #waiting: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(service: ServiceConfiguration, configuration: Configuration, log: Log) {
    this.#service = service;
    this.#configuration = configuration;
    this.#log = log;
    this.#confinement = confinementOf(service, configuration);
    const { account } = this.#confinement;
    this.listeners = openListeners(service);
    const path = controlPath(configuration, service.name);
    try {
      this.#control = { path, fd: openControlSocket(path, account) };
    } catch (error) {
      closeListeners(this.listeners);
      throw error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#becomeReady = resolve;
  }

  matches(service: ServiceConfiguration): boolean {
    return JSON.stringify(service) === JSON.stringify(this.#service);
  }

  start(): void {
    const startedMs = performance.now();
    const child = this.#spawn();
    this.#child = child;
    child.on('error', (error) => this.#log.error('service process does not start', { error }));
    child.on('close', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      const ranMs = performance.now() - startedMs;
      const { state, delayMs } = nextStart(this.#backOff, ranMs, Math.random());
      this.#backOff = state;
      this.#log.error('service ended', { code, signal, restartInMs: delayMs });
      this.#waiting = setTimeout(() => this.start(), delayMs);
    });
    (child.stdio[3] as Readable).once('data', () => {
      const tookMs = Math.round(performance.now() - startedMs);
      this.#log.info('service ready', { pid: child.pid, tookMs });
      this.#becomeReady();
    });
  }

  reload(): void {
    this.#child?.kill('SIGHUP');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#waiting);
    const child = this.#child;
    if (child) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        this.#log.error('service does not stop and is killed', { pid: child.pid });
        child.kill('SIGKILL');
      }, stopGraceMs);
      await ended;
      clearTimeout(timer);
    }
    this.close();
  }

  close(): void {
    closeListeners(this.listeners);
    if (this.#control.fd !== undefined) closeDescriptor(this.#control.fd);
    rmSync(this.#control.path, { force: true });
  }

  /** In the child, descriptor 3 tells that it is ready; the sockets follow from 4. */
  #spawn(): ChildProcess {
    const handed: number[] = [];
    const { environment } = serviceProcess(
      this.#service,
      this.#configuration,
      this.listeners,
      this.#control,
      3,
      (fd) => 3 + handed.push(fd),
    );
    const { account, files } = this.#confinement;
    const confined = account !== undefined || files !== undefined;
    const descriptors = [3, ...handed.map((_, index) => 4 + index)];
    const compileCache = compileCacheOf(this.#service);
    const next: NextProgram = {
      account,
      files,
      program: serviceProgram,
      descriptors,
      compileCache,
    };
    if (confined) environment[confinementVariable] = JSON.stringify(next);
    environment['NODE_COMPILE_CACHE'] = confined ? houseCompileCache : compileCache;
    return spawn(process.execPath, confined ? [launcherMain] : [...serviceProgram], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', ...handed],
      env: environment,
    });
  }
}
