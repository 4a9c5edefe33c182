/**
 * Calendars, address books and files in a git repository, each write a commit, with an index that answers
 * queries. A write is judged against the newest state, what waits for the disk included, and committed in one
 * synchronous step; what is read is durable.
 */
import { randomBytes } from 'node:crypto';
import { atOnce, inTurns, type Pieces } from '@riad/octets/pieces';
import { openGitStore } from '@riad/store/git';
import type { GitStore, Rewritten } from '@riad/store/git-options';
import { nextTurn } from '@riad/store/next-turn';
import type { CommitRequest, Revision, Trailer } from '@riad/store/store';
import { StoreError } from '@riad/store/store-error';
import type {
  Path,
  Requirement,
  View,
  WriteRequest,
  WriteResult,
} from '@riad/webdav/storage/storage';
import { StorageError } from './codes.ts';
import { makingTrailers, trailersOf } from './commits/recorded-change.ts';
import { CalendarHistory } from './history/calendar-history.ts';
import { erase, placesOf } from './history/erasing.ts';
import { Goals } from './history/goals.ts';
import { maxCollections } from './index/collections.ts';
import { Durable, Head } from './index/head.ts';
import { Indexing } from './index/indexing.ts';
import type { Step } from './index/state.ts';
import { mergeRulesOf } from './merge-rules.ts';
import type { CalendarReport, CalendarStorage, CalendarStorageOptions } from './options.ts';
import { DurableView } from './view.ts';
import { HoldBack } from './write/hold-back.ts';
import { failing, judging } from './write/judge.ts';
import { isLongWrite } from './write/long-write.ts';
import { authorOf, messageOf } from './write/message.ts';
import { type Plan, type PlanContext, planning, planOf } from './write/plan.ts';
import { Room } from './write/room.ts';

