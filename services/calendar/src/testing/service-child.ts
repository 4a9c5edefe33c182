/** Starts and ends the service in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ask } from './dav-reading.ts';
import { askOver } from './running-calendar.ts';

const program = join(import.meta.dirname, 'service-process.ts');
const startMs = 60_000;

export type ServiceChild = {
  readonly child: ChildProcess;
  readonly port: number;
  /** The newest commit when it began to answer. */
  readonly head: string | undefined;
  readonly ask: Ask;
  /** What it has written to its log. */
  readonly said: () => string;
};

/** `before`: words to put before the program. */
export function spawnService(folder: string, before: readonly string[] = []): ChildProcess {
  const words = [...before, process.execPath, program, folder];
  return spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function startedService(child: ChildProcess): Promise<ServiceChild> {
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    const signal = AbortSignal.timeout(startMs);
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`it ends with ${code}`);
    });
    const answers = once(child.stdout!, 'data', { signal });
    const [line] = (await Promise.race([answers, ended])) as [Buffer];
    ended.catch(() => {});
    const [port, head] = line.toString().trim().split(' ');
    const url = `http://127.0.0.1:${port}`;
    return {
      child,
      port: Number(port),
      head: head === '-' ? undefined : head,
      ask: (method, path, asking) => askOver(url, method, path, asking),
      said: () => said,
    };
  } catch (error) {
    await endService(child, 'SIGKILL');
    throw new Error(`the service does not start: ${said}`, { cause: error });
  }
}

export async function endService(
  child: ChildProcess,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
