/** What a name owns in one version: an element of the name's version chain. */
import type { ArenaWriter } from '@riad/octets/arena';
import { nodeVersion, nodeVersionFlag, rrset } from './layout.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeVersionTypeMask = nodeVersion.typeMask;
const nodeVersionInfo = nodeVersion.info;
const nodeVersionRrsets = nodeVersion.rrsets;
const nodeVersionVersion = nodeVersion.version;
const nodeVersionOlder = nodeVersion.older;
const nodeVersionFlagHashed = nodeVersionFlag.hashed;
const rrsetInfo = rrset.info;
const rrsetSizes = rrset.sizes;

/** The RRset of a type in an element of a name's version chain, or 0. */
export function findRrset(words: Int32Array, version: number, type: number): number {
  if ((words[version * 2 + nodeVersionTypeMask]! & (1 << (type & 31))) === 0) return 0;
  const info = words[version * 2 + nodeVersionInfo]!;
  let word = version * 2 + nodeVersionRrsets + ((info & nodeVersionFlagHashed) !== 0 ? 1 : 0);
  const end = word + (info & 0xffff);
  for (; word < end; word++) {
    const reference = words[word]!;
    if ((words[reference * 2 + rrsetInfo]! & 0xffff) === type) {
      // Signatures without what they sign are no RRset.
      return (words[reference * 2 + rrsetSizes]! & 0xffff) === 0 ? 0 : reference;
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
  const reference = writer.allocate((nodeVersionRrsets + withDenial + count) * 4);
  const word = reference * 2;
  writer.put(word + nodeVersionVersion, version);
  writer.put(word + nodeVersionOlder, 0);
  writer.put(word + nodeVersionInfo, count | flags | (denial === 0 ? 0 : nodeVersionFlagHashed));
  writer.put(word + nodeVersionTypeMask, typeMask);
  let at = word + nodeVersionRrsets;
  if (denial !== 0) writer.put(at++, denial);
  for (let i = 0; i < count; i++) writer.put(at++, rrsets[i]!);
  return reference;
}

/** Octets of the block of an element of a name's version chain. */
export function nodeVersionBlockOctets(words: Int32Array, reference: number): number {
  const info = words[reference * 2 + nodeVersionInfo]!;
  const withDenial = (info & nodeVersionFlagHashed) !== 0 ? 1 : 0;
  return (nodeVersionRrsets + withDenial + (info & 0xffff)) * 4;
}

/** The word of the first RRset reference of an element of a name's version chain. */
export function firstRrsetWord(words: Int32Array, reference: number): number {
  const info = words[reference * 2 + nodeVersionInfo]!;
  return reference * 2 + nodeVersionRrsets + ((info & nodeVersionFlagHashed) !== 0 ? 1 : 0);
}
