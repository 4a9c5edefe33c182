/**
 * `riad run`: this process opens the sockets, gives up its rights and becomes the service, with the
 * same process id, for systemd or a container to watch over. Without native calls it runs the
 * service itself, unconfined.
 */
import { ffiMissing } from '@riad/net/ffi/libc';
import type { Configuration, ServiceConfiguration } from '../configuration/configuration.ts';
import { become } from '../privileges/become.ts';
import { launchVariable } from './launch.ts';
import { openControlSocket, openListeners } from './open-listeners.ts';
import {
  compileCacheOf,
  confinementOf,
  controlPath,
  serviceProcess,
  serviceProgram,
} from './service-process.ts';

export async function runInPlace(
  service: ServiceConfiguration,
  configuration: Configuration,
): Promise<void> {
  const confinement = confinementOf(service, configuration);
  const { account } = confinement;
  const listeners = openListeners(service);
  const path = controlPath(configuration, service.name);
  const control = { path, fd: openControlSocket(path, account) };
  const { environment } = serviceProcess(
    service,
    configuration,
    listeners,
    control,
    undefined,
    (fd) => fd,
  );
  if (ffiMissing() === undefined) {
    const descriptors = [...listeners.map(({ fd }) => fd), control.fd].filter(
      (fd) => fd !== undefined,
    );
    const compileCache = compileCacheOf(service);
    become({ ...confinement, program: serviceProgram, descriptors, compileCache }, environment);
  }
  process.env[launchVariable] = environment[launchVariable];
  await import('./service-main.ts');
}
