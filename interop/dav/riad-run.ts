/** The calendar service as its users run it, `riad run` in a process of its own, and the commands beside it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accounts } from '@riad/runtime/accounts/accounts';
import type { Ask } from '@riad/service-calendar/testing/dav-reading';
import { askOver, password } from '@riad/service-calendar/testing/running-calendar';
import { until } from '@riad/service-calendar/testing/until';
import { freePort } from '../peers/server.ts';

const main = new URL('../../apps/riad/src/main.ts', import.meta.url).pathname;

export type RunOptions = {
  /** What to run it under, as `strace` with its options. */
  readonly under?: readonly string[];
  readonly nodeOptions?: string;
};

export class RiadRun {
  readonly folder: string;
  readonly #file: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.#port = port;
    this.#file = join(folder, 'riad.yaml');
  }

  /** A place with the user `ann`, or without anybody, for a restore; `keys`: more of the service's, as in riad.yaml. */
  static async prepare(
    folder: string,
    { withUser = true, keys = '' }: { withUser?: boolean; keys?: string } = {},
  ): Promise<RiadRun> {
    const run = new RiadRun(folder, await freePort());
    mkdirSync(folder, { recursive: true });
    if (withUser) {
      using accounts = new Accounts(join(folder, 'state', 'accounts', 'accounts.sqlite'));
      await accounts.addUser({ name: 'ann', password });
    }
    const listen = `["http://127.0.0.1:${run.#port}"]`;
    writeFileSync(
      run.#file,
      `state: ${folder}/state\nservices:\n  calendar: { type: calendar, listen: ${listen}${keys === '' ? '' : `, ${keys}`} }\n`,
    );
    return run;
  }

  get state(): string {
    return join(this.folder, 'state', 'calendar');
  }

  readonly ask: Ask = (method, path, asking) =>
    askOver(`http://127.0.0.1:${this.#port}`, method, path, asking);

  /** Resolves once it answers, with a 503 or otherwise. */
  async begin({ under = [], nodeOptions = '' }: RunOptions = {}): Promise<ChildProcess> {
    const words = [process.execPath, main, 'run', 'calendar', '--config', this.#file];
    const [command = '', ...rest] = [...under, ...words];
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
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, ...words, '--config', this.#file],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, `riad ${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  async #status(): Promise<number | undefined> {
    const asking = { headers: { depth: '0' } };
    return (await this.ask('PROPFIND', '/calendars/ann/', asking).catch(() => undefined))?.status;
  }
}
