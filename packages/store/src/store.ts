/**
 * The versioned store: files under paths, and every change of them a commit with an author and a
 * reason. What a commit was acknowledged for is on disk; reads see nothing that is not.
 *
 * Every engine passes compliance.ts. Failures are `StoreError`s, faults of the caller RangeErrors.
 */

/** Names a state of everything: 40 hexadecimal digits, the id of a git commit. */
export type Revision = string;

/** Names the octets of a file: the id of a git blob, the same in every engine. */
export type BlobId = string;

export type Person = { readonly name: string; readonly email: string };

/** A line `Key: value` at the end of the message; keys are letters, digits and dashes. */
export type Trailer = { readonly key: string; readonly value: string };

export type Change =
  | {
      readonly path: string;
      readonly octets: Uint8Array;
      /** It may take the place of a folder, and of all that lies in it. */
      readonly overFolder?: boolean;
    }
  /** Nothing happens if there is no file. */
  | { readonly path: string; readonly delete: true }
  /** With all that lies in it. Nothing happens if there is no folder. */
  | { readonly path: string; readonly deleteFolder: true };

/** What must hold of the newest state, commits that wait for the disk included. */
export type Precondition =
  /** Nobody has committed since; undefined: nothing has ever been committed. */
  | { readonly head: Revision | undefined }
  | { readonly path: string; readonly blob: BlobId }
  | { readonly path: string; readonly absent: true };

export type CommitRequest = {
  /** Each path once. */
  readonly changes: readonly Change[];
  readonly preconditions?: readonly Precondition[];
  readonly author: Person;
  /** A first line, and more behind an empty one. */
  readonly message: string;
  readonly trailers?: readonly Trailer[];
  /** What the commit says of its time; now, unless given. */
  readonly timeSeconds?: number;
};

export type StoredFile = { readonly octets: Uint8Array; readonly blob: BlobId };

export type Item = {
  readonly name: string;
  /** `other` is what only git knows: links and submodules of a repository that people have made. */
  readonly kind: 'file' | 'folder' | 'other';
  /** Of a file. */
  readonly blob: BlobId | undefined;
};

export type CommitInformation = {
  readonly revision: Revision;
  /** Ours first; the others are lines that were merged. */
  readonly parents: readonly Revision[];
  readonly author: Person;
  /** When it was committed here. */
  readonly timeSeconds: number;
  /** Without the trailers. */
  readonly message: string;
  readonly trailers: readonly Trailer[];
};

export type LogEntry = CommitInformation & {
  /** Ids of the path's file or folder in the first parent and in this commit. */
  readonly before: string | undefined;
  readonly after: string | undefined;
};

export type LogOptions = {
  /** A file or a folder; without it, every commit. */
  readonly path?: string;
  /** Where to begin; the newest revision unless given. */
  readonly from?: Revision;
};

/** A file that a step changes; undefined where there is none. */
export type Difference = {
  readonly path: string;
  readonly before: BlobId | undefined;
  readonly after: BlobId | undefined;
};

export type HeadChange = {
  readonly previous: Revision | undefined;
  readonly revision: Revision;
  /** Committed through this store, brought in from elsewhere, or all of it made anew. */
  readonly origin: 'commit' | 'merge' | 'rewrite';
};

/**
 * What becomes of a file that both sides have changed since `base`; undefined where it does not exist.
 * Called within a commit: it must not take long, and has no time to wait for anything.
 */
export type MergeFunction = (
  path: string,
  base: Uint8Array | undefined,
  ours: Uint8Array | undefined,
  theirs: Uint8Array | undefined,
) => { readonly octets: Uint8Array } | { readonly delete: true } | { readonly conflict: string };

/**
 * Whether a file of somebody else’s commit may be taken, by itself; undefined octets: its deletion.
 * Gives undefined, or what is wrong with it, for people.
 */
export type ValidateFunction = (path: string, octets: Uint8Array | undefined) => string | undefined;

export interface Store extends AsyncDisposable {
  /** The newest durable revision; undefined while the store is empty. */
  readonly head: Revision | undefined;

  /** A file at a revision, the head unless given; undefined if there is none. The octets are the caller's. */
  read(path: string, at?: Revision): Promise<StoredFile | undefined>;

  /**
   * Octets by what they are called, of any revision; undefined if they are not there (any more). Lent. `once`: they
   * will not be asked for again soon, and are not kept in memory.
   */
  content(blob: BlobId, once?: boolean): Promise<Uint8Array | undefined>;

  /** What a folder holds, by name; `''` is the top. Empty if there is no such folder. */
  list(folder: string, at?: Revision): Promise<Item[]>;

  /** Resolves once it is durable. All changes, or none. */
  commit(request: CommitRequest): Promise<Revision>;

  /** `store.not-found` if the revision is not there. */
  describe(revision: Revision): Promise<CommitInformation>;

  /** Files that differ between two revisions, by path; `undefined` has none. */
  differences(before: Revision | undefined, after: Revision): Promise<Difference[]>;

  /** Along first parents, newest first. A merge counts as one change, by what it brought. */
  log(options?: LogOptions): AsyncGenerator<LogEntry>;

  /**
   * `head`, at least 7 digits of a revision, the name of a branch or tag where the engine has those, or
   * a time: the newest revision that was committed then or earlier.
   */
  resolve(name: string | Date): Promise<Revision | undefined>;

  /** Called after each move of the head. The result ends it. A listener that throws is a bug and escapes. */
  watch(listener: (change: HeadChange) => void): () => void;

  /** Waits for commits under way. */
  close(): Promise<void>;
}
