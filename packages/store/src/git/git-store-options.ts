/** What the git engine is opened with, what it gives, and what it reports. */
import type { Disk } from '../disk/disk.ts';
import type { Layout } from '../history/layout.ts';
import type { KeptPath } from '../history/merge.ts';
import type { ObjectId } from '../history/objects.ts';
import type { Rewriting } from '../history/rewrite.ts';
import type {
  CommitRequest,
  MergeFunction,
  Person,
  Revision,
  Store,
  ValidateFunction,
} from '../store.ts';
import type { StoreError } from '../store-error.ts';
import type { EncodedObject } from './journal-record.ts';

export type SealTimes = {
  /** Without a commit for so long, or … */
  readonly idleMs: number;
  /** … so long after the oldest one, or … */
  readonly oldestMs: number;
  /** … with so many octets. */
  readonly octets: number;
};
export const defaultSealTimes: SealTimes = { idleMs: 100, oldestMs: 500, octets: 4 << 20 };
export const defaultRefreshMs = 1000;
export const defaultCondenseEveryMs = 86_400_000;
/** Between attempts to seal while the disk, or somebody's lock, does not let us. */
export const sealRetryMs = 1000;

/** How long a lock must lie there unchanged before it is taken for one that was left behind. */
export const defaultLeftLockMs = 200;

/** What happened that somebody should know; none of it stops the store. */
export type StoreReport =
  | { readonly type: 'merged'; readonly from: string; readonly revision: Revision }
  | {
      readonly type: 'conflict';
      readonly from: string;
      readonly revision: Revision;
      /** Where theirs is kept. */
      readonly reference: string;
      readonly kept: readonly KeptPath[];
    }
  /** The branch was set to something that is not a continuation of ours, and set back. */
  | { readonly type: 'restored'; readonly found: string | undefined; readonly revision: Revision }
  | { readonly type: 'unreadable'; readonly from: string; readonly error: unknown }
  | { readonly type: 'seal-failed'; readonly error: unknown }
  | { readonly type: 'compaction-failed'; readonly error: unknown }
  | { readonly type: 'lock-broken'; readonly reference: string };

export type GitStoreOptions = {
  /** The repository, bare or not; made if it is missing. */
  readonly repository: string;
  /** For the journal; made if it is missing, and never shared. */
  readonly journal: string;
  readonly branch?: string;
  /** How folders become trees; `trie` for folders that grow, which reads flat ones too. */
  readonly layout?: Layout;
  /** For `merge` commits. */
  readonly identity?: Person;
  readonly merge?: MergeFunction;
  readonly validate?: ValidateFunction;
  readonly report?: (report: StoreReport) => void;
  readonly seal?: Partial<SealTimes>;
  /** How often the branch and the inbox are looked at; 0: only when told. */
  readonly refreshMs?: number;
  readonly leftLockMs?: number;
  readonly segmentOctets?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Lets others have their turn while much is written into packs; a turn of the event loop unless given. */
  readonly pause?: () => Promise<void>;
  /** Another one than the machine's, for tests. */
  readonly disk?: Disk;
  /** With more packs than that, small ones are merged. */
  readonly maxPacks?: number;
  /** How often packs are made smaller. */
  readonly condenseEveryMs?: number;
};

/** All that there is to do before the journal; only of use to the store that has made it. */
export type PreparedCommit = {
  readonly before: Revision | undefined;
  readonly revision: Revision;
  readonly objects: ReadonlyMap<ObjectId, EncodedObject>;
  /** For the journal. */
  readonly record: Uint8Array;
};

export interface GitStore extends Store {
  /** The git directory. */
  readonly directory: string;
  readonly branch: string;
  /** The head with what waits for the disk: the next commit will have it as its parent. */
  readonly newest: Revision | undefined;
  /** Why nothing can be written any more, if so. */
  readonly failure: StoreError | undefined;
  /** Commits that no git sees yet. */
  readonly unsealed: number;

  /**
   * Makes a large commit ready upon the newest state, with pauses for others. Nothing of it is seen, and nothing on
   * disk, before it is given to `commitPrepared`; who does not do that leaves nothing behind.
   */
  prepare(request: CommitRequest, pause: () => Promise<void>): Promise<PreparedCommit>;
  /**
   * As `commit`, and without a pause until the head with what waits has moved. `store.conflict` if that was not
   * what it was made upon: another one has come first.
   */
  commitPrepared(prepared: PreparedCommit): Promise<Revision>;
  /** Packs what is acknowledged and moves the branch now. Rejects with what the disk says. */
  seal(): Promise<void>;
  /** Makes what came since the last time take less room, as it does by itself once a day. */
  condense(): Promise<void>;
  /**
   * Makes a history in which some files have never been, and takes what it had of them off the disk: from packs,
   * the journal and `refs/heads/conflict/…`. Commits are refused meanwhile. A crash leaves the one history or
   * the other.
   */
  rewrite(rewriting: Rewriting): Promise<Rewritten>;
  /** Looks at the branch and the inbox now. */
  refresh(): Promise<void>;
  /** Merges a commit that is in the repository; `from` says where it comes from, for people. */
  merge(theirs: Revision, from: string): Promise<MergeOutcome>;
  /** Where a reference of the repository is. */
  reference(name: string): Revision | undefined;
  /** Those whose name begins so, such as `refs/heads/conflict/`, by name. */
  references(prefix: string): ReadonlyMap<string, Revision>;
}

export type Rewritten = {
  readonly revision: Revision;
  /** Commits that are called something else now. */
  readonly commits: number;
  /** References of others that lead to the old history still; what they have is not gone. */
  readonly keptBy: readonly string[];
};

export type MergeOutcome = {
  /** The head after it. */
  readonly revision: Revision;
  /** Nothing new, taken as it was, or merged. */
  readonly how: 'nothing' | 'fast-forward' | 'merged';
  readonly kept: readonly KeptPath[];
};
