/**
 * Opens the repository of the zones for writing when it has to be: at once if there is a remote one to
 * keep in step with, none here yet, or updates were written before, and else not before one is to be
 * written. Until then it is only read, and its history is its owner's business.
 */
import { existsSync } from 'node:fs';
import type { GitStore } from '@riad/store/git-options';
import type { ZoneGit, ZoneGitParts } from './zone-git.ts';

export const codes = {
  'repository.behind':
    'the branch is not read, because it may be older than what was written into it and what is served',
} as const;

export class BranchBehind extends Error {
  readonly code = 'repository.behind';

  constructor(cause: Error) {
    super(`${codes['repository.behind']}: ${cause.message}`, { cause });
    this.name = 'BranchBehind';
  }
}

export class RepositoryOpening {
  readonly #parts: ZoneGitParts;
  #git: ZoneGit | undefined;
  #opening: Promise<ZoneGit> | undefined;
  #complaint: string | undefined;

  constructor(parts: ZoneGitParts) {
    this.#parts = parts;
  }

  readonly store = async (): Promise<GitStore> => (await this.#open()).store;

  /** Fails at nothing: what is wrong is told, and updates stay in the journal meanwhile. */
  async openIfNeeded(): Promise<void> {
    const { remote, repository, journal, log } = this.#parts;
    // What a former run wrote may be in the store's journal alone, and not on the branch yet.
    const written = existsSync(journal);
    if (remote === undefined && existsSync(repository) && !written) return;
    await this.#open().catch((error: unknown) =>
      log.error('the repository cannot be written to', { error }),
    );
  }

  /**
   * What the branch is held against before it is read. A crash may have left what was written in the
   * store's journal alone: then the branch is older than what is served, and to read it would take
   * updates back. So while the store cannot be opened this rejects, and the next look tries again.
   */
  async writer(): Promise<GitStore | undefined> {
    if (this.#git === undefined && !existsSync(this.#parts.journal)) return undefined;
    try {
      return await this.store();
    } catch (error) {
      // Another repository was put there: what it says is meant.
      if ((error as { code?: string }).code === 'store.journal-foreign') return undefined;
      throw new BranchBehind(error as Error);
    }
  }

  pull(): void {
    this.#git?.pull();
  }

  complaints(): string[] {
    const complaint = this.#complaint;
    return [
      ...(complaint === undefined ? [] : [`the repository cannot be written to: ${complaint}`]),
      ...(this.#git?.complaints() ?? []),
    ];
  }

  status(): unknown {
    return this.#git?.status();
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#git?.close();
  }

  #open(): Promise<ZoneGit> {
    this.#opening ??= this.#start();
    return this.#opening;
  }

  async #start(): Promise<ZoneGit> {
    try {
      const { ZoneGit } = await import('./zone-git.ts');
      this.#git = await ZoneGit.open(this.#parts);
      this.#complaint = undefined;
      return this.#git;
    } catch (error) {
      this.#complaint = (error as Error).message;
      this.#opening = undefined; // the next one tries again
      throw error;
    }
  }
}
