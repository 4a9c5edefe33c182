/** What the storage of calendars takes at most, for docs/limits.md. */
import { maxHistoryEntries } from './history/calendar-history.ts';
import { maxCollections } from './index/collections.ts';
import {
  indexCacheKibioctets,
  indexLogPages,
  mostIndexLogPages,
  snapshotCacheKibioctets,
} from './index/index-database.ts';
import { longStepMembers, maxCommitsInPassing, stepsPerTransaction } from './index/indexing.ts';
import { maxKnownNames } from './index/known-names.ts';
import { indexReserveOctets } from './index/reserve.ts';
import { maxDescriptionOctets } from './layout/descriptions.ts';
import { maxNameOctets } from './layout/names.ts';
import { pageRows } from './view.ts';
import {
  holdBackLeast,
  holdBackShare,
  holdBackWindowMs,
  maxHeldBackCounts,
  releaseMs,
} from './write/hold-back.ts';
import { longWriteOctets, longWriteOperations } from './write/long-write.ts';
import { leastFreeOctets } from './write/room.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxMemberNameOctets: {
    value: maxNameOctets,
    unit: 'octets of the name of a collection or a member',
    reason: 'Clients take a UID for it, of 255 octets at most; files get it in pieces of 200.',
  },
  maxDescriptionOctets: {
    value: maxDescriptionOctets,
    unit: 'octets of the file that describes a collection or a member',
    reason: 'Properties and access control, some hundred octets each.',
  },
  maxCollections: {
    value: maxCollections,
    unit: 'collections',
    reason: 'All are kept in memory, some kilooctets each: every request asks for some.',
  },
  indexCacheKibioctets: {
    value: indexCacheKibioctets,
    unit: 'KiB of the index that are kept in memory',
    reason: 'The index of 200,000 objects; the rest is read from the page cache.',
  },
  indexLogPages: {
    value: indexLogPages,
    unit: 'pages of the index that are written before they go where they belong',
    reason: 'Pages that many writes touch are then synced once, on another thread.',
  },
  mostIndexLogPages: {
    value: mostIndexLogPages,
    unit: 'pages of the index that are written before requests wait for that',
    reason: 'A thread that does not get on must not fill the disk: 64 MiB.',
  },
  snapshotCacheKibioctets: {
    value: snapshotCacheKibioctets,
    unit: 'KiB of the index in memory for reading what was there before a long write',
    reason: 'For as long as the index takes one; the rest comes from the page cache.',
  },
  longWriteOperations: {
    value: longWriteOperations,
    unit: 'operations from which on a write is made ready in pieces',
    reason: 'Fewer take some milliseconds; other writes wait for it meanwhile, in their order.',
  },
  longWriteOctets: {
    value: longWriteOctets,
    unit: 'octets from which on a write is made ready in pieces',
    reason: 'As long as that many operations take.',
  },
  longStepMembers: {
    value: longStepMembers,
    unit: 'members of a commit up to which the index takes it in one turn',
    reason: 'Some 2 ms; with more, what was there before is read until it is through.',
  },
  indexReserveOctets: {
    value: indexReserveOctets,
    unit: 'octets on the disk that only the index uses, when there are no others',
    reason: 'What a quarter of a second of writes puts into its log.',
  },
  leastFreeOctets: {
    value: leastFreeOctets,
    unit: 'octets that have to be free on the disk for a write to be taken',
    reason:
      'A segment of the journal, and as much for packs and index: what was taken has to get there.',
  },
  maxKnownNames: {
    value: maxKnownNames,
    unit: 'names whose members are kept in memory',
    reason: 'Some 500 octets each; devices of one user ask for the same ones one after the other.',
  },
  maxCommitsInPassing: {
    value: maxCommitsInPassing,
    unit: 'commits of others that are read while requests are answered',
    reason: 'Some 50 ms in all; with more, who asks is told to come back.',
  },
  stepsPerTransaction: {
    value: stepsPerTransaction,
    unit: 'commits that the index takes before it keeps them',
    reason: 'Pages that all of them touch are written once; a crash costs reading them again.',
  },
  maxHistoryEntries: {
    value: maxHistoryEntries,
    unit: 'entries of the history in one answer',
    reason: 'Some megaoctets; the next ones are asked for by number.',
  },
  pageRows: {
    value: pageRows,
    unit: 'members that are read at once',
    reason: 'Within a millisecond, so that a large listing delays nobody.',
  },
  holdBackLeast: {
    value: holdBackLeast,
    unit: 'deletions in a minute that are never held back',
    reason: 'So many a person may want at once, and can bring back one by one.',
  },
  holdBackShare: {
    value: holdBackShare,
    unit: 'of a collection, as a fraction, that a device may delete within a minute',
    reason: 'More looks like a client that has lost its database.',
  },
  holdBackWindowMs: {
    value: holdBackWindowMs,
    unit: 'ms in which deletions are counted together',
    reason: 'A client that tidies up by mistake sends them one after the other.',
  },
  releaseMs: {
    value: releaseMs,
    unit: 'ms for which a release of what was held back is good',
    reason: 'Long enough for the client to try again.',
  },
  maxHeldBackCounts: {
    value: maxHeldBackCounts,
    unit: 'collections and devices whose deletions are counted',
    reason: 'Of a minute each; the oldest are forgotten.',
  },
};
