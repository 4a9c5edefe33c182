/** What a name server takes at most, for docs/limits.md. */
import { maxKeyFileNameOctets } from './access/keys/state-keys.ts';
import { maxPolicyFileOctets } from './access/policy-limits.ts';
import { maxIncludedOctets } from './loading/included-file.ts';
import { maxWaitingUpdates } from './loading/loader.ts';
import { snapshotChanges, snapshotEveryMs, snapshotQuietMs } from './loading/snapshot-schedule.ts';
import { maxCountedOctets } from './loading/warning-schedule.ts';
import {
  leastBehindOctets,
  maxDifferenceRecords,
  maxOpenTransfers,
} from './loading/zone-copies.ts';
import { maxZoneFileOctets } from './loading/zone-loading.ts';
import { defaultHistoryOctets } from './loading/zone-state.ts';
import { maxCheckedOctets } from './loading/zone-warnings.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxZoneFileOctets: {
    value: maxZoneFileOctets,
    unit: 'octets of a zone file',
    reason: 'Its zone would not fit into memory anyway.',
  },
  maxCheckedOctets: {
    value: maxCheckedOctets,
    unit: 'octets of a zone file that is looked at for what is hardly meant',
    reason: 'It takes ten times the memory of the zone; larger ones are only read.',
  },
  maxCountedOctets: {
    value: maxCountedOctets,
    unit: 'octets of a zone whose warnings the running service counts',
    reason: 'Counting those of larger ones would hold up loading; riad zone check tells them.',
  },
  maxIncludedOctets: {
    value: maxIncludedOctets,
    unit: 'octets of an included file',
    reason: 'More is a zone of its own.',
  },
  historyOctets: {
    value: defaultHistoryOctets,
    unit: 'octets of changes kept for differences',
    reason: 'Some hundred thousand records; what a restart needs is kept beyond that.',
  },
  snapshotChanges: {
    value: snapshotChanges,
    unit: 'changes after which a snapshot is written',
    reason: 'They are done again after a restart, in a tenth of a second.',
  },
  snapshotQuietMs: {
    value: snapshotQuietMs,
    unit: 'ms without a change before a snapshot is written',
    reason: 'Changes come in groups.',
  },
  snapshotEveryMs: {
    value: snapshotEveryMs,
    unit: 'ms between snapshots at least',
    reason: 'Each writes all zones to the disk.',
  },
  maxKeyFileNameOctets: {
    value: maxKeyFileNameOctets,
    unit: 'octets of the name of a key in the state folder',
    reason: 'It is the name of its file, which may have 255.',
  },
  maxPolicyFileOctets: {
    value: maxPolicyFileOctets,
    unit: 'octets of a policy',
    reason: 'More has nobody written.',
  },
  maxWaitingUpdates: {
    value: maxWaitingUpdates,
    unit: 'updates over streams that wait',
    reason: 'A large zone is being read meanwhile; more are answered with SERVFAIL.',
  },
  maxOpenTransfers: {
    value: maxOpenTransfers,
    unit: 'transfers that are being taken in',
    reason: 'Three times as many as are begun at a time: those that were cancelled end later.',
  },
  maxDifferenceRecords: {
    value: maxDifferenceRecords,
    unit: 'records of the difference between two zones that came whole',
    reason: 'More, or more than a quarter of the zone, and secondaries get the whole zone as well.',
  },
  leastBehindOctets: {
    value: leastBehindOctets,
    unit: 'octets of changes that a zone kept on disk may be behind, or as much as it has itself',
    reason: 'Then it is kept anew, so that the journal need not keep them for ever.',
  },
};