/** Rejects where the store does (`openGitStore`). What the index lacks is caught up afterwards: see `ready`. */
export async function openCalendarStorage(
  options: CalendarStorageOptions,
): Promise<CalendarStorage> {
  const { folder, disk, now, pause, report } = options;
  const store = await openGitStore({
    ...options.store,
    repository: `${folder}/store.git`,
    journal: `${folder}/wal`,
    layout: 'trie',
    ...mergeRulesOf(options),
    ...(disk === undefined ? {} : { disk }),
    ...(now === undefined ? {} : { now }),
    ...(pause === undefined ? {} : { pause }),
    ...(report === undefined ? {} : { report }),
  });
  try {
    return new GitCalendarStorage(options, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

type Attempt =
  | { readonly type: 'committed'; readonly done: Promise<void> }
  | { readonly type: 'conflict'; readonly requirement: Requirement }
  /** It does not hold in what waits for the disk: that must be there first. */
  | { readonly type: 'wait' }
  /** Somebody else has moved the head. */
  | { readonly type: 'behind' }
  | { readonly type: 'held-back'; readonly message: string }
  | { readonly type: 'full' | 'too-many'; readonly message: string };

class GitCalendarStorage implements CalendarStorage {
  readonly store: GitStore;
  readonly history: CalendarHistory;
  readonly goals: Goals;
  readonly #now: () => number;
  readonly #random: (lengthOctets: number) => Uint8Array;
  readonly #report: (report: CalendarReport) => void;
  readonly #pause: () => Promise<void>;
  readonly #indexing: Indexing;
  readonly #head: Head;
  readonly #view: View;
  readonly #holdBack = new HoldBack();
  readonly #room: Room;
  /** Upon which the next write is worked out; differs from the store’s if somebody else has moved it. */
  #newest: Revision | undefined;
  /** The last write that waits for the disk. */
  #last: Promise<void> = Promise.resolve();
  #pending = 0;
  /** While history is made anew, writes wait. */
  #erasing: Promise<void> | undefined;
  /** While a long write is made ready upon the newest state, others wait: in the order in which they came. */
  #preparing: Promise<void> | undefined;
  #closed = false;

  constructor(options: CalendarStorageOptions, store: GitStore) {
    this.store = store;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? randomBytes;
    this.#report = options.report ?? (() => {});
    this.#pause = options.pause ?? nextTurn;
    const unlimited = options.disk === undefined ? undefined : () => Number.POSITIVE_INFINITY;
    this.#room = new Room(options.folder, options.freeOctets ?? unlimited);
    this.#indexing = new Indexing({
      file: options.indexFile ?? `${options.folder}/index.db`,
      store,
      describe: options.describe,
      report: this.#report,
      pause: this.#pause,
      settled: () => this.#settled(),
      caughtUp: (revision) => {
        this.#newest = revision;
      },
    });
    const { collections } = this.#indexing;
    this.#head = new Head(new Durable(collections, () => this.#indexing.database));
    this.#view = new DurableView({
      index: () => this.#indexing.database,
      collections,
      content: (blob) => store.content(blob),
      pause: this.#pause,
      check: () => this.#check(),
    });
    const check = (): void => this.#check();
    this.history = new CalendarHistory({ index: () => this.#indexing.database, store, check });
    const parent = async (revision: Revision): Promise<Revision | undefined> =>
      (await store.describe(revision)).parents[0];
    this.goals = new Goals(this.history, () => this.view(), parent);
    this.#indexing.begin();
  }

  get ready(): Promise<void> {
    return this.#indexing.ready;
  }

  get isReady(): boolean {
    return this.#indexing.isReady;
  }

  get shortage(): string | undefined {
    return this.#room.shortage;
  }

  async view(): Promise<View> {
    await this.#indexing.recovering;
    this.#check();
    return this.#view;
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    const long = isLongWrite(request);
    for (;;) {
      await this.#indexing.recovering;
      for (let others = this.#others; others !== undefined; others = this.#others) await others;
      this.#check();
      let attempt: Attempt;
      try {
        attempt = long ? await this.#attemptInTurns(request) : this.#attempt(request);
      } catch (error) {
        return refusal(error);
      }
      switch (attempt.type) {
        case 'conflict':
          return attempt;
        case 'held-back':
        case 'full':
        case 'too-many':
          return { type: 'refused', reason: attempt.type, message: attempt.message };
        case 'wait':
          await this.#last;
          break;
        case 'behind':
          await this.#indexing.catchUp();
          break;
        case 'committed':
          try {
            await attempt.done;
            await this.#indexing.recovering;
            return { type: 'written', view: this.#view };
          } catch (error) {
            return refusal(error);
          }
      }
    }
  }

  async erase(paths: readonly Path[]): Promise<Rewritten> {
    await this.#erasing;
    this.#check();
    const erasing = this.#erase(paths);
    const done = (): void => {};
    const ended = erasing.then(done, done);
    this.#erasing = ended;
    try {
      return await erasing;
    } finally {
      if (this.#erasing === ended) this.#erasing = undefined;
    }
  }

  release(user: string, device: string | undefined): void {
    this.#holdBack.release(user, device, this.#now());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#preparing;
    await this.#settled();
    await this.#indexing.close();
    await this.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closed) throw new StorageError('storage.closed', 'calendars');
    if (!this.#indexing.isReady) throw new StorageError('storage.not-ready', 'index.db');
  }

  /** Who has the newest state for himself. */
  get #others(): Promise<void> | undefined {
    return this.#erasing ?? this.#preparing;
  }

  /** The newest commit, if a write can be made upon it. */
  get #parent(): { readonly revision: Revision | undefined } | undefined {
    const revision = this.store.newest;
    return revision !== this.#newest || this.#indexing.isBehind ? undefined : { revision };
  }

  /** Without a pause, so that what holds when it is judged holds for the commit. */
  #attempt(request: WriteRequest): Attempt {
    const parent = this.#parent;
    if (parent === undefined) return { type: 'behind' };
    const nowMs = this.#now();
    const judged = atOnce(this.#judging(request, nowMs));
    if (judged !== undefined) return judged;
    const { operations, actor } = request;
    const plan = planOf(operations, this.#planContext(nowMs));
    const trailers = trailersOf(parent.revision, actor, plan.recorded);
    const committed = this.store.commit(commitOf(request, plan, trailers, nowMs));
    return this.#committed(request, plan, committed, parent.revision, nowMs);
  }

  /**
   * With pauses: meanwhile others read what is durable, and wait with what they want to write. Only what others have
   * pushed may come in between; then it is begun anew.
   */
  async #attemptInTurns(request: WriteRequest): Promise<Attempt> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#preparing = promise;
    try {
      const pause = this.#pause;
      const parent = this.#parent;
      if (parent === undefined) return { type: 'behind' };
      const nowMs = this.#now();
      const judged = await inTurns(this.#judging(request, nowMs), pause);
      if (judged !== undefined) return judged;
      const { operations, actor } = request;
      const plan = await inTurns(planning(operations, this.#planContext(nowMs)), pause);
      const trailers = await inTurns(makingTrailers(parent.revision, actor, plan.recorded), pause);
      const commit = commitOf(request, plan, trailers, nowMs);
      const prepared = await this.store.prepare(commit, pause);
      // From here on without a pause.
      const newest = this.#parent;
      if (newest === undefined || newest.revision !== parent.revision) return { type: 'behind' };
      const committed = this.store.commitPrepared(prepared);
      return this.#committed(request, plan, committed, parent.revision, nowMs);
    } finally {
      this.#preparing = undefined;
      resolve();
    }
  }

  /** Undefined: nothing stands in its way. */
  *#judging(
    { operations, requirements, actor, deliberate }: WriteRequest,
    nowMs: number,
  ): Pieces<Attempt | undefined> {
    const requirement = yield* judging(requirements, this.#head);
    if (requirement !== undefined) {
      const settled =
        this.#head.settled || failing([requirement], this.#head.durable) !== undefined;
      return settled ? { type: 'conflict', requirement } : { type: 'wait' };
    }
    const held =
      deliberate === true ? undefined : this.#holdBack.judge(operations, actor, this.#head, nowMs);
    if (held !== undefined) {
      this.#report({ type: 'held-back', ...held });
      const where = held.collection.join('/');
      const message = `${held.deletions} of ${held.members} objects in ${where} would be deleted within a minute`;
      return { type: 'held-back', message };
    }
    if (operations.some(({ type }) => type === 'make-collection')) {
      const { size } = this.#indexing.collections;
      if (size >= maxCollections) {
        return { type: 'too-many', message: `there are ${size} collections already` };
      }
    }
    if (operations.length === 0) return { type: 'committed', done: this.#last };
    const shortage = this.#room.shortage;
    return shortage === undefined ? undefined : { type: 'full', message: shortage };
  }

  #planContext(nowMs: number): PlanContext {
    return {
      state: this.#head,
      timeSeconds: secondsOf(nowMs),
      nextId: () => this.#indexing.nextCollectionId(),
      newIncarnation: () => Buffer.from(this.#random(8)).toString('hex'),
    };
  }

  /** It has been given to the store: what is judged from now on has it. */
  #committed(
    { operations, actor }: WriteRequest,
    plan: Plan,
    committed: Promise<Revision>,
    parent: Revision | undefined,
    nowMs: number,
  ): Attempt {
    const revision = this.store.newest;
    // It was refused at once, and says why.
    if (revision === undefined || revision === parent) {
      return { type: 'committed', done: committed.then(() => {}) };
    }
    this.#newest = revision;
    const { user, device } = actor;
    const step = plan.draft.step({ revision, first8: revision.slice(0, 8), user, device });
    this.#holdBack.note(operations, actor, this.#head, nowMs);
    this.#head.add(step);
    const done = this.#finish(committed, step);
    this.#last = done.catch(() => {});
    return { type: 'committed', done };
  }

  async #finish(committed: Promise<Revision>, step: Step): Promise<void> {
    this.#pending++;
    try {
      await committed;
      await this.#indexing.add(step);
    } finally {
      this.#head.settle(step);
      this.#pending--;
    }
  }

  async #erase(paths: readonly Path[]): Promise<Rewritten> {
    await this.#preparing;
    await this.#settled();
    await this.#indexing.catchUp();
    const index = this.#indexing.database;
    const places = placesOf(index, paths);
    for (const path of places) {
      if ((await this.#view.resource(path)) !== undefined) {
        throw new RangeError(`${path.join('/')} is there, with the same octets or as it is`);
      }
    }
    const rewritten = await erase(this.store, index, places);
    await this.#indexing.catchUp();
    return rewritten;
  }

  /** Until nothing waits for the disk. */
  async #settled(): Promise<void> {
    while (this.#pending > 0) await this.#last;
  }
}

function commitOf(
  { actor, summary }: WriteRequest,
  { changes }: Plan,
  trailers: readonly Trailer[],
  nowMs: number,
): CommitRequest {
  return {
    changes,
    author: authorOf(actor),
    message: messageOf(summary, actor),
    trailers,
    timeSeconds: secondsOf(nowMs),
  };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** A protocol outcome where it is one; anything else is a fault, and escapes. */
function refusal(error: unknown): WriteResult {
  if (error instanceof StoreError) {
    const { message } = error;
    if (error.code === 'store.full') return { type: 'refused', reason: 'full', message };
    if (error.code === 'store.read-only' || error.code === 'store.overloaded') {
      return { type: 'refused', reason: 'read-only', message };
    }
  }
  throw error;
}
