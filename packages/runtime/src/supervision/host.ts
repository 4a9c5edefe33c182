/** Runs one service in this process: what a child does, and `riad run` without children. */
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { type JsonLog, jsonLog } from '../logging/json-log.ts';
import { metricsRegistry } from '../metrics/registry.ts';
import type { Listener, ServiceModule } from '../service.ts';
import type { Launch } from './launch.ts';

export type HostedService = {
  readonly log: JsonLog;
  /** Resolves once all of the service has ended. */
  stop(): Promise<void>;
  reload(): Promise<void>;
};

/** `signal` asks a service to stop that has not started yet; fails when it did not start. */
export async function hostService(launch: Launch, signal: AbortSignal): Promise<HostedService> {
  const log = jsonLog(launch.log, { service: launch.name });
  const metrics = metricsRegistry();
  mkdirSync(launch.stateDirectory, { recursive: true });
  try {
    const module = (await import(launch.module)) as ServiceModule;
    const service = await module.start({
      name: launch.name,
      config: launch.config,
      stateDirectory: launch.stateDirectory,
      accountsFile: launch.accountsFile,
      listeners: launch.listeners,
      tls: launch.tls,
      log,
      metrics,
      signal,
      resolvePath: (path) => resolve(launch.directory, path),
    });

    // The service answers already; what tells about it may take its time.
    const servers: Server[] = [];
    const control = (async () => {
      const { controlServer, listen, listenControl } = await import('../control/control-server.ts');
      const local = controlServer({ service, metrics, log, trusted: true });
      servers.push(local);
      await listenControl(local, launch.control);
      for (const listener of launch.web) {
        const open = controlServer({ service, metrics, log, trusted: false });
        servers.push(open);
        await listen(open, whereOf(listener));
      }
      await log.load();
      flushCompileCache(); // not only at exit: a service that is killed starts again soon
    })();
    control.catch((error: unknown) => {
      log.error('status is not served', { error });
      log.flush();
    });

    return {
      log,
      async stop() {
        await service.stop();
        await control.catch(() => {});
        for (const server of servers) {
          server.closeAllConnections();
          server.close();
        }
        log.info('service stopped');
        log.flush();
      },
      async reload() {
        await service.reload?.();
      },
    };
  } catch (error) {
    if (signal.aborted) log.info('service stopped');
    else log.error('service did not start', { error });
    log.flush();
    throw error;
  }
}

function whereOf({ fd, address, port }: Listener): { fd: number } | { host: string; port: number } {
  return fd === undefined ? { host: address, port } : { fd };
}
