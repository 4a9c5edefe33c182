/**
 * The store in a git repository on this machine. The journal is the commit point: objects reach packs,
 * and the branch moves, a moment later (see sealing below), in git's own format and under git's locks,
 * so that any git sees a commit within a second.
 *
 * Others may push to the branch, and to `refs/heads/inbox/…`: what they bring is merged into our line.
 * What was acknowledged is never rewritten; where it cannot be merged, ours stays, and theirs is kept on
 * `refs/heads/conflict/TIME`.
 */

import { Worker } from 'node:worker_threads';
import type { Code } from '../codes.ts';
import type { Disk } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { isAncestor, mergeBase } from '../history/ancestry.ts';
import { History } from '../history/history.ts';
import { type KeptPath, mergeTrees } from '../history/merge.ts';
import { type ObjectId, Staging } from '../history/objects.ts';
import { resolveName } from '../history/resolve.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { JournalError } from '../journal/journal-error.ts';
import type {
  CommitRequest,
  HeadChange,
  LogOptions,
  MergeFunction,
  Revision,
  Store,
  ValidateFunction,
} from '../store.ts';
import { StoreError } from '../store-error.ts';
import { isMarked, mergePacks, packsToMerge, removePacks } from './compaction.ts';
import {
  defaultLeftLockMs,
  defaultRefreshMs,
  defaultSealTimes,
  type GitStore,
  type GitStoreOptions,
  type MergeOutcome,
  type SealTimes,
  type StoreReport,
  sealRetryMs,
} from './git-store-options.ts';
import {
  type DeflatedObject,
  decodeJournalRecord,
  deflateObject,
  encodeJournalRecord,
  journalRecordHeads,
} from './journal-record.ts';
import { ObjectDatabase } from './object-database.ts';
import { PackWriter } from './pack-writer.ts';
import { References } from './references.ts';
import { openRepository } from './repository.ts';

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

/** A move of the head that is durable, and not sealed. */
type Unsealed = {
  readonly sequence: number;
  readonly after: Revision;
  readonly ids: readonly ObjectId[];
  /** In the journal. */
  readonly octets: number;
};

const noMerge: MergeFunction = () => ({ conflict: 'both sides changed it' });
const anything: ValidateFunction = () => undefined;

