/** What the storage of calendars is opened with, what it gives, and what it reports. */
import type { Disk } from '@riad/store/disk';
import type { GitStore, GitStoreOptions, Rewritten, StoreReport } from '@riad/store/git-options';
import type { CollectionKind, Facts, Path, Storage } from '@riad/webdav/storage/storage';
import type { CalendarHistory } from './history/calendar-history.ts';
import type { Goals } from './history/goals.ts';
import type { HeldBack } from './write/hold-back.ts';

/** What the index keeps of an object: pure, and total: undefined for what is no calendar or address object. */
export type Describe = (octets: Uint8Array, kind: CollectionKind) => Facts | undefined;

/** What becomes of an object that both sides have changed. See `MergeFunction` of the store. */
export type MergeObjects = (
  path: Path,
  base: Uint8Array | undefined,
  ours: Uint8Array | undefined,
  theirs: Uint8Array | undefined,
) => { readonly octets: Uint8Array } | { readonly delete: true } | { readonly conflict: string };

/** Whether an object of somebody else’s commit may be taken; what is wrong with it, if it may not. */
export type ValidateObject = (path: Path, octets: Uint8Array) => string | undefined;

export type CalendarReport =
  | StoreReport
  /** A description that cannot be read: what it says is passed over. */
  | { readonly type: 'unreadable-description'; readonly file: string; readonly error: unknown }
  /** The index is made again, from commits as many as that. */
  | { readonly type: 'index-begun'; readonly commits: number }
  | { readonly type: 'index-ready'; readonly commits: number; readonly ms: number }
  | { readonly type: 'index-failed'; readonly error: unknown }
  | ({ readonly type: 'held-back' } & HeldBack);

export type CalendarStorageOptions = {
  /** A folder for `store.git`, `wal/` and `index.db`; made if it is missing. */
  readonly folder: string;
  readonly describe: Describe;
  readonly merge?: MergeObjects;
  readonly validate?: ValidateObject;
  readonly report?: (report: CalendarReport) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Lets others have their turn during what takes long; a turn of the event loop unless given. */
  readonly pause?: () => Promise<void>;
  /** For incarnations of collections. */
  readonly random?: (lengthOctets: number) => Uint8Array;
  /** Another one than the machine’s, for tests; the index is then in `indexFile`. */
  readonly disk?: Disk;
  /** Of the disk, for tests; with another disk there is always room unless this says otherwise. */
  readonly freeOctets?: () => number;
  /** `:memory:` for an index that is gone with the process. */
  readonly indexFile?: string;
  readonly store?: Partial<
    Pick<
      GitStoreOptions,
      'seal' | 'refreshMs' | 'segmentOctets' | 'leftLockMs' | 'maxPacks' | 'branch'
    >
  >;
};

export interface CalendarStorage extends Storage, AsyncDisposable {
  /** The repository, for a remote and for people. */
  readonly store: GitStore;
  /** Resolves once the index has all commits; rejects if it is closed before. */
  readonly ready: Promise<void>;
  /** What has become of everything, and what it was. */
  readonly history: CalendarHistory;
  /** What would undo it. */
  readonly goals: Goals;
  /** Whether requests are answered. */
  readonly isReady: boolean;
  /** Why writes are refused for lack of room just now; undefined if they are not. */
  readonly shortage: string | undefined;
  /**
   * Takes members out of all history; nothing may be there any more (RangeError). See history/erasing.ts for
   * what stays. Requests are refused with `storage.not-ready` while the index is made again.
   */
  erase(paths: readonly Path[]): Promise<Rewritten>;
  /** Lets a user, or one device of it, delete what was held back, for ten minutes. */
  release(user: string, device: string | undefined): void;
  /** Waits for writes under way. */
  close(): Promise<void>;
}
