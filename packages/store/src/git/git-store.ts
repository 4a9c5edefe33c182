/**
 * The store in a git repository on this machine. The journal is the commit point: objects reach packs,
 * and the branch moves, a moment later (sealing.ts), in git's own format and under git's locks,
 * so that any git sees a commit within a second.
 *
 * Others may push to the branch, and to `refs/heads/inbox/…` (incoming.ts).
 */

import { inTurns } from '@riad/octets/pieces';
import type { Disk } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { History } from '../history/history.ts';
import type { ObjectId } from '../history/objects.ts';
import { resolveName } from '../history/resolve.ts';
import type { Rewriting } from '../history/rewrite.ts';
import { nextTurn } from '../next-turn.ts';
import type { CommitRequest, HeadChange, LogOptions, Revision, Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { conflictFolder } from './conflict-branches.ts';
import {
  defaultCondenseEveryMs,
  defaultLeftLockMs,
  defaultRefreshMs,
  defaultSealTimes,
  type GitStore,
  type GitStoreOptions,
  type MergeOutcome,
  type PreparedCommit,
  type Rewritten,
  type StoreReport,
  sealRetryMs,
} from './git-store-options.ts';
import { Incoming } from './incoming.ts';
import {
  type EncodedObject,
  encodeObjectElsewhere,
  encodingJournalRecord,
} from './journal-record.ts';
import { JournalledHead } from './journalled-head.ts';
import { ObjectDatabase } from './object-database.ts';
import { References } from './references.ts';
import { openRepository } from './repository.ts';
import { RewritingMark, writeRewritten } from './rewriting.ts';
import { Sealing } from './sealing.ts';

/**
 * Opens it, whatever a crash has left. `StoreError`: `store.locked`, `store.sha256`, `store.repository`,
 * `store.journal-foreign`, `store.object`; `JournalError` if the journal is damaged.
 */
export async function openGitStore(options: GitStoreOptions): Promise<GitStore> {
  const { disk = nodeDisk(), branch = 'main', repository } = options;
  if (!/^[\w][\w.-]*(?:\/[\w][\w.-]*)*$/.test(branch)) throw new RangeError(`branch: ${branch}`);
  disk.makeFolder(options.journal);
  const unlock = disk.lock(`${options.journal}/lock`);
  if (unlock === undefined) throw new StoreError('store.locked', options.journal);
  try {
    const directory = openRepository(disk, repository, branch);
    const store = new EmbeddedGitStore(options, disk, directory, branch, unlock);
    await store.settle();
    return store;
  } catch (error) {
    unlock();
    throw error;
  }
}

class EmbeddedGitStore implements GitStore {
  readonly directory: string;
  readonly branch: string;
  readonly #disk: Disk;
  readonly #options: GitStoreOptions;
  readonly #mark: RewritingMark;
  readonly #unlock: () => void;
  readonly #head: JournalledHead;
  readonly #objects: ObjectDatabase;
  readonly #history: History;
  readonly #references: References;
  readonly #reference: string;
  readonly #sealing: Sealing;
  readonly #incoming: Incoming;
  readonly #now: () => number;
  #refreshing: Promise<void> | undefined;
  readonly #refreshTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #isRewriting = false;

  constructor(
    options: GitStoreOptions,
    disk: Disk,
    directory: string,
    branch: string,
    unlock: () => void,
  ) {
    this.directory = directory;
    this.branch = branch;
    this.#options = options;
    this.#unlock = unlock;
    this.#reference = `refs/heads/${branch}`;
    this.#now = options.now ?? Date.now;
    this.#references = new References(disk, directory);
    this.#disk = disk;
    this.#mark = new RewritingMark(disk, directory);
    this.#objects = new ObjectDatabase(disk, `${directory}/objects`);
    this.#history = new History(this.#objects, options.layout);
    this.#head = new JournalledHead({
      disk,
      folder: options.journal,
      segmentOctets: options.segmentOctets,
      directory,
      objects: this.#objects,
      unsealed: (sequence, ids, octets) => this.#sealing.note(sequence, ids, octets),
    });
    this.#sealing = new Sealing({
      disk,
      mergeHere: options.disk !== undefined,
      directory,
      objects: this.#objects,
      journal: this.#head.journal,
      references: this.#references,
      reference: this.#reference,
      times: { ...defaultSealTimes, ...options.seal },
      maxPacks: options.maxPacks,
      nowMs: this.#now,
      pause: options.pause ?? nextTurn,
      condenseEveryMs: options.condenseEveryMs ?? defaultCondenseEveryMs,
      head: () => this.#head.durable,
      overtaken: () => void this.refresh().catch(() => this.#sealing.soon(sealRetryMs)),
      tell: (report) => this.#tell(report),
    });
    this.#incoming = new Incoming({
      options,
      branch,
      reference: this.#reference,
      objects: this.#objects,
      history: this.#history,
      references: this.#references,
      sealing: this.#sealing,
      nowMs: this.#now,
      queued: () => this.#head.queued,
      failed: () => this.#head.failure !== undefined,
      append: (revision, staging, origin) => this.#head.append(revision, staging, origin),
      tell: (report) => this.#tell(report),
    });
    try {
      this.#sealing.sealed = this.#head.replay(this.#references.read(this.#reference));
    } catch (error) {
      this.#closed = true;
      this.#sealing.stop();
      void this.#head.journal.close();
      this.#objects.close();
      throw error;
    }
    const { refreshMs = defaultRefreshMs } = options;
    if (refreshMs > 0) {
      this.#refreshTimer = setInterval(
        () => void this.refresh().catch(() => {}),
        refreshMs,
      ).unref();
    }
  }

  /** What others have done, or a crash has left, since we were last here. */
  async settle(): Promise<void> {
    const left = this.#references.lockHolds(this.#reference);
    if (left === '' || (left !== undefined && this.#objects.get(left) !== undefined)) {
      await new Promise((resolve) =>
        setTimeout(resolve, this.#options.leftLockMs ?? defaultLeftLockMs),
      );
      // A push that is under way would be through by now; ours was killed, for we have its journal.
      if (this.#references.lockHolds(this.#reference) === left) {
        this.#references.breakLock(this.#reference);
        this.#tell({ type: 'lock-broken', reference: this.#reference });
      }
    }
    try {
      await this.refresh();
    } catch (error) {
      this.#tell({ type: 'unreadable', from: this.#reference, error });
    }
    const marked = this.#mark.read();
    // A crash came before the branch had moved, or before packs had lost what they had to.
    if (marked !== undefined && marked === this.#head.durable) await this.#collect();
    else if (marked !== undefined) this.#mark.remove();
    if (this.#sealing.count > 0) this.#sealing.soon();
    else this.#sealing.moveSoon();
  }

  get head(): Revision | undefined {
    return this.#head.durable;
  }

  get newest(): Revision | undefined {
    return this.#head.queued;
  }

  get failure(): StoreError | undefined {
    return this.#head.failure;
  }

  get unsealed(): number {
    return this.#sealing.count;
  }

  async read(path: string, at: Revision | undefined = this.head): ReturnType<Store['read']> {
    this.#open();
    return this.#history.read(path, at);
  }

  async list(folder: string, at: Revision | undefined = this.head): ReturnType<Store['list']> {
    this.#open();
    return this.#history.list(folder, at);
  }

  async content(blob: string, once = false): ReturnType<Store['content']> {
    this.#open();
    return this.#history.content(blob, once);
  }

  async differences(
    before: Revision | undefined,
    after: Revision,
  ): ReturnType<Store['differences']> {
    this.#open();
    return this.#history.differences(before, after);
  }

  async describe(revision: Revision): ReturnType<Store['describe']> {
    this.#open();
    return this.#history.describe(revision);
  }

  async *log({ path = '', from = this.head }: LogOptions = {}): ReturnType<Store['log']> {
    this.#open();
    yield* this.#history.log(path, from);
  }

  async resolve(name: string | Date): Promise<Revision | undefined> {
    this.#open();
    const found = await resolveName(this.#history, this.head, name);
    if (found !== undefined || name instanceof Date) return found;
    if (name === this.branch) return this.head; // before it is sealed, too
    if (!/^[\w][\w.-]*(?:\/[\w][\w.-]*)*$/.test(name)) return undefined;
    for (const place of [`refs/heads/${name}`, `refs/tags/${name}`]) {
      let id = this.#references.read(place);
      // A tag with a message of its own names what it is about in its first line.
      for (
        let object = id === undefined ? undefined : this.#objects.get(id);
        object?.type === 'tag';
      ) {
        id = /^object ([0-9a-f]{40})\n/.exec(new TextDecoder().decode(object.content))?.[1];
        object = id === undefined ? undefined : this.#objects.get(id);
      }
      if (id !== undefined && this.#objects.get(id)?.type === 'commit') return id;
    }
    return undefined;
  }

  watch(listener: (change: HeadChange) => void): () => void {
    return this.#head.watch(listener);
  }

  reference(name: string): Revision | undefined {
    return this.#references.read(name);
  }

  references(prefix: string): ReadonlyMap<string, Revision> {
    return new Map(this.#references.list(prefix).map(({ name, id }) => [name, id]));
  }

  async commit(request: CommitRequest): Promise<Revision> {
    this.#writable();
    if (this.#isRewriting) throw new StoreError('store.rewriting', this.directory);
    const head = this.newest;
    this.#history.check(request.preconditions ?? [], head);
    const parents = head === undefined ? [] : [head];
    const edits = this.#history.editsOf(request.changes);
    const time = request.timeSeconds ?? this.#seconds();
    const prepared = this.#history.prepare({ ...request, edits }, parents, time);
    const { revision, staging } = prepared;
    await this.#head.append(revision, staging, 'commit');
    return revision;
  }

  async prepare(request: CommitRequest, pause: () => Promise<void>): Promise<PreparedCommit> {
    this.#writable();
    const before = this.newest;
    this.#history.check(request.preconditions ?? [], before);
    const parents = before === undefined ? [] : [before];
    const edits = await inTurns(this.#history.editsInPieces(request.changes), pause);
    const time = request.timeSeconds ?? this.#seconds();
    const preparing = this.#history.preparing({ ...request, edits }, parents, time);
    const { revision, staging } = await inTurns(preparing, pause);
    const objects = new Map<ObjectId, EncodedObject>();
    for (const [id, object] of staging.added) {
      objects.set(id, await encodeObjectElsewhere(object));
      await pause();
    }
    const encoding = encodingJournalRecord({ before, after: revision, objects });
    return { before, revision, objects, record: await inTurns(encoding, pause) };
  }

  async commitPrepared(prepared: PreparedCommit): Promise<Revision> {
    const { before, revision, objects, record } = prepared;
    this.#writable();
    if (this.#isRewriting) throw new StoreError('store.rewriting', this.directory);
    // What it builds upon, and found to be there already, is of that very state.
    if (this.newest !== before)
      throw new StoreError('store.conflict', this.newest ?? 'empty store');
    await this.#head.appendRecord(revision, objects, record, 'commit');
    return revision;
  }

  async merge(theirs: Revision, from: string): Promise<MergeOutcome> {
    this.#writable();
    if (this.#isRewriting) throw new StoreError('store.rewriting', this.directory);
    return this.#incoming.merge(theirs, from);
  }

  seal(): Promise<void> {
    return this.#sealing.seal();
  }

  async condense(): Promise<void> {
    this.#writable();
    await this.seal();
    await this.#sealing.condense();
  }

  async rewrite(rewriting: Rewriting): Promise<Rewritten> {
    this.#writable();
    if (this.#isRewriting) throw new StoreError('store.rewriting', this.directory);
    this.#isRewriting = true;
    try {
      return await this.#rewrite(rewriting);
    } catch (error) {
      throw this.#head.judge(error);
    } finally {
      this.#isRewriting = false;
    }
  }

  async refresh(): Promise<void> {
    this.#writable();
    if (this.#isRewriting) return;
    this.#refreshing ??= this.#incoming.look().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#refreshTimer);
    this.#sealing.stop();
    await this.#head.settled();
    await this.#refreshing?.catch(() => {});
    try {
      if (this.failure === undefined) await this.seal();
    } catch {
      // It was reported, and the journal has it.
    } finally {
      await this.#sealing.compacted();
      await this.#head.journal.close();
      this.#objects.close();
      this.#unlock();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): void {
    if (this.#closed) throw new StoreError('store.closed', this.directory);
  }

  #writable(): void {
    this.#open();
    if (this.failure !== undefined) throw this.failure;
  }

  async #rewrite(rewriting: Rewriting): Promise<Rewritten> {
    await this.#refreshing?.catch(() => {});
    await this.#head.settled();
    await this.seal();
    const head = this.head;
    if (head === undefined || this.#sealing.sealed !== head) {
      throw new StoreError('store.reference-locked', this.#reference);
    }
    const renamed = await writeRewritten(
      this.#disk,
      this.directory,
      this.#objects,
      this.#history,
      head,
      rewriting,
    );
    const revision = renamed.get(head)!;
    if (revision === head) return { revision, commits: 0, keptBy: [] };
    this.#mark.write(revision);
    await this.#head.journal.clear();
    if (this.#references.update(this.#reference, head, revision) !== 'done') {
      this.#mark.remove();
      throw new StoreError('store.reference-locked', this.#reference);
    }
    this.#sealing.sealed = revision;
    this.#head.rewritten(revision);
    const commits = [...renamed].filter(([before, after]) => before !== after).length;
    return { revision, commits, keptBy: await this.#collect() };
  }

  /** Gives the references that others have. */
  async #collect(): Promise<string[]> {
    for (const { name, id } of this.#references.list(conflictFolder)) {
      this.#references.update(name, id, undefined);
    }
    const there = this.#references.list('refs/').filter(({ name }) => name !== this.#reference);
    const heads = there.flatMap(({ name }) => {
      const id = this.reference(name);
      return id !== undefined && this.#objects.get(id)?.type === 'commit' ? [id] : [];
    });
    await this.#sealing.collect([this.head!, ...heads]);
    this.#objects.forget();
    this.#mark.remove();
    return there.map(({ name }) => name);
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  #tell(report: StoreReport): void {
    this.#options.report?.(report);
  }
}
