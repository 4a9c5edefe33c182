/** The calendar service as its users run it, `riad run` in a process of its own, and the commands beside it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@riad/net/testing/free-port';
import { Accounts } from '@riad/runtime/accounts/accounts';
import type { Ask } from '@riad/service-calendar/testing/dav-reading';
import { askOver, password } from '@riad/service-calendar/testing/running-calendar';
import { until } from '@riad/service-calendar/testing/until';
import { riadCommand, riadRunCommand } from '../peers/riad-command.ts';
import type { Command } from '../peers/server.ts';

export type RunOptions = {
  /** What to run it under, as `strace` with its options. */
  readonly under?: readonly string[];
  readonly nodeOptions?: string;
};

export class RiadRun {
  readonly folder: string;
  readonly #command: Command;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(folder: string, port: number, keys: readonly string[]) {
    this.folder = folder;
    this.#port = port;
    const listen = `listen: ["http://127.0.0.1:${port}"]`;
    this.#command = riadRunCommand(folder, 'calendar', ['type: calendar', listen, ...keys]);
  }

  /** A place with the user `ann`, or without anybody, for a restore; `keys`: more of the service's, as lines of riad.yaml. */
  static async prepare(
    folder: string,
    { withUser = true, keys = [] }: { withUser?: boolean; keys?: readonly string[] } = {},
  ): Promise<RiadRun> {
    mkdirSync(folder, { recursive: true });
    const run = new RiadRun(folder, await freePort(), keys);
    if (withUser) {
      using accounts = new Accounts(join(folder, 'state', 'accounts', 'accounts.sqlite'));
      await accounts.addUser({ name: 'ann', password });
    }
    return run;
  }

  get state(): string {
    return join(this.folder, 'state', 'calendar');
  }

  readonly ask: Ask = (method, path, asking) =>
    askOver(`http://127.0.0.1:${this.#port}`, method, path, asking);

  /** Resolves once it answers, with a 503 or otherwise. */
  async begin({ under = [], nodeOptions = '' }: RunOptions = {}): Promise<ChildProcess> {
    const [command = '', ...rest] = [...under, ...this.#command];
    this.#said = '';
    const child = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: nodeOptions },
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
    await until(async () => {
      assert.equal(child.exitCode, null, this.#said);
      return (await this.#status()) !== undefined;
    }, 'an answer');
    return child;
  }

  /** Resolves once it answers questions. */
  async start(options: RunOptions = {}): Promise<ChildProcess> {
    const child = await this.begin(options);
    await until(async () => (await this.#status()) === 207, 'the index');
    return child;
  }

  async stop(pid: number | undefined = this.#child?.pid): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(pid!, 'SIGTERM');
    await ended;
  }

  /** A command beside it. */
  command(...words: readonly string[]): string {
    const file = join(this.folder, 'riad.yaml');
    const [program, ...rest] = riadCommand(...words, '--config', file);
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    assert.equal(status, 0, `riad ${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  async #status(): Promise<number | undefined> {
    const asking = { headers: { depth: '0' } };
    return (await this.ask('PROPFIND', '/calendars/ann/', asking).catch(() => undefined))?.status;
  }
}
