/**
 * What a signed zone needs to prove that something does not exist: its names (NSEC) or the owners of
 * its NSEC3 records in order, and for NSEC3 the hashes of every name and of the wildcard below it, so
 * that a denial hashes only the one name that is not there.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import {
  denialBlock,
  node,
  nodeVersion,
  nodeVersionFlag,
  zoneFlag,
  zoneVersion,
} from './layout.ts';
import type { NameNodes } from './name-nodes.ts';
import {
  findRrset,
  firstRrsetWord,
  makeNodeVersion,
  nodeVersionBlockOctets,
} from './node-version.ts';
import { buildOrderTree, CanonicalOrder, HashOrder, type Order } from './order-tree.ts';
import { blobOctet } from './rrset-view.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeHead = node.head;
const nodeInfo = node.info;
const nodeNameOctet = node.nameOctet;
const zoneVersionApex = zoneVersion.apex;
const zoneVersionOrder = zoneVersion.order;
const zoneVersionNsec3Iterations = zoneVersion.nsec3Iterations;
const zoneVersionNsec3Salt = zoneVersion.nsec3Salt;
const zoneVersionNsec3SaltOctets = zoneVersion.nsec3SaltOctets;
const zoneVersionNsec3Order = zoneVersion.nsec3Order;
const zoneVersionFlags = zoneVersion.flags;
const zoneFlagNsec = zoneFlag.nsec;
const zoneFlagNsec3 = zoneFlag.nsec3;
const nodeVersionInfo = nodeVersion.info;
const nodeVersionVersion = nodeVersion.version;
const nodeVersionTypeMask = nodeVersion.typeMask;
const nodeVersionFlagHashOwner = nodeVersionFlag.hashOwner;
const denialBlockSizeOctets = denialBlock.sizeOctets;
const denialBlockNameHashOctet = denialBlock.nameHashOctet;
const denialBlockWildcardHashOctet = denialBlock.wildcardHashOctet;

/** SHA-1 of `data[start..end)`, 20 octets written to `out[outAt..)`. Injected: engines hash nothing themselves. */
export type Sha1 = (
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outAt: number,
) => void;

/** RFC 9276 §3.2: above this many iterations validators give up; computing them for strangers would be a gift. */
export const maxNsec3Iterations = 150;

const typeNsec = 47;
const typeNsec3param = 51;
const digits = '0123456789abcdefghijklmnopqrstuv';
const digitOctets: Uint8Array = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));

/** Hashes names for one zone (RFC 5155 §5). Reused: no call allocates. */
export class Nsec3Hash {
  readonly #sha1: Sha1;
  readonly #work = new Uint8Array(20 + 255);
  readonly #name = new Uint8Array(255 + 255);

  constructor(sha1: Sha1) {
    this.#sha1 = sha1;
  }

  /**
   * The hash of the name in lower case wire form at `at`, before which `wildcard` puts the label `*`;
   * written as 32 octets of base32hex in lower case to `out[outAt..)`.
   */
  hash(
    octets: Uint8Array,
    at: number,
    length: number,
    wildcard: boolean,
    salt: Uint8Array,
    saltAt: number,
    saltLength: number,
    iterations: number,
    out: Uint8Array,
    outAt: number,
  ): void {
    const name = this.#name;
    const work = this.#work;
    let end = 0;
    if (wildcard) {
      name[end++] = 1;
      name[end++] = 0x2a;
    }
    for (let i = 0; i < length; i++) name[end++] = octets[at + i]!;
    for (let i = 0; i < saltLength; i++) name[end++] = salt[saltAt + i]!;
    this.#sha1(name, 0, end, work, 0);
    for (let i = 0; i < saltLength; i++) work[20 + i] = salt[saltAt + i]!;
    for (let i = 0; i < iterations; i++) this.#sha1(work, 0, 20 + saltLength, work, 0);
    for (let i = 0, from = 0, to = outAt; i < 4; i++, from += 5, to += 8) {
      // 5 octets make 8 digits; two halves of 20 bits, so that small integers do.
      const high = (work[from]! << 12) | (work[from + 1]! << 4) | (work[from + 2]! >>> 4);
      const low = ((work[from + 2]! & 15) << 16) | (work[from + 3]! << 8) | work[from + 4]!;
      out[to] = digitOctets[(high >>> 15) & 31]!;
      out[to + 1] = digitOctets[(high >>> 10) & 31]!;
      out[to + 2] = digitOctets[(high >>> 5) & 31]!;
      out[to + 3] = digitOctets[high & 31]!;
      out[to + 4] = digitOctets[(low >>> 15) & 31]!;
      out[to + 5] = digitOctets[(low >>> 10) & 31]!;
      out[to + 6] = digitOctets[(low >>> 5) & 31]!;
      out[to + 7] = digitOctets[low & 31]!;
    }
  }
}

