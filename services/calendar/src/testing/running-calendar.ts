/** The whole service on a free port of loopback, in this process, with users, in a folder that goes with it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@riad/net/testing/free-port';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { type Log, silentLog } from '@riad/runtime/logging/log';
import { metricsRegistry } from '@riad/runtime/metrics/registry';
import type { Listener, RunningService, ServiceContext } from '@riad/runtime/service';
import { type CalendarConfig, schema } from '../config.ts';
import { start } from '../service.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

export type Asking = {
  readonly user?: string | undefined;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
};

export type Place = {
  readonly folder?: string;
  readonly log?: Log;
  readonly tls?: ServiceContext<CalendarConfig>['tls'];
};

/** Of every user. */
export const password = 'correct horse:battery staple';

export class RunningCalendar implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** For the next start. */
  config: Partial<CalendarConfig>;
  readonly #log: Log;
  readonly #tls: ServiceContext<CalendarConfig>['tls'];
  #service: RunningService | undefined;

  private constructor(
    folder: string,
    port: number,
    config: Partial<CalendarConfig>,
    log: Log,
    tls: ServiceContext<CalendarConfig>['tls'],
  ) {
    this.folder = folder;
    this.port = port;
    this.config = config;
    this.#log = log;
    this.#tls = tls;
  }

  /** `folder`: one that is there already, perhaps with users. With `tls`, files of a certificate and its key, over https. */
  static async start(
    users: readonly string[] = ['ann', 'bob'],
    config: Partial<CalendarConfig> = {},
    { folder = mkdtempSync(join(tmpdir(), 'riad-calendar-')), log = silentLog, tls }: Place = {},
  ): Promise<RunningCalendar> {
    const running = new RunningCalendar(folder, await freePort(), config, log, tls);
    if (!existsSync(join(folder, 'accounts'))) {
      using accounts = running.accounts();
      for (const name of users)
        await accounts.addUser({ name, emailAddresses: [`${name}@example.org`], password });
    }
    await running.startAgain();
    return running;
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  get service(): RunningService {
    if (this.#service === undefined) throw new Error('the service does not run');
    return this.#service;
  }

  /** The file of accounts, as another process opens it. */
  accounts(): Accounts {
    return new Accounts(join(this.folder, 'accounts', 'accounts.sqlite'));
  }

  async startAgain(): Promise<void> {
    await this.stop();
    const listener: Listener = {
      url: this.url,
      protocol: this.#tls === undefined ? 'http' : 'https',
      address: '127.0.0.1',
      port: this.port,
      shard: 0,
      shards: 1,
      fd: undefined,
    };
    this.#service = await start({
      name: 'calendar',
      config: { ...schema.parse({}), ...this.config },
      stateDirectory: join(this.folder, 'calendar'),
      accountsFile: join(this.folder, 'accounts', 'accounts.sqlite'),
      listeners: [listener],
      tls: this.#tls,
      log: this.#log,
      metrics: metricsRegistry(),
      signal: new AbortController().signal,
      resolvePath: (path) => join(this.folder, path),
    });
  }

  async stop(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    await service?.stop();
    // `fetch` has to see that its idle connections are closed before it takes one for the next request.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    return askOver(this.url, method, path, asking);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Redirects are not followed. */
export async function askOver(
  url: string,
  method: string,
  path: string,
  { user = 'ann', password: secret = password, headers = {}, body }: Asking = {},
): Promise<Answer> {
  const credentials = Buffer.from(`${user}:${secret}`).toString('base64');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(user === '' ? {} : { authorization: `Basic ${credentials}` }), ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
