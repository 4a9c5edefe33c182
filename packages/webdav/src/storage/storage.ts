/**
 * What the engine needs of the place where resources are kept. It is declared here and implemented
 * elsewhere; the engine knows neither git nor an index.
 *
 * Reading sees one durable state. Writing is optimistic: the engine reads a state, works out the
 * change and what must still hold, and asks; on `conflict` it begins anew with a newer state.
 */

/**
 * Decoded segments from the root: `['calendars', 'ann', 'work', 'x.ics']`. Never empty strings, `.` or `..`.
 * There are at least two: what lies above the homes (`['calendars', 'ann']`, `['addressbooks', 'ann']`,
 * `['files', 'ann']`) is the engine's own, and a home is made without a collection around it.
 */
export type Path = readonly string[];

/** What a collection is. A `folder` holds plain files and folders. */
export type CollectionKind = 'folder' | 'calendar' | 'address-book';

/** A property that the server only keeps: the element as it was written, with all its namespaces and `xml:lang`. */
export type DeadProperty = {
  readonly namespace: string;
  readonly name: string;
  readonly xml: string;
};

/** An access control entry as it is kept (RFC 3744 §5.5); inherited and protected ones are computed, not kept. */
export type StoredAce = {
  readonly principal:
    | { readonly kind: 'all' | 'authenticated' | 'unauthenticated' | 'self' | 'owner' }
    /** The name of a user or a group in the directory. */
    | { readonly kind: 'user' | 'group'; readonly name: string };
  readonly invert: boolean;
  readonly grant: boolean;
  /** `namespace name`, as in `DAV: read`. */
  readonly privileges: readonly string[];
};

/** What can be said of a resource beside its content. Written whole. */
export type Metadata = {
  readonly properties: readonly DeadProperty[];
  readonly acl: readonly StoredAce[];
};

export type Collection = {
  readonly type: 'collection';
  readonly path: Path;
  readonly kind: CollectionKind;
  /** The user whose collection it is: the segment after the first of its path. */
  readonly owner: string;
  /** Component kinds that a calendar takes, in upper case; undefined: all. Fixed when it is made. */
  readonly components: readonly string[] | undefined;
  readonly metadata: Metadata;
  /** Changes whenever `metadata` does. */
  readonly metadataVersion: string;
  /** What a sync token or a getctag says of it now: opaque, letters, digits and dashes. Differs from that of every other state of every collection. */
  readonly syncState: string;
  readonly createdSeconds: number;
  readonly modifiedSeconds: number;
};

export type Member = {
  readonly type: 'member';
  readonly path: Path;
  /** What the collection it lies in is. */
  readonly kind: CollectionKind;
  readonly owner: string;
  /** The git blob id of its octets, without quotes. */
  readonly etag: string;
  readonly sizeOctets: number;
  /** As it was given with a plain file; `text/calendar` or `text/vcard` otherwise. */
  readonly contentType: string;
  readonly metadata: Metadata;
  readonly metadataVersion: string;
  readonly createdSeconds: number;
  readonly modifiedSeconds: number;
};

export type Resource = Collection | Member;

/** What the index keeps of a calendar or address object, so that a query need not open every one. */
export type Facts = {
  readonly uid: string;
  /** `VEVENT`, `VTODO`, `VJOURNAL`, `VFREEBUSY`, …, or `VCARD`. */
  readonly component: string;
  /**
   * No instance and no alarm of the object touches a time outside `[earliest, latest]`, in seconds since
   * 1970; undefined: unbounded on that side. Dates and floating times are widened by a day on both sides,
   * so that every time zone is covered.
   */
  readonly earliestSeconds: number | undefined;
  readonly latestSeconds: number | undefined;
};

/** Every part that is given must hold; the engine looks at each candidate itself. */
export type CandidateQuery = {
  readonly component?: string;
  readonly uid?: string;
  /** Only objects that may touch `[fromSeconds, toSeconds)`. */
  readonly fromSeconds?: number;
  readonly toSeconds?: number;
};

export type MemberChange = {
  readonly name: string;
  /** `collection` for a member that is one itself. */
  readonly what: 'member' | 'collection';
  readonly change: 'changed' | 'removed';
};

export type Changes = {
  /** Each name once, in the order of its last change. */
  readonly changes: readonly MemberChange[];
  /** The state these changes lead to: that of the collection, or an earlier one if there were more than `limit`. */
  readonly syncState: string;
  readonly truncated: boolean;
};

