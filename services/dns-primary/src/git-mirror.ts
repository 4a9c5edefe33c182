/**
 * Reads a local git repository that may belong to somebody else, who is trusted with the zones and with
 * nothing more. A repository's configuration and attributes can name programs (filters, remote helpers,
 * file system monitors) that git then runs for whoever reads it. So only the branch is asked of the
 * repository itself; all else goes through a git directory of our own that borrows its objects.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A git that hangs must not hang us. */
export const gitTimeoutMs = 60_000;
export const maxGitOutputOctets: number = 64 << 20;

/** Files are laid out with the octets that were committed, whatever a .gitattributes asks for. */
const attributes = '* -text -eol -crlf -ident -filter -working-tree-encoding\n';

export type FileChanges = { readonly deleted: string[]; readonly others: string[] };

export class GitMirror {
  readonly #repository: string;
  readonly #folder: string;
  readonly #own: string;
  readonly #index: string;
  readonly #files: string;
  readonly #signal: AbortSignal;

  /** `folder` is for the mirror alone; the files of a commit are laid out in `files`. */
  constructor(repository: string, folder: string, files: string, signal: AbortSignal) {
    this.#repository = repository;
    this.#folder = folder;
    this.#own = join(folder, 'git');
    this.#index = join(folder, 'index');
    this.#files = files;
    this.#signal = signal;
    mkdirSync(folder, { recursive: true });
  }

  /** The newest commit of the branch. Reads a reference and no object. */
  async head(branch: string): Promise<string> {
    return (await this.#askRepository('rev-parse', '--verify', `refs/heads/${branch}`)).trim();
  }

  /** `whole`: files are not trusted to be what was laid out before, as after a crash. */
  async layOut(commit: string, whole: boolean): Promise<void> {
    await this.#borrowObjects();
    mkdirSync(this.#files, { recursive: true });
    if (whole) rmSync(`${this.#index}.lock`, { force: true }); // of a run that was killed
    const words = ['read-tree', '--reset', '-u', `${commit}^{commit}`];
    try {
      await this.#git(...words);
    } catch (error) {
      if (!whole || this.#signal.aborted) throw error;
      rmSync(this.#index, { force: true }); // cut short, it cannot be read
      await this.#git(...words);
    }
    if (whole) await this.#git('checkout-index', '--all', '--force', '--quiet');
  }

  /** Undefined when the former commit is not there any more: history was rewritten, and deletions cannot be told. */
  async changes(before: string, commit: string): Promise<FileChanges | undefined> {
    let listing: string;
    try {
      listing = await this.#git(
        'diff-tree',
        '-r',
        '--name-status',
        '--no-renames',
        '-z',
        before,
        commit,
      );
    } catch {
      return undefined;
    }
    const fields = listing.split('\0');
    const deleted: string[] = [];
    const others: string[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2)
      (fields[i] === 'D' ? deleted : others).push(fields[i + 1]!);
    return { deleted, others };
  }

  /** Done each time: the repository may have been replaced by another one. */
  async #borrowObjects(): Promise<void> {
    const format = (await this.#askRepository('rev-parse', '--show-object-format')).trim();
    const objects = await this.#askRepository('rev-parse', '--git-path', 'objects');
    const noted = join(this.#own, format);
    if (!existsSync(noted)) {
      rmSync(this.#own, { recursive: true, force: true });
      rmSync(this.#index, { force: true }); // it names objects by the other hash
      await this.#run(this.#folder, {}, [
        'init',
        '--quiet',
        '--bare',
        '--template=',
        `--object-format=${format}`,
        this.#own,
      ]);
      writeFileSync(noted, '');
    }
    for (const [folder, file, text] of [
      ['info', 'attributes', attributes], // above every other attributes file
      ['objects/info', 'alternates', `${resolve(this.#repository, objects.trimEnd())}\n`],
    ] as const) {
      mkdirSync(join(this.#own, folder), { recursive: true });
      writeFileSync(join(this.#own, folder, file), text);
    }
  }

  #askRepository(...words: string[]): Promise<string> {
    const inside = join(this.#repository, '.git');
    const directory = existsSync(inside) ? inside : this.#repository;
    return this.#run(this.#repository, { GIT_DIR: directory }, words);
  }

  #git(...words: string[]): Promise<string> {
    const environment = {
      GIT_DIR: this.#own,
      GIT_INDEX_FILE: this.#index,
      GIT_WORK_TREE: this.#files,
    };
    // A link would lead out of what the repository holds.
    return this.#run(this.#own, environment, ['-c', 'core.symlinks=false', ...words]);
  }

  async #run(
    folder: string,
    environment: Record<string, string>,
    words: readonly string[],
  ): Promise<string> {
    const { stdout } = await run('git', ['-c', 'core.fsmonitor=false', ...words], {
      cwd: folder,
      env: {
        ...process.env,
        // The settings of the user and of the machine are for their own repositories.
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        LC_ALL: 'C',
        ...environment,
      },
      timeout: gitTimeoutMs,
      maxBuffer: maxGitOutputOctets,
      signal: this.#signal,
    });
    return stdout;
  }
}
