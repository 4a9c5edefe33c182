/**
 * Work while another process stands still: what it has on disk does not change meanwhile, and is what a crash at
 * that moment would leave, which a service goes on from. Its sockets keep what arrives. Should this process die, a
 * child of its own lets the other one go on.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Refusal } from '../refusal.ts';

/** Resolvers ask again after some seconds, and go elsewhere; a service of that size is stopped for its backup. */
export const maxHeldMs = 10_000;
/** A thread that writes to a disk stops when the call is done. */
const stoppingMs = 5000;
const lookMs = 1;

/** `work` must be synchronous. Rejects if it took so long that the process may have gone on. */
export async function whileHeld<Result>(
  pid: number,
  name: string,
  work: () => Result,
  mostMs: number = maxHeldMs,
): Promise<{ readonly result: Result; readonly heldMs: number }> {
  // Before the other one is stopped, and in a group of its own: an interrupt at the terminal does not end it.
  const rescuer = spawn('/bin/sh', ['-c', `sleep ${mostMs / 1000}; kill -CONT ${pid}`], {
    stdio: 'ignore',
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    rescuer.once('spawn', resolve);
    rescuer.once('error', reject);
  });
  const started = performance.now();
  try {
    stop(pid, name);
    waitUntilStopped(pid, name);
    const result = work();
    const heldMs = performance.now() - started;
    if (heldMs > mostMs)
      throw new Refusal(
        `${name}: the copy took longer than ${mostMs / 1000} s, for which it may stand still: stop it for the backup`,
      );
    return { result, heldMs };
  } finally {
    goOn(pid);
    // With its sleep: the group is the child’s own.
    process.kill(-rescuer.pid!, 'SIGTERM');
  }
}

function stop(pid: number, name: string): void {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new Refusal(`${name} runs as somebody else: make the backup as root, or as that user`);
  }
}

/** Unless it has ended meanwhile, or could not be stopped. */
function goOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ESRCH') throw error;
  }
}

/** Each thread for itself: one that is in a call of the disk stops after it. */
function waitUntilStopped(pid: number, name: string): void {
  const tasks = `/proc/${pid}/task`;
  const wait = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + stoppingMs;
  while (existsSync(tasks)) {
    const running = readdirSync(tasks).some((task) => !isStopped(`${tasks}/${task}/stat`));
    if (!running) return;
    if (performance.now() > end) throw new Refusal(`${name} does not stand still: stop it`);
    Atomics.wait(wait, 0, 0, lookMs);
  }
  // Without /proc there is nothing to look at; signals arrive within a moment.
  Atomics.wait(wait, 0, 0, 100);
}

/** The state follows the program’s name, which may have anything in it but is in parentheses. */
function isStopped(file: string): boolean {
  try {
    return /^[TtZX]/.test(readFileSync(file, 'latin1').replace(/^.*\) /s, ''));
  } catch {
    return true; // the thread has ended
  }
}
