/** Runs another server of calendars on a free port of loopback, and speaks to it as one user or another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@riad/net/testing/free-port';

const patienceMs = 30_000;
const pollMs = 50;
const attempts = 3; // another process may take the free port before the server does

export type DavAnswer = { readonly status: number; readonly text: string };

export class DavPeer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;
  #said = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece: Buffer) => {
        this.#said += piece.toString();
      });
  }

  /** `command`: for a port; its first word is the program. */
  static async start(
    folder: string,
    command: (port: number) => readonly [string, ...string[]],
  ): Promise<DavPeer> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const [file, ...args] = command(port);
      const child = spawn(file, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const peer = new DavPeer(child, port);
      try {
        await peer.#ready();
        return peer;
      } catch (error) {
        await peer.stop();
        if (attempt === attempts) throw error;
      }
    }
  }

  async ask(
    method: string,
    path: string,
    {
      user,
      body,
      headers = {},
    }: {
      readonly user?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<DavAnswer> {
    const login = user === undefined ? undefined : Buffer.from(user).toString('base64');
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      headers: { ...(login === undefined ? {} : { authorization: `Basic ${login}` }), ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** The same, and a failure tells what the server has said. */
  async mustAsk(
    status: number,
    method: string,
    path: string,
    options: Parameters<DavPeer['ask']>[2] = {},
  ): Promise<DavAnswer> {
    const answer = await this.ask(method, path, options);
    if (answer.status === status) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.text}\n${this.#said}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ready(): Promise<void> {
    const end = performance.now() + patienceMs;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`it has ended: ${this.#said}`);
      const answer = await this.ask('OPTIONS', '/').catch(() => undefined);
      if (answer !== undefined) return;
      if (performance.now() > end) throw new Error(`it does not answer: ${this.#said}`);
      await delay(pollMs);
    }
  }
}
