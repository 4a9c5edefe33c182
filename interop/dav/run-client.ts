/** Runs a program that is a client, in a home of its own, while the server answers in this process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const patienceMs = 60_000;

/** What it said on both outputs; fails with that if it fails. */
export async function runClient(
  home: string,
  file: string,
  args: readonly string[],
  input: string = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(file, args, {
    cwd: home,
    env: { ...environmentIn(home), ...environment },
    timeout: patienceMs,
  });
  let said = '';
  const listen = (piece: Buffer): void => {
    said += piece.toString();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  child.stdin.on('error', () => {}); // it may not want to hear
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  assert.equal(status, 0, `${file} ${args.join(' ')}\n${said}`);
  return said;
}

/** What a program finds in its home, and nothing of who runs the tests. */
export function environmentIn(home: string): Readonly<Record<string, string | undefined>> {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local'),
    XDG_CACHE_HOME: join(home, '.cache'),
    LC_ALL: 'C.UTF-8',
    TZ: 'Europe/Berlin',
  };
}