class EmbeddedGitStore implements GitStore {
  readonly directory: string;
  readonly branch: string;
  readonly #disk: Disk;
  readonly #options: GitStoreOptions;
  readonly #unlock: () => void;
  readonly #journal: Journal;
  readonly #objects: ObjectDatabase;
  readonly #history: History;
  readonly #references: References;
  readonly #main: string;
  readonly #now: () => number;
  readonly #times: SealTimes;
  readonly #listeners = new Set<(change: HeadChange) => void>();
  readonly #deflated = new Map<ObjectId, DeflatedObject>();
  /** Durable. */
  #head: Revision | undefined;
  /** With what waits for the disk. */
  #queued: Revision | undefined;
  #queuedIds = new Set<ObjectId>();
  #unsealed: Unsealed[] = [];
  #unsealedOctets = 0;
  /** Where the branch was when we last looked. */
  #sealed: Revision | undefined;
  #sealing: Promise<void> | undefined;
  #sealTimer: NodeJS.Timeout | undefined;
  #sealFails = false;
  #oldestMs = 0;
  #refreshing: Promise<void> | undefined;
  readonly #refreshTimer: NodeJS.Timeout | undefined;
  #compacting: Promise<void> | undefined;
  #pending = 0;
  #idle: (() => void) | undefined;
  #closed = false;
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
    this.#disk = disk;
    this.#options = options;
    this.#unlock = unlock;
    this.#main = `refs/heads/${branch}`;
    this.#now = options.now ?? Date.now;
    this.#times = { ...defaultSealTimes, ...options.seal };
    this.#references = new References(disk, directory);
    this.#objects = new ObjectDatabase(disk, `${directory}/objects`);
    this.#history = new History(this.#objects, options.layout);
    this.#journal = openJournal({
      disk,
      folder: options.journal,
      refused: () => this.#forget(),
      ...(options.segmentOctets === undefined ? {} : { segmentOctets: options.segmentOctets }),
    });
    try {
      this.#replay();
    } catch (error) {
      this.#closed = true;
      clearTimeout(this.#sealTimer);
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
    const left = this.#references.lockHolds(this.#main);
    if (left === '' || (left !== undefined && this.#objects.get(left) !== undefined)) {
      await new Promise((resolve) =>
        setTimeout(resolve, this.#options.leftLockMs ?? defaultLeftLockMs),
      );
      // A push that is under way would be through by now; ours was killed, for we have its journal.
      if (this.#references.lockHolds(this.#main) === left) {
        this.#references.breakLock(this.#main);
        this.#tell({ type: 'lock-broken', reference: this.#main });
      }
    }
    try {
      await this.refresh();
    } catch (error) {
      this.#tell({ type: 'unreadable', from: this.#main, error });
    }
    if (this.#unsealed.length > 0 || this.#head !== this.#sealed) this.#sealSoon();
  }

  get head(): Revision | undefined {
    return this.#head;
  }

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  get unsealed(): number {
    return this.#unsealed.length;
  }

  async read(path: string, at: Revision | undefined = this.#head): ReturnType<Store['read']> {
    this.#open();
    return this.#history.read(path, at);
  }

  async list(folder: string, at: Revision | undefined = this.#head): ReturnType<Store['list']> {
    this.#open();
    return this.#history.list(folder, at);
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

  async commit(request: CommitRequest): Promise<Revision> {
    this.#writable();
    const head = this.#queued;
    this.#history.check(request.preconditions ?? [], head);
    const parents = head === undefined ? [] : [head];
    const edits = this.#history.editsOf(request.changes);
    const prepared = this.#history.prepare({ ...request, edits }, parents, this.#seconds());
    const { revision, staging } = prepared;
    await this.#append(revision, staging, 'commit');
    return revision;
  }

  async merge(theirs: Revision, from: string): Promise<MergeOutcome> {
    this.#writable();
    this.#objects.scan();
    const ours = this.#queued;
    const history = this.#history;
    history.commit(theirs);
    if (ours !== undefined && isAncestor(history, theirs, ours)) {
      return { revision: ours, how: 'nothing', kept: [] };
    }
    const base = ours === undefined ? undefined : mergeBase(history, ours, theirs);
    if (ours !== undefined && base === undefined) {
      const kept = [{ path: '', reason: 'the two histories have nothing to do with each other' }];
      this.#keepTheirs(theirs, from, ours, kept);
      return { revision: ours, how: 'nothing', kept };
    }
    const rules = {
      merge: this.#options.merge ?? noMerge,
      validate: this.#options.validate ?? anything,
    };
    const [before, mine, other] = [base, ours, theirs].map((at) => history.treeOf(at));
    const { edits, kept } = mergeTrees(
      this.#objects,
      history.trees,
      history.layout,
      rules,
      before!,
      mine!,
      other!,
    );
    if (base === ours && kept.length === 0) {
      await this.#append(theirs, new Staging(this.#objects), 'merge');
      this.#tell({ type: 'merged', from, revision: theirs });
      return { revision: theirs, how: 'fast-forward', kept };
    }
    const parents = ours === undefined ? [theirs] : [ours, theirs];
    const lines = kept.map(({ path, reason }) => `Kept ours of ${path}: ${reason}`);
    const message = [`Merge ${from}`, ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n');
    const author = this.#options.identity ?? { name: 'Riad', email: 'riad@localhost' };
    const { revision, staging } = history.prepare(
      { edits, author, message },
      parents,
      this.#seconds(),
      history.treeOf(ours),
    );
    const reference = kept.length > 0 ? this.#keep(theirs) : undefined;
    await this.#append(revision, staging, 'merge');
    if (reference === undefined) this.#tell({ type: 'merged', from, revision });
    else this.#tell({ type: 'conflict', from, revision, reference, kept });
    return { revision, how: 'merged', kept };
  }

  /** One after the other; who asks meanwhile gets the answer of the next one. */
  async seal(): Promise<void> {
    while (this.#sealing !== undefined) await this.#sealing.catch(() => {});
    const sealing = this.#sealNow();
    this.#sealing = sealing;
    try {
      await sealing;
    } finally {
      this.#sealing = undefined;
    }
  }

  async refresh(): Promise<void> {
    this.#writable();
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#refreshTimer);
    clearTimeout(this.#sealTimer);
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.#refreshing?.catch(() => {});
    try {
      if (this.#failure === undefined) await this.seal();
    } catch {
      // It was reported, and the journal has it.
    } finally {
      await this.#compacting;
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

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  #tell(report: StoreReport): void {
    this.#options.report?.(report);
  }

  /** Up to the first `await` it runs without pause, so commits build upon each other in their order. */
  async #append(revision: Revision, staging: Staging, origin: HeadChange['origin']): Promise<void> {
    const objects = new Map<ObjectId, DeflatedObject>();
    for (const [id, object] of staging.added) objects.set(id, deflateObject(object));
    const record = encodeJournalRecord({ before: this.#queued, after: revision, objects });
    const refusal = this.#journal.refusal(record);
    if (refusal !== undefined) throw this.#judge(refusal);
    for (const [id, object] of objects) {
      this.#objects.fresh.set(id, object);
      this.#deflated.set(id, object);
      this.#queuedIds.add(id);
    }
    this.#queued = revision;
    this.#pending++;
    try {
      const sequence = await this.#journal.append(record);
      for (const id of objects.keys()) this.#queuedIds.delete(id);
      const previous = this.#head;
      this.#head = revision;
      const ids = [...objects.keys()];
      this.#noteUnsealed({ sequence, after: revision, ids, octets: record.length });
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
    for (const id of this.#queuedIds) {
      this.#objects.fresh.delete(id);
      this.#deflated.delete(id);
    }
    this.#queuedIds = new Set();
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
    const found = this.#references.read(this.#main);
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
      const { objects } = decodeJournalRecord(payload, sequence);
      for (const [id, object] of objects) {
        this.#objects.fresh.set(id, object);
        this.#deflated.set(id, object);
      }
      const ids = [...objects.keys()];
      this.#noteUnsealed({ sequence, after, ids, octets: payload.length });
    }
    const head = last ?? found;
    if (head !== undefined) this.#history.commit(head);
    this.#head = head;
    this.#queued = head;
    this.#sealed = ours.size === 0 || ours.has(found) ? found : head;
  }

  // Sealing.

  #noteUnsealed(unsealed: Unsealed): void {
    if (this.#unsealed.length === 0) this.#oldestMs = performance.now();
    this.#unsealed.push(unsealed);
    this.#unsealedOctets += unsealed.octets;
    this.#sealSoon();
  }

  #sealSoon(afterMs?: number): void {
    clearTimeout(this.#sealTimer);
    if (this.#closed) return;
    const { idleMs, oldestMs, octets } = this.#times;
    const due = Math.max(0, this.#oldestMs + oldestMs - performance.now());
    const wait = afterMs ?? (this.#unsealedOctets >= octets ? 0 : Math.min(idleMs, due));
    this.#sealTimer = setTimeout(() => {
      this.seal().catch(() => this.#sealSoon(sealRetryMs));
    }, wait).unref();
  }

  async #sealNow(): Promise<void> {
    clearTimeout(this.#sealTimer);
    const { length } = this.#unsealed;
    const head = this.#head;
    try {
      if (length > 0) await this.#pack(this.#unsealed.slice(0, length));
      const moved = head === undefined || head === this.#sealed || this.#moveBranch(head);
      if (moved && length > 0) {
        const { sequence } = this.#unsealed[length - 1]!;
        for (const { octets } of this.#unsealed.splice(0, length)) this.#unsealedOctets -= octets;
        this.#journal.retain(sequence + 1);
      }
      this.#compacting ??= this.#compact().finally(() => {
        this.#compacting = undefined;
      });
      if (moved && this.#unsealed.length > 0) {
        this.#oldestMs = performance.now();
        this.#sealSoon();
      }
      this.#sealFails = false;
    } catch (error) {
      // Told once, for it is tried again and again.
      if (!this.#sealFails) this.#tell({ type: 'seal-failed', error });
      this.#sealFails = true;
      throw error;
    }
  }

  async #pack(unsealed: readonly Unsealed[]): Promise<void> {
    const ids = new Set(unsealed.flatMap(({ ids }) => ids).filter((id) => this.#deflated.has(id)));
    if (ids.size === 0) return;
    const writer = new PackWriter(
      this.#disk,
      `${this.directory}/objects/pack`,
      'riad_seal',
      ids.size,
    );
    try {
      for (const id of ids) {
        const { type, content, deflated } = this.#deflated.get(id)!;
        writer.add(id, type, content.length, deflated);
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    await writer.finish();
    this.#objects.scan();
    for (const id of ids) {
      this.#objects.fresh.delete(id);
      this.#deflated.delete(id);
    }
  }

  /** Merges small packs once there are many; a failure is no harm, and is tried again at the next seal. */
  async #compact(): Promise<void> {
    const folder = `${this.directory}/objects/pack`;
    try {
      for (;;) {
        const ours = this.#objects.packs.filter(
          ({ path }) => path.startsWith(`${folder}/`) && !isMarked(this.#disk, path),
        );
        const paths = packsToMerge(ours, this.#options.maxPacks);
        if (paths.length === 0) return;
        const made = await this.#mergePacks(folder, paths);
        this.#objects.scan();
        // What is made has the name of one of them if that had all objects already.
        const gone = paths.filter((path) => path !== made);
        removePacks(this.#disk, folder, gone);
        this.#objects.scan();
      }
    } catch (error) {
      this.#tell({ type: 'compaction-failed', error });
    }
  }

  #mergePacks(folder: string, paths: readonly string[]): Promise<string> {
    if (this.#options.disk !== undefined) return mergePacks(this.#disk, folder, paths);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const program = new URL('./compaction-worker.ts', import.meta.url);
    const worker = new Worker(program, { workerData: { folder, paths } });
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    return promise;
  }

  /** If somebody else has moved it, what they brought is looked at first, and ours follows after. */
  #moveBranch(head: Revision): boolean {
    const outcome = this.#references.update(this.#main, this.#sealed, head);
    if (outcome === 'locked') throw new StoreError('store.reference-locked', this.#main);
    if (outcome === 'done') this.#sealed = head;
    else if (!this.#closed) void this.refresh().catch(() => this.#sealSoon(sealRetryMs));
    return outcome === 'done';
  }

  // What others bring.

  async #look(): Promise<void> {
    const found = this.#references.read(this.#main);
    if (found !== this.#sealed) await this.#takeBranch(found);
    for (const { name, id } of this.#references.list('refs/heads/inbox/')) {
      try {
        await this.merge(id, name.slice('refs/heads/'.length));
        // Whoever pushes again meanwhile is heard next time.
        this.#references.update(name, id, undefined);
      } catch (error) {
        if (this.#failure !== undefined || !(error instanceof StoreError)) throw error;
        this.#tell({ type: 'unreadable', from: name, error });
      }
    }
  }

  async #takeBranch(found: Revision | undefined): Promise<void> {
    if (found !== undefined) {
      try {
        const { how } = await this.merge(found, this.branch);
        if (how === 'nothing' && this.#queued !== found) {
          this.#tell({ type: 'restored', found, revision: this.#queued! });
        }
      } catch (error) {
        if (this.#failure !== undefined || !(error instanceof StoreError)) throw error;
        this.#tell({ type: 'unreadable', from: this.#main, error });
        if (this.#queued === undefined) return;
      }
    } else if (this.#queued !== undefined) {
      this.#tell({ type: 'restored', found, revision: this.#queued });
    }
    this.#sealed = found;
    if (this.#head !== found) this.#sealSoon();
  }

  #keepTheirs(theirs: Revision, from: string, revision: Revision, kept: readonly KeptPath[]): void {
    this.#tell({ type: 'conflict', from, revision, reference: this.#keep(theirs), kept });
  }

  /** `refs/heads/conflict/20261125T103000Z`, or the first such name that is free. */
  #keep(theirs: Revision): string {
    const time = new Date(this.#now()).toISOString().replace(/[-:]|\.\d+/g, '');
    for (let number = 1; ; number++) {
      const name = `refs/heads/conflict/${time}${number === 1 ? '' : `-${number}`}`;
      const there = this.#references.read(name);
      if (there === theirs) return name;
      if (there === undefined && this.#references.update(name, undefined, theirs) === 'done')
        return name;
    }
  }
}
