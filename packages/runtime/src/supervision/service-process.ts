/** How a service's process is called: program, environment, and the descriptors it gets. */
import { lchownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration, ServiceConfiguration } from '../configuration/configuration.ts';
import { type Account, type Confinement, confinement } from '../privileges/confinement.ts';
import type { Listener } from '../service.ts';
import { type Launch, launchVariable, maxLaunchOctets } from './launch.ts';

const serviceMain: string = fileURLToPath(import.meta.resolve('./service-main.ts'));
/**
 * Arguments for Node. V8 gets as many threads of its own as there are cores to spare, and not four always: on a
 * single core those who collect garbage or compile would take turns from who answers.
 */
export const serviceProgram: readonly string[] = ['--v8-pool-size=0', serviceMain];

export type Control = { readonly path: string; readonly fd: number | undefined };

export type ServiceProcess = {
  readonly launch: Launch;
  readonly environment: Record<string, string>;
};

/** `fdOf` tells which number a descriptor will have in the process. */
export function serviceProcess(
  service: ServiceConfiguration,
  configuration: Configuration,
  listeners: readonly Listener[],
  control: Control,
  readyFd: number | undefined,
  fdOf: (fd: number) => number,
): ServiceProcess {
  const { name, type, module, config, stateDirectory, protocols, tls, log } = service;
  const renumber = (fd: number | undefined): number | undefined =>
    fd === undefined ? undefined : fdOf(fd);
  const handed = listeners.map((listener) => ({ ...listener, fd: renumber(listener.fd) }));
  const serves = ({ protocol }: Listener): boolean => protocols.includes(protocol);
  const launch: Launch = {
    name,
    type,
    module,
    config,
    stateDirectory,
    accountsFile: service.accounts ? accountsFileOf(configuration) : undefined,
    directory: configuration.directory,
    listeners: handed.filter(serves),
    web: handed.filter((listener) => !serves(listener)),
    control: { path: control.path, fd: renumber(control.fd) },
    tls,
    log,
    readyFd,
  };
  const text = JSON.stringify(launch);
  if (Buffer.byteLength(text) > maxLaunchOctets) {
    throw new RangeError(`services.${name}: configuration of more than ${maxLaunchOctets} octets`);
  }
  return {
    launch,
    environment: { ...(process.env as Record<string, string>), [launchVariable]: text },
  };
}

/** Node's compile cache of a service, which only it reads and writes. */
export function compileCacheOf(service: ServiceConfiguration): string {
  return join(service.stateDirectory, 'compile-cache');
}

/** The socket for status and commands, and the folder of all of them. */
export function controlPath(configuration: Configuration, name: string): string {
  return join(configuration.stateDirectory, 'run', `${name}.sock`);
}

/**
 * The file of accounts, one for all services of the house. In a folder of its own, because SQLite makes files
 * beside it, and a confined service may only write into folders that are its business.
 */
export function accountsFileOf(configuration: Configuration): string {
  return join(configuration.stateDirectory, 'accounts', 'accounts.sqlite');
}

/** What the service may touch; makes the folders that it must find. */
export function confinementOf(
  service: ServiceConfiguration,
  configuration: Configuration,
): Confinement {
  const { stateDirectory, paths, tls, user } = service;
  const run = join(configuration.stateDirectory, 'run');
  const read = [...paths.read, ...(tls ? [tls.certificate, tls.key] : [])];
  const own = [
    stateDirectory,
    ...(service.accounts ? [dirname(accountsFileOf(configuration))] : []),
  ];
  for (const folder of [...own, run]) mkdirSync(folder, { recursive: true });
  const result = confinement(user, read, [...paths.write, ...own, run]);
  if (result.account) for (const folder of own) ownFolder(folder, result.account);
  return result;
}

/** Gives the folder to the account, with all that is in it if it was somebody else's before. */
function ownFolder(folder: string, { uid, gid }: Account): void {
  if (statSync(folder).uid === uid) return;
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of inside) lchownSync(join(folder, name), uid, gid); // links are not followed
  lchownSync(folder, uid, gid);
}
