/**
 * Proofs that something does not exist, in a signed zone: NSEC (RFC 4035 §3.1.3) or NSEC3 (RFC 5155
 * §7.2). Each writes into the authority section what is not there yet. Without a chain they do nothing.
 */
import {
  denialBlock,
  node,
  nodeVersion,
  nodeVersionFlag,
  zoneFlag,
  zoneVersion,
} from '../zone-image/layout.ts';
import { findRrset } from '../zone-image/node-version.ts';
import { floorNode, lastNode } from '../zone-image/order-tree.ts';
import { visible } from '../zone-image/reader-slots.ts';
import { existing, findEnd } from './lookup.ts';
import { maxRemembered, type QueryState, scratchPlace } from './query-state.ts';
import { writeRrset } from './write-rrset.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const zoneVersionFlags = zoneVersion.flags;
const zoneVersionNsec3Order = zoneVersion.nsec3Order;
const zoneVersionNsec3Salt = zoneVersion.nsec3Salt;
const zoneVersionNsec3SaltOctets = zoneVersion.nsec3SaltOctets;
const zoneVersionNsec3Iterations = zoneVersion.nsec3Iterations;
const zoneVersionOrder = zoneVersion.order;
const zoneFlagNsec3 = zoneFlag.nsec3;
const zoneFlagNsec = zoneFlag.nsec;
const nodeVersionInfo = nodeVersion.info;
const nodeVersionRrsets = nodeVersion.rrsets;
const nodeVersionFlagHashed = nodeVersionFlag.hashed;
const denialBlockNameHashOctet = denialBlock.nameHashOctet;
const denialBlockWildcardHashOctet = denialBlock.wildcardHashOctet;
const scratchPlaceHash = scratchPlace.hash;
const scratchPlaceWildcard = scratchPlace.wildcard;
const nodeHead = node.head;

const typeNsec = 47;
const typeNsec3 = 50;

function chainFlags(s: QueryState): number {
  return s.words[s.zone + zoneVersionFlags]!;
}

/** NXDOMAIN: neither the name nor a wildcard for it exists. */
export function proveNoName(s: QueryState): void {
  const flags = chainFlags(s);
  if ((flags & zoneFlagNsec3) !== 0) {
    const labels = proveEncloser(s, s.encloserLabels); // RFC 5155 §7.2.2
    coverHash(s, wildcardHash(s, labels));
  } else if ((flags & zoneFlagNsec) !== 0) {
    coverName(s, s.name); // RFC 4035 §3.1.3.2
    coverName(s, spellWildcard(s, s.encloserLabels));
  }
}

/** The name exists and does not own the type. */
export function proveNoData(s: QueryState, reference: number, version: number): void {
  const flags = chainFlags(s);
  if ((flags & zoneFlagNsec3) !== 0) {
    if (!matchHash(s, version)) proveEncloser(s, s.labels - 1); // an empty non-terminal left out by opt-out
  } else if ((flags & zoneFlagNsec) !== 0) {
    if (findRrset(s.words, version, typeNsec) !== 0)
      writeProof(s, reference, typeNsec); // RFC 4035 §3.1.3.1
    else coverName(s, s.name); // an empty non-terminal owns no NSEC
  }
}

/** The answer came from a wildcard: prove that the name itself does not exist. */
export function proveWildcard(s: QueryState): void {
  const found = wildcardProof(s);
  if (found !== 0) writeProof(s, found, proofType(s));
}

/** The same where more answers follow: the proof is written by `writePendingProofs`. */
export function proveWildcardLater(s: QueryState): void {
  const found = wildcardProof(s);
  if (found === 0 || s.pendingCount * 3 === s.pendingProofs.length) return;
  const at = s.pendingCount++ * 3;
  s.pendingProofs[at] = proofType(s) === typeNsec3 ? found : ~found;
  s.pendingProofs[at + 1] = s.apex;
  s.pendingProofs[at + 2] = s.apexPlace;
}

/** To be called when the answer section is complete. */
export function writePendingProofs(s: QueryState): void {
  if (s.pendingCount === 0) return;
  const { apex, apexPlace } = s;
  for (let i = 0; i < s.pendingCount; i++) {
    const found = s.pendingProofs[i * 3]!;
    s.apex = s.pendingProofs[i * 3 + 1]!;
    s.apexPlace = s.pendingProofs[i * 3 + 2]!;
    if (found > 0) writeProof(s, found, typeNsec3);
    else writeProof(s, ~found, typeNsec);
  }
  s.pendingCount = 0;
  s.apex = apex;
  s.apexPlace = apexPlace;
}

function proofType(s: QueryState): number {
  return (chainFlags(s) & zoneFlagNsec3) !== 0 ? typeNsec3 : typeNsec;
}

/** The owner of the record that covers the name, or the next closer one (RFC 4035 §3.1.3.3, RFC 5155 §7.2.6). */
function wildcardProof(s: QueryState): number {
  const flags = chainFlags(s);
  if ((flags & zoneFlagNsec3) !== 0) return hashCover(s, nextCloserHash(s, s.encloserLabels));
  return (flags & zoneFlagNsec) !== 0 ? nameCover(s, s.name) : 0;
}

/** A wildcard stands for the name and does not own the type. */
export function proveWildcardNoData(s: QueryState, wildcard: number, version: number): void {
  const flags = chainFlags(s);
  if ((flags & zoneFlagNsec3) !== 0) {
    proveEncloser(s, s.encloserLabels); // RFC 5155 §7.2.5
    matchHash(s, version);
  } else if ((flags & zoneFlagNsec) !== 0) {
    coverName(s, s.name); // RFC 4035 §3.1.3.4
    if (findRrset(s.words, version, typeNsec) !== 0) writeProof(s, wildcard, typeNsec);
    else coverName(s, spellWildcard(s, s.encloserLabels));
  }
}

