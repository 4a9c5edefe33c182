/**
 * Reads a git repository that may belong to somebody else. Its configuration and attributes can name
 * programs that git then runs for whoever reads it, so that only names are resolved in the repository
 * itself; all else is asked of a git directory of our own that borrows its objects, and has no settings.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Refusal } from '../refusal.ts';

/** A git that hangs must not hang us. */
const gitTimeoutMs = 60_000;
/** The most that one file of zones may have, and some of its neighbours with it. */
const maxGitOutputOctets = 2 ** 30;

export type TreeEntry = {
  readonly path: string;
  /** `other`: a link, or another repository. */
  readonly kind: 'file' | 'other';
};

export type PathChange = { readonly path: string; readonly deleted: boolean };

export type Commit = {
  readonly id: string;
  readonly author: string;
  readonly email: string;
  /** When it was written, ISO 8601 with the author’s own offset. */
  readonly time: string;
  readonly subject: string;
  /** The rest of the message. */
  readonly body: string;
};

export type Blame = {
  readonly commit: string;
  /** Where the line stood in that commit; the file may have had another name. */
  readonly path: string;
  readonly line: number;
};

/** The repository that a folder lies in or is; undefined if there is none. */
export function findRepository(folder: string): { git: string; top: string } | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return { git: join(at, '.git'), top: at };
    if (['HEAD', 'objects', 'refs'].every((name) => existsSync(join(at, name)))) {
      return { git: at, top: at };
    }
    if (dirname(at) === at) return undefined;
  }
}

export class BorrowedRepository implements Disposable {
  readonly #git: string;
  readonly #top: string;
  readonly #own: string;

