/**
 * `riad backup` and `riad restore`: accounts, and what calendar services keep: their history as a git repository,
 * and what is neither history nor derivable. The services may run meanwhile for a backup, not for a restore.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Accounts } from '@riad/runtime/accounts/accounts';
import type {
  Configuration,
  ServiceConfiguration,
} from '@riad/runtime/configuration/configuration';
import { askService } from '@riad/runtime/control/control-client';
import { accountsFileOf, controlPath } from '@riad/runtime/supervision/service-process';
import { asOwnerOf } from '../as-owner.ts';
import { askCalendar } from '../calendar-service.ts';
import { type ConfigOption, requireConfiguration } from '../load-configuration.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

const accountsName = 'accounts.sqlite';
const storeName = 'store.git';
const stateName = 'state.db';

export async function run(
  action: 'backup' | 'restore',
  folder: string,
  options: ConfigOption,
  output: Output = process,
): Promise<number> {
  const configuration = await requireConfiguration(options);
  const calendars = configuration.services.filter(({ type }) => type === 'calendar');
  return action === 'backup'
    ? backup(resolve(folder), configuration, calendars, options, output)
    : restore(resolve(folder), configuration, calendars, output);
}

async function backup(
  folder: string,
  configuration: Configuration,
  calendars: readonly ServiceConfiguration[],
  options: ConfigOption,
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
  for (const { name, stateDirectory } of calendars) {
    // What is acknowledged and not yet in git gets there.
    await askCalendar({ ...options, service: name }, 'calendar-seal', {});
    const into = join(folder, name);
    mkdirSync(into, { mode: 0o700 });
    git(
      'clone',
      '-q',
      '--mirror',
      '--no-hardlinks',
      join(stateDirectory, storeName),
      join(into, storeName),
    );
    const state = join(stateDirectory, stateName);
    if (existsSync(state)) {
      using database = new DatabaseSync(state, { readOnly: true, timeout: 5000 });
      database.prepare('VACUUM INTO ?').run(join(into, stateName));
    }
    git('-C', join(into, storeName), 'fsck', '--no-progress');
    stderr.write(`${name}: ${git('-C', join(into, storeName), 'rev-parse', 'HEAD').trim()}\n`);
  }
  stderr.write(`kept in ${folder}\n`);
  return 0;
}

async function restore(
  folder: string,
  configuration: Configuration,
  calendars: readonly ServiceConfiguration[],
  { stderr }: Output,
): Promise<number> {
  for (const { name, stateDirectory } of calendars) {
    if (!existsSync(join(folder, name, storeName)))
      throw new Refusal(`${folder} has nothing of the service ${name}`);
    if ((await askService(controlPath(configuration, name), 'GET', '/status')) !== undefined)
      throw new Refusal(`${name} runs: stop it first`);
    if (existsSync(join(stateDirectory, storeName)))
      throw new Refusal(`${stateDirectory} has a ${storeName} already: move it away first`);
  }
  const accountsFile = accountsFileOf(configuration);
  if (existsSync(accountsFile)) throw new Refusal(`${accountsFile} is there: move it away first`);
  if (existsSync(join(folder, accountsName)))
    await asOwnerOf(dirname(accountsFile), async () => {
      mkdirSync(dirname(accountsFile), { recursive: true, mode: 0o700 });
      copyFileSync(join(folder, accountsName), accountsFile);
      chmodSync(accountsFile, 0o600);
    });
  for (const { name, stateDirectory } of calendars)
    await asOwnerOf(stateDirectory, async () => {
      mkdirSync(stateDirectory, { recursive: true });
      const from = join(folder, name);
      git(
        'clone',
        '-q',
        '--mirror',
        '--no-hardlinks',
        join(from, storeName),
        join(stateDirectory, storeName),
      );
      git('-C', join(stateDirectory, storeName), 'remote', 'remove', 'origin');
      if (existsSync(join(from, stateName)))
        copyFileSync(join(from, stateName), join(stateDirectory, stateName));
      stderr.write(`${name} is as it was\n`);
    });
  return 0;
}

function git(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Refusal(`git does not run: ${error.message}`);
  if (status !== 0) throw new Refusal(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}
