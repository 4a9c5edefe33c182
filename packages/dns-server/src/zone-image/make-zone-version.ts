/** The zone's new element: what a commit makes of its counts, its depths and the trees of its names. */
import type { ArenaWriter } from '@riad/octets/arena';
import { node, nodeVersion, nodeVersionFlag, zoneVersion } from './layout.ts';
import type { NodeFate } from './node-fate.ts';
import { firstRrsetWord } from './node-version.ts';
import type { RecordBuffer } from './record-buffer.ts';
import { unpackRrset } from './rrset-view.ts';
import { putSoaFields } from './soa-fields.ts';
import { updateOrders } from './zone-orders.ts';

export type NextZoneVersion = {
  /** The element that is replaced. */
  readonly zone: number;
  readonly apex: number;
  readonly version: number;
  /** The RRset of the SOA, as it will be. */
  readonly soa: number;
  readonly maxLabels: number;
  readonly fates: ReadonlyMap<number, NodeFate>;
  /** Its content is lost. */
  readonly scratch: RecordBuffer;
  /** Hears of pages of trees that are not needed any more once this is published. */
  readonly replaced: (reference: number, sizeOctets: number) => void;
};

/** Linked nowhere yet. */
export function makeZoneVersion(writer: ArenaWriter, next: NextZoneVersion): number {
  const { zone, apex, version, soa, maxLabels, fates, replaced, scratch: old } = next;
  const { words, octets } = writer;
  const made = writer.allocate(zoneVersion.words * 4);
  const from = zone * 2;
  const to = made * 2;
  for (let i = 0; i < zoneVersion.words; i++) writer.put(to + i, words[from + i]!);
  writer.put(to + zoneVersion.version, version);
  writer.put(to + zoneVersion.soa, soa);
  putSoaFields(writer, to, soa, words, octets);
  let records = words[from + zoneVersion.records]!;
  let rrsets = words[from + zoneVersion.rrsets]!;
  let nodes = words[from + zoneVersion.nodes]!;
  // Depths of names that went stay set: a look at one costs little.
  let cutDepths = words[from + zoneVersion.cutDepths]!;
  let dnameDepths = words[from + zoneVersion.dnameDepths]!;
  let wildcardDepths = words[from + zoneVersion.wildcardDepths]!;
  const apexLabels = (words[apex * 2 + node.info]! >>> 8) & 0xff;
  for (const fate of fates.values()) {
    if (fate.made === 0) continue;
    const flags = words[fate.made * 2 + nodeVersion.info]!;
    const exists = (flags & nodeVersionFlag.deleted) === 0;
    nodes += (exists ? 1 : 0) - (fate.before !== 0 ? 1 : 0);
    rrsets += fate.rrsets;
    records += fate.records;
    if (fate.before !== 0) {
      const count = words[fate.before * 2 + nodeVersion.info]! & 0xffff;
      rrsets -= count;
      const first = firstRrsetWord(words, fate.before);
      old.clear();
      for (let i = 0; i < count; i++)
        unpackRrset(words, octets, words[first + i]!, fate.reference, apex, true, old);
      records -= old.count;
    }
    if (!exists) continue;
    const info = words[fate.reference * 2 + node.info]!;
    const depth = Math.min(31, fate.labels - apexLabels);
    if ((flags & nodeVersionFlag.cut) !== 0) cutDepths |= 1 << depth;
    if ((flags & nodeVersionFlag.dname) !== 0) dnameDepths |= 1 << depth;
    if ((info & 0x20000) !== 0 && fate.reference !== apex)
      wildcardDepths |= 1 << Math.max(0, depth - 1);
  }
  writer.put(to + zoneVersion.records, records);
  writer.put(to + zoneVersion.rrsets, rrsets);
  writer.put(to + zoneVersion.nodes, nodes);
  writer.put(to + zoneVersion.cutDepths, cutDepths);
  writer.put(to + zoneVersion.dnameDepths, dnameDepths);
  writer.put(to + zoneVersion.wildcardDepths, wildcardDepths);
  writer.put(to + zoneVersion.maxLabels, maxLabels);
  updateOrders(writer, fates.values(), to, apexLabels, replaced);
  return made;
}
