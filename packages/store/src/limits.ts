/** What the store takes at most, for docs/limits.md. */
import { maxPacks } from './git/compaction.ts';
import { maxKnownEntries } from './git/condense.ts';
import { maxRecalledCommits } from './git/conflict-branches.ts';
import { maxObjectOctets } from './git/delta.ts';
import { defaultGitTimeoutMs, maxGitOutputOctets } from './git/git-process.ts';
import { defaultCondenseEveryMs, defaultSealTimes } from './git/git-store-options.ts';
import { elsewhereOctets } from './git/journal-record.ts';
import { maxKnownIdBits } from './git/known-ids.ts';
import { maxAlternates, maxObjectCacheOctets } from './git/object-database.ts';
import { maxBaseCacheOctets, maxDeltaChain } from './git/pack.ts';
import { maxWrittenDeltas } from './git/pack-writer.ts';
import { defaultPushIntervalMs, maxPushAttempts, mostRetryMs } from './git/remote.ts';
import { maxNotedRemotes } from './git/replacement-notes.ts';
import { maxComparedOctets } from './git/similar.ts';
import { maxMessageOctets } from './history/commit-object.ts';
import { maxNamesInTree } from './history/layout.ts';
import { maxDepth, maxNameOctets, maxPathOctets } from './history/path.ts';
import { maxCachedEntries } from './history/tree.ts';
import {
  defaultMaxQueuedOctets,
  defaultSegmentOctets,
  maxFreeSegments,
  maxGroupOctets,
  maxGroupPayloads,
  maxPayloadOctets,
  maxWriteOctets,
} from './journal/journal.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxNameOctets: {
    value: maxNameOctets,
    unit: 'octets of a name in a path of the store',
    reason: 'What file systems take, for whoever checks the repository out.',
  },
  maxPathOctets: {
    value: maxPathOctets,
    unit: 'octets of a path of the store',
    reason: 'PATH_MAX; git fsck warns of more.',
  },
  maxDepth: {
    value: maxDepth,
    unit: 'names in a path of the store',
    reason: 'Each is a tree that every commit below it writes anew.',
  },
  maxNamesInTree: {
    value: maxNamesInTree,
    unit: 'names in a tree of the layout `trie`',
    reason:
      'Some 4 KB, which every commit below it hashes anew; with one more, all go into 16 trees below.',
  },
  maxRecalledCommits: {
    value: maxRecalledCommits,
    unit: 'commits looked through after a start for what a conflict was about',
    reason: 'Some 10 µs each, in pieces. Of older ones the branch alone is named.',
  },
  maxNotedRemotes: {
    value: maxNotedRemotes,
    unit: 'remotes that are remembered to have what was purged',
    reason:
      'Each was followed and left again before the purge had got there. The oldest is forgotten beyond.',
  },
  maxMessageOctets: {
    value: maxMessageOctets,
    unit: 'octets of a commit’s message with its trailers',
    reason: 'Room for an import of a hundred thousand objects in one commit.',
  },
  maxCachedEntries: {
    value: maxCachedEntries,
    unit: 'entries of trees that are kept decoded',
    reason: 'Some 80 MB; the trees that the next commit touches are among them.',
  },
  maxObjectOctets: {
    value: maxObjectOctets,
    unit: 'octets of an object of a repository',
    reason: 'Each is read into memory whole.',
  },
  maxObjectCacheOctets: {
    value: maxObjectCacheOctets,
    unit: 'octets of objects that are kept in memory',
    reason: 'Those that are read again and again; packs are read from the page cache otherwise.',
  },
  maxKnownIdBits: {
    value: maxKnownIdBits,
    unit: 'digits, in binary, of an id by which it is told that no pack has it',
    reason:
      'A bit for each value, so 32 MB; with more objects more of them are looked for in vain.',
  },
  maxWrittenDeltas: {
    value: maxWrittenDeltas,
    unit: 'deltas upon each other in a pack of ours',
    reason: 'What git itself takes; whoever reads the last one reads all of them.',
  },
  condenseEveryMs: {
    value: defaultCondenseEveryMs,
    unit: 'ms from one making smaller of packs to the next',
    reason: 'Each takes up to 1 ms of a thread of its own for each commit that came since.',
  },
  maxKnownEntries: {
    value: maxKnownEntries,
    unit: 'ids by which a tree is found that another one came out of',
    reason: 'Some 100 MB in a thread of its own, while packs are made smaller.',
  },
  maxComparedOctets: {
    value: maxComparedOctets,
    unit: 'octets of a file that is compared with others, to be kept as a delta',
    reason: 'Calendar objects have some hundred; larger ones are deflated only.',
  },
  maxBaseCacheOctets: {
    value: maxBaseCacheOctets,
    unit: 'octets of each pack that deltas were made upon and that are kept in memory',
    reason: 'Who reads one of a chain reads its neighbours next; some 20 packs at most.',
  },
  maxDeltaChain: {
    value: maxDeltaChain,
    unit: 'deltas that build upon each other',
    reason: 'Git makes 50, or 250 when told to be aggressive; damage could make a ring.',
  },
  maxAlternates: {
    value: maxAlternates,
    unit: 'repositories that objects are borrowed from',
    reason: 'Each is looked through for every object.',
  },
  sealOldestMs: {
    value: defaultSealTimes.oldestMs,
    unit: 'ms until any git sees a commit',
    reason: 'Long enough for hundreds of commits to share a pack.',
  },
  sealOctets: {
    value: defaultSealTimes.octets,
    unit: 'octets of commits that are packed at once',
    reason: 'Some 10 ms of hashing, during which no commit is taken.',
  },
  maxPacks: {
    value: maxPacks,
    unit: 'packs before small ones are merged',
    reason:
      'Each is looked through for an object; each commit is copied some five times in its life.',
  },
  storeGitTimeoutMs: {
    value: defaultGitTimeoutMs,
    unit: 'ms for a git that pushes or fetches',
    reason: 'Then it is ended, with all it has started; what it was for is tried again.',
  },
  storeGitOutputOctets: {
    value: maxGitOutputOctets,
    unit: 'octets that such a git may print',
    reason: 'A few lines are expected; servers and hooks add theirs.',
  },
  pushIntervalMs: {
    value: defaultPushIntervalMs,
    unit: 'ms from push to push',
    reason: 'Commits in between go together; hosts limit how often one may come.',
  },
  maxPushAttempts: {
    value: maxPushAttempts,
    unit: 'pushes in a row that others may forestall',
    reason: 'Each is preceded by a merge of what they pushed; then it waits for its next turn.',
  },
  mostRetryMs: {
    value: mostRetryMs,
    unit: 'ms between attempts to reach a remote that is away',
    reason: 'Back within minutes of it, without a stream of attempts.',
  },
  defaultSegmentOctets: {
    value: defaultSegmentOctets,
    unit: 'octets of a segment of the journal',
    reason: 'Filled with zeros ahead of its use, within some 10 ms; opening reads it whole.',
  },
  maxFreeSegments: {
    value: maxFreeSegments,
    unit: 'unused segments that keep their room on the disk',
    reason: 'One that is being prepared, and one for a burst.',
  },
  maxGroupPayloads: {
    value: maxGroupPayloads,
    unit: 'payloads synced together',
    reason: 'More do not make a payload cheaper, and the last one waits for all.',
  },
  maxGroupOctets: {
    value: maxGroupOctets,
    unit: 'octets synced together, unless one payload has more',
    reason: 'Some 10 ms of a slow disk.',
  },
  maxWriteOctets: {
    value: maxWriteOctets,
    unit: 'octets written to the journal by one call of the system',
    reason: 'A millisecond; then others have their turn, and the disk is synced once for all.',
  },
  elsewhereOctets: {
    value: elsewhereOctets,
    unit: 'octets of an object of a large commit that are deflated on this thread',
    reason: 'A millisecond; more go to another thread.',
  },
  maxPayloadOctets: {
    value: maxPayloadOctets,
    unit: 'octets of a payload of the journal',
    reason: 'It is held in memory whole, twice while it is written.',
  },
  defaultMaxQueuedOctets: {
    value: defaultMaxQueuedOctets,
    unit: 'octets that wait for the disk',
    reason: 'Some seconds of a slow disk; who waits longer is better told to come back.',
  },
};
