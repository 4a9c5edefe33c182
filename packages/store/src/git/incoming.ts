/**
 * What others bring: a branch that they have moved, and `refs/heads/inbox/…`. It is merged into our line;
 * what was acknowledged is never rewritten. What cannot be merged stays ours, and theirs is kept on
 * `refs/heads/conflict/TIME`.
 */
import { isAncestor, isOnLine, mergeBase } from '../history/ancestry.ts';
import type { History } from '../history/history.ts';
import { mergeTrees } from '../history/merge.ts';
import { Staging } from '../history/objects.ts';
import type { HeadChange, MergeFunction, Revision, ValidateFunction } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { conflictFolder } from './conflict-branches.ts';
import type { GitStoreOptions, MergeOutcome, StoreReport } from './git-store-options.ts';
import { keptLines } from './kept-lines.ts';
import type { ObjectDatabase } from './object-database.ts';
import type { References } from './references.ts';
import type { Sealing } from './sealing.ts';

const noMerge: MergeFunction = () => ({ conflict: 'both sides changed it' });
const anything: ValidateFunction = () => undefined;

export type IncomingOptions = {
  readonly options: GitStoreOptions;
  readonly branch: string;
  /** Of the branch. */
  readonly reference: string;
  readonly objects: ObjectDatabase;
  readonly history: History;
  readonly references: References;
  readonly sealing: Sealing;
  readonly nowMs: () => number;
  /** With what waits for the disk. */
  readonly queued: () => Revision | undefined;
  readonly failed: () => boolean;
  readonly append: (
    revision: Revision,
    staging: Staging,
    origin: HeadChange['origin'],
  ) => Promise<void>;
  readonly tell: (report: StoreReport) => void;
};

export class Incoming {
  readonly #options: IncomingOptions;

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const { references, reference, sealing, failed, tell } = this.#options;
    const found = references.read(reference);
    if (found !== sealing.sealed) await this.#takeBranch(found);
    for (const { name, id } of references.list('refs/heads/inbox/')) {
      try {
        await this.merge(id, name.slice('refs/heads/'.length));
        // Whoever pushes again meanwhile is heard next time.
        references.update(name, id, undefined);
      } catch (error) {
        if (failed() || !(error instanceof StoreError)) throw error;
        tell({ type: 'unreadable', from: name, error });
      }
    }
  }

  async merge(theirs: Revision, from: string): Promise<MergeOutcome> {
    const { objects, history, options, append, tell } = this.#options;
    objects.scan();
    const ours = this.#options.queued();
    history.commit(theirs);
    if (ours !== undefined && isAncestor(history, theirs, ours)) {
      return { revision: ours, how: 'nothing', kept: [] };
    }
    const base = ours === undefined ? undefined : mergeBase(history, ours, theirs);
    if (ours !== undefined && base === undefined) {
      const kept = [{ path: '', reason: 'the two histories have nothing to do with each other' }];
      tell({ type: 'conflict', from, revision: ours, reference: this.#keep(theirs), kept });
      return { revision: ours, how: 'nothing', kept };
    }
    const rules = { merge: options.merge ?? noMerge, validate: options.validate ?? anything };
    const [before, mine, other] = [base, ours, theirs].map((at) => history.treeOf(at));
    const { edits, kept } = mergeTrees(
      objects,
      history.trees,
      history.layout,
      rules,
      before!,
      mine!,
      other!,
    );
    // Where ours has become a side line of theirs, a merge keeps it the line that all is told along.
    const goesOn = ours === undefined || (base === ours && isOnLine(history, ours, theirs));
    if (goesOn && kept.length === 0) {
      await append(theirs, new Staging(objects), 'merge');
      tell({ type: 'merged', from, revision: theirs });
      return { revision: theirs, how: 'fast-forward', kept };
    }
    const parents = ours === undefined ? [theirs] : [ours, theirs];
    const message = [`Merge ${from}`, ...(kept.length > 0 ? [keptLines(kept)] : [])].join('\n\n');
    const author = options.identity ?? { name: 'Riad', email: 'riad@localhost' };
    const { revision, staging } = history.prepare(
      { edits, author, message },
      parents,
      Math.floor(this.#options.nowMs() / 1000),
      history.treeOf(ours),
    );
    const reference = kept.length > 0 ? this.#keep(theirs) : undefined;
    await append(revision, staging, 'merge');
    if (reference === undefined) tell({ type: 'merged', from, revision });
    else tell({ type: 'conflict', from, revision, reference, kept });
    return { revision, how: 'merged', kept };
  }

  async #takeBranch(found: Revision | undefined): Promise<void> {
    const { branch, reference, sealing, queued, failed, tell } = this.#options;
    if (found !== undefined) {
      try {
        const { how } = await this.merge(found, branch);
        if (how === 'nothing' && queued() !== found) {
          tell({ type: 'restored', found, revision: queued()! });
        }
      } catch (error) {
        if (failed() || !(error instanceof StoreError)) throw error;
        tell({ type: 'unreadable', from: reference, error });
        if (queued() === undefined) return;
      }
    } else if (queued() !== undefined) {
      tell({ type: 'restored', found, revision: queued()! });
    }
    sealing.sealed = found;
    sealing.moveSoon();
  }

  /** `refs/heads/conflict/20261125T103000Z`, or the first such name that is free; the one it is on already. */
  #keep(theirs: Revision): string {
    const { references, nowMs } = this.#options;
    const known = references.list(conflictFolder).find(({ id }) => id === theirs);
    if (known !== undefined) return known.name;
    const time = new Date(nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
    for (let number = 1; ; number++) {
      const name = `${conflictFolder}${time}${number === 1 ? '' : `-${number}`}`;
      if (references.read(name) !== undefined) continue;
      if (references.update(name, undefined, theirs) === 'done') return name;
    }
  }
}
