/** evolution-data-server on a session bus and in a home of its own, driven through `evolution.py`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environmentIn } from './run-client.ts';

/** Of Debian's own Python, which has the bindings. */
const python = '/usr/bin/python3';
const patienceMs = 30_000;

/** A calendar, task list or address book that it has found on the server. */
export type FoundList = {
  readonly uid: string;
  readonly kind: 'Calendar' | 'Task List' | 'Memo List' | 'Address Book';
  readonly name: string;
  readonly backend: string;
  readonly path: string;
  readonly color: string | null;
};

type Line = {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly domain?: string;
  readonly code?: number;
  readonly found?: FoundList;
  readonly list?: string;
  readonly objects?: readonly string[];
  readonly refused?: string;
};

/** What it refuses: its own words, with the domain and the code of its error. */
export class EvolutionError extends Error {
  override readonly name = 'EvolutionError';
  readonly domain: string;
  readonly code: number;

  constructor(message: string, domain: string, code: number) {
    super(message);
    this.domain = domain;
    this.code = code;
  }
}

export class Evolution implements AsyncDisposable {
  readonly #home: string;
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (line: Line) => void>();
  readonly #objects = new Map<string, readonly string[]>();
  readonly #watchers = new Set<() => void>();
  readonly lists: FoundList[] = [];
  #next = 1;
  #said = '';
  #ready = false;
  #ended = false;
  #refused: string | undefined;

  private constructor(home: string, bus: string) {
    this.#home = home;
    mkdirSync(join(home, 'run'), { mode: 0o700 });
    // There is no network but loopback, which its own look at the network would call offline.
    const settings = join(home, '.config', 'glib-2.0', 'settings');
    mkdirSync(settings, { recursive: true });
    writeFileSync(
      join(settings, 'keyfile'),
      "[org/gnome/evolution-data-server]\nnetwork-monitor-gio-name='always-online'\n",
    );
    this.#child = spawn(bus, ['--', python, join(import.meta.dirname, 'evolution.py')], {
      cwd: home,
      env: {
        ...environmentIn(home),
        XDG_RUNTIME_DIR: join(home, 'run'),
        GSETTINGS_BACKEND: 'keyfile',
      },
    });
    this.#child.stderr?.on('data', (piece: Buffer) => {
      this.#said = `${this.#said}${piece.toString()}`.slice(-8000);
    });
    this.#child.stdin?.on('error', () => {}); // it has ended, and says why
    this.#child.once('close', () => {
      this.#ended = true;
      for (const answer of this.#answers.values()) answer({ error: `it has ended: ${this.#said}` });
      this.#tell();
    });
    createInterface({ input: this.#child.stdout! }).on('line', (text) =>
      this.#hear(JSON.parse(text) as Line & { ready?: true }),
    );
  }

  /** `bus`: the program dbus-run-session. */
  static async start(bus: string): Promise<Evolution> {
    const evolution = new Evolution(mkdtempSync(join(tmpdir(), 'riad-evolution-')), bus);
    await evolution.#until('it to start', () => (evolution.#ready ? true : undefined));
    return evolution;
  }

  /** Answers come in the order of the requests. */
  async ask<Result = unknown>(
    what: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<Result> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Line>();
    this.#answers.set(id, resolve);
    this.#child.stdin?.write(`${JSON.stringify({ id, do: what, ...fields })}\n`);
    const timer = setTimeout(
      () => resolve({ error: `${what}: no answer\n${this.#said}` }),
      patienceMs,
    );
    const line = await promise;
    clearTimeout(timer);
    if (line.error === undefined) return line.result as Result;
    throw new EvolutionError(line.error, line.domain ?? '', line.code ?? 0);
  }

  /** Waits until it has found a list of that name, and opens it. */
  async open(name: string): Promise<FoundList> {
    const list = await this.#until(`a list called ${name}`, () =>
      this.lists.find((one) => one.name === name),
    );
    const { objects } = await this.ask<{ objects: string[] }>('open', { uid: list.uid });
    this.#objects.set(list.uid, objects);
    return list;
  }

  /** Waits until what it has of a list is as it should be. */
  async sees(
    list: FoundList,
    what: string,
    check: (objects: readonly string[]) => boolean,
  ): Promise<readonly string[]> {
    return this.#until(`${list.name}: ${what}`, () => {
      const objects = this.#objects.get(list.uid) ?? [];
      return check(objects) ? objects : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The bus goes with the program, and all that hangs on it.
    if (!this.#ended) {
      this.#child.stdin?.end();
      await once(this.#child, 'close');
    }
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  #hear(line: Line & { ready?: true }): void {
    if (line.ready === true) this.#ready = true;
    if (line.found !== undefined) this.lists.push(line.found);
    if (line.refused !== undefined) this.#refused = line.refused;
    if (line.list !== undefined) this.#objects.set(line.list, line.objects ?? []);
    if (line.id !== undefined) {
      this.#answers.get(line.id)?.(line);
      this.#answers.delete(line.id);
    }
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #until<Value>(what: string, look: () => Value | undefined): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const fail = (why: string): void =>
      reject(
        new Error(
          `${why} while waiting for ${what}; ${JSON.stringify([...this.#objects.values()])} ${JSON.stringify(this.lists)}\n${this.#said}`,
        ),
      );
    const watcher = (): void => {
      const value = look();
      if (value !== undefined) resolve(value);
      else if (this.#refused !== undefined) fail(`${this.#refused} refused the password`);
      else if (this.#ended) fail('it ended');
    };
    const timer = setTimeout(() => fail('time is up'), patienceMs);
    this.#watchers.add(watcher);
    watcher();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    }
  }
}
