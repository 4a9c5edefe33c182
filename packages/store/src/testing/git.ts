/** The machine's git, as a judge of what we write. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SimulatedDisk } from './simulated-disk.ts';

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
  LC_ALL: 'C',
};

/** What it prints, without the last line end. Throws with what it says if it fails. */
export function git(folder: string, ...words: string[]): string {
  return execFileSync('git', words, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

/** `git fsck --strict` says nothing, and the history reads from end to end. Gives the subjects, newest first. */
export function judge(repository: string): string[] {
  const said = git(repository, 'fsck', '--strict', '--full', '--no-dangling');
  if (said !== '') throw new Error(`git fsck: ${said}`);
  if (git(repository, 'for-each-ref') === '') return [];
  return git(repository, 'log', '--first-parent', '--format=%s', 'main').split('\n');
}

/** Writes what a simulated disk holds below `from` into a folder. */
export function copyOut(disk: SimulatedDisk, from: string, to: string): void {
  for (const { path, octets } of disk.contents()) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    const target = join(to, path);
    if (octets === undefined) mkdirSync(target, { recursive: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, octets);
    }
  }
}
