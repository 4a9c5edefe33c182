/**
 * Brings what the journal has into packs, moves the branch under git's own lock, and lets the journal go.
 * From then on any git sees it. Small packs are merged once there are many.
 */
import { Worker } from 'node:worker_threads';
import type { Disk } from '../disk/disk.ts';
import type { ObjectId } from '../history/objects.ts';
import type { Journal } from '../journal/journal.ts';
import type { Revision } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { isMarked, packsToMerge, removePacks } from './compaction.ts';
import { CondensedPacks } from './condensed-packs.ts';
import { deflateObject } from './deflate.ts';
import { type SealTimes, type StoreReport, sealRetryMs } from './git-store-options.ts';
import type { ObjectDatabase } from './object-database.ts';
import { type PackWork, workOnPacks } from './pack-work.ts';
import { PackWriter } from './pack-writer.ts';
import type { References } from './references.ts';

/** What was condensed before is condensed again with what is at least so small a part of it. */
const condensedGrowth = 8;

/** Objects that are written between two pauses: half a millisecond. */
const objectsOfPiece = 64;

/** A move of the head that is durable, and not sealed. */
type Unsealed = {
  readonly sequence: number;
  readonly ids: readonly ObjectId[];
  /** In the journal. */
  readonly octets: number;
};

export type SealingOptions = {
  readonly disk: Disk;
  /** Whether packs are merged here, on a disk that no other thread has. */
  readonly mergeHere: boolean;
  /** The git directory. */
  readonly directory: string;
  readonly objects: ObjectDatabase;
  readonly journal: Journal;
  readonly references: References;
  /** Of the branch. */
  readonly reference: string;
  readonly times: SealTimes;
  readonly maxPacks: number | undefined;
  readonly nowMs: () => number;
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
  readonly condenseEveryMs: number;
  readonly head: () => Revision | undefined;
  /** Somebody else has moved the branch. */
  readonly overtaken: () => void;
  readonly tell: (report: StoreReport) => void;
};

export class Sealing {
  /** Where the branch was when we last looked. */
  sealed: Revision | undefined;
  readonly #options: SealingOptions;
  #unsealed: Unsealed[] = [];
  #octets = 0;
  #oldestMs = 0;
  #newestMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #sealing: Promise<void> | undefined;
  #fails = false;
  #compacting: Promise<void> | undefined;
  readonly #condensed: CondensedPacks;

  constructor(options: SealingOptions) {
    this.#options = options;
    this.#condensed = new CondensedPacks(options.disk, options.directory);
  }

  get count(): number {
    return this.#unsealed.length;
  }

  note(sequence: number, ids: readonly ObjectId[], octets: number): void {
    this.#newestMs = performance.now();
    if (this.#unsealed.length === 0) this.#oldestMs = this.#newestMs;
    this.#unsealed.push({ sequence, ids, octets });
    const { times } = this.#options;
    const before = this.#octets;
    this.#octets += octets;
    if (before < times.octets && this.#octets >= times.octets) this.soon(0);
    else if (this.#timer === undefined) this.soon(Math.min(times.idleMs, times.oldestMs));
  }

  soon(afterMs: number = 0): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const wait = this.#dueInMs();
        if (wait > 0) this.soon(wait);
        else this.seal().catch(() => this.soon(sealRetryMs));
      },
      Math.max(0, afterMs),
    ).unref();
  }

