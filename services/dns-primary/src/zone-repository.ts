/**
 * Follows a branch of a local git repository, read with the system's git. Each commit is laid out whole
 * in a folder of the state directory; what a commit deletes is deleted on purpose.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFile } from './replace-file.ts';
import { zoneOfFile } from './zone-names.ts';

const run = promisify(execFile);
/** The branch is looked at so often; a look is one short process. */
export const repositoryLookMs = 1000;
/** A git that hangs must not hang us. */
export const gitTimeoutMs = 60_000;
export const maxGitOutputOctets: number = 64 << 20;

export type RepositoryEvents = {
  changed(zone: string, path: string): void;
  present(zones: ReadonlySet<string>): void;
  /** A commit has deleted the zone's file. */
  deleted(zone: string): Promise<void>;
  unreadable(error: Error): void;
};

export class ZoneRepository {
  readonly #repository: string;
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
    this.#repository = repository;
    this.#branch = branch;
    this.#state = join(stateDirectory, 'checkout');
    this.#events = events;
    mkdirSync(this.#state, { recursive: true });
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
    const files = join(this.#state, 'files');
    mkdirSync(files, { recursive: true });
    return files;
  }

  async #follow(): Promise<void> {
    const commit = (
      await this.#git('rev-parse', '--verify', `refs/heads/${this.#branch}^{commit}`)
    ).trim();
    if (commit === this.#commit) {
      this.#tellPresent();
      return;
    }
    const before = this.#commit;
    const environment = { GIT_INDEX_FILE: join(this.#state, 'index'), GIT_WORK_TREE: this.#files };
    await this.#gitWith(environment, 'read-tree', '--reset', '-u', commit);
    const changes = before === undefined ? undefined : await this.#changesSince(before, commit);
    this.#commit = commit;
    if (changes === undefined) this.#tellAll();
    else {
      for (const file of changes.deleted) {
        const zone = zoneOfFile(file);
        if (zone !== undefined) await this.#events.deleted(zone);
      }
      // A file in a subfolder may be included by any zone.
      if (changes.others.some((file) => file.includes('/'))) this.#tellAll();
      else for (const file of changes.others) this.#tell(file);
    }
    this.#tellPresent();
    replaceFile(join(this.#state, '..', 'commit'), [new TextEncoder().encode(`${commit}\n`)]);
  }

  /** Undefined when the former commit is not there any more: history was rewritten, and deletions cannot be told. */
  async #changesSince(
    before: string,
    commit: string,
  ): Promise<{ deleted: string[]; others: string[] } | undefined> {
    let listing: string;
    try {
      listing = await this.#git('diff', '--name-status', '--no-renames', '-z', before, commit);
    } catch {
      return undefined;
    }
    const fields = listing.split('\0');
    const deleted: string[] = [];
    const others: string[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2)
      (fields[i] === 'D' ? deleted : others).push(fields[i + 1]!);
    return { deleted: deleted.filter((file) => !file.includes('/')), others };
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

  #git(...words: string[]): Promise<string> {
    return this.#gitWith({}, ...words);
  }

  async #gitWith(environment: Record<string, string>, ...words: string[]): Promise<string> {
    // The repository may belong to somebody else, who is trusted with the zones and with nothing more.
    const safe = [
      '-c',
      'safe.directory=*',
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'core.fsmonitor=false',
      '-c',
      'core.symlinks=false', // a link would lead out of what the repository holds
      '-c',
      'core.autocrlf=false',
    ];
    const { stdout } = await run('git', [...safe, ...words], {
      cwd: this.#repository,
      env: {
        ...process.env,
        ...environment,
        LC_ALL: 'C',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_DIR: this.#gitDirectory(),
      },
      timeout: gitTimeoutMs,
      maxBuffer: maxGitOutputOctets,
      signal: this.#abort.signal,
    });
    return stdout;
  }

  #gitDirectory(): string {
    const inside = join(this.#repository, '.git');
    return existsSync(inside) ? inside : this.#repository;
  }
}
