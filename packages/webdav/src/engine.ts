/** What the engine is given once, when the service starts. */
import type { LockTable } from './locks/lock-table.ts';
import type { Directory } from './storage/directory.ts';
import type { Storage } from './storage/storage.ts';

export type Engine = {
  readonly storage: Storage;
  readonly directory: Directory;
  readonly locks: LockTable;
  /**
   * The git blob id of octets, which is the tag that storage gives them. It is worked out here, for
   * when a write is answered, somebody else may have written already.
   */
  readonly blobId: (octets: Uint8Array) => string;
  /** Unpredictable octets, for lock tokens. */
  readonly random: (length: number) => Uint8Array;
  /** The IANA name of the zone for dates and floating times where neither request nor calendar names one; UTC unless given. */
  readonly timeZone?: string;
  /** Lets other requests run; called between pieces of long answers. */
  readonly pause: () => Promise<void>;
};
