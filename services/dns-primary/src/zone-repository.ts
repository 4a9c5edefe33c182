/**
 * Follows a branch of a local git repository, read with the system's git. Each commit is laid out whole
 * in a folder of the state directory; what a commit deletes is deleted on purpose.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import { GitMirror } from './git-mirror.ts';
import { zoneOfFile } from './zone-names.ts';

/** The branch is looked at so often; a look is one short process. */
export const repositoryLookMs = 1000;

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
  #commit: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(
    repository: string,
    branch: string,
    stateDirectory: string,
    events: RepositoryEvents,
  ) {
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

  start(): void {
    if (this.#commit !== undefined) this.#tellAll();
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
    for (const file of this.#list()) if (zoneOfFile(file) === zone) this.#tell(file);
  }

  get #files(): string {
    return join(this.#state, 'files');
  }

  async #follow(): Promise<void> {
    const commit = await this.#mirror.head(this.#branch);
    if (commit === this.#commit) {
      this.#tellPresent();
      return;
    }
    const before = this.#commit;
    await this.#mirror.layOut(commit);
    const changes = before === undefined ? undefined : await this.#mirror.changes(before, commit);
    this.#commit = commit;
    if (changes === undefined) this.#tellAll();
    else {
      for (const file of changes.deleted) {
        const zone = file.includes('/') ? undefined : zoneOfFile(file);
        if (zone !== undefined) await this.#events.deleted(zone);
      }
      // A file in a subfolder may be included by any zone.
      if (changes.others.some((file) => file.includes('/'))) this.#tellAll();
      else for (const file of changes.others) this.#tell(file);
    }
    this.#tellPresent();
    replaceFile(join(this.#state, '..', 'commit'), [new TextEncoder().encode(`${commit}\n`)]);
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

  #tell(file: string): void {
    const zone = zoneOfFile(file);
    if (zone !== undefined && existsSync(join(this.#files, file)))
      this.#events.changed(zone, join(this.#files, file));
  }

  #tellPresent(): void {
    this.#events.present(new Set(this.#list().flatMap((file) => zoneOfFile(file) ?? [])));
  }
}
