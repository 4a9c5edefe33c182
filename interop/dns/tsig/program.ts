/** Runs a program to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ended = { readonly status: number | null; readonly output: string };

/** `output`: both streams, as they came. */
export async function run(file: string, args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(file, args, {
    stdio: 'pipe',
    env: { PATH: '/usr/bin', HOME: '/nonexistent' },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined); // a program that has ended reads nothing
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}