  /** `folder`: in a work tree, or bare. */
  constructor(folder: string) {
    const found = findRepository(folder);
    if (found === undefined) throw new Refusal(`${folder} is no git repository, nor in one`);
    this.#git = found.git;
    this.#top = found.top;
    const format = this.#ask('rev-parse', '--show-object-format').trim();
    const objects = this.#ask('rev-parse', '--git-path', 'objects').trimEnd();
    const shallow = this.#ask('rev-parse', '--git-path', 'shallow').trimEnd();
    this.#own = mkdtempSync(join(tmpdir(), 'riad-git-'));
    try {
      run(this.#own, {}, ['init', '-q', '--bare', '--template=', `--object-format=${format}`]);
      mkdirSync(join(this.#own, 'objects', 'info'), { recursive: true });
      const places = [resolve(found.top, objects), ...quarantine()];
      writeFileSync(join(this.#own, 'objects', 'info', 'alternates'), `${places.join('\n')}\n`);
      const history = resolve(found.top, shallow);
      if (existsSync(history)) copyFileSync(history, join(this.#own, 'shallow'));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#own, { recursive: true, force: true });
  }

  /** The commit that a revision means; undefined if it means none. */
  commitOf(revision: string): string | undefined {
    try {
      return this.#ask(
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${revision}^{commit}`,
      ).trim();
    } catch {
      return undefined;
    }
  }

  /** What the branch `revision` had at a time: the newest commit that was made until then. */
  commitAt(commit: string, time: Date): string | undefined {
    const at = `--before=${time.toISOString()}`;
    const found = this.#borrow('rev-list', '-1', '--first-parent', at, commit).toString().trim();
    return found === '' ? undefined : found;
  }

  /** All that is no folder, in subfolders too. */
  list(commit: string): TreeEntry[] {
    return this.#borrow('ls-tree', '-r', '-z', '--full-tree', commit)
      .toString()
      .split('\0')
      .flatMap((line) => {
        const [, mode, path] = /^(\d+) \w+ [0-9a-f]+\t(.*)$/s.exec(line) ?? [];
        if (mode === undefined || path === undefined) return [];
        return [{ path, kind: mode.startsWith('100') ? ('file' as const) : ('other' as const) }];
      });
  }

  /** Undefined for what is no file there. */
  read(commit: string, path: string): Uint8Array | undefined {
    try {
      return new Uint8Array(this.#borrow('cat-file', 'blob', `${commit}:${path}`));
    } catch {
      return undefined;
    }
  }

  /** A renamed file was deleted and added. */
  changes(before: string, commit: string): PathChange[] {
    const words = ['diff-tree', '-r', '--no-renames', '--name-status', '-z', before, commit];
    const fields = this.#borrow(...words)
      .toString()
      .split('\0');
    const changes: PathChange[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2) {
      changes.push({ path: fields[i + 1]!, deleted: fields[i] === 'D' });
    }
    return changes;
  }

  /** Who wrote a line; undefined for a line or file that is not there. */
  blame(commit: string, path: string, line: number): Blame | undefined {
    const range = `${line},${line}`;
    let text: string;
    try {
      text = this.#borrow('blame', '--porcelain', '-L', range, commit, '--', path).toString();
    } catch {
      return undefined;
    }
    const [, id, there] = /^([0-9a-f]+) (\d+) /.exec(text) ?? [];
    const file = /^filename (.*)$/m.exec(text)?.[1];
    if (id === undefined || file === undefined) return undefined;
    return { commit: id, path: file, line: Number(there) };
  }

  /**
   * A commit on top of `commit` in which a file has other contents, in our own git directory only: so
   * that lines which are not committed can be told from those that are.
   */
  withContents(commit: string, path: string, octets: Uint8Array): string {
    const index = { GIT_DIR: this.#own, GIT_INDEX_FILE: join(this.#own, 'index') };
    const git = (words: readonly string[], more: Record<string, string> = {}, input?: Uint8Array) =>
      run(this.#own, { ...index, ...more }, words, input)
        .toString()
        .trim();
    const blob = git(['hash-object', '-w', '--stdin', '--no-filters'], {}, octets);
    git(['read-tree', commit]);
    git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`]);
    const tree = git(['write-tree']);
    const nobody = {
      GIT_AUTHOR_NAME: 'nobody',
      GIT_AUTHOR_EMAIL: 'nobody',
      GIT_COMMITTER_NAME: 'nobody',
      GIT_COMMITTER_EMAIL: 'nobody',
    };
    return git(['commit-tree', tree, '-p', commit, '-m', 'not committed'], nobody);
  }

  /** Where a path of the file system lies in the work tree, with `/`; undefined outside. */
  pathInside(path: string): string | undefined {
    const inside = relative(realpathSync(this.#top), realpathSync(path));
    return inside.startsWith('..') || isAbsolute(inside) ? undefined : inside;
  }

  commit(id: string): Commit {
    const format = '--format=%H%x00%an%x00%ae%x00%aI%x00%s%x00%b';
    const text = this.#borrow('log', '-1', '--no-show-signature', format, id).toString();
    const [commit = id, author = '', email = '', time = '', subject = '', body = ''] =
      text.split('\0');
    return { id: commit, author, email, time, subject, body: body.trim() };
  }

  #ask(...words: string[]): string {
    return run(this.#top, { GIT_DIR: this.#git }, words).toString();
  }

  #borrow(...words: string[]): Buffer {
    return run(this.#own, { GIT_DIR: this.#own }, words);
  }
}

/** In a pre-receive hook what is pushed stands apart until it is accepted. */
function quarantine(): string[] {
  const { GIT_OBJECT_DIRECTORY: own, GIT_ALTERNATE_OBJECT_DIRECTORIES: others } = process.env;
  return [own, ...(others ?? '').split(':')].flatMap((place) =>
    place === undefined || place === '' ? [] : [resolve(place)],
  );
}

function run(
  folder: string,
  environment: Record<string, string>,
  words: readonly string[],
  input?: Uint8Array,
): Buffer {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  try {
    return execFileSync('git', ['-c', 'core.fsmonitor=false', ...words], {
      cwd: folder,
      env: {
        ...Object.fromEntries(inherited),
        // The settings of the user and of the machine are for their own repositories.
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_LAZY_FETCH: '1',
        LC_ALL: 'C',
        ...environment,
      },
      timeout: gitTimeoutMs,
      maxBuffer: maxGitOutputOctets,
      ...(input === undefined ? {} : { input }),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    throw new Refusal(`git: ${stderr?.toString().trim() || message}`);
  }
}