  /** The branch is not where it belongs. */
  moveSoon(): void {
    if (this.#options.head() !== this.sealed) this.soon();
  }

  /** One after the other; who asks meanwhile gets the answer of the next one. */
  async seal(): Promise<void> {
    while (this.#sealing !== undefined) await this.#sealing.catch(() => {});
    const sealing = this.#seal();
    this.#sealing = sealing;
    try {
      await sealing;
    } finally {
      this.#sealing = undefined;
    }
  }

  /**
   * Makes one small pack of all that came since this was done last. Rejects if that fails; nothing is lost
   * then.
   */
  async condense(): Promise<void> {
    while (this.#compacting !== undefined) await this.#compacting;
    const condensing = this.#condense();
    this.#compacting = condensing.catch(() => {});
    try {
      await condensing;
    } finally {
      this.#compacting = undefined;
    }
  }

  /** Takes off the disk what none of these commits lead to. */
  async collect(revisions: readonly Revision[]): Promise<void> {
    while (this.#compacting !== undefined) await this.#compacting;
    const { directory, objects } = this.#options;
    const folder = `${directory}/objects/pack`;
    const paths = objects.packs.map(({ path }) => path).filter((path) => path.startsWith(folder));
    const collecting = this.#replace(folder, paths, { type: 'collect', revisions });
    this.#compacting = collecting.then(
      () => {},
      () => {},
    );
    try {
      const made = await collecting;
      this.#condensed.write([made], this.#options.nowMs());
    } finally {
      this.#compacting = undefined;
    }
  }

  /** From now on only when told. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async compacted(): Promise<void> {
    await this.#compacting;
  }

  /** The timer stays as it is while commits come; whether there was a pause is seen when it rings. */
  #dueInMs(): number {
    const { idleMs, oldestMs, octets } = this.#options.times;
    if (this.#unsealed.length === 0 || this.#octets >= octets) return 0;
    const due = Math.min(this.#newestMs + idleMs, this.#oldestMs + oldestMs);
    return Math.ceil(due - performance.now());
  }

  async #seal(): Promise<void> {
    const { journal, nowMs, condenseEveryMs, tell } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { length } = this.#unsealed;
    const head = this.#options.head();
    try {
      if (length > 0) await this.#pack(this.#unsealed.slice(0, length));
      const moved = head === undefined || head === this.sealed || this.#moveBranch(head);
      if (moved && length > 0) {
        const { sequence } = this.#unsealed[length - 1]!;
        for (const { octets } of this.#unsealed.splice(0, length)) this.#octets -= octets;
        journal.retain(sequence + 1);
      }
      this.#compacting ??= this.#compact().finally(() => {
        this.#compacting = undefined;
        if (!this.#stopped && this.#condensed.isDue(nowMs(), condenseEveryMs)) {
          this.condense().catch((error) => tell({ type: 'compaction-failed', error }));
        }
      });
      if (moved && this.#unsealed.length > 0) {
        this.#oldestMs = performance.now();
        this.soon(this.#dueInMs());
      }
      this.#fails = false;
    } catch (error) {
      // Told once, for it is tried again and again.
      if (!this.#fails) tell({ type: 'seal-failed', error });
      this.#fails = true;
      throw error;
    }
  }

  async #pack(unsealed: readonly Unsealed[]): Promise<void> {
    const { disk, directory, objects } = this.#options;
    const ids = new Set<ObjectId>();
    for (const moved of unsealed) {
      for (const id of moved.ids) if (objects.fresh.has(id)) ids.add(id);
    }
    if (ids.size === 0) return;
    const writer = new PackWriter(disk, `${directory}/objects/pack`, 'riad_seal', ids.size);
    try {
      let written = 0;
      for (const id of ids) {
        if (++written % objectsOfPiece === 0) await this.#options.pause();
        const object = objects.fresh.get(id)!;
        const { type, content, encoded } = object;
        if ('base' in encoded && writer.addDelta(id, encoded.base, encoded.delta)) continue;
        const deflated = 'base' in encoded ? deflateObject(object) : encoded.deflated;
        writer.add(id, type, content.length, deflated);
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    await writer.finish();
    objects.scan();
    for (const id of ids) objects.fresh.delete(id);
  }

  /** If somebody else has moved it, what they brought is looked at first, and ours follows after. */
  #moveBranch(head: Revision): boolean {
    const { references, reference } = this.#options;
    const outcome = references.update(reference, this.sealed, head);
    if (outcome === 'locked') throw new StoreError('store.reference-locked', reference);
    if (outcome === 'done') this.sealed = head;
    else if (!this.#stopped) this.#options.overtaken();
    return outcome === 'done';
  }

  /** Merges small packs once there are many; a failure is no harm, and is tried again at the next seal. */
  async #compact(): Promise<void> {
    const { disk, directory, objects, maxPacks } = this.#options;
    const folder = `${directory}/objects/pack`;
    try {
      for (;;) {
        const ours = objects.packs.filter(
          ({ path }) => path.startsWith(`${folder}/`) && !isMarked(disk, path),
        );
        // What was condensed is copied beside its like only, so that it stays so.
        const [dense, loose] = [true, false].map((wanted) =>
          ours.filter(({ path }) => this.#condensed.has(path) === wanted),
        );
        const paths =
          [loose!, dense!].map((some) => packsToMerge(some, maxPacks)).find(hasAny) ?? [];
        if (paths.length === 0) return;
        const condensed = paths.every((path) => this.#condensed.has(path));
        const made = await this.#replace(folder, paths, { type: 'merge' });
        if (condensed) this.#condensed.add(made);
      }
    } catch (error) {
      this.#options.tell({ type: 'compaction-failed', error });
    }
  }

  async #condense(): Promise<void> {
    const { disk, directory, objects } = this.#options;
    const folder = `${directory}/objects/pack`;
    const ours = objects.packs.filter(
      ({ path }) => path.startsWith(`${folder}/`) && !isMarked(disk, path),
    );
    const added = ours.filter(({ path }) => !this.#condensed.has(path));
    // Trees come out of those of the days before, which have to be in the same pack; but what is copied for
    // it must be in proportion.
    const most = condensedGrowth * added.reduce((sum, { sizeOctets }) => sum + sizeOctets, 0);
    const before = ours.filter(
      ({ path, sizeOctets }) => this.#condensed.has(path) && sizeOctets <= most,
    );
    const paths = [...added, ...before].map(({ path }) => path);
    const made =
      added.length === 0 ? [] : [await this.#replace(folder, paths, { type: 'condense' })];
    this.#condensed.write([...this.#condensed.names, ...made], this.#options.nowMs());
  }

  /** One pack takes the place of several. */
  async #replace(folder: string, paths: readonly string[], work: PackWork): Promise<string> {
    const { disk, objects } = this.#options;
    const made = await this.#make(folder, paths, work);
    objects.scan();
    // What is made has the name of one of them if that had all objects already.
    const gone = paths.filter((path) => path !== made);
    removePacks(disk, folder, gone);
    objects.scan();
    return made;
  }

  #make(folder: string, paths: readonly string[], work: PackWork): Promise<string> {
    const { disk, mergeHere } = this.#options;
    if (mergeHere) return workOnPacks(disk, folder, paths, work);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const program = new URL('./compaction-worker.ts', import.meta.url);
    const worker = new Worker(program, { workerData: { folder, paths, work } });
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    return promise;
  }
}

function hasAny({ length }: readonly unknown[]): boolean {
  return length > 0;
}
