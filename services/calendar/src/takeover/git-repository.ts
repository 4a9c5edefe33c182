/**
 * A repository of another server, read by the system’s git and not changed: what a commit has, or what stands in the
 * index. Nothing of its configuration or hooks runs, and it may belong to somebody else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SourceError } from './source-error.ts';

export type GitFile = { readonly path: string; readonly id: string };

/**
 * It may belong to somebody else, which only the command line may say is right; but then nothing that its own
 * configuration names may run: no monitor, no hook, no way to a remote.
 */
const settings = [
  'safe.directory=*',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'protocol.allow=never',
];

/** Objects that one git reads before the next is started. */
const batch = 64;
const maxOutputOctets = 1 << 30;

export class GitRepository {
  readonly #gitFolder: string;
  readonly isBare: boolean;

  private constructor(gitFolder: string, isBare: boolean) {
    this.#gitFolder = gitFolder;
    this.isBare = isBare;
  }

  /** Undefined: the folder is none. Those above it are not looked at. */
  static at(folder: string): GitRepository | undefined {
    const inside = join(folder, '.git');
    if (existsSync(inside)) return new GitRepository(inside, false);
    const isBare =
      existsSync(join(folder, 'HEAD')) &&
      existsSync(join(folder, 'objects')) &&
      statSync(join(folder, 'objects')).isDirectory();
    return isBare ? new GitRepository(folder, true) : undefined;
  }

  /** Undefined: there is no such commit. */
  commit(revision: string): string | undefined {
    const { status, stdout } = this.#git(['rev-parse', '--verify', '-q', `${revision}^{commit}`]);
    return status === 0 ? stdout.toString().trim() : undefined;
  }

  /** The plain files of a commit. */
  files(commit: string): GitFile[] {
    const { status, stdout, stderr } = this.#git(['ls-tree', '-r', '-z', '--full-tree', commit]);
    if (status !== 0) throw new SourceError('takeover.git', `git ls-tree: ${stderr}`);
    return entries(stdout, /^100\d{3} blob ([0-9a-f]{40,64})\t(.+)$/su);
  }

  /** The plain files of the index. */
  indexed(): GitFile[] {
    const { status, stdout, stderr } = this.#git(['ls-files', '-s', '-z']);
    if (status !== 0) throw new SourceError('takeover.git', `git ls-files: ${stderr}`);
    return entries(stdout, /^100\d{3} ([0-9a-f]{40,64}) 0\t(.+)$/su);
  }

  /** The octets of files, in their order. */
  *contents(files: readonly GitFile[]): Generator<Uint8Array> {
    for (let from = 0; from < files.length; from += batch) {
      const some = files.slice(from, from + batch);
      const input = some.map(({ id }) => `${id}\n`).join('');
      const { status, stdout, stderr } = this.#git(['cat-file', '--batch'], input);
      if (status !== 0) throw new SourceError('takeover.git', `git cat-file: ${stderr}`);
      let at = 0;
      for (const { id, path } of some) {
        const end = stdout.indexOf(0x0a, at);
        const [, type, size] = stdout.subarray(at, end).toString().split(' ');
        if (type !== 'blob')
          throw new SourceError('takeover.git', `${path}: ${id} is not in the repository`);
        const start = end + 1;
        at = start + Number(size) + 1;
        yield new Uint8Array(stdout.subarray(start, start + Number(size)));
      }
    }
  }

  content(file: GitFile): Uint8Array {
    const [octets] = this.contents([file]);
    return octets!;
  }

  /** A setting of the repository; undefined: it has none. */
  setting(name: string): string | undefined {
    const { status, stdout } = this.#git(['config', '--local', '--get', name]);
    return status === 0 ? stdout.toString().replace(/\n$/, '') : undefined;
  }

  #git(
    args: readonly string[],
    input: string = '',
  ): {
    status: number | null;
    stdout: Buffer;
    stderr: string;
  } {
    const { status, stdout, stderr, error } = spawnSync(
      'git',
      [...settings.flatMap((setting) => ['-c', setting]), `--git-dir=${this.#gitFolder}`, ...args],
      {
        cwd: dirname(this.#gitFolder),
        input,
        maxBuffer: maxOutputOctets,
        env: {
          PATH: process.env['PATH'],
          LC_ALL: 'C.UTF-8',
          GIT_OPTIONAL_LOCKS: '0',
          GIT_NO_LAZY_FETCH: '1',
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
        },
      },
    );
    if (error !== undefined)
      throw new SourceError('takeover.git', `git does not run: ${error.message}`);
    return { status, stdout, stderr: stderr.toString() };
  }
}

function entries(output: Buffer, form: RegExp): GitFile[] {
  return output
    .toString()
    .split('\0')
    .flatMap((entry) => {
      const match = form.exec(entry);
      return match === null ? [] : [{ id: match[1]!, path: match[2]! }];
    });
}
