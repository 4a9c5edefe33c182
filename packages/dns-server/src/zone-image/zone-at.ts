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
 * The nodes in a zone's table, by where they lie in memory, for walking them so is what makes a walk
 * quick. Names that are not in the version stand among them; see `nodeVersionAt`.
 */
export function nodesOf(arena: Arena, zone: number): Int32Array {
  const { words } = arena;
  const holder = words[zone * 2 + zoneVersion.names]!;
  const slots = words[holder * 2 + tableHolder.slots]!;
  const start = slots * 2 + tableSlots.first;
  const end = start + (words[slots * 2 + tableSlots.mask]! + 1) * 2;
  // A copy, since the writer may link more meanwhile.
  const found = new Int32Array((end - start) >>> 1);
  let count = 0;
  for (let place = start; place < end; place += 2) {
    const reference = words[place + 1]!;
    if (reference !== 0) found[count++] = reference;
  }
  const references = found.subarray(0, count);
  return count < fewNodes ? references.sort() : byPage(references, arena.words.length >>> 1);
}

/** So few are sorted sooner than all pages of a large region are gone through. */
const fewNodes = 20_000;
/** Of a reference, which counts 8 octets: pages of 4 KiB. To sort within them gains nothing. */
const pageBits = 9;

/** Puts references in the order of the pages of memory they lie in, for a third of what sorting takes. */
function byPage(references: Int32Array, capacity: number): Int32Array {
  const starts = new Int32Array((capacity >>> pageBits) + 2);
  for (const reference of references) starts[(reference >>> pageBits) + 1]!++;
  for (let page = 1; page < starts.length; page++) starts[page]! += starts[page - 1]!;
  const ordered = new Int32Array(references.length);
  for (const reference of references) ordered[starts[reference >>> pageBits]!++] = reference;
  return ordered;
}

/** The element of a name's chain that a version sees; 0 when the name does not exist in it. */
export function nodeVersionAt(words: Int32Array, reference: number, version: number): number {
  const found = visible(words, words[reference * 2 + node.head]!, version);
  if (found === 0) return 0;
  return (words[found * 2 + nodeVersion.info]! & nodeVersionFlag.deleted) !== 0 ? 0 : found;
}
