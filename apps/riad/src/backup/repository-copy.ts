/** Git repositories in backups: all references and what they lead to, and the hooks that people have installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';

/** From and to a bare repository, or one with a working tree, of which the repository is taken. */
export function copyRepository(from: string, to: string): void {
  // A plain copy of one that borrows objects would borrow them as well.
  const borrows = ['.git', ''].some((inner) =>
    existsSync(join(from, inner, 'objects', 'info', 'alternates')),
  );
  git('clone', '-q', '--mirror', borrows ? '--no-local' : '--no-hardlinks', from, to);
  git('-C', to, 'remote', 'remove', 'origin');
  const hooks = [join(from, 'hooks'), join(from, '.git', 'hooks')].find(existsSync);
  if (hooks === undefined) return;
  mkdirSync(join(to, 'hooks'), { recursive: true });
  for (const name of readdirSync(hooks))
    if (!name.endsWith('.sample')) cpSync(join(hooks, name), join(to, 'hooks', name));
}

export function checkRepository(folder: string): string {
  git('-C', folder, 'fsck', '--no-progress');
  const { status, stdout } = run('-C', folder, 'rev-parse', '-q', '--verify', 'HEAD');
  return status === 0 ? stdout.trim() : 'no commit yet';
}

function git(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  if (status !== 0) throw new Refusal(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  // A repository may belong to whom its service runs as.
  const { status, stdout, stderr, error } = spawnSync('git', ['-c', 'safe.directory=*', ...args], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Refusal(`git does not run: ${error.message}`);
  return { status, stdout, stderr };
}
