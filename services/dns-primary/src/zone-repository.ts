/**
 * Follows a branch of a local git repository, read with the system's git. Each commit is laid out whole
 * in a folder of the state directory; what a commit deletes is deleted on purpose. What is told is never
 * older than what was written into the branch before: the loader would take that for an edit.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import type { GitStore } from '@riad/store/git-options';
import { GitMirror } from './git-mirror.ts';
import { zoneOfFile } from './zone-names.ts';

/** The branch is looked at so often; a look is one short process. */
export const repositoryLookMs = 1000;
/** Others may push while our own commits go to the branch, so often in one look. */
const headAttempts = 3;

export type RepositoryEvents = {
  changed(zone: string, path: string): void;
  present(zones: ReadonlySet<string>): void;
  /** A commit has deleted the zone's file. */
  deleted(zone: string): Promise<void>;
  unreadable(error: Error): void;
};

export class ZoneRepository {
  readonly #mirror: GitMirror;
  readonly #branch: string;
  readonly #state: string;
  readonly #events: RepositoryEvents;
  /** What writes to the branch, once something does; rejects while what it wrote may be missing there. */
  readonly #store: () => Promise<GitStore | undefined>;
  #commit: string | undefined;
  /** The files that are there have been told of since the start. */
  #told = false;
  readonly #again = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(
    repository: string,
    branch: string,
    stateDirectory: string,
    events: RepositoryEvents,
    store: () => Promise<GitStore | undefined>,
  ) {
    this.#store = store;
    this.#branch = branch;
    this.#state = join(stateDirectory, 'checkout');
    this.#events = events;
    mkdirSync(this.#files, { recursive: true });
    this.#mirror = new GitMirror(repository, this.#state, this.#files, this.#abort.signal);
    const noted = join(stateDirectory, 'commit');
    if (existsSync(noted)) this.#commit = readFileSync(noted, 'utf8').trim();
  }

  /** The commit that is laid out. */
  get commit(): string | undefined {
    return this.#commit;
  }

  /** What was laid out before the start may be older than what was written since, and is not told. */
  start(): void {
    this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
    await this.#looking;
  }

  look(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#looking = this.#looking
      .then(() => this.#follow())
      .catch((error: unknown) => {
        if (!this.#stopped) this.#events.unreadable(error as Error);
      })
      .then(() => {
        if (this.#stopped) return;
        this.#timer = setTimeout(() => this.look(), repositoryLookMs);
        this.#timer.unref();
      });
  }

  /** Tells about a zone's file again. */
  forget(zone: string): void {
    this.#again.add(zone);
    this.look();
  }

  /**
   * Does something to the branch while nobody looks at it: what is told of afterwards has it, and what was
   * told of before is on its way already.
   */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#looking.then(work);
    this.#looking = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  get #files(): string {
    return join(this.#state, 'files');
  }

  async #follow(): Promise<void> {
    const commit = await this.#head();
    if (commit === undefined) return; // somebody pushes without pause: the next look will see
    if (commit === this.#commit && this.#told) {
      this.#tellAgain();
      this.#tellPresent();
      return;
    }
    const before = this.#commit;
    await this.#mirror.layOut(commit, !this.#told);
    const changes =
      before === undefined || before === commit
        ? undefined
        : await this.#mirror.changes(before, commit);
    for (const file of changes?.deleted ?? []) {
      const zone = file.includes('/') ? undefined : zoneOfFile(file);
      if (zone !== undefined) await this.#events.deleted(zone);
    }
    this.#commit = commit;
    // A file in a subfolder may be included by any zone.
    if (changes === undefined || !this.#told || changes.others.some((file) => file.includes('/')))
      this.#tellAll();
    else for (const file of changes.others) this.#tell(file);
    this.#told = true;
    this.#tellAgain();
    this.#tellPresent();
    replaceFile(join(this.#state, '..', 'commit'), [new TextEncoder().encode(`${commit}\n`)]);
  }

  /** The newest commit, with all that was written by us; undefined while that is not in the branch. */
  async #head(): Promise<string | undefined> {
    const store = await this.#store();
    for (let attempt = 0; attempt < headAttempts; attempt++) {
      const commit = await this.#mirror.head(this.#branch);
      if (store === undefined || store.head === commit) return commit;
      await store.refresh();
      await store.seal();
    }
    return undefined;
  }

  /** What could be zones: folders hold what is included. */
  #list(): string[] {
    return readdirSync(this.#files, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? entry.name : [],
    );
  }

  #tellAll(): void {
    for (const file of this.#list()) this.#tell(file);
  }

  #tellAgain(): void {
    for (const file of this.#list()) {
      const zone = zoneOfFile(file);
      if (zone !== undefined && this.#again.has(zone)) this.#tell(file);
    }
    this.#again.clear();
  }

  #tell(file: string): void {
    const zone = zoneOfFile(file);
    if (zone !== undefined && existsSync(join(this.#files, file)))
      this.#events.changed(zone, join(this.#files, file));
  }

  #tellPresent(): void {
    this.#events.present(new Set(this.#list().flatMap((file) => zoneOfFile(file) ?? [])));
  }
}
