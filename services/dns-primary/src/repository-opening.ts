/**
 * Opens the repository of the zones for writing when it has to be: at once if there is a remote one to
 * keep in step with, none here yet, or updates were written before, and else not before one is to be
 * written. Until then it is only read, and its history is its owner's business.
 */
import { existsSync } from 'node:fs';
import type { GitStore } from '@riad/store/git-options';
import type { ZoneGit, ZoneGitParts } from './zone-git.ts';

export class RepositoryOpening {
  readonly #parts: ZoneGitParts;
  #git: ZoneGit | undefined;
  #opening: Promise<ZoneGit> | undefined;
  #complaint: string | undefined;

  constructor(parts: ZoneGitParts) {
    this.#parts = parts;
  }

  readonly store = async (): Promise<GitStore> => (await this.#open()).store;

  /** The store, if it has been opened. */
  get opened(): GitStore | undefined {
    return this.#git?.store;
  }

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