/** Fills in what denial needs in a zone that was just built. */
export function buildDenial(
  writer: ArenaWriter,
  zoneReference: number,
  nodes: NameNodes,
  nsec: boolean,
  nsec3: boolean,
  sha1: Sha1,
): void {
  const words = writer.words;
  const zone = zoneReference * 2;
  const references: number[] = [];
  nodes.table.forEach((reference) => {
    if (words[reference * 2 + nodeHead] !== 0) references.push(reference);
  });
  // Blocks are handed out upwards, so this is the order of the file, which signers write in order.
  const all = Int32Array.from(references).sort();
  let flags = 0;
  const apex = words[zone + zoneVersionApex]!;
  const apexLabels = (words[apex * 2 + nodeInfo]! >>> 8) & 0xff;
  if (nsec) {
    const owners = all.filter(
      (reference) => findRrset(words, words[reference * 2 + nodeHead]!, typeNsec) !== 0,
    );
    const order = new CanonicalOrder(writer.octets);
    sortNodes(owners, order, (reference) => order.seek(reference * 8 + nodeNameOctet, apexLabels));
    writer.put(zone + zoneVersionOrder, buildOrderTree(writer, owners, owners.length));
    flags |= zoneFlagNsec;
  }
  const param = findRrset(words, words[apex * 2 + nodeHead]!, typeNsec3param);
  if (nsec3 && param !== 0) {
    const isHashOwner = (reference: number): boolean =>
      (words[words[reference * 2 + nodeHead]! * 2 + nodeVersionInfo]! &
        nodeVersionFlagHashOwner) !==
        0 && writer.octets[reference * 8 + nodeNameOctet] === 32;
    const owners = all.filter(isHashOwner);
    const order = new HashOrder(writer.octets);
    sortNodes(owners, order, (reference) => order.seek(reference * 8 + nodeNameOctet + 1));
    // RFC 5155 §4.1: algorithm, flags, iterations (16), salt length, salt
    const rdata = blobOctet(words, param) + 12;
    const iterations = (writer.octets[rdata + 2]! << 8) | writer.octets[rdata + 3]!;
    if (writer.octets[rdata] === 1 && iterations <= maxNsec3Iterations) {
      const saltOctets = writer.octets[rdata + 4]!;
      writer.put(zone + zoneVersionNsec3Iterations, iterations);
      writer.put(zone + zoneVersionNsec3Salt, rdata + 5);
      writer.put(zone + zoneVersionNsec3SaltOctets, saltOctets);
      writer.put(zone + zoneVersionNsec3Order, buildOrderTree(writer, owners, owners.length));
      flags |= zoneFlagNsec3;
      const hash = new Nsec3Hash(sha1);
      for (const reference of all) {
        if (!isHashOwner(reference))
          addHashes(writer, reference, hash, rdata + 5, saltOctets, iterations);
      }
    }
  }
  writer.put(zone + zoneVersionFlags, words[zone + zoneVersionFlags]! | flags);
}

/** Replaces a name's only version by one with a denial block. */
function addHashes(
  writer: ArenaWriter,
  reference: number,
  hash: Nsec3Hash,
  saltAt: number,
  saltOctets: number,
  iterations: number,
): void {
  const { words } = writer;
  const block = makeDenialBlock(writer, reference, hash, saltAt, saltOctets, iterations);
  const old = words[reference * 2 + nodeHead]!;
  const info = words[old * 2 + nodeVersionInfo]!;
  const first = firstRrsetWord(words, old);
  const made = makeNodeVersion(
    writer,
    words[old * 2 + nodeVersionVersion]!,
    info & ~0xffff,
    words[old * 2 + nodeVersionTypeMask]!,
    words.slice(first, first + (info & 0xffff)),
    info & 0xffff,
    block,
  );
  writer.put(reference * 2 + nodeHead, made);
  writer.free(old, nodeVersionBlockOctets(words, old));
}

/** The hashes of a node's name, as a block in shared memory. */
export function makeDenialBlock(
  writer: ArenaWriter,
  reference: number,
  hash: Nsec3Hash,
  saltAt: number,
  saltOctets: number,
  iterations: number,
): number {
  const { words, octets } = writer;
  const block = writer.allocate(denialBlockSizeOctets);
  const name = reference * 8 + nodeNameOctet;
  const length = words[reference * 2 + nodeInfo]! & 0xff;
  const out = block * 8;
  hash.hash(
    octets,
    name,
    length,
    false,
    octets,
    saltAt,
    saltOctets,
    iterations,
    octets,
    out + denialBlockNameHashOctet,
  );
  hash.hash(
    octets,
    name,
    length,
    true,
    octets,
    saltAt,
    saltOctets,
    iterations,
    octets,
    out + denialBlockWildcardHashOctet,
  );
  return block;
}

/** Sorts nodes by an order that can seek a node; quick when they are sorted already. */
export function sortNodes(
  nodes: Int32Array,
  order: Order,
  seek: (reference: number) => void,
): void {
  let sorted = true;
  for (let i = 1; i < nodes.length && sorted; i++) {
    seek(nodes[i]!);
    sorted = order.compare(nodes[i - 1]!) <= 0;
  }
  if (sorted) return;
  // Merge sort, bottom up.
  let from = nodes;
  let to: Int32Array = new Int32Array(nodes.length);
  for (let width = 1; width < nodes.length; width *= 2) {
    for (let start = 0; start < nodes.length; start += 2 * width) {
      const middle = Math.min(start + width, nodes.length);
      const end = Math.min(start + 2 * width, nodes.length);
      let left = start;
      let right = middle;
      for (let i = start; i < end; i++) {
        let takeLeft = left < middle;
        if (takeLeft && right < end) {
          seek(from[right]!);
          takeLeft = order.compare(from[left]!) <= 0;
        }
        to[i] = takeLeft ? from[left++]! : from[right++]!;
      }
    }
    [from, to] = [to, from];
  }
  if (from !== nodes) nodes.set(from);
}
