/** A git repository with zones, and a checkout in `work` that pushes to it, as people have them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Gives what git prints. */
export type Git = (...words: string[]) => string;

export type TestRepository = {
  /** In the folder that holds the repository and `work`. */
  readonly git: Git;
  /** Writes a file in `work`. */
  readonly write: (file: string, text: string) => void;
  /** Commits all that is in `work`, and pushes. */
  readonly push: (message: string) => void;
};

/** Makes the bare repository `bare` in `folder`, with these files in its first commit. */
export function makeRepository(
  folder: string,
  bare: string,
  files: Readonly<Record<string, string>>,
): TestRepository {
  mkdirSync(folder, { recursive: true });
  const git: Git = (...words) =>
    execFileSync('git', words, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
    });
  const write = (file: string, text: string): void =>
    writeFileSync(join(folder, 'work', file), text);
  const push = (message: string): void => {
    git('-C', 'work', 'add', '--all');
    git('-C', 'work', 'commit', '--quiet', '--message', message);
    git('-C', 'work', 'push', '--quiet', 'origin', 'HEAD:main');
  };
  git('init', '--quiet', '--bare', '--initial-branch=main', bare);
  git('clone', '--quiet', bare, 'work');
  for (const [file, text] of Object.entries(files)) write(file, text);
  push('first');
  return { git, write, push };
}
