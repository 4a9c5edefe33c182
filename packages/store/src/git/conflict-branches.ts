/**
 * What of others could not be taken, for as long as nobody has dealt with it, which is told by deleting its branch.
 * The branches say which there are, over restarts too; why is in the merge that kept ours.
 */
import type { KeptPath } from '../history/merge.ts';
import { nextTurn } from '../next-turn.ts';
import type { Revision } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { GitStore, StoreReport } from './git-store-options.ts';
import { keptIn } from './kept-lines.ts';

export const conflictFolder = 'refs/heads/conflict/';

/** Commits since a conflict that are looked through for its merge, some 10 µs each. */
export const maxRecalledCommits = 100_000;
/** As far as a clock may have been set back since. */
const clockToleranceSeconds = 3600;
const commitsPerTurn = 64;

export type WaitingConflict = {
  /** The branch on which theirs is kept. */
  readonly reference: string;
  /** Files of which ours was kept, and why; empty while that is not known. */
  readonly kept: readonly KeptPath[];
};

export class ConflictBranches {
  /** Why, by branch: those of `note`, and those that `recall` found. */
  readonly #kept = new Map<string, readonly KeptPath[]>();

  /** What it is about, in one line. */
  note({ reference, kept }: Extract<StoreReport, { type: 'conflict' }>): string {
    this.#kept.set(reference, kept);
    return about(kept);
  }

  waiting(store: Pick<GitStore, 'references'>): WaitingConflict[] {
    const there = store.references(conflictFolder);
    for (const reference of this.#kept.keys()) {
      if (!there.has(reference)) this.#kept.delete(reference);
    }
    return [...this.#kept].map(([reference, kept]) => ({ reference, kept }));
  }

  /** One sentence each. */
  complaints(store: Pick<GitStore, 'references'>): string[] {
    return this.waiting(store).map(({ reference, kept }) => {
      const why = kept.length === 0 ? '' : `: ${about(kept)}`;
      return `both sides changed the same; theirs is kept as ${reference}${why}`;
    });
  }

  /**
   * Names those that an earlier process has left, at once, and looks for what they are about. It takes turns with
   * others, and does not fail.
   */
  async recall(store: Pick<GitStore, 'references' | 'describe' | 'head'>): Promise<void> {
    const wanted = new Map<Revision, string[]>();
    let oldest = Number.POSITIVE_INFINITY;
    for (const [reference, id] of store.references(conflictFolder)) {
      if (this.#kept.has(reference)) continue;
      this.#kept.set(reference, []);
      wanted.set(id, [...(wanted.get(id) ?? []), reference]);
      oldest = Math.min(oldest, secondsIn(reference) - clockToleranceSeconds);
    }
    let at = store.head;
    try {
      for (let commits = 0; wanted.size > 0 && at !== undefined; commits++) {
        if (commits === maxRecalledCommits) return;
        if (commits % commitsPerTurn === 0) await nextTurn();
        const { parents, message, timeSeconds } = await store.describe(at);
        if (timeSeconds < oldest) return;
        for (const theirs of parents.slice(1)) {
          for (const reference of wanted.get(theirs) ?? []) {
            this.#kept.set(reference, keptIn(message));
          }
          wanted.delete(theirs);
        }
        [at] = parents;
      }
    } catch (error) {
      // It is closed, or what is there cannot be read: the branches are named without a reason.
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

function about(kept: readonly KeptPath[]): string {
  return kept.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ');
}

/** `refs/heads/conflict/20261125T103000Z-2`; of another name, as if it were of the beginning. */
function secondsIn(reference: string): number {
  const match = /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-\d+)?$/.exec(reference);
  if (match === null) return 0;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000 || 0;
}
