/**
 * Runs the system's git for what needs other machines. It sees no settings of the user, of the machine or
 * of the repository, asks nothing, runs no hooks of ours, and is ended, with all it has started, when it
 * takes too long. What is secret never stands in its arguments, which every user of the machine can read.
 */
import { spawn } from 'node:child_process';

export const defaultGitTimeoutMs = 120_000;
export const maxGitOutputOctets: number = 1 << 20;

export class GitError extends Error {
  override readonly name: string = 'GitError';
  /** Undefined if it was ended by a signal or did not start. */
  readonly status: number | undefined;
  readonly output: string;

  /** `said` is what it wrote for people; its last lines say what is wrong. */
  constructor(said: string, status: number | undefined, output: string, cause?: unknown) {
    super(said.trim() || 'git ended without a word', cause === undefined ? undefined : { cause });
    this.status = status;
    this.output = output;
  }
}

export type GitRun = {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings for this run alone, later ones over earlier ones. */
  readonly settings?: readonly (readonly [key: string, value: string])[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/** What it prints. Rejects with a `GitError` unless it ends with 0. */
export async function runGit(
  words: readonly string[],
  { directory, environment = {}, settings = [], timeoutMs = defaultGitTimeoutMs, signal }: GitRun,
): Promise<string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const inherited = ['PATH', 'SSH_AUTH_SOCK', 'TMPDIR', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap(
    (name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]),
  );
  const child = spawn('git', words, {
    cwd: directory,
    env: {
      ...Object.fromEntries(inherited),
      // Without a home there is no ~/.gitconfig, ~/.netrc or credential store of somebody's.
      HOME: directory,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: String(settings.length),
      LC_ALL: 'C',
      ...Object.fromEntries(pairs),
      ...environment,
    },
    // A group of its own, so that ssh and what else it starts can be ended with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const collected = { output: '', said: '' };
  let ended: string | undefined;
  const end = (why: string): void => {
    ended ??= why;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  };
  const timer = setTimeout(() => end(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  const aborted = (): void => end('no longer wanted');
  signal?.addEventListener('abort', aborted, { once: true });
  if (signal?.aborted) aborted();
  for (const [stream, part] of [
    [child.stdout, 'output'],
    [child.stderr, 'said'],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      collected[part] += text;
      if (collected[part].length > maxGitOutputOctets) end('it says too much');
    });
  }
  child.on('error', (error) => reject(new GitError(error.message, undefined, '', error)));
  child.on('close', (status) => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
    const { output, said } = collected;
    if (status === 0 && ended === undefined) resolve(output);
    else reject(new GitError(ended ?? said, status ?? undefined, output));
  });
  return promise;
}
