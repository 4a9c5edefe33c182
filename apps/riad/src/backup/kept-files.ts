/** A service in a backup as its files, copied in one moment: the state folder, and what it keeps elsewhere. */
import {
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type {
  Configuration,
  ServiceConfiguration,
} from '@riad/runtime/configuration/configuration';
import { askService } from '@riad/runtime/control/control-client';
import type { Kept } from '@riad/runtime/service';
import { controlPath } from '@riad/runtime/supervision/service-process';
import { Refusal } from '../refusal.ts';
import { serviceTypes } from '../service-types.ts';
import { whileHeld } from './held-process.ts';
import { copyOwners, giveTo, ownerAt } from './owners.ts';
import { checkRepository, copyRepository } from './repository-copy.ts';

/** Made anew at every start, whatever the service. */
const alwaysDerived = ['compile-cache'];

/** Where each part lies, and what it is called in the backup. */
export type Parts = {
  readonly state: string;
  /** Names in the state folder. */
  readonly derived: ReadonlySet<string>;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly repositories: readonly { readonly name: string; readonly path: string }[];
};

export async function partsOf(
  configuration: Configuration,
  { type, config, stateDirectory }: ServiceConfiguration,
): Promise<Parts> {
  const module = await serviceTypes[type]!.configuration();
  const kept: Kept = module.kept?.(config) ?? { derived: [], folders: {}, repositories: {} };
  const placed = (places: Readonly<Record<string, string>>) =>
    Object.entries(places).map(([name, path]) => ({
      name,
      path: resolve(configuration.directory, path),
    }));
  return {
    state: stateDirectory,
    derived: new Set([...alwaysDerived, ...kept.derived]),
    folders: placed(kept.folders),
    repositories: placed(kept.repositories),
  };
}

/** What is said of it afterwards. */
export async function backUpFiles(
  configuration: Configuration,
  service: ServiceConfiguration,
  into: string,
): Promise<string> {
  const { name } = service;
  const parts = await partsOf(configuration, service);
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const copy = (): void => {
    copyFolder(parts.state, join(into, 'state'), parts.derived);
    for (const { name: part, path } of parts.folders) copyFolder(path, join(into, 'folders', part));
    for (const { name: part, path } of parts.repositories)
      if (existsSync(path)) {
        mkdirSync(join(into, 'repositories'), { recursive: true });
        const copied = join(into, 'repositories', `${part}.git`);
        copyRepository(path, copied);
        giveTo(copied, ownerAt(path));
      }
  };
  const asked = await askService(controlPath(configuration, name), 'GET', '/process');
  const pid = (asked?.body as { pid?: number } | undefined)?.pid;
  let said = 'copied; it does not run';
  if (asked === undefined) copy();
  else {
    if (pid === undefined)
      throw new Refusal(`${name} is of an older version: start it again, or stop it`);
    const { heldMs } = await whileHeld(pid, name, copy);
    said = `copied; it stood still for ${Math.ceil(heldMs)} ms`;
  }
  for (const { name: part } of parts.repositories) {
    const repository = join(into, 'repositories', `${part}.git`);
    if (existsSync(repository)) said += `; ${part} at ${checkRepository(repository)}`;
  }
  return said;
}

/** Places that a restore would write into and that are not empty. */
export async function occupied(
  configuration: Configuration,
  service: ServiceConfiguration,
): Promise<string[]> {
  const { state, folders, repositories } = await partsOf(configuration, service);
  const places = [state, ...[...folders, ...repositories].map(({ path }) => path)];
  // Root would write wherever it leads.
  for (const path of places)
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new Refusal(`${path} is a link: remove it, or name what it leads to in riad.yaml`);
  return places.filter((path) => existsSync(path) && readdirSync(path).length > 0);
}

export async function restoreFiles(
  configuration: Configuration,
  service: ServiceConfiguration,
  from: string,
): Promise<void> {
  const parts = await partsOf(configuration, service);
  const place = (source: string, path: string, work: () => void): void => {
    // Where two services share it, it has come with the other one.
    const isThere = existsSync(path) && readdirSync(path).length > 0;
    if (!existsSync(source) || isThere) return;
    makeFolder(dirname(path));
    work();
  };
  const state = join(from, 'state');
  place(state, parts.state, () => copyFolder(state, parts.state));
  for (const { name, path } of parts.folders) {
    const source = join(from, 'folders', name);
    place(source, path, () => copyFolder(source, path));
  }
  for (const { name, path } of parts.repositories) {
    const source = join(from, 'repositories', `${name}.git`);
    place(source, path, () => {
      copyRepository(source, path);
      giveTo(path, ownerAt(source));
    });
  }
}

/** As whoever owns the folder above would have made it. */
export function makeFolder(path: string): void {
  const owner = ownerAt(path);
  const made = mkdirSync(path, { recursive: true });
  if (made !== undefined) giveTo(made, owner);
}

/** Links in it stay links. Sharing blocks, where the file system can, makes it short. */
function copyFolder(folder: string, to: string, without: ReadonlySet<string> = new Set()): void {
  if (!existsSync(folder)) return;
  const from = realpathSync(folder);
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !without.has(relative(from, path)),
  });
  copyOwners(from, to);
}
