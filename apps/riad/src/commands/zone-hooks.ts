/**
 * `riad zone hooks`: git hooks for a repository of zones. `pre-receive` refuses pushes that `riad zone
 * check` would refuse; `post-receive` tells name servers that there is something new.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseName } from '@riad/dns/name';
import { zoneOfFile } from '@riad/service-dns-primary/zone-names';
import { BorrowedRepository, findRepository } from '../git/borrowed-repository.ts';
import { CommittedFiles } from '../git/committed-files.ts';
import { chooseKey, committedKeys } from '../git/notify-keys.ts';
import { judgePush } from '../git/pushed-files.ts';
import { type PushedReference, readPushedReferences } from '../git/pushed-references.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import { serverOf } from '../server-option.ts';
import { keysOfFile } from '../signing-key.ts';
import { notify } from './notify.ts';
import type { Server } from './query-transport.ts';
import { placed, rulesOf } from './zone-check.ts';

export type HookOptions = {
  readonly branch: string;
  readonly serial: string;
  readonly rootOrigin?: boolean;
  readonly notify: readonly string[];
  readonly keyFile?: string;
  readonly timeout: string;
  readonly force?: boolean;
};

/** Told one after the other; a server that hears of one zone looks at all of them. */
const maxNotifiedZones = 100;

const hooks = ['pre-receive', 'post-receive'] as const;
type Hook = (typeof hooks)[number];

/** By this line a script is known to be ours, and may be replaced. */
const mark = '# Written by: riad zone hooks install';

export async function install(
  folder: string,
  options: HookOptions,
  output: Output = process,
): Promise<number> {
  const repository = findRepository(folder);
  if (repository === undefined) throw new Refusal(`${folder} is no git repository`);
  rulesOf(options);
  for (const address of options.notify) serverOf(address, options);
  const place = join(repository.git, 'hooks');
  mkdirSync(place, { recursive: true });
  for (const hook of hooks) {
    const path = join(place, hook);
    const foreign = existsSync(path) && !readFileSync(path, 'utf8').includes(mark);
    if (foreign && !options.force) {
      throw new Refusal(`${path} is somebody’s own; --force replaces it`);
    }
  }
  for (const hook of hooks) {
    const path = join(place, hook);
    writeFileSync(path, scriptOf(hook, options));
    chmodSync(path, 0o755);
    output.stderr.write(`${path} is written\n`);
  }
  return 0;
}

/** Where the script `riad` stands: at the top of the house. */
const command = resolve(import.meta.dirname, '..', '..', '..', '..', 'riad');

function scriptOf(hook: Hook, options: HookOptions): string {
  const { branch, serial, rootOrigin, notify: servers, keyFile, timeout } = options;
  const words = ['zone', 'hooks', hook, '--branch', branch];
  if (hook === 'pre-receive') {
    words.push('--serial', serial, ...(rootOrigin ? ['--root-origin'] : []));
  } else {
    words.push(...servers.flatMap((server) => ['--notify', server]), '--timeout', timeout);
    if (keyFile !== undefined) words.push('--key-file', resolve(keyFile));
    if (rootOrigin) words.push('--root-origin');
  }
  const line = [command, ...words].map(shellWord).join(' ');
  return `#!/bin/sh\n${mark}\nexec ${line}\n`;
}

function shellWord(word: string): string {
  return /^[\w./:#@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** In the folder of the repository, as git runs hooks. */
export async function preReceive(
  options: HookOptions,
  input: string = readFileSync(0, 'utf8'),
  output: Output = process,
): Promise<number> {
  const rules = rulesOf(options);
  const { after, before } = served(input, options) ?? {};
  if (after === undefined) {
    if (before !== undefined) {
      output.stderr.write(`${options.branch} is deleted; name servers go on with what they have\n`);
    }
    return 0;
  }
  using repository = new BorrowedRepository('.');
  const { faults, warnings, deletedZones } = judgePush(repository, before, after, rules);
  for (const fault of faults) output.stdout.write(`${placed(fault)}\n`);
  for (const warning of warnings) output.stdout.write(`${placed(warning, 'warning: ')}\n`);
  for (const zone of deletedZones) {
    output.stdout.write(`${zone} is deleted: name servers will stop serving it\n`);
  }
  if (faults.length === 0) return 0;
  output.stderr.write('nothing is taken: mend this and push again\n');
  return 1;
}

/** What was pushed is there already, so that nothing here makes the status other than 0. */
export async function postReceive(
  options: HookOptions,
  input: string = readFileSync(0, 'utf8'),
  output: Output = process,
): Promise<number> {
  try {
    await tell(options, input, output);
  } catch (error) {
    output.stderr.write(`warning: name servers were not told: ${(error as Error).message}\n`);
  }
  return 0;
}

async function tell(options: HookOptions, input: string, output: Output): Promise<void> {
  const reference = served(input, options);
  if (reference?.after === undefined) return;
  const { before, after } = reference;
  const servers = (options.notify.length === 0 ? ['127.0.0.1'] : options.notify)
    .map((address) => serverOf(address, options))
    .filter((server) => !isPusher(server));
  if (servers.length === 0) return;
  using repository = new BorrowedRepository('.');
  const rootOrigin = options.rootOrigin === true;
  const pushed = judgePush(repository, before, after, { rootOrigin, serial: 'auto' });
  const zones = pushed.zones.slice(0, maxNotifiedZones);
  if (zones.length === 0 && pushed.access) zones.push(...someZone(repository, after));
  // The server still has the keys of before; what is new it reads once it has heard of it.
  const keys =
    options.keyFile === undefined
      ? [before, after].flatMap((commit) =>
          commit === undefined ? [] : committedKeys(repository, commit, rootOrigin),
        )
      : keysOfFile(options.keyFile, output);
  await Promise.all(
    servers.map(async (server) => {
      for (const text of zones) {
        const zone = parseName(text);
        const key = chooseKey(keys, zone);
        const { good, answered, sentence } = await notify(zone, undefined, server, key, 'udp');
        const place = `${server.address} port ${server.port}`;
        output.stderr.write(`${good ? '' : 'warning: '}${place}: ${sentence}\n`);
        if (!answered) return;
      }
    }),
  );
}

/** Keys and policy are told of under the name of any zone: whoever hears of one looks at everything. */
function someZone(repository: BorrowedRepository, commit: string): string[] {
  for (const name of new CommittedFiles(repository, commit).names().keys()) {
    const zone = zoneOfFile(name);
    if (zone !== undefined) return [zone];
  }
  return [];
}

/** The line about the branch that is served, if the push changes it. */
function served(input: string, { branch }: HookOptions): PushedReference | undefined {
  return readPushedReferences(input).find(({ name }) => name === `refs/heads/${branch}`);
}

/** A name server that pushes what it has changed itself need not hear of it (sshd tells where it is). */
function isPusher({ address }: Server): boolean {
  const { SSH_CONNECTION: connection, SSH_CLIENT: client } = process.env;
  const from = (connection ?? client ?? '').split(' ')[0] ?? '';
  return from !== '' && canonicalAddress(from) === canonicalAddress(address);
}

function canonicalAddress(text: string): string {
  const bare = text.split('%')[0]!.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname : bare;
}
