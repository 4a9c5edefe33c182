/**
 * Where a store stands: a commit counts when the journal has it, and others may build upon it before. Not here:
 * how objects reach packs, and when the branch moves (sealing.ts).
 */
import type { Code } from '../codes.ts';
import type { Disk } from '../disk/disk.ts';
import type { ObjectId, Staging } from '../history/objects.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { HeadChange, Revision } from '../store.ts';
import { StoreError } from '../store-error.ts';
import {
  decodeJournalRecord,
  type EncodedObject,
  encodeJournalRecord,
  encodeObject,
  journalRecordHeads,
} from './journal-record.ts';
import type { ObjectDatabase } from './object-database.ts';

export type JournalledHeadOptions = {
  readonly disk: Disk;
  /** Of the journal. */
  readonly folder: string;
  readonly segmentOctets: number | undefined;
  /** Of the repository, for errors. */
  readonly directory: string;
  readonly objects: ObjectDatabase;
  /** A record is durable, and what it brought is in no pack yet. */
  readonly unsealed: (sequence: number, ids: readonly ObjectId[], octets: number) => void;
};

type Origin = HeadChange['origin'];

export class JournalledHead {
  readonly journal: Journal;
  readonly #options: JournalledHeadOptions;
  readonly #listeners = new Set<(change: HeadChange) => void>();
  /** Durable. */
  #durable: Revision | undefined;
  /** With what waits for the disk. */
  #queued: Revision | undefined;
  /** Objects of what waits, oldest first. */
  #waiting: (readonly ObjectId[])[] = [];
  #pending = 0;
  #idle: (() => void) | undefined;
  #failure: StoreError | undefined;

  /** `JournalError` if the journal is damaged. */
  constructor(options: JournalledHeadOptions) {
    const { disk, folder, segmentOctets } = options;
    this.#options = options;
    this.journal = openJournal({
      disk,
      folder,
      refused: () => this.#forget(),
      ...(segmentOctets === undefined ? {} : { segmentOctets }),
    });
  }

  get durable(): Revision | undefined {
    return this.#durable;
  }

  get queued(): Revision | undefined {
    return this.#queued;
  }

  /** Why nothing can be written any more. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  watch(listener: (change: HeadChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Up to the first `await` it runs without pause, so commits build upon each other in their order. */
  async append(revision: Revision, staging: Staging, origin: Origin): Promise<void> {
    const objects = new Map<ObjectId, EncodedObject>();
    for (const [id, object] of staging.added) objects.set(id, encodeObject(object));
    const record = encodeJournalRecord({ before: this.#queued, after: revision, objects });
    await this.appendRecord(revision, objects, record, origin);
  }

  /** The same for a record that was made before. */
  async appendRecord(
    revision: Revision,
    objects: ReadonlyMap<ObjectId, EncodedObject>,
    record: Uint8Array,
    origin: Origin,
  ): Promise<void> {
    const refusal = this.journal.refusal(record);
    if (refusal !== undefined) throw this.judge(refusal);
    const ids = [...objects.keys()];
    for (const [id, object] of objects) this.#options.objects.fresh.set(id, object);
    this.#waiting.push(ids);
    this.#queued = revision;
    this.#pending++;
    try {
      const sequence = await this.journal.append(record);
      this.#waiting.shift();
      const previous = this.#durable;
      this.#durable = revision;
      this.#options.unsealed(sequence, ids, record.length);
      this.#tell({ previous, revision, origin });
    } catch (error) {
      throw this.judge(error);
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#idle?.();
    }
  }

  /** Until nothing waits for the disk. */
  async settled(): Promise<void> {
    while (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** The journal has been emptied, and the branch moved by hand. */
  rewritten(revision: Revision): void {
    const previous = this.#durable;
    this.#durable = revision;
    this.#queued = revision;
    this.#tell({ previous, revision, origin: 'rewrite' });
  }

  /**
   * Takes what the journal has and packs have not, and gives what is sealed of it. The branch may be behind (a
   * crash came first), or somewhere else (somebody pushed), which the first look at it finds out.
   */
  replay(branch: Revision | undefined): Revision | undefined {
    const { objects: database, unsealed } = this.#options;
    const ours = new Set<Revision | undefined>();
    let last: Revision | undefined;
    for (const { sequence, payload } of this.journal.entries()) {
      const { before, after } = journalRecordHeads(payload, sequence);
      if (ours.size > 0 && before !== last) {
        throw new StoreError('store.journal-foreign', `record ${sequence}`);
      }
      ours.add(before).add(after);
      last = after;
      if (database.hasSealed(after)) continue;
      if (before !== undefined && database.get(before) === undefined) {
        throw new StoreError('store.journal-foreign', `record ${sequence}: ${before}`);
      }
      const { objects } = decodeJournalRecord(payload, sequence, (id) => database.get(id));
      for (const [id, object] of objects) database.fresh.set(id, object);
      unsealed(sequence, [...objects.keys()], payload.length);
    }
    const head = last ?? branch;
    // Read when it is needed: one that has imported a hundred thousand objects says so for long.
    if (head !== undefined && database.get(head)?.type !== 'commit') {
      throw new StoreError('store.not-found', head);
    }
    this.#durable = head;
    this.#queued = head;
    return ours.size === 0 || ours.has(branch) ? branch : head;
  }

  /** What an error of the journal means for the store; others stay as they are. */
  judge(error: unknown): unknown {
    if (!(error instanceof JournalError)) return error;
    const { directory } = this.#options;
    const answers: Partial<Record<Code, Code>> = {
      'journal.full': 'store.full',
      'journal.overloaded': 'store.overloaded',
      'journal.closed': 'store.closed',
    };
    const code = answers[error.code];
    if (code !== undefined) return new StoreError(code, directory, { cause: error });
    this.#failure ??= new StoreError('store.read-only', directory, { cause: error });
    return this.#failure;
  }

  /** The journal has refused what waits; commits that come now build upon what is durable. */
  #forget(): void {
    const { fresh } = this.#options.objects;
    for (const ids of this.#waiting) for (const id of ids) fresh.delete(id);
    this.#waiting = [];
    this.#queued = this.#durable;
  }

  #tell(change: HeadChange): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        // The commit is durable whatever its watchers do.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
