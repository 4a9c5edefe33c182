/** Keeps the orders of names that denials are found in (NSEC owners, NSEC3 hashes) in step with a commit. */
import type { ArenaWriter } from '@riad/octets/arena';
import { node, nodeVersion, nodeVersionFlag, zoneFlag, zoneVersion } from './layout.ts';
import type { NodeFate } from './node-fate.ts';
import { findRrset } from './node-version.ts';
import { CanonicalOrder, HashOrder, insertNode, removeNode } from './order-tree.ts';

const typeNsec = 47;

/** `to`: the first word of the zone's new element. `retire` gets the pages that were replaced. */
export function updateOrders(
  writer: ArenaWriter,
  fates: Iterable<NodeFate>,
  to: number,
  apexLabels: number,
  retire: (reference: number, size: number) => void,
): void {
  const { words, octets } = writer;
  const flags = words[to + zoneVersion.flags]!;
  if ((flags & (zoneFlag.nsec | zoneFlag.nsec3)) === 0) return;
  const canonical = new CanonicalOrder(octets);
  const hashed = new HashOrder(octets);
  const owns = (version: number): boolean =>
    version !== 0 && findRrset(words, version, typeNsec) !== 0;
  const isHashOwner = (version: number): boolean =>
    version !== 0 && (words[version * 2 + nodeVersion.info]! & nodeVersionFlag.hashOwner) !== 0;
  for (const fate of fates) {
    if (fate.made === 0) continue;
    const name = fate.reference * 8 + node.nameOctet;
    if ((flags & zoneFlag.nsec) !== 0 && owns(fate.before) !== owns(fate.made)) {
      canonical.seek(name, apexLabels);
      const root = words[to + zoneVersion.order]!;
      const changed = owns(fate.made)
        ? insertNode(writer, root, canonical, fate.reference, retire)
        : removeNode(writer, root, canonical, retire);
      writer.put(to + zoneVersion.order, changed);
    }
    if (
      (flags & zoneFlag.nsec3) !== 0 &&
      octets[name] === 32 &&
      isHashOwner(fate.before) !== isHashOwner(fate.made)
    ) {
      hashed.seek(name + 1);
      const root = words[to + zoneVersion.nsec3Order]!;
      const changed = isHashOwner(fate.made)
        ? insertNode(writer, root, hashed, fate.reference, retire)
        : removeNode(writer, root, hashed, retire);
      writer.put(to + zoneVersion.nsec3Order, changed);
    }
  }
}
