/** What a server finds again after a crash: each zone as of its last durable commit, its changes, and its facts. */
import type { Name } from '@riad/dns/name';
import type { SecondaryFacts } from '../../secondary/secondary-zone.ts';
import type { ZoneChange } from '../../zone-history/zone-change.ts';
import { MemoryHistory } from '../../zone-history/zone-history.ts';
import { ZoneBuilder } from '../../zone-image/zone-builder.ts';
import type { ZoneRecord } from '../../zone-image/zone-commit.ts';
import type { ZoneImage } from '../../zone-image/zone-image.ts';
import { forEachRecord } from '../../zone-image/zone-records.ts';
import { sha1 } from '../built-zone.ts';

export type StoredZone = {
  /** The base, and what changed since. */
  records: readonly ZoneRecord[];
  changes: ZoneChange[];
  facts: SecondaryFacts | undefined;
};

/** Changes that are kept beyond the base; older ones go into it. */
const keptChanges = 20;

export class SimulatedDisk {
  readonly zones: Map<string, StoredZone> = new Map();

  /** A whole zone: what changed is not known. */
  whole(zone: string, records: readonly ZoneRecord[]): void {
    const facts = this.zones.get(zone)?.facts;
    this.zones.set(zone, { records, changes: [], facts });
  }

  changed(zone: string, change: ZoneChange): void {
    const stored = this.zones.get(zone);
    if (stored === undefined) throw new RangeError(`${zone}: a change of nothing`);
    stored.changes.push(change);
  }

  facts(zone: string, facts: SecondaryFacts): void {
    const stored = this.zones.get(zone);
    if (stored !== undefined) stored.facts = facts;
  }

  /** Takes what is in force as the new base, as snapshots do. */
  rebase(zone: string, inForce: () => readonly ZoneRecord[]): void {
    const stored = this.zones.get(zone);
    if (stored !== undefined && stored.changes.length > keptChanges) {
      stored.records = inForce();
      stored.changes = [];
    }
  }
}

/** Builds a zone of records beside the one in force; throws what is wrong with it. */
export function buildZone(image: ZoneImage, apex: Name, records: readonly ZoneRecord[]): number {
  const builder = new ZoneBuilder(image, apex, records.length + 1, sha1);
  for (const { owner, type, ttlSeconds, rdata } of records)
    builder.record(owner, owner.length, false, type, 1, ttlSeconds, rdata, 0, rdata.length, 0);
  const built = builder.finish(image.nextVersion, 0);
  if (built === 0) throw new Error(JSON.stringify(builder.faults));
  return built;
}

export function recordsIn(image: ZoneImage, zone: number): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  forEachRecord(image, zone, (record) => records.push(record));
  return records;
}

export function historyOf(changes: readonly ZoneChange[]): MemoryHistory {
  const history = new MemoryHistory();
  for (const change of changes) history.add(change, Number.MAX_SAFE_INTEGER);
  return history;
}
