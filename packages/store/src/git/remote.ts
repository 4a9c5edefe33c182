/**
 * A repository elsewhere that follows ours and may be changed by others. What is committed here is pushed
 * soon after, always as a continuation of what is there; what others have pushed there is merged into our
 * line. A remote that is away stops nothing: what is missing there goes when it is back.
 */
import { join } from 'node:path';
import type { KeptPath } from '../history/merge.ts';
import type { Revision } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { GitError } from './git-process.ts';
import type { GitStore } from './git-store-options.ts';
import { RemoteGit, theirReference } from './remote-git.ts';
import { checkUrl, withoutSecrets } from './remote-url.ts';
import { ReplacementNotes } from './replacement-notes.ts';

export const defaultPushIntervalMs = 2000;
export const defaultPullIntervalMs = 60_000;
export const leastRetryMs = 2000;
export const mostRetryMs = 300_000;
/** How often others may be quicker than we are before we wait. */
export const maxPushAttempts = 5;

export type RemoteReport =
  | { readonly type: 'away'; readonly error: unknown }
  | { readonly type: 'back' }
  /** The other side does not want it: a hook, a protected branch, missing rights. */
  | { readonly type: 'refused'; readonly error: unknown }
  | { readonly type: 'pushed'; readonly revision: Revision }
  /** Our history was made anew, and theirs is it now. */
  | { readonly type: 'replaced'; readonly before: Revision; readonly revision: Revision }
  /** Another remote is followed now, and `other` has the history of before a purge still. */
  | { readonly type: 'purge-left-undone'; readonly other: string; readonly before: Revision }
  | { readonly type: 'pulled'; readonly revision: Revision; readonly kept: readonly KeptPath[] };

export type RemoteOptions = {
  readonly store: GitStore;
  /** `https://…`, `ssh://…`, `user@host:path`, or a path; `http://` to this machine alone. */
  readonly url: string;
  /** There; ours unless given. */
  readonly branch?: string;
  /** For the remote alone; made if it is missing. */
  readonly folder: string;
  /** For ssh; without one, the agent is asked. */
  readonly keyFile?: string;
  /** For ssh: hosts that are trusted. Without one, those of the user. */
  readonly knownHostsFile?: string;
  /** For https: a file with a password or token, read anew each time. */
  readonly tokenFile?: string;
  /** For https with a token; `git` unless given, which most servers do not look at. */
  readonly user?: string;
  readonly report?: (report: RemoteReport) => void;
  readonly pushIntervalMs?: number;
  /** 0: only when told, or when a push finds that others were there. */
  readonly pullIntervalMs?: number;
  readonly leastRetryMs?: number;
  readonly mostRetryMs?: number;
  readonly timeoutMs?: number;
};

export type RemoteStatus = {
  /** What is known to be there. */
  readonly revision: Revision | undefined;
  /** Whether all we have is there. */
  readonly current: boolean;
  /** Why it is not, as far as we know; undefined while all is well. */
  readonly error: unknown;
  readonly failures: number;
};

export interface Remote extends AsyncDisposable {
  readonly status: RemoteStatus;
  /** Pushes what is acknowledged, merging what others have pushed. Rejects if it is away or refuses. */
  push(): Promise<void>;
  /** Fetches and merges. Rejects if it is away. */
  pull(): Promise<void>;
  /**
   * For work that makes our history anew (`rewrite` of the store): pulls and pushes first, and rejects without having done
   * it if that fails; afterwards the branch there is set to our new line, if it still is where that push left it.
   * What the work gives is given whether that went well at once or not: see `status`. Until it has, over restarts
   * too, nothing is fetched, for that would bring the old history back. A remote of another URL is not concerned,
   * unless it has what was replaced.
   */
  replace<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Ends what is under way; the store stays open. */
  close(): Promise<void>;
}

/** Never waits for the other side. RangeError for a URL that is not one of those above. */
export function openRemote(options: RemoteOptions): Remote {
  checkUrl(options.url);
  return new FollowedRemote(options);
}

