/** A bare repository and a clone of it, for tests that push. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type GitEnded = { readonly status: number | null; readonly said: string };

export class GitWorkshop implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'riad-workshop-'));
  readonly bare: string = join(this.folder, 'zones.git');
  readonly clone: string = join(this.folder, 'clone');
  /** More than git gets anyway. */
  environment: Readonly<Record<string, string>> = {};

  async start(): Promise<void> {
    await this.good(this.folder, 'init', '-q', '--bare', '-b', 'main', this.bare);
    await this.good(this.folder, 'init', '-q', '-b', 'main', this.clone);
    await this.good(this.clone, 'remote', 'add', 'origin', this.bare);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(name: string, text: string): void {
    const path = join(this.clone, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Commits all there is in the clone; returns the id. */
  async commit(message: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    await this.good(this.clone, 'add', '-A');
    await this.run(this.clone, ['commit', '-q', '--allow-empty', '-m', message], more);
    return (await this.good(this.clone, 'rev-parse', 'HEAD')).trim();
  }

  push(...references: string[]): Promise<GitEnded> {
    return this.run(this.clone, ['push', 'origin', ...references]);
  }

  /** Takes back what was not pushed. */
  async forget(): Promise<void> {
    await this.good(this.clone, 'reset', '-q', '--hard', 'origin/main');
    await this.good(this.clone, 'clean', '-qfd');
  }

  async good(folder: string, ...words: string[]): Promise<string> {
    const { status, said } = await this.run(folder, words);
    if (status !== 0) throw new Error(`git ${words.join(' ')}: ${said}`);
    return said;
  }

  async run(
    folder: string,
    words: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<GitEnded> {
    const child = spawn('git', words, {
      cwd: folder,
      env: {
        PATH: String(process.env['PATH']),
        HOME: '/nonexistent',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.org',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.org',
        LC_ALL: 'C',
        ...this.environment,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += String(chunk);
      });
    }
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, said };
  }
}
