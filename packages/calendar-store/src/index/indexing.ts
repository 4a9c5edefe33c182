/**
 * Keeps the index with the commits: those of ours as they become durable, many in one transaction; those of
 * others, and all that an index lacks when it is opened, by reading them.
 */
import { inTurns } from '@riad/octets/pieces';
import { isDatabaseFull } from '@riad/store/disk';
import type { GitStore } from '@riad/store/git-options';
import { nextTurn } from '@riad/store/next-turn';
import type { CommitInformation, Revision } from '@riad/store/store';
import type { CollectionKind } from '@riad/webdav/storage/storage';
import { StorageError } from '../codes.ts';
import { type Looked, type ReplayContext, replay } from '../commits/replay.ts';
import type { CalendarReport, Describe } from '../options.ts';
import { Collections } from './collections.ts';
import { fillIn } from './filling.ts';
import { Durable } from './head.ts';
import { IndexDatabase, indexLogPages } from './index-database.ts';
import { Reserve } from './reserve.ts';
import type { Step } from './state.ts';

/** With more to read, requests are told to come back meanwhile. */
export const maxCommitsInPassing = 200;
/** Commits of one transaction while an index is made. */
const commitsPerTransaction = 500;
const retryMs = 1000;
/** Members that a step puts or takes away; with more it is taken with pauses for others. */
export const longStepMembers = 64;
/** After so many commits of ours, or so long, what the index has is kept. */
export const stepsPerTransaction = 1000;
const keepMs = 250;

export type IndexingOptions = {
  readonly file: string;
  readonly store: GitStore;
  readonly describe: Describe;
  readonly report: (report: CalendarReport) => void;
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
  /** Resolves when no write of ours waits for the disk. */
  readonly settled: () => Promise<void>;
  /** The index has everything up to the newest commit. */
  readonly caughtUp: (revision: Revision | undefined) => void;
};

export class Indexing {
  readonly collections: Collections = new Collections();
  readonly #options: IndexingOptions;
  readonly #unwatch: () => void;
  readonly #reserve: Reserve;
  #database: IndexDatabase;
  #nextId = 1;
  #isReady = false;
  #isBehind = true;
  #closed = false;
  readonly #ready = Promise.withResolvers<void>();
  #catchingUp: Promise<void> | undefined;
  #recovering: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #waiting: WaitingStep[] = [];
  #applying: Promise<void> | undefined;
  /** What is read while a long step is taken. */
  #snapshot: IndexDatabase | undefined;
  #moved: (() => void) | undefined;
  #unkept = 0;
  #shortening: Promise<void> | undefined;
  #keepTimer: NodeJS.Timeout | undefined;

