/** How often a server has the disk write through for each write that it acknowledges, counted by strace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../interop/peers.ts';

const calls = ['fsync', 'fdatasync', 'sync', 'syncfs', 'sync_file_range', 'msync'];

/** Undefined where there is no strace. `write` resolves with the number of writes that were acknowledged. */
export async function syncsPerWrite(
  pid: number,
  folder: string,
  write: () => Promise<number>,
): Promise<number | undefined> {
  const strace = findProgram('strace');
  if (strace === undefined) return undefined;
  const file = join(folder, 'syncs');
  const child = spawn(
    strace,
    ['-f', '-c', '-o', file, '-e', `trace=${calls.join(',')}`, '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // It says on standard error that it is attached.
  await Promise.race([once(child.stderr, 'data'), once(child, 'close')]);
  const writes = await write();
  child.kill('SIGINT');
  if (child.exitCode === null) await once(child, 'close');
  let syncs = 0;
  // % time, seconds, µs a call, calls, and errors if there were any, name
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const words = line.trim().split(/\s+/);
    if (calls.includes(words.at(-1)!)) syncs += Number(words[3]);
  }
  return syncs / writes;
}