/**
 * What is durable. Cheap to get; use it for one request. Each call sees one state, and a later call
 * never an older one; it may see a newer one.
 */
export interface View {
  /** Undefined if there is nothing. */
  resource(path: Path): Promise<Resource | undefined>;

  /** Members of one collection, in the order of the names; undefined where no member is called so. */
  named(collection: Path, names: readonly string[]): Promise<readonly (Member | undefined)[]>;

  /** What a collection holds directly, by name, in pages; empty if it is none. The first `limit` only. */
  members(collection: Path, limit: number): AsyncIterable<readonly Resource[]>;

  /** The octets of a member; undefined if it has gone (erased from history meanwhile). Not to be changed. */
  content(member: Member): Promise<Uint8Array | undefined>;

  /** Members of a calendar or address book that may fit, by name, in pages. */
  candidates(collection: Path, query: CandidateQuery): AsyncIterable<readonly Member[]>;

  /**
   * What has changed since a state of this collection; undefined: everything it holds. `unknown` if the state
   * is not one of this collection's, or too old.
   */
  changes(collection: Path, since: string | undefined, limit: number): Promise<Changes | 'unknown'>;

  /**
   * Calendars and address books, by path, whose own access control list has an entry for one of these (grant or
   * deny): from it the engine makes the shared ones that a user finds in the own home.
   */
  sharedWith(principals: readonly StoredAce['principal'][]): AsyncIterable<Collection>;

  /** Octets of all that lies below a path's first two segments, for quotas (RFC 4331). */
  usedOctets(owner: string): Promise<number>;
}

/** Members of collections that do not exist are refused with a RangeError: the engine looks first. */
export type Operation =
  | {
      readonly type: 'put';
      readonly path: Path;
      readonly octets: Uint8Array;
      readonly contentType: string;
      /** Of objects in calendars and address books. */
      readonly facts: Facts | undefined;
      /** Unless given, that of the member it replaces, or none. */
      readonly metadata?: Metadata;
    }
  /** A member, or a collection with everything in it. */
  | { readonly type: 'delete'; readonly path: Path }
  | {
      readonly type: 'make-collection';
      readonly path: Path;
      readonly kind: CollectionKind;
      readonly components: readonly string[] | undefined;
      readonly metadata: Metadata;
    }
  | { readonly type: 'set-metadata'; readonly path: Path; readonly metadata: Metadata };

export type Requirement =
  | { readonly type: 'absent'; readonly path: Path }
  | { readonly type: 'etag'; readonly path: Path; readonly etag: string }
  | { readonly type: 'collection'; readonly path: Path }
  | { readonly type: 'metadata'; readonly path: Path; readonly version: string }
  | { readonly type: 'sync-state'; readonly path: Path; readonly syncState: string }
  /** No member of the collection but the one called `except` has the UID. */
  | {
      readonly type: 'uid-free';
      readonly collection: Path;
      readonly uid: string;
      readonly except: string | undefined;
    };

/** Who asks for a change, and how; it becomes the author and the message of the commit. */
export type Actor = {
  readonly user: string;
  /** The name of the app password that was used. */
  readonly device: string | undefined;
  readonly userAgent: string | undefined;
  readonly method: string;
  /** As it stands in the request, without query. */
  readonly target: string;
  readonly requestId: string;
};

export type WriteRequest = {
  /** In this order, all or nothing: one commit. */
  readonly operations: readonly Operation[];
  readonly requirements: readonly Requirement[];
  readonly actor: Actor;
  /** One line for people: `work: "Lunch" moved to 12:30`. */
  readonly summary: string;
  /** Somebody has seen what would be deleted, and wants it: none of it is held back. */
  readonly deliberate?: boolean;
};

export type WriteResult =
  | { readonly type: 'written'; readonly view: View }
  /** What was required no longer holds; the state in which it does not is durable and can be read. */
  | { readonly type: 'conflict'; readonly requirement: Requirement }
  /** The disk is full or read-only, or there are too many collections: 507, 503, 507. Nothing has changed. */
  | {
      readonly type: 'refused';
      readonly reason: 'full' | 'too-many' | 'read-only' | 'held-back';
      readonly message: string;
    };

export interface Storage {
  /** Rejects with an error whose `code` is `storage.not-ready` while the index is being built: 503 with Retry-After. */
  view(): Promise<View>;
  /** Resolves once the change is durable. */
  write(request: WriteRequest): Promise<WriteResult>;
}
