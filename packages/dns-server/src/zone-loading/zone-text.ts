/**
 * The text of a zone's file, and how an edited one becomes a commit: only what changed is read again,
 * from the entry before it to where both texts mean the same again.
 */
import type { Name } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { type ReaderState, sameMeaning } from '@riad/dns/zonefile/reader-state';
import type { ZoneFileError } from '@riad/dns/zonefile/zone-file-error';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { changedRange } from './changed-range.ts';

/** A checkpoint for each so many octets: what is before it need not be read again. */
export const checkpointEveryOctets = 65536;
/** Above this share of the text, or in octets, building the zone anew is quicker than comparing. */
const mostChangedShare = 0.25;
const mostChangedOctets = 16 << 20;
/** How many more checkpoints are read to find the place where both texts mean the same again. */
const maxExtensions = 8;

export type ZoneText = {
  readonly octets: Uint8Array;
  /** States between entries, in order; empty where they are not known. */
  readonly checkpoints: readonly ReaderState[];
  /**
   * False when a record does not stand for itself: included files, duplicates, differing TTLs. Then
   * taking an entry out of the text need not take a record out of the zone.
   */
  readonly regular: boolean;
  /** The text includes files, so that it alone does not tell what the zone is. */
  readonly includes: boolean;
  /** It has `$GENERATE`, whose records stand on no line. */
  readonly generates?: boolean;
};

export type TextDifference =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'records';
      readonly removals: ZoneRecord[];
      readonly additions: ZoneRecord[];
      readonly checkpoints: ReaderState[];
    }
  | { readonly kind: 'faults'; readonly errors: readonly ZoneFileError[] }
  /** Read it all: it cannot be told from the changed part alone. */
  | { readonly kind: 'unknown' };

/** What an edit of a zone's text does to its records. */
export function textDifference(
  before: ZoneText,
  after: Uint8Array,
  file: string,
  origin: Name,
): TextDifference {
  const range = changedRange(before.octets, after);
  if (range === undefined) return { kind: 'same' };
  const changed = Math.max(range.oldEnd, range.newEnd) - range.start;
  if (
    !before.regular ||
    changed > mostChangedOctets ||
    changed > Math.max(4096, after.length * mostChangedShare)
  ) {
    return { kind: 'unknown' };
  }
  const known =
    before.checkpoints.length > 0
      ? before.checkpoints
      : readCheckpoints(before.octets, range.start, file, origin);
  const first = lastBefore(known, range.start);
  const shift = after.length - before.octets.length;
  for (let extension = 0; extension <= maxExtensions; extension++) {
    const reach = extension === 0 ? 0 : checkpointEveryOctets * 2 ** (extension - 1);
    const old = readPart(before.octets, first, range.oldEnd + reach, file, origin);
    const fresh = readPart(after, first, range.newEnd + reach, file, origin);
    if (fresh.errors.length > 0) return { kind: 'faults', errors: fresh.errors };
    if (old.errors.length > 0 || fresh.includes) return { kind: 'unknown' };
    const together =
      old.end !== undefined &&
      fresh.end !== undefined &&
      old.end.offset + shift === fresh.end.offset &&
      (old.end.offset === before.octets.length || sameMeaning(old.end, fresh.end));
    if (!together) continue;
    const checkpoints = known.filter((state) => state.offset <= (first?.offset ?? 0));
    return { kind: 'records', ...compareRecords(old.records, fresh.records), checkpoints };
  }
  return { kind: 'unknown' };
}

/** The last state strictly before an offset: what ends just there may go on in the other text. */
function lastBefore(checkpoints: readonly ReaderState[], offset: number): ReaderState | undefined {
  let low = -1;
  let high = checkpoints.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (checkpoints[middle]!.offset < offset) low = middle;
    else high = middle;
  }
  return low === -1 ? undefined : checkpoints[low];
}

/** Reads the text up to an offset only for its states. */
function readCheckpoints(text: Uint8Array, end: number, file: string, origin: Name): ReaderState[] {
  const checkpoints: ReaderState[] = [];
  readZoneFile(
    text,
    {
      file,
      origin,
      endOffset: end,
      checkpointEveryOctets,
      checkpoint: (state) => checkpoints.push(state),
      maxErrors: 1,
    },
    { record: () => {} },
  );
  return checkpoints;
}

type Part = {
  records: ZoneRecord[];
  errors: readonly ZoneFileError[];
  end: ReaderState | undefined;
  includes: boolean;
};

function readPart(
  text: Uint8Array,
  state: ReaderState | undefined,
  end: number,
  file: string,
  origin: Name,
): Part {
  const records: ZoneRecord[] = [];
  let last: ReaderState | undefined;
  let includes = false;
  const errors = readZoneFile(
    text,
    {
      file,
      origin,
      endOffset: Math.min(end, text.length),
      checkpointEveryOctets,
      checkpoint: (reached) => {
        last = reached;
      },
      include: () => {
        includes = true;
        return new Uint8Array(0);
      },
      ...(state === undefined ? {} : { state }),
    },
    {
      record: (owner, ownerLength, _same, type, _class, ttlSeconds, rdata, start, to) =>
        void records.push({
          owner: owner.slice(0, ownerLength),
          type,
          ttlSeconds,
          rdata: rdata.slice(start, to),
        }),
    },
  );
  return { records, errors, end: last, includes };
}

/** The records that are in one list and not in the other. A record whose TTL changed is in both results. */
function compareRecords(
  before: readonly ZoneRecord[],
  after: readonly ZoneRecord[],
): { removals: ZoneRecord[]; additions: ZoneRecord[] } {
  const keyOf = (record: ZoneRecord): string =>
    `${record.owner.toHex()} ${record.type} ${record.ttlSeconds} ${record.rdata.toHex()}`;
  const old = new Map(before.map((record) => [keyOf(record), record]));
  const additions = after.filter((record) => !old.delete(keyOf(record)));
  return { removals: [...old.values()], additions };
}