class FollowedRemote implements Remote {
  readonly #options: RemoteOptions;
  readonly #store: GitStore;
  readonly #git: RemoteGit;
  readonly #branch: string;
  readonly #stop = new AbortController();
  readonly #unwatch: () => void;
  readonly #notes: ReplacementNotes;
  /** Whether it is known that what purges have replaced elsewhere is not here. */
  #isFreeOfOthers = false;
  #toldOfOthers = false;
  readonly #pullTimer: NodeJS.Timeout | undefined;
  #pushTimer: NodeJS.Timeout | undefined;
  /** Pushes and pulls take turns. */
  #turn: Promise<void> = Promise.resolve();
  #pushedAt = -Infinity;
  #revision: Revision | undefined;
  #error: unknown;
  #failures = 0;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#git = new RemoteGit(options, this.#stop.signal);
    this.#branch = options.branch ?? options.store.branch;
    const name = `${withoutSecrets(options.url)}#${this.#branch}`;
    this.#notes = new ReplacementNotes(join(options.folder, 'replacing'), name);
    this.#unwatch = options.store.watch(() => this.#pushSoon());
    const { pullIntervalMs = defaultPullIntervalMs } = options;
    if (pullIntervalMs > 0) {
      this.#pullTimer = setInterval(() => void this.pull().catch(() => {}), pullIntervalMs).unref();
    }
    // What happened while nobody followed; the push pulls if others were there.
    this.#pushSoon();
  }

  get status(): RemoteStatus {
    const head = this.#store.head;
    return {
      revision: this.#revision,
      current: head === undefined || head === this.#revision,
      error: this.#error,
      failures: this.#failures,
    };
  }

  push(): Promise<void> {
    clearTimeout(this.#pushTimer);
    this.#pushTimer = undefined;
    return this.#inTurn(() => this.#push());
  }

  pull(): Promise<void> {
    return this.#inTurn(() => this.#pull());
  }

  async replace<Result>(work: () => Promise<Result>): Promise<Result> {
    const [worked] = await this.#inTurn(async () => {
      await this.#pull();
      await this.#push();
      if (this.#revision !== undefined) this.#notes.set(this.#revision);
      // Whether that succeeds says nothing of the other side.
      return Promise.allSettled([work()]);
    });
    await this.push().catch(() => {});
    if (worked.status === 'rejected') throw worked.reason;
    return worked.value;
  }

  async close(): Promise<void> {
    this.#unwatch();
    clearInterval(this.#pullTimer);
    clearTimeout(this.#pushTimer);
    this.#stop.abort();
    await this.#turn;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** At most one push each interval; after failures, longer and longer. */
  #pushSoon(): void {
    if (this.#pushTimer !== undefined || this.#stop.signal.aborted) return;
    const { pushIntervalMs = defaultPushIntervalMs } = this.#options;
    const waited = performance.now() - this.#pushedAt;
    const wait = this.#failures > 0 ? this.#retryMs() : Math.max(0, pushIntervalMs - waited);
    this.#pushTimer = setTimeout(() => void this.push().catch(() => {}), wait).unref();
  }

  #retryMs(): number {
    const { leastRetryMs: least = leastRetryMs, mostRetryMs: most = mostRetryMs } = this.#options;
    return Math.min(most, least * 2 ** Math.min(30, this.#failures - 1));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(async () => {
      if (this.#stop.signal.aborted) throw new StoreError('store.closed', this.#options.folder);
      try {
        const result = await work();
        this.#succeeded();
        return result;
      } catch (error) {
        this.#failed(error);
        throw error;
      }
    });
    this.#turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  #succeeded(): void {
    const was = this.#failures;
    this.#failures = 0;
    this.#error = undefined;
    if (was > 0) this.#options.report?.({ type: 'back' });
    if (!this.status.current) this.#pushSoon();
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#failures++;
    this.#error = error;
    const type = error instanceof Refused ? 'refused' : 'away';
    if (this.#failures === 1) this.#options.report?.({ type, error });
    this.#pushSoon();
  }

  async #push(): Promise<void> {
    this.#pushedAt = performance.now();
    await this.#replace();
    for (let attempt = 1; ; attempt++) {
      if (this.#store.head === undefined) return this.#pull();
      await this.#store.seal();
      const revision = this.#store.reference(`refs/heads/${this.#store.branch}`);
      if (revision === undefined || revision === this.#revision) return;
      try {
        await this.#git.run(
          'push',
          '--porcelain',
          '--no-verify',
          'there',
          `${revision}:${this.#there}`,
        );
      } catch (error) {
        if (!(error instanceof GitError) || !/^!\t/m.test(error.output)) throw error;
        const others = /\[rejected\] \((?:fetch first|non-fast-forward|stale info)\)/.test(
          error.output,
        );
        // "cannot lock ref": somebody pushed in the same moment.
        const race =
          /\[remote rejected\] \((?:cannot lock ref|failed to update ref|incorrect old value)/;
        if (!others && !race.test(error.output)) throw new Refused(error);
        if (attempt === maxPushAttempts) throw error;
        await this.#pull();
        continue;
      }
      this.#revision = revision;
      this.#options.report?.({ type: 'pushed', revision });
      return;
    }
  }

  /** What `replace` has left to do. */
  async #replace(): Promise<void> {
    const own = this.#notes.own;
    const others = this.#notes.others;
    if (own === undefined && (others.size === 0 || this.#isFreeOfOthers)) return;
    await this.#store.seal();
    const revision = this.#store.reference(`refs/heads/${this.#store.branch}`);
    if (revision === undefined) return;
    // What is noted there may be gone.
    this.#git.noteOurs(revision);
    this.#git.forgetTheirs();
    if (own !== undefined && (await this.#isAncestor(own, revision))) {
      // History was not made anew after all.
      this.#notes.remove();
      return;
    }
    const found = (await this.#git.run('ls-remote', 'there', this.#there)).split('\t')[0] ?? '';
    if (own === undefined) {
      if (!this.#toldOfOthers) this.#tellOf(others);
      // What we have ourselves is an early copy; nothing of before the purge can be fetched.
      if (found === '' || (await this.#isAncestor(found, revision))) {
        this.#isFreeOfOthers = true;
        return;
      }
      // What has moved to another URL with its history, or a copy of it, is set right like the one it was.
      if (![...others.values()].includes(found)) throw this.#isStrange(found, revision);
    }
    if (found === '') return this.#notes.remove(); // somebody has begun anew there: the push makes it
    const before = own ?? found;
    // Otherwise a crash came between the push and the removal of the note.
    if (found !== revision) {
      if (found !== before) throw this.#movedMeanwhile(found, before, revision);
      try {
        const lease = `--force-with-lease=${this.#there}:${before}`;
        const words = ['push', '--porcelain', '--no-verify', lease];
        await this.#git.run(...words, 'there', `${revision}:${this.#there}`);
      } catch (error) {
        throw error instanceof GitError && /^!\t/m.test(error.output) ? new Refused(error) : error;
      }
      this.#options.report?.({ type: 'replaced', before, revision });
    }
    this.#revision = revision;
    this.#isFreeOfOthers = true;
    this.#notes.remove();
  }

  #tellOf(others: ReadonlyMap<string, Revision>): void {
    this.#toldOfOthers = true;
    for (const [other, before] of others) {
      this.#options.report?.({ type: 'purge-left-undone', other, before });
    }
  }

  #isStrange(found: Revision, revision: Revision): Refused {
    const where = `${this.#there} of ${withoutSecrets(this.#options.url)}`;
    const text =
      `${where} is at ${found}, which is none of ours, and may have what was purged while another remote was ` +
      `followed: take over by hand what is wanted of it, and set it to ${revision} or delete the branch there`;
    return new Refused(new GitError(text, undefined, ''));
  }

  #movedMeanwhile(found: string, before: Revision, revision: Revision): Refused {
    const where = `${this.#there} of ${withoutSecrets(this.#options.url)}`;
    const text =
      `${where} has to be set from ${before} to ${revision}, for history was made anew, and is at ` +
      `${found} now: take over by hand what was pushed there, and set it back to ${before}`;
    return new Refused(new GitError(text, undefined, ''));
  }

  async #isAncestor(older: Revision, newer: Revision): Promise<boolean> {
    try {
      await this.#git.run('merge-base', '--is-ancestor', older, newer);
      return true;
    } catch (error) {
      // 1: it is none; 128: there is no such commit any more.
      if (error instanceof GitError && (error.status === 1 || error.status === 128)) return false;
      throw error;
    }
  }

  async #pull(): Promise<void> {
    await this.#replace();
    const ours = this.#store.reference(`refs/heads/${this.#store.branch}`);
    if (ours !== undefined) this.#git.noteOurs(ours);
    try {
      await this.#git.run(
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--no-recurse-submodules',
        'there',
        `+${this.#there}:${theirReference}`,
      );
    } catch (error) {
      // Nothing has been pushed there yet.
      if (error instanceof GitError && /couldn't find remote ref/.test(error.message)) return;
      throw error;
    }
    const { theirs } = this.#git;
    const from = `${this.#branch} of ${withoutSecrets(this.#options.url)}`;
    const { how, revision, kept } = await this.#store.merge(theirs, from);
    if (revision === theirs) this.#revision = theirs;
    if (how !== 'nothing') this.#options.report?.({ type: 'pulled', revision, kept });
  }

  get #there(): string {
    return `refs/heads/${this.#branch}`;
  }
}

class Refused extends GitError {
  constructor({ message, status, output }: GitError) {
    super(`${output}\n${message}`, status, output);
  }
}
