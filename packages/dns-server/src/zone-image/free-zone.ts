/** Gives back the memory of a zone that no reader can be in. */
import type { ArenaWriter } from '@riad/octets/arena';
import { denialBlock, node, nodeVersion, nodeVersionFlag, zoneVersion } from './layout.ts';
import { nodeBlockOctets } from './name-nodes.ts';
import { NameTable } from './name-table.ts';
import { firstRrsetWord, nodeVersionBlockOctets } from './node-version.ts';
import { retireTree } from './order-tree.ts';
import { rrsetBlockOctets } from './rrset-encoder.ts';

/** Frees all that hangs from an element of a zone's chain, and the element. */
export function freeWhole(writer: ArenaWriter, zone: number): void {
  const { words } = writer;
  const free = (reference: number, size: number): void => writer.free(reference, size);
  const holder = words[zone * 2 + zoneVersion.names]!;
  if (holder !== 0) {
    const table = new NameTable(writer, holder);
    freeNames(writer, table);
    table.free(free);
    retireTree(words, words[zone * 2 + zoneVersion.order]!, free);
    retireTree(words, words[zone * 2 + zoneVersion.nsec3Order]!, free);
  }
  free(zone, zoneVersion.words * 4);
}

/**
 * Frees all names of a table with what they own, the last in memory first. The blocks freed last are
 * given out first, so that what is built next stands in memory in the order in which it is built; in
 * the order of the table, which is that of hashes, each block would be a wait for memory, then and now.
 */
export function freeNames(writer: ArenaWriter, table: NameTable): void {
  const { words } = writer;
  const references = new Int32Array(table.nodes);
  let count = 0;
  table.forEach((reference) => {
    references[count++] = reference;
  });
  references.sort();
  while (count > 0) {
    const reference = references[--count]!;
    freeVersions(writer, words[reference * 2 + node.head]!);
    writer.free(reference, nodeBlockOctets(words[reference * 2 + node.info]!));
  }
}

/** Frees an element of a name's chain with its RRsets. Older ones were retired when it was linked. */
function freeVersions(writer: ArenaWriter, version: number): void {
  if (version === 0) return;
  const { words } = writer;
  const info = words[version * 2 + nodeVersion.info]!;
  const first = firstRrsetWord(words, version);
  for (let i = 0; i < (info & 0xffff); i++) {
    const reference = words[first + i]!;
    writer.free(reference, rrsetBlockOctets(words, reference));
  }
  if ((info & nodeVersionFlag.hashed) !== 0) {
    writer.free(words[version * 2 + nodeVersion.rrsets]!, denialBlock.sizeOctets);
  }
  writer.free(version, nodeVersionBlockOctets(words, version));
}
