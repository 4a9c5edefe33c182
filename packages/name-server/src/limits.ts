/** What a name server takes at most, for docs/limits.md. */
import { maxIncludedOctets } from './loading/included-file.ts';
import { maxDigestOctets } from './loading/snapshot-file.ts';
import { maxCheckedOctets } from './loading/zone-file-check.ts';
import {
  maxCountedOctets,
  maxZoneFileOctets,
  snapshotEveryMs,
  snapshotQuietMs,
} from './loading/zone-loading.ts';

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
  maxDigestOctets: {
    value: maxDigestOctets,
    unit: 'octets of digests in a snapshot',
    reason: 'Those of a hundred thousand zones; more is no snapshot of ours.',
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
};
