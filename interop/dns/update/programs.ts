/** BIND's `nsupdate` and Knot's `knsupdate`, which are told one message after the other. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { loopback } from '../../peers/server.ts';
import { type PeerName, peer } from '../../peers.ts';
import { argumentOf, type SharedKey } from '../tsig/keys.ts';

export type UpdateProgram = Extract<PeerName, 'nsupdate' | 'knsupdate'>;

export type UpdateRoad = {
  readonly port: number;
  readonly zone: string;
  readonly key: SharedKey;
  readonly over: 'udp' | 'tcp';
};

const timeoutSeconds = 20;
/** Of the answer, which both print when they are asked for it; `knsupdate` may end before it comes to that. */
const answer = /->>HEADER<<- opcode: UPDATE[,;] status: (\w+)|update failed with error '(\w+)'/;

export class UpdateSession implements AsyncDisposable {
  readonly #program: UpdateProgram;
  readonly #road: UpdateRoad;
  #child: ChildProcessWithoutNullStreams | undefined;
  #output = '';
  #closed = true;
  #heard: () => void = () => {};

  constructor(program: UpdateProgram, road: UpdateRoad) {
    this.#program = program;
    this.#road = road;
  }

  /** Sends one message and gives the code of its answer; what is no answer is thrown. */
  async send(lines: readonly string[]): Promise<string> {
    this.#child ??= this.#start();
    const child = this.#child;
    this.#output = '';
    child.stdin.write([...lines, 'send', 'answer', ''].join('\n'));
    if (this.#program === 'knsupdate') child.stdin.end(); // it reads all before it does anything
    const end = performance.now() + timeoutSeconds * 1000;
    for (;;) {
      const found = answer.exec(this.#output);
      const code = found?.[1] ?? found?.[2];
      if (code !== undefined) {
        if (this.#program === 'knsupdate') await this.#end();
        return code;
      }
      if (this.#closed || performance.now() > end)
        throw new Error(`${this.#program} has no answer to ${lines.join('; ')}: ${this.#output}`);
      await this.#more(end - performance.now());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  #start(): ChildProcessWithoutNullStreams {
    const { port, zone, key, over } = this.#road;
    const options = ['-t', String(timeoutSeconds), '-r', '0', '-y', argumentOf(key)];
    if (this.#program === 'nsupdate') options.push('-u', String(timeoutSeconds));
    if (over === 'tcp') options.push('-v');
    const env = { PATH: '/usr/bin', HOME: '/nonexistent' };
    const child = spawn(peer(this.#program).file, options, { stdio: 'pipe', env });
    const hear = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.#heard();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.on('error', () => undefined); // it has ended, and has said why
    this.#closed = false;
    child.on('close', () => {
      this.#closed = true;
      this.#heard();
    });
    child.stdin.write(`server ${loopback} ${port}\nzone ${zone}\n`);
    return child;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.stdin.end();
    if (!this.#closed) await once(child, 'close');
  }

  async #more(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = resolve;
    const late = setTimeout(resolve, milliseconds);
    await promise;
    clearTimeout(late);
  }
}