/** There is no DS at a zone cut `cutLabels` deep: it is matched, or left out by opt-out (RFC 5155 §7.2.4, §7.2.7). */
export function proveNoDs(
  s: QueryState,
  reference: number,
  version: number,
  cutLabels: number,
): void {
  const flags = chainFlags(s);
  if ((flags & zoneFlagNsec3) !== 0) {
    if (!matchHash(s, version)) proveEncloser(s, cutLabels - 1);
  } else if ((flags & zoneFlagNsec) !== 0) {
    if (findRrset(s.words, version, typeNsec) !== 0) writeProof(s, reference, typeNsec);
    else coverName(s, s.name + s.starts[s.labels - cutLabels]!);
  }
}

/**
 * The closest provable encloser (RFC 5155 §7.2.1) at or above `labels`: its NSEC3, and one that covers
 * the next closer name. Returns its labels.
 */
function proveEncloser(s: QueryState, labels: number): number {
  let at = Math.min(labels, s.labels - 1);
  for (; at > s.apexLabels; at--) {
    const version = existing(s, findEnd(s, at));
    if (version !== 0 && matchHash(s, version)) break;
  }
  if (at === s.apexLabels) matchHash(s, existing(s, s.apex));
  coverHash(s, nextCloserHash(s, at));
  return at;
}

/** Writes the NSEC3 that matches a name, given by what it owns; false if there is none. */
function matchHash(s: QueryState, version: number): boolean {
  const { words } = s;
  if ((words[version * 2 + nodeVersionInfo]! & nodeVersionFlagHashed) === 0) return false;
  const block = words[version * 2 + nodeVersionRrsets]!;
  s.hashOrder.seek(block * 8 + denialBlockNameHashOctet);
  const found = floorNode(words, words[s.zone + zoneVersionNsec3Order]!, s.hashOrder);
  if (found === 0 || s.hashOrder.compare(found) !== 0) return false;
  writeProof(s, found, typeNsec3);
  return true;
}

/** Writes the NSEC3 that covers the hash at the octet `hash`. */
function coverHash(s: QueryState, hash: number): void {
  const found = hashCover(s, hash);
  if (found !== 0) writeProof(s, found, typeNsec3);
}

/** The owner of the NSEC3 that covers a hash; the last one reaches round to the first. */
function hashCover(s: QueryState, hash: number): number {
  const { words } = s;
  const order = words[s.zone + zoneVersionNsec3Order]!;
  s.hashOrder.seek(hash);
  const found = floorNode(words, order, s.hashOrder);
  return found === 0 ? lastNode(words, order) : found;
}

/** The octet of the hash of `*` below the ancestor that is `labels` deep. */
function wildcardHash(s: QueryState, labels: number): number {
  const version = existing(s, findEnd(s, labels));
  if (version !== 0 && (s.words[version * 2 + nodeVersionInfo]! & nodeVersionFlagHashed) !== 0) {
    return s.words[version * 2 + nodeVersionRrsets]! * 8 + denialBlockWildcardHashOctet;
  }
  return hashEnd(s, labels, true);
}

function nextCloserHash(s: QueryState, labels: number): number {
  return hashEnd(s, Math.min(labels + 1, s.labels), false);
}

/** Hashes the last `labels` labels of the name into the scratch space. */
function hashEnd(s: QueryState, labels: number, wildcard: boolean): number {
  const { words, octets } = s;
  const start = s.starts[s.labels - labels]!;
  const hash = s.scratch + scratchPlaceHash;
  s.nsec3Hash.hash(
    octets,
    s.name + start,
    s.soughtLength - start,
    wildcard,
    octets,
    words[s.zone + zoneVersionNsec3Salt]!,
    words[s.zone + zoneVersionNsec3SaltOctets]!,
    words[s.zone + zoneVersionNsec3Iterations]!,
    octets,
    hash,
  );
  return hash;
}

/** Spells `*` before the ancestor that is `labels` deep; returns its octet. */
function spellWildcard(s: QueryState, labels: number): number {
  const { octets } = s;
  const wildcard = s.scratch + scratchPlaceWildcard;
  const start = s.starts[s.labels - labels]!;
  octets[wildcard] = 1;
  octets[wildcard + 1] = 0x2a;
  for (let i = start, to = wildcard + 2; i < s.soughtLength; i++, to++)
    octets[to] = octets[s.name + i]!;
  return wildcard;
}

/** Writes the NSEC of the last name at or before the one at `name`. */
function coverName(s: QueryState, name: number): void {
  const found = nameCover(s, name);
  if (found !== 0) writeProof(s, found, typeNsec);
}

function nameCover(s: QueryState, name: number): number {
  const { words } = s;
  const order = words[s.zone + zoneVersionOrder]!;
  s.canonicalOrder.seek(name, s.apexLabels);
  const found = floorNode(words, order, s.canonicalOrder);
  return found === 0 ? lastNode(words, order) : found;
}

/** Writes a node's NSEC or NSEC3 with its signatures, once. */
function writeProof(s: QueryState, reference: number, type: number): void {
  const { words } = s;
  for (let i = 0; i < s.rememberedCount; i++) if (s.remembered[i] === ~reference) return;
  if (s.rememberedCount < maxRemembered) s.remembered[s.rememberedCount++] = ~reference;
  const version = visible(words, words[reference * 2 + nodeHead]!, s.version);
  const found = version === 0 ? 0 : findRrset(words, version, type);
  if (found === 0) return;
  const count = writeRrset(s, found, reference === s.apex ? s.apexPlace : 0, reference);
  if (count === 0) s.truncated = true;
  s.authorities += count;
}
