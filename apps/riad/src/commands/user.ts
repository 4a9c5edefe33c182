/**
 * `riad user …`: changes the file of accounts, which the services read as it is now. They need not run, and need
 * not be told.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { Accounts, type UserChange } from '@riad/runtime/accounts/accounts';
import { accountsFileOf } from '@riad/runtime/supervision/service-process';
import { asOwnerOf } from '../as-owner.ts';
import { type ConfigOption, configurationFile, loadConfiguration } from '../load-configuration.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

type Action = 'add' | 'list' | 'change' | 'password' | 'app-password' | 'group' | 'remove';

type Options = ConfigOption & {
  readonly displayName?: string;
  readonly email?: readonly string[];
  readonly quota?: string;
  readonly password?: boolean;
  readonly disable?: boolean;
  readonly enable?: boolean;
  readonly remove?: boolean;
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly json?: boolean;
};

export async function run(
  action: Action,
  names: readonly (string | undefined)[],
  options: Options,
  output: Output = process,
  ask: (question: string) => Promise<string> = askForPassword,
): Promise<number> {
  const file = await accountsFile(options);
  const [name = '', device] = names;
  // Before anything is opened: who types takes his time.
  const wantsPassword = action === 'password' || (action === 'add' && options.password !== false);
  const password = wantsPassword ? await ask(`Password for ${name}: `) : undefined;
  return asOwnerOf(dirname(file), async () => {
    using accounts = new Accounts(file);
    switch (action) {
      case 'add':
        await accounts.addUser({
          name,
          ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
          ...(options.email === undefined ? {} : { emailAddresses: options.email }),
          ...(options.quota === undefined ? {} : quotaOf(options.quota)),
          ...(password === undefined ? {} : { password }),
        });
        output.stderr.write(`${name} is there\n`);
        return 0;
      case 'change':
        accounts.changeUser(name, changeOf(options));
        output.stderr.write(`${name} is changed\n`);
        return 0;
      case 'password':
        await accounts.setPassword(name, password!);
        output.stderr.write(`the password of ${name} is changed\n`);
        return 0;
      case 'remove':
        accounts.removeUser(name);
        output.stderr.write(`${name} is gone; what it has stored stays\n`);
        return 0;
      case 'app-password':
        return appPassword(accounts, name, device, options, output);
      case 'group':
        return group(accounts, name, options, output);
      default:
        return list(accounts, options, output);
    }
  });
}

function changeOf({ displayName, email, quota, disable, enable }: Options): UserChange {
  if (disable && enable) throw new Refusal('--disable or --enable, not both');
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { emailAddresses: email }),
    ...(quota === undefined ? {} : quota === 'none' ? { quotaOctets: null } : quotaOf(quota)),
    ...(disable || enable ? { disabled: disable === true } : {}),
  };
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

function quotaOf(text: string): { quotaOctets: number } {
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  if (match === null) throw new Refusal(`--quota ${text}: a number of octets, such as 500M`);
  return { quotaOctets: Number(match[1]) * units[match[2]!.toUpperCase()]! };
}

function appPassword(
  accounts: Accounts,
  name: string,
  device: string | undefined,
  { remove, json }: Options,
  { stdout, stderr }: Output,
): number {
  if (accounts.user(name) === undefined) throw new Refusal(`there is no ${name}`);
  if (device === undefined) {
    const all = accounts.appPasswords(name);
    if (json) stdout.write(`${JSON.stringify(all)}\n`);
    else
      for (const { device: each, usedSeconds, usedAddress, usedAgent } of all)
        stdout.write(
          `${each}\t${usedSeconds === undefined ? 'never used' : `${new Date(usedSeconds * 1000).toISOString()} ${usedAddress} ${usedAgent}`}\n`,
        );
    return 0;
  }
  if (remove) {
    accounts.removeAppPassword(name, device);
    stderr.write(`${device} of ${name} logs in no longer\n`);
    return 0;
  }
  const password = accounts.addAppPassword(name, device);
  stdout.write(json ? `${JSON.stringify({ user: name, device, password })}\n` : `${password}\n`);
  stderr.write(`for ${device} of ${name}; it is not shown again\n`);
  return 0;
}

function group(accounts: Accounts, name: string, options: Options, { stderr }: Output): number {
  if (options.remove) {
    accounts.removeGroup(name);
    stderr.write(`${name} is gone\n`);
    return 0;
  }
  if (accounts.group(name) === undefined) accounts.addGroup(name, options.displayName);
  for (const user of options.add ?? []) accounts.addMember(name, user);
  for (const user of options.drop ?? []) accounts.removeMember(name, user);
  stderr.write(`${name}: ${accounts.membersOf(name).join(', ') || 'nobody'}\n`);
  return 0;
}

function list(accounts: Accounts, { json }: Options, { stdout }: Output): number {
  const users = accounts.users();
  const groups = accounts.groups();
  if (json) {
    stdout.write(`${JSON.stringify({ users, groups })}\n`);
    return 0;
  }
  for (const { name, displayName, emailAddresses, disabled } of users)
    stdout.write(
      `${name}\t${displayName}\t${emailAddresses.join(' ')}${disabled ? '\tdisabled' : ''}\n`,
    );
  for (const { name, members } of groups) stdout.write(`${name}\tgroup: ${members.join(' ')}\n`);
  return 0;
}

/** That of riad.yaml's state, or of the demonstration. */
async function accountsFile(options: ConfigOption): Promise<string> {
  const file = configurationFile(options);
  if (file !== undefined) return accountsFileOf(await loadConfiguration(file));
  const shown = resolve('state', 'accounts', 'accounts.sqlite');
  if (!existsSync(shown))
    throw new Refusal(
      'there is no riad.yaml here, and no demonstration; name the file with --config',
    );
  return shown;
}

/** From a terminal without showing it; else the first line of standard input. */
async function askForPassword(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await textOf(stdin)).split('\n', 1)[0]!.replace(/\r$/, '');
  const lines = createInterface({ input: stdin, terminal: true });
  stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(new Refusal('no password was given')));
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
