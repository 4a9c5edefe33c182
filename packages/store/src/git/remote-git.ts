/**
 * The system's git for one remote, in a git directory of its own that borrows the store's objects: the store's own
 * settings and hooks have no say. It has nothing in it but references, and may be made again at any time.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Revision } from '../store.ts';
import { runGit } from './git-process.ts';
import type { RemoteOptions } from './remote.ts';

/** Ours, so that only what is new is sent: git tells the other side what we have by our references. */
const ourReference = 'refs/store/head';
/** Where theirs is fetched to. */
export const theirReference = 'refs/remote/head';

export class RemoteGit {
  readonly #options: RemoteOptions;
  readonly #directory: string;
  readonly #signal: AbortSignal;

  constructor(options: RemoteOptions, signal: AbortSignal) {
    this.#options = options;
    this.#directory = join(options.folder, 'git');
    this.#signal = signal;
  }

  /** What it writes. The other side is called `there`. */
  async run(...words: string[]): Promise<string> {
    this.#prepare();
    const {
      store,
      url,
      keyFile,
      knownHostsFile,
      tokenFile,
      user = 'git',
      timeoutMs,
    } = this.#options;
    const ssh = ['ssh', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20'];
    if (keyFile !== undefined) ssh.push('-i', resolve(keyFile), '-o', 'IdentitiesOnly=yes');
    if (knownHostsFile !== undefined)
      ssh.push('-o', `UserKnownHostsFile=${resolve(knownHostsFile)}`);
    const settings: [string, string][] = [
      ['remote.there.url', url], // not among the arguments: it may hold a password
      ['credential.helper', ''],
      ['core.hooksPath', '/dev/null'],
      ['core.fsync', 'all'], // what is merged must not be lost before our own commit
      ['fetch.fsckObjects', 'true'],
      ['transfer.unpackLimit', '1'],
      ['gc.auto', '0'],
      ['http.lowSpeedLimit', '100'],
      ['http.lowSpeedTime', '30'],
    ];
    if (tokenFile !== undefined) {
      settings.push(['credential.helper', tokenHelper], ['http.proactiveAuth', 'basic']);
    }
    return runGit(words, {
      directory: this.#directory,
      settings,
      signal: this.#signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      environment: {
        GIT_DIR: this.#directory,
        GIT_OBJECT_DIRECTORY: resolve(store.directory, 'objects'),
        GIT_SSH_COMMAND: ssh.map(quote).join(' '),
        GIT_SSH_VARIANT: 'ssh',
        GIT_ALLOW_PROTOCOL: 'https:ssh:file:http',
        RIAD_GIT_USER: user,
        RIAD_GIT_TOKEN_FILE: tokenFile === undefined ? '/dev/null' : resolve(tokenFile),
      },
    });
  }

  noteOurs(revision: Revision): void {
    this.#prepare();
    writeFileSync(join(this.#directory, ourReference), `${revision}\n`);
  }

  /** As it was fetched last. */
  get theirs(): Revision {
    return readFileSync(join(this.#directory, theirReference), 'utf8').trim();
  }

  forgetTheirs(): void {
    rmSync(join(this.#directory, theirReference), { force: true });
  }

  #prepare(): void {
    if (existsSync(join(this.#directory, 'HEAD'))) return;
    for (const folder of ['objects', 'refs/store', 'refs/remote']) {
      mkdirSync(join(this.#directory, folder), { recursive: true });
    }
    const config = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
    writeFileSync(join(this.#directory, 'config'), config);
    writeFileSync(join(this.#directory, 'HEAD'), `ref: ${ourReference}\n`);
  }
}

/** Run by a shell, for git, which reads the token from a pipe: it stands in no argument and no setting. */
const tokenHelper =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$RIAD_GIT_USER" "$(cat "$RIAD_GIT_TOKEN_FILE")"; }; f';

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
