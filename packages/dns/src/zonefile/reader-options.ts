/** What the reader of master files is told, and whom it tells what it reads. */
import type { Name } from '../name.ts';
import type { ReaderState } from './reader-state.ts';
import type { ZoneFileError } from './zone-file-error.ts';

export interface RecordSink {
  /**
   * All arguments are valid only during the call. The owner is `ownerBuffer[0..ownerLength)`, the
   * record data `rdataBuffer[rdataStart..rdataEnd)`, both in wire form and uncompressed.
   * `sameOwnerAsBefore` is true only if the record before had the same owner, octet for octet.
   */
  record(
    ownerBuffer: Uint8Array,
    ownerLength: number,
    sameOwnerAsBefore: boolean,
    type: number,
    recordClass: number,
    ttlSeconds: number,
    rdataBuffer: Uint8Array,
    rdataStart: number,
    rdataEnd: number,
    line: number,
  ): void;
  /** The records and lines that follow are of this file: at the start, and around each `$INCLUDE`. */
  enterFile?(file: string): void;
}

export type ZoneFileOptions = {
  /** The file's name, for complaints. */
  readonly file: string;
  readonly origin: Name;
  /** The class of the zone; records of another are errors. IN unless given. */
  readonly recordClass?: number;
  /** As if the file began with `$TTL`. */
  readonly defaultTtlSeconds?: number;
  /** The text of an included file; without it, or if it returns undefined, `$INCLUDE` is an error. */
  readonly include?: (path: string) => Uint8Array | undefined;
  /** Hears of each `$GENERATE`: its records stand on no line of their own. */
  readonly generate?: () => void;
  /** What is legal but probably not meant. */
  readonly warn?: (warning: ZoneFileError) => void;
  readonly maxErrors?: number;
  readonly maxEntryOctets?: number;
  readonly maxIncludeDepth?: number;
  readonly maxIncludes?: number;
  readonly maxGeneratedRecords?: number;
  /** Where to go on, from `checkpoint`; `origin` and `defaultTtlSeconds` above are then not used. */
  readonly state?: ReaderState;
  /** Entries that begin here or later are not read. */
  readonly endOffset?: number;
  /** Called between entries each time this many octets are read, and where reading ends. */
  readonly checkpointEveryOctets?: number;
  readonly checkpoint?: (state: ReaderState) => void;
};

export const defaultMaxErrors = 100; // more than anybody reads at once
export const defaultMaxEntryOctets = 1_048_576; // 65,535 octets of data as \DDD are 262,140
export const defaultMaxIncludeDepth = 10;
export const defaultMaxIncludes = 1_000; // all together, for depth 10 allows many times more
export const defaultMaxGeneratedRecords = 1_048_576; // 16 times the hosts of an IPv4 /16
