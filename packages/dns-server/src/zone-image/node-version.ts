/** What a name owns in one version: an element of the name's version chain. */
import type { ArenaWriter } from '@riad/octets/arena';
import { nodeVersion, nodeVersionFlag, rrset } from './layout.ts';

/** The RRset of a type in an element of a name's version chain, or 0. */
export function findRrset(words: Int32Array, version: number, type: number): number {
  if ((words[version * 2 + nodeVersion.typeMask]! & (1 << (type & 31))) === 0) return 0;
  const info = words[version * 2 + nodeVersion.info]!;
  let word = version * 2 + nodeVersion.rrsets + ((info & nodeVersionFlag.hashed) !== 0 ? 1 : 0);
  const end = word + (info & 0xffff);
  for (; word < end; word++) {
    const reference = words[word]!;
    if ((words[reference * 2 + rrset.info]! & 0xffff) === type) {
      // Signatures without what they sign are no RRset.
      return (words[reference * 2 + rrset.sizes]! & 0xffff) === 0 ? 0 : reference;
    }
  }
  return 0;
}

/** Makes an element of a name's version chain from the first `count` references in `rrsets`. */
export function makeNodeVersion(
  writer: ArenaWriter,
  version: number,
  flags: number,
  typeMask: number,
  rrsets: Int32Array,
  count: number,
  denial: number,
): number {
  const withDenial = denial === 0 ? 0 : 1;
  const reference = writer.allocate((nodeVersion.rrsets + withDenial + count) * 4);
  const word = reference * 2;
  writer.put(word + nodeVersion.version, version);
  writer.put(word + nodeVersion.older, 0);
  writer.put(word + nodeVersion.info, count | flags | (denial === 0 ? 0 : nodeVersionFlag.hashed));
  writer.put(word + nodeVersion.typeMask, typeMask);
  let at = word + nodeVersion.rrsets;
  if (denial !== 0) writer.put(at++, denial);
  for (let i = 0; i < count; i++) writer.put(at++, rrsets[i]!);
  return reference;
}

/** Octets of the block of an element of a name's version chain. */
export function nodeVersionBlockOctets(words: Int32Array, reference: number): number {
  const info = words[reference * 2 + nodeVersion.info]!;
  const withDenial = (info & nodeVersionFlag.hashed) !== 0 ? 1 : 0;
  return (nodeVersion.rrsets + withDenial + (info & 0xffff)) * 4;
}

/** The word of the first RRset reference of an element of a name's version chain. */
export function firstRrsetWord(words: Int32Array, reference: number): number {
  const info = words[reference * 2 + nodeVersion.info]!;
  return reference * 2 + nodeVersion.rrsets + ((info & nodeVersionFlag.hashed) !== 0 ? 1 : 0);
}