  constructor(options: IndexingOptions) {
    this.#options = options;
    this.#reserve = new Reserve(options.file);
    // Before, for what opening may take of it is needed until something has been kept.
    this.#reserve.make();
    this.#database = this.#opened();
    this.#load();
    this.#ready.promise.catch(() => {});
    this.#unwatch = options.store.watch(({ origin }) => {
      this.#moved?.();
      if (origin !== 'commit') void this.catchUp();
    });
  }

  /** For reading: what is durable, and of each step all or nothing. */
  get database(): IndexDatabase {
    return this.#snapshot ?? this.#database;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** While commits of others are read. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** While what the disk had no room for is done again, in the room that was kept for it: worth waiting for. */
  get recovering(): Promise<void> | undefined {
    return this.#recovering;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  nextCollectionId(): number {
    return this.#nextId++;
  }

  begin(): void {
    void this.catchUp();
  }

  /** A commit of ours is durable. Resolves when the index has it; many share a transaction. */
  add(step: Step): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ step, resolve });
    this.#applying ??= this.#applyWaiting();
    return promise;
  }

  /** Never rejects: what fails is reported, and tried again. */
  catchUp(): Promise<void> {
    this.#isBehind = true;
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
      // It has moved once more, just now.
      if (this.#isBehind && this.#isReady && !this.#closed) void this.catchUp();
    });
    return this.#catchingUp;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    clearTimeout(this.#retry);
    clearTimeout(this.#keepTimer);
    this.#moved?.();
    await this.#catchingUp;
    await this.#applying;
    await this.#shortening;
    this.#ready.reject(new StorageError('storage.closed', this.#options.file));
    try {
      if (this.#isReady) this.#database.keep();
    } catch (error) {
      this.#options.report({ type: 'index-failed', error });
    }
    this.#database.close();
  }

  /** On a full disk, in the room that was kept. */
  #opened(): IndexDatabase {
    try {
      return new IndexDatabase(this.#options.file);
    } catch (error) {
      if (!isDatabaseFull(error) || !this.#reserve.release()) throw error;
      return new IndexDatabase(this.#options.file);
    }
  }

  #load(): void {
    this.collections.clear();
    for (const state of this.#database.collections()) this.collections.set(state.key, state);
    this.#nextId = Math.max(this.#nextId, this.#database.lastCollectionId() + 1);
  }

  async #applyWaiting(): Promise<void> {
    await nextTurn(); // for those of the same turn
    while (this.#waiting.length > 0) {
      const long = this.#waiting.findIndex(({ step }) => isLong(step));
      const taken = this.#waiting.splice(0, long === -1 ? Infinity : Math.max(1, long));
      const steps = taken.map(({ step }) => step);
      try {
        if (!this.#isReady) continue; // they are read from their commits
        if (long === 0) await this.#applyLong(steps[0]!);
        else this.#apply(steps);
      } catch (error) {
        this.#fail(error);
      } finally {
        for (const { resolve } of taken) resolve();
      }
    }
    this.#applying = undefined;
  }

  /** With pauses, in which what was there before is read. */
  async #applyLong(step: Step): Promise<void> {
    this.#keep();
    const snapshot = this.#database.snapshot();
    if (snapshot === undefined) return this.#apply([step]);
    this.#snapshot = snapshot;
    try {
      this.#database.change(() => {});
      await inTurns(this.#database.applying(step), this.#options.pause);
      this.#applied([step]);
    } finally {
      this.#snapshot = undefined;
      snapshot.close();
      this.#database.left();
    }
  }

  #apply(steps: readonly Step[]): void {
    this.#database.change(() => this.#database.apply(steps));
    this.#applied(steps);
  }

  #applied(steps: readonly Step[]): void {
    for (const { collections } of steps) {
      for (const [key, state] of collections) this.collections.set(key, state);
    }
    this.#unkept += steps.length;
    if (this.#unkept >= stepsPerTransaction) this.#keep();
    else this.#keepTimer ??= setTimeout(() => this.#keepOrFail(), keepMs).unref();
  }

  #keepOrFail(): void {
    try {
      this.#keep();
    } catch (error) {
      this.#fail(error);
    }
  }

  #keep(): void {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    this.#unkept = 0;
    this.#database.keep();
    if (!this.#reserve.isThere) this.#reserve.make();
    if (this.#shortening !== undefined || this.#database.logPages < indexLogPages) return;
    // What the disk has no room for is told by who writes; it is tried again when more is kept.
    const ended = (): void => {
      this.#shortening = undefined;
    };
    this.#shortening = this.#database.shortenLog().then(ended, ended);
  }

  #fail(error: unknown): void {
    this.#isReady = false;
    this.#isBehind = true;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    this.#options.report({ type: 'index-failed', error });
    if (this.#closed) return;
    clearTimeout(this.#retry);
    if (isDatabaseFull(error) && this.#reserve.release()) {
      this.#recovering = this.#again().finally(() => {
        this.#recovering = undefined;
      });
    } else this.#retry = setTimeout(() => void this.#again(), retryMs).unref();
  }

  async #again(): Promise<void> {
    await this.#catchingUp; // that may be what has failed
    await this.#shortening;
    if (this.#closed) return;
    try {
      this.#database.close();
      this.#database = this.#opened();
      this.#load();
    } catch (error) {
      return this.#fail(error);
    }
    await this.catchUp();
  }

  async #catchUp(): Promise<void> {
    const { store, settled, caughtUp } = this.#options;
    try {
      while (!this.#closed) {
        await settled();
        const head = store.head;
        if (this.#database.revision !== head || !this.#database.complete) await this.#read(head);
        if (this.#closed) return;
        if (store.newest === this.#database.revision) break;
        // What others have brought waits for the disk.
        if (store.newest !== store.head)
          await new Promise<void>((resolve) => (this.#moved = resolve));
      }
      this.#isReady = true;
      this.#isBehind = false;
      caughtUp(this.#database.revision);
      this.#ready.resolve();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reads commits up to `head`. */
  async #read(head: Revision | undefined): Promise<void> {
    const { report } = this.#options;
    const began = performance.now();
    const missing = await this.#missing(head);
    const passing =
      this.#isReady && !missing.anew && missing.revisions.length <= maxCommitsInPassing;
    const few = missing.revisions.length <= maxCommitsInPassing && !missing.anew;
    if (!passing) this.#isReady = false;
    const commits = missing.revisions.length;
    if (!few) report({ type: 'index-begun', commits });
    if (missing.anew) {
      this.#database.change(() => this.#database.clear());
      this.#load();
    }
    const later = !few;
    if (later) this.#database.change(() => this.#database.setComplete(false));
    await this.#replayAll(missing.revisions, later);
    if (this.#closed) return;
    if (!this.#database.complete) {
      const { store, describe } = this.#options;
      await fillIn(this.#database, this.collections, store, describe, () => this.#closed);
      if (this.#closed) return;
      this.#database.change(() => this.#database.setComplete(true));
      this.#load();
    }
    this.#keep();
    if (!few) report({ type: 'index-ready', commits, ms: performance.now() - began });
  }

  /** Commits that the index lacks, oldest first; `anew` if it has others. */
  async #missing(
    head: Revision | undefined,
  ): Promise<{ readonly revisions: readonly Revision[]; readonly anew: boolean }> {
    const { revision } = this.#database;
    const revisions: Revision[] = [];
    let found = revision === undefined;
    if (head !== undefined) {
      for await (const commit of this.#options.store.log({ from: head })) {
        if (commit.revision === revision) {
          found = true;
          break;
        }
        revisions.push(commit.revision);
      }
    }
    return { revisions: revisions.reverse(), anew: !found };
  }

  async #replayAll(revisions: readonly Revision[], later: boolean): Promise<void> {
    const { store } = this.#options;
    const durable = new Durable(this.collections, () => this.#database);
    const context: ReplayContext = {
      state: durable,
      nextId: () => this.nextCollectionId(),
      content: (blob) => store.content(blob),
      differences: ({ parents, revision }: CommitInformation) =>
        store.differences(parents[0], revision),
      look: (blob, kind) => this.#look(blob, kind),
      lookLater: (blob, kind) => (later ? putOff : this.#look(blob, kind)),
      unreadable: (file, error) =>
        this.#options.report({ type: 'unreadable-description', file, error }),
    };
    for (let at = 0; at < revisions.length && !this.#closed; at += commitsPerTransaction) {
      const batch = revisions.slice(at, at + commitsPerTransaction);
      if (!later) {
        for (const revision of batch) {
          const step = await replay(await store.describe(revision), context);
          if (isLong(step)) await this.#applyLong(step);
          else this.#apply([step]);
        }
        continue;
      }
      for (const revision of batch) {
        const step = await replay(await store.describe(revision), context);
        this.#database.change(() => this.#database.apply([step]));
        for (const [key, state] of step.collections) this.collections.set(key, state);
      }
      this.#keep();
      await nextTurn();
    }
  }

  async #look(blob: string, kind: CollectionKind): Promise<Looked> {
    const { store, describe } = this.#options;
    // One commit may have a hundred thousand objects; who asks meanwhile is to be told to come back.
    await this.#options.pause();
    const octets = await store.content(blob, true);
    if (octets === undefined) return { sizeOctets: 0, facts: undefined };
    const facts = kind === 'folder' ? undefined : describe(octets, kind);
    return { sizeOctets: octets.length, facts };
  }
}

type WaitingStep = { readonly step: Step; readonly resolve: () => void };

function isLong({ lines, names, removed }: Step): boolean {
  let members = lines.length;
  for (const inside of names.values()) members += inside.size;
  for (const { count } of removed) members += count;
  return members > 2 * longStepMembers; // each has its line
}

const putOff: Promise<Looked> = Promise.resolve({ sizeOctets: -1, facts: undefined });
