/** A zone as one version has it, for readers: nothing here needs the image's writer. */

import type { Arena } from '@riad/octets/arena';
import { foldTable } from '@riad/octets/ascii';
import {
  imageHeader,
  node,
  nodeVersion,
  nodeVersionFlag,
  tableHolder,
  tableSlots,
  zoneFlag,
  zoneVersion,
} from './layout.ts';
import { hashName } from './name-hash.ts';
import { findNode } from './name-table.ts';
import { visible } from './reader-slots.ts';

/** The element of the zone's chain that a version sees; 0 when the zone is not hosted in it. */
export function zoneAt(arena: Arena, version: number, apexName: Uint8Array): number {
  const { words, octets } = arena;
  const folded = apexName.map((octet) => foldTable[octet]!);
  const hash = hashName(words[imageHeader.seed]!, folded, 0);
  const holder = words[imageHeader.zones]!;
  const handle = findNode(words, octets, holder, hash, folded, 0, folded.length);
  if (handle === 0) return 0;
  const zone = visible(words, words[handle * 2 + node.head]!, version);
  return zone === 0 || (words[zone * 2 + zoneVersion.flags]! & zoneFlag.deleted) !== 0 ? 0 : zone;
}

/**
 * The nodes in a zone's table, in the order of their memory: as good as the order they were loaded in,
 * and walking them so is what makes a walk quick. Names that are not in the version stand among them;
 * see `nodeVersionAt`.
 */
export function nodesOf(arena: Arena, zone: number): Int32Array {
  const { words } = arena;
  const holder = words[zone * 2 + zoneVersion.names]!;
  const slots = words[holder * 2 + tableHolder.slots]!;
  const end = slots * 2 + tableSlots.first + (words[slots * 2 + tableSlots.mask]! + 1) * 2;
  let nodes: Int32Array = new Int32Array(words[holder * 2 + tableHolder.nodes]! + spareNodes);
  let count = 0;
  for (let place = slots * 2 + tableSlots.first; place < end; place += 2) {
    const found = words[place + 1]!;
    if (found === 0) continue;
    if (count === nodes.length) {
      const larger = new Int32Array(count * 2);
      larger.set(nodes);
      nodes = larger;
    }
    nodes[count++] = found;
  }
  return nodes.subarray(0, count).sort();
}

/** Room for nodes that the writer links meanwhile. */
const spareNodes = 1024;

/** The element of a name's chain that a version sees; 0 when the name does not exist in it. */
export function nodeVersionAt(words: Int32Array, reference: number, version: number): number {
  const found = visible(words, words[reference * 2 + node.head]!, version);
  if (found === 0) return 0;
  return (words[found * 2 + nodeVersion.info]! & nodeVersionFlag.deleted) !== 0 ? 0 : found;
}
