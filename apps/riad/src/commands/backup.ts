/**
 * `riad backup` and `riad restore`: accounts, and what each service of riad.yaml keeps, with a list of checksums. The
 * services may run meanwhile for a backup, not for a restore.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Accounts } from '@riad/runtime/accounts/accounts';
import type {
  Configuration,
  ServiceConfiguration,
} from '@riad/runtime/configuration/configuration';
import { askService } from '@riad/runtime/control/control-client';
import { accountsFileOf, controlPath } from '@riad/runtime/supervision/service-process';
import { backUpCalendar, restoreCalendar } from '../backup/calendar-backup.ts';
import { verifyChecksums, writeChecksums } from '../backup/checksums.ts';
import { backUpFiles, makeFolder, occupied, restoreFiles } from '../backup/kept-files.ts';
import { giveTo, ownerAt } from '../backup/owners.ts';
import { type ConfigOption, requireConfiguration } from '../load-configuration.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

const accountsName = 'accounts.sqlite';
const manifestName = 'backup.json';
/** Of what lies where in a backup. */
const form = 1;

type Manifest = {
  readonly form: number;
  readonly time: string;
  readonly services: readonly { readonly name: string; readonly type: string }[];
};

type Options = ConfigOption & { readonly overwrite?: boolean };

export async function run(
  action: 'backup' | 'restore',
  folder: string,
  options: Options,
  output: Output = process,
): Promise<number> {
  const configuration = await requireConfiguration(options);
  return action === 'backup'
    ? backup(resolve(folder), configuration, options, output)
    : restore(resolve(folder), configuration, options.overwrite === true, output);
}

async function backup(
  folder: string,
  configuration: Configuration,
  options: Options,
  { stderr }: Output,
): Promise<number> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refusal(`${folder} is not empty: a backup begins with a new folder`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const accountsFile = accountsFileOf(configuration);
  if (existsSync(accountsFile)) {
    using accounts = new Accounts(accountsFile);
    accounts.copyTo(join(folder, accountsName));
    chmodSync(join(folder, accountsName), 0o600);
  }
  for (const service of configuration.services) {
    const into = join(folder, service.name);
    const said =
      service.type === 'calendar'
        ? await backUpCalendar(service, into, options)
        : await backUpFiles(configuration, service, into);
    stderr.write(`${service.name}: ${said}\n`);
  }
  const services = configuration.services.map(({ name, type }) => ({ name, type }));
  const manifest: Manifest = { form, time: new Date().toISOString(), services };
  writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`, {
    mode: 0o600,
  });
  // Last of all: a backup that was cut short has none, and is not restored.
  await writeChecksums(folder);
  stderr.write(`kept in ${folder}\n`);
  return 0;
}

async function restore(
  folder: string,
  configuration: Configuration,
  overwrite: boolean,
  { stderr }: Output,
): Promise<number> {
  await verifyChecksums(folder);
  const manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Manifest;
  if (manifest.form !== form)
    throw new Refusal(`${folder} was made by another version of Riad (${manifest.form})`);
  const inTheWay: string[] = [];
  for (const service of configuration.services) {
    const { name, type } = service;
    const there = manifest.services.find((one) => one.name === name);
    if (there === undefined) throw new Refusal(`${folder} has nothing of the service ${name}`);
    if (there.type !== type)
      throw new Refusal(`${name} is a ${type} in riad.yaml, and a ${there.type} in ${folder}`);
    if ((await askService(controlPath(configuration, name), 'GET', '/status')) !== undefined)
      throw new Refusal(`${name} runs: stop it first`);
    inTheWay.push(...(await occupied(configuration, service)));
  }
  const accountsFile = accountsFileOf(configuration);
  if (existsSync(accountsFile)) inTheWay.push(dirname(accountsFile));
  if (inTheWay.length > 0 && !overwrite)
    throw new Refusal(
      `${inTheWay.join(', ')}: not empty: move it away first, or --overwrite moves it aside`,
    );
  const suffix = `.before-restore-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  for (const path of new Set(inTheWay)) {
    if (!existsSync(path)) continue; // it lay in another one
    renameSync(path, `${path}${suffix}`);
    stderr.write(`${path} is ${path}${suffix} now\n`);
  }
  if (existsSync(join(folder, accountsName))) {
    const accountsFolder = dirname(accountsFile);
    makeFolder(accountsFolder);
    chmodSync(accountsFolder, 0o700);
    copyFileSync(join(folder, accountsName), accountsFile);
    chmodSync(accountsFile, 0o600);
    giveTo(accountsFolder, ownerAt(accountsFolder));
  }
  for (const service of configuration.services) {
    await restoreOne(service, join(folder, service.name), configuration);
    stderr.write(`${service.name} is as it was\n`);
  }
  const left = manifest.services.filter(
    ({ name }) => !configuration.services.some((one) => one.name === name),
  );
  for (const { name } of left) stderr.write(`${name} is in the backup, and not in riad.yaml\n`);
  return 0;
}

async function restoreOne(
  service: ServiceConfiguration,
  from: string,
  configuration: Configuration,
): Promise<void> {
  if (service.type !== 'calendar') return restoreFiles(configuration, service, from);
  makeFolder(service.stateDirectory);
  restoreCalendar(service, from);
  giveTo(service.stateDirectory, ownerAt(service.stateDirectory));
}
