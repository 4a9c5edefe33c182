/**
 * The store in a git repository on this machine. The journal is the commit point: objects reach packs,
 * and the branch moves, a moment later (sealing.ts), in git's own format and under git's locks,
 * so that any git sees a commit within a second.
 *
 * Others may push to the branch, and to `refs/heads/inbox/…` (incoming.ts).
 */

import { inTurns } from '@riad/octets/pieces';
import type { Code } from '../codes.ts';
import type { Disk } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { History } from '../history/history.ts';
import type { ObjectId, Staging } from '../history/objects.ts';
import { resolveName } from '../history/resolve.ts';
import type { Rewriting } from '../history/rewrite.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { JournalError } from '../journal/journal-error.ts';
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
  decodeJournalRecord,
  type EncodedObject,
  encodeJournalRecord,
  encodeObject,
  encodeObjectElsewhere,
  encodingJournalRecord,
  journalRecordHeads,
} from './journal-record.ts';
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
  readonly #journal: Journal;
  readonly #objects: ObjectDatabase;
  readonly #history: History;
  readonly #references: References;
  readonly #reference: string;
  readonly #sealing: Sealing;
  readonly #incoming: Incoming;
  readonly #now: () => number;
  readonly #listeners = new Set<(change: HeadChange) => void>();
  /** Durable. */
  #head: Revision | undefined;
  /** With what waits for the disk. */
  #queued: Revision | undefined;
  /** Objects of what waits, oldest first. */
  #waiting: (readonly ObjectId[])[] = [];
  #refreshing: Promise<void> | undefined;
  readonly #refreshTimer: NodeJS.Timeout | undefined;
  #pending = 0;
  #idle: (() => void) | undefined;
  #closed = false;
  #isRewriting = false;
  #failure: StoreError | undefined;

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
    this.#journal = openJournal({
      disk,
      folder: options.journal,
      refused: () => this.#forget(),
      ...(options.segmentOctets === undefined ? {} : { segmentOctets: options.segmentOctets }),
    });
    this.#sealing = new Sealing({
      disk,
      mergeHere: options.disk !== undefined,
      directory,
      objects: this.#objects,
      journal: this.#journal,
      references: this.#references,
      reference: this.#reference,
      times: { ...defaultSealTimes, ...options.seal },
      maxPacks: options.maxPacks,
      nowMs: this.#now,
      pause: options.pause ?? nextTurn,
      condenseEveryMs: options.condenseEveryMs ?? defaultCondenseEveryMs,
      head: () => this.#head,
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
      queued: () => this.#queued,
      failed: () => this.#failure !== undefined,
      append: (revision, staging, origin) => this.#append(revision, staging, origin),
      tell: (report) => this.#tell(report),
    });
    try {
      this.#replay();
    } catch (error) {
      this.#closed = true;
      this.#sealing.stop();
      void this.#journal.close();
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
    if (marked !== undefined && marked === this.#head) await this.#collect();
    else if (marked !== undefined) this.#mark.remove();
    if (this.#sealing.count > 0) this.#sealing.soon();
    else this.#sealing.moveSoon();
  }

  get head(): Revision | undefined {
    return this.#head;
  }

  get newest(): Revision | undefined {
    return this.#queued;
  }

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  get unsealed(): number {
    return this.#sealing.count;
  }

  async read(path: string, at: Revision | undefined = this.#head): ReturnType<Store['read']> {
    this.#open();
    return this.#history.read(path, at);
  }

  async list(folder: string, at: Revision | undefined = this.#head): ReturnType<Store['list']> {
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

  async *log({ path = '', from = this.#head }: LogOptions = {}): ReturnType<Store['log']> {
    this.#open();
    yield* this.#history.log(path, from);
  }

  async resolve(name: string | Date): Promise<Revision | undefined> {
    this.#open();
    const found = await resolveName(this.#history, this.#head, name);
    if (found !== undefined || name instanceof Date) return found;
    if (name === this.branch) return this.#head; // before it is sealed, too
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
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
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
    const head = this.#queued;
    this.#history.check(request.preconditions ?? [], head);
    const parents = head === undefined ? [] : [head];
    const edits = this.#history.editsOf(request.changes);
    const time = request.timeSeconds ?? this.#seconds();
    const prepared = this.#history.prepare({ ...request, edits }, parents, time);
    const { revision, staging } = prepared;
    await this.#append(revision, staging, 'commit');
    return revision;
  }

  async prepare(request: CommitRequest, pause: () => Promise<void>): Promise<PreparedCommit> {
    this.#writable();
    const before = this.#queued;
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
    if (this.#queued !== before)
      throw new StoreError('store.conflict', this.#queued ?? 'empty store');
    await this.#appendRecord(revision, objects, record, 'commit');
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
      throw this.#judge(error);
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
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.#refreshing?.catch(() => {});
    try {
      if (this.#failure === undefined) await this.seal();
    } catch {
      // It was reported, and the journal has it.
    } finally {
      await this.#sealing.compacted();
      await this.#journal.close();
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
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #rewrite(rewriting: Rewriting): Promise<Rewritten> {
    await this.#refreshing?.catch(() => {});
    while (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.seal();
    const head = this.#head;
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
    await this.#journal.clear();
    if (this.#references.update(this.#reference, head, revision) !== 'done') {
      this.#mark.remove();
      throw new StoreError('store.reference-locked', this.#reference);
    }
    this.#head = revision;
    this.#queued = revision;
    this.#sealing.sealed = revision;
    for (const listener of [...this.#listeners]) {
      listener({ previous: head, revision, origin: 'rewrite' });
    }
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
    await this.#sealing.collect([this.#head!, ...heads]);
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

  /** Up to the first `await` it runs without pause, so commits build upon each other in their order. */
  async #append(revision: Revision, staging: Staging, origin: HeadChange['origin']): Promise<void> {
    const objects = new Map<ObjectId, EncodedObject>();
    for (const [id, object] of staging.added) objects.set(id, encodeObject(object));
    const record = encodeJournalRecord({ before: this.#queued, after: revision, objects });
    await this.#appendRecord(revision, objects, record, origin);
  }

  async #appendRecord(
    revision: Revision,
    objects: ReadonlyMap<ObjectId, EncodedObject>,
    record: Uint8Array,
    origin: HeadChange['origin'],
  ): Promise<void> {
    const refusal = this.#journal.refusal(record);
    if (refusal !== undefined) throw this.#judge(refusal);
    const ids = [...objects.keys()];
    for (const [id, object] of objects) this.#objects.fresh.set(id, object);
    this.#waiting.push(ids);
    this.#queued = revision;
    this.#pending++;
    try {
      const sequence = await this.#journal.append(record);
      this.#waiting.shift();
      const previous = this.#head;
      this.#head = revision;
      this.#sealing.note(sequence, ids, record.length);
      for (const listener of [...this.#listeners]) {
        try {
          listener({ previous, revision, origin });
        } catch (error) {
          // The commit is durable whatever its watchers do.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    } catch (error) {
      throw this.#judge(error);
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#idle?.();
    }
  }

  /** The journal has refused what waits; commits that come now build upon what is durable. */
  #forget(): void {
    for (const ids of this.#waiting) for (const id of ids) this.#objects.fresh.delete(id);
    this.#waiting = [];
    this.#queued = this.#head;
  }

  #judge(error: unknown): unknown {
    if (!(error instanceof JournalError)) return error;
    const answers: Partial<Record<Code, Code>> = {
      'journal.full': 'store.full',
      'journal.overloaded': 'store.overloaded',
      'journal.closed': 'store.closed',
    };
    const code = answers[error.code];
    if (code !== undefined) return new StoreError(code, this.directory, { cause: error });
    this.#failure ??= new StoreError('store.read-only', this.directory, { cause: error });
    return this.#failure;
  }

  // Recovery.

  /**
   * Takes what the journal has and packs have not. The branch may be behind (a crash came first), or
   * somewhere else (somebody pushed), which the first look at it finds out.
   */
  #replay(): void {
    const found = this.#references.read(this.#reference);
    const ours = new Set<Revision | undefined>();
    let last: Revision | undefined;
    for (const { sequence, payload } of this.#journal.entries()) {
      const { before, after } = journalRecordHeads(payload, sequence);
      if (ours.size > 0 && before !== last) {
        throw new StoreError('store.journal-foreign', `record ${sequence}`);
      }
      ours.add(before).add(after);
      last = after;
      if (this.#objects.hasSealed(after)) continue;
      if (before !== undefined && this.#objects.get(before) === undefined) {
        throw new StoreError('store.journal-foreign', `record ${sequence}: ${before}`);
      }
      const { objects } = decodeJournalRecord(payload, sequence, (id) => this.#objects.get(id));
      for (const [id, object] of objects) this.#objects.fresh.set(id, object);
      this.#sealing.note(sequence, [...objects.keys()], payload.length);
    }
    const head = last ?? found;
    // Read when it is needed: one that has imported a hundred thousand objects says so for long.
    if (head !== undefined && this.#objects.get(head)?.type !== 'commit') {
      throw new StoreError('store.not-found', head);
    }
    this.#head = head;
    this.#queued = head;
    this.#sealing.sealed = ours.size === 0 || ours.has(found) ? found : head;
  }
}
