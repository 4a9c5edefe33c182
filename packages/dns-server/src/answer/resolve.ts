/**
 * The algorithm of RFC 1034 §4.3.2 over the zones that are hosted: from the name and type being asked
 * to the three sections of the answer. What does not fit is left out by whole RRsets.
 */
import {
  node,
  nodeVersion,
  nodeVersionFlag,
  rrset,
  zoneFlag,
  zoneVersion,
} from '../zone-image/layout.ts';
import { findRrset } from '../zone-image/node-version.ts';
import { blobOctet, marksWord, spellOut } from '../zone-image/rrset-view.ts';
import {
  proveNoData,
  proveNoDs,
  proveNoName,
  proveWildcard,
  proveWildcardLater,
  proveWildcardNoData,
  writePendingProofs,
} from './denial.ts';
import { existing, findEncloser, findEnd, findWildcard, findZone } from './lookup.ts';
import { takeName } from './parse-query.ts';
import { maxAliases, maxRemembered, type QueryState, scratchPlace } from './query-state.ts';
import { copyOctets, writeRrset } from './write-rrset.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const zoneFlagWithheld = zoneFlag.withheld;
const zoneFlagExpected = zoneFlag.expected;
const zoneFlagNsec = zoneFlag.nsec;
const zoneFlagNsec3 = zoneFlag.nsec3;
const zoneVersionFlags = zoneVersion.flags;
const zoneVersionCutDepths = zoneVersion.cutDepths;
const zoneVersionDnameDepths = zoneVersion.dnameDepths;
const zoneVersionSoa = zoneVersion.soa;
const zoneVersionNegativeTtlSeconds = zoneVersion.negativeTtlSeconds;
const nodeVersionInfo = nodeVersion.info;
const nodeVersionRrsets = nodeVersion.rrsets;
const nodeVersionFlagCut = nodeVersionFlag.cut;
const nodeVersionFlagDname = nodeVersionFlag.dname;
const nodeVersionFlagCname = nodeVersionFlag.cname;
const nodeVersionFlagHashed = nodeVersionFlag.hashed;
const rrsetSizes = rrset.sizes;
const rrsetCounts = rrset.counts;
const rrsetTtlSeconds = rrset.ttlSeconds;
const rrsetBody = rrset.body;
const scratchPlaceTarget = scratchPlace.target;
const nodeInfo = node.info;
const nodeParent = node.parent;

const typeA = 1;
const typeNs = 2;
const typeCname = 5;
const typeAaaa = 28;
const typeDname = 39;
const typeDs = 43;
const typeRrsig = 46;
const typeAny = 255;

const rcodeServfail = 2;
const rcodeNxdomain = 3;
const rcodeRefused = 5;
const rcodeYxdomain = 6;

const edeNotAuthoritative = 20; // RFC 8914 §4.21
const edeInvalidData = 24; // RFC 8914 §4.25: “too old or having expired”
const edeNoReachableAuthority = 22; // RFC 8914 §4.23
const edeNotReady = 14; // RFC 8914 §4.15

/** Answers the question that was parsed. Sets the sections, RCODE, AA and TC. */
export function resolve(s: QueryState): void {
  s.aliases = 0;
  s.rememberedCount = 0;
  s.pendingCount = 0;
  if (!findZoneOfName(s)) {
    s.rcode = rcodeRefused;
    s.extendedError = edeNotAuthoritative;
    return;
  }
  s.apexPlace = 12 + s.starts[s.labels - s.apexLabels]!;
  while (answerName(s)) {
    // The alias leads on: RFC 6604 §3, the RCODE is that of the last name.
    if (s.aliases > maxAliases || !findZoneOfName(s)) break;
    placeApex(s);
  }
  if (!s.truncated) writePendingProofs(s);
}

/** RFC 1034 §4.3.2 step 2. A DS record lives above the cut (RFC 4035 §3.1.4.1): at an apex the parent is asked, if it is here. */
function findZoneOfName(s: QueryState): boolean {
  if (!findZone(s, s.labels)) return false;
  if (s.type === typeDs && s.apexLabels === s.labels && s.labels > 0) {
    if (!findZone(s, s.labels - 1)) findZone(s, s.labels);
  }
  return true;
}

/** Deals with the name being looked for; true if an alias was followed and there is another one. */
function answerName(s: QueryState): boolean {
  const { words } = s;
  const zoneFlags = words[s.zone + zoneVersionFlags]!;
  if ((zoneFlags & (zoneFlagWithheld | zoneFlagExpected)) !== 0) {
    s.rcode = rcodeServfail;
    if ((zoneFlags & zoneFlagExpected) !== 0) s.extendedError = edeNotReady;
    else {
      s.extendedError = edeInvalidData;
      s.furtherError = edeNoReachableAuthority; // why it could expire
    }
    return false;
  }
  const below = s.labels - s.apexLabels;
  // Ancestors first: below a zone cut or a DNAME nothing in this zone counts (RFC 1034 §4.3.2 3.b, RFC 6672 §3.2).
  const cuts = words[s.zone + zoneVersionCutDepths]!;
  const dnames = words[s.zone + zoneVersionDnameDepths]!;
  const barriers = cuts | dnames;
  if (barriers !== 0) {
    for (let depth = 0; depth < below; depth++) {
      if ((barriers & (1 << Math.min(depth, 31))) === 0) continue;
      const reference = findEnd(s, s.apexLabels + depth);
      const version = existing(s, reference);
      if (version === 0) continue;
      const flags = words[version * 2 + nodeVersionInfo]!;
      if ((flags & nodeVersionFlagCut) !== 0) {
        refer(s, reference, version, s.apexLabels + depth);
        return false;
      }
      if ((flags & nodeVersionFlagDname) !== 0)
        return followDname(s, reference, version, s.apexLabels + depth);
    }
  }
  const reference = findEnd(s, s.labels);
  const version = existing(s, reference);
  if (version !== 0) {
    const flags = words[version * 2 + nodeVersionInfo]!;
    if ((flags & nodeVersionFlagCut) !== 0 && s.type !== typeDs) {
      refer(s, reference, version, s.labels);
      return false;
    }
    if (s.aliases === 0) s.authoritative = true;
    return answerNode(s, reference, version, flags, false);
  }
  if (s.aliases === 0) s.authoritative = true;
  findEncloser(s);
  const wildcard = findWildcard(s);
  const wildcardVersion = existing(s, wildcard);
  if (wildcardVersion !== 0) {
    s.fromWildcard = true;
    const flags = words[wildcardVersion * 2 + nodeVersionInfo]!;
    return answerNode(s, wildcard, wildcardVersion, flags, true);
  }
  s.rcode = rcodeNxdomain;
  writeSoa(s);
  if (s.dnssecOk) proveNoName(s);
  return false;
}

/** The name exists, or a wildcard stands for it: answer from what the node owns. */
function answerNode(
  s: QueryState,
  reference: number,
  version: number,
  flags: number,
  wildcard: boolean,
): boolean {
  const { words } = s;
  const type = s.type;
  if (type === typeAny || type === typeRrsig) return answerAny(s, reference, version, wildcard);
  const found = findRrset(words, version, type);
  if (found !== 0) {
    const start = s.at - s.out;
    if (writeAnswer(s, found, reference) === 0) return false;
    if (wildcard && s.dnssecOk) proveWildcard(s);
    if (type === typeNs) addAdditional(s, found, start);
    return false;
  }
  if ((flags & nodeVersionFlagCname) !== 0) {
    return followCname(s, reference, findRrset(words, version, typeCname), wildcard);
  }
  noData(s, reference, version, wildcard);
  return false;
}

function noData(s: QueryState, reference: number, version: number, wildcard: boolean): void {
  writeSoa(s);
  if (!s.dnssecOk) return;
  if (wildcard) proveWildcardNoData(s, reference, version);
  else if (s.type === typeDs && reference !== s.apex) proveNoDs(s, reference, version, s.labels);
  else proveNoData(s, reference, version);
}

/** Writes an RRset into the answer section; 0 and TC if it does not fit. */
function writeAnswer(s: QueryState, found: number, reference: number): number {
  const count = writeRrset(s, found, s.ownerPlace, reference);
  if (count === 0) s.truncated = true;
  s.answers += count;
  return count;
}

/** RFC 8482 §4.1: one RRset stands for all. For RRSIG, the signatures of one RRset do. */
function answerAny(s: QueryState, reference: number, version: number, wildcard: boolean): boolean {
  const { words } = s;
  const info = words[version * 2 + nodeVersionInfo]!;
  let word = version * 2 + nodeVersionRrsets + ((info & nodeVersionFlagHashed) !== 0 ? 1 : 0);
  const end = word + (info & 0xffff);
  for (; word < end; word++) {
    const found = words[word]!;
    const sizes = words[found * 2 + rrsetSizes]!;
    if (s.type === typeRrsig ? sizes >>> 16 === 0 : (sizes & 0xffff) === 0) continue;
    if (s.type === typeRrsig) writeSignatures(s, found);
    else writeAnswer(s, found, reference);
    if (wildcard && s.dnssecOk && !s.truncated) proveWildcard(s);
    return false;
  }
  noData(s, reference, version, wildcard);
  return false;
}

function writeSignatures(s: QueryState, found: number): void {
  const sizes = s.words[found * 2 + rrsetSizes]!;
  const size = sizes >>> 16;
  const start = s.at;
  if (start + size > s.limit) {
    s.truncated = true;
    return;
  }
  copyOctets(s, start, blobOctet(s.words, found) + (sizes & 0xffff), size);
  s.at = start + size;
  for (let at = start; at < s.at; s.answers++) {
    s.view.setUint16(at, 0xc000 | s.ownerPlace);
    at += 12 + s.view.getUint16(at + 10);
  }
}

function followCname(s: QueryState, reference: number, found: number, wildcard: boolean): boolean {
  const start = s.at;
  if (wasHere(s, reference)) return false;
  if (writeAnswer(s, found, reference) === 0) return false;
  if (wildcard && s.dnssecOk) proveWildcardLater(s);
  s.aliasNodes[s.aliases] = reference;
  s.aliasHashes[s.aliases++] = s.hashes[s.labels]!;
  const { words, octets } = s;
  const blob = blobOctet(words, found);
  const markCount = words[found * 2 + rrsetCounts]! & 0xffff;
  const target = s.scratch + scratchPlaceTarget;
  const rdataEnd = 12 + s.view.getUint16(blob + 10);
  const mark = markCount === 0 ? -1 : words[marksWord(words, found)]!;
  const stop = mark === -1 ? rdataEnd : mark & 0xffff;
  let to = target;
  for (let at = 12; at < stop; at++) octets[to++] = octets[blob + at]!;
  if (mark !== -1) {
    to = spellOut(
      words,
      octets,
      mark,
      blob,
      marksWord(words, found),
      markCount,
      reference,
      s.apex,
      octets,
      to,
    );
  }
  // RDATA of the record just written: a pointer may lead there only while it is in reach.
  return follow(s, target, to, start - s.out + 12);
}

/** Whether this name was an alias before: they lead round in a circle, and all of it was said. */
function wasHere(s: QueryState, reference: number): boolean {
  const hash = s.hashes[s.labels]!;
  for (let i = 0; i < s.aliases; i++) {
    if (s.aliasNodes[i] === reference && s.aliasHashes[i] === hash) return true;
  }
  return false;
}

/** Makes the name at `target` the one to look for; it stands at `place` of the message. */
function follow(s: QueryState, target: number, end: number, place: number): boolean {
  if (takeName(s, target, end) === 0 || place > 0x3fff) return false;
  s.ownerPlace = place;
  return true;
}

/** After an alias: the apex of the zone of the new name, as that name has it in the message. */
function placeApex(s: QueryState): void {
  const length = s.words[s.apex * 2 + nodeInfo]! & 0xff;
  s.apexPlace = placeInMessage(s, s.ownerPlace, s.soughtLength - length);
}

/** RFC 6672 §3.2, §3.3: the DNAME, a CNAME made from it, and on with the name that results. */
function followDname(
  s: QueryState,
  reference: number,
  version: number,
  ownerLabels: number,
): boolean {
  const { words, octets, view } = s;
  if (s.aliases === 0) s.authoritative = true;
  const found = findRrset(words, version, typeDname);
  const prefix = s.starts[s.labels - ownerLabels]!;
  const place = s.ownerPlace;
  const ownerAt = placeInMessage(s, place, prefix);
  // Twice in a row: its target lies below itself, and the names would only grow. What stands there is the answer.
  if (s.aliases > 0 && s.aliasNodes[s.aliases - 1] === reference) return false;
  if (wasHere(s, reference)) return false;
  let written = false;
  for (let i = 0; i < s.rememberedCount; i++) written ||= s.remembered[i] === found;
  if (!written) {
    const count = writeRrset(s, found, ownerAt, reference);
    if (count === 0) {
      s.truncated = true;
      return false;
    }
    s.answers += count;
    if (s.rememberedCount < maxRemembered) s.remembered[s.rememberedCount++] = found;
  }
  s.aliasNodes[s.aliases] = reference;
  s.aliasHashes[s.aliases++] = s.hashes[s.labels]!;
  const rdata = blobOctet(words, found) + 12;
  const targetLength = view.getUint16(rdata - 2);
  if (prefix + targetLength > 255) {
    s.rcode = rcodeYxdomain; // RFC 6672 §2.2
    return false;
  }
  const target = s.scratch + scratchPlaceTarget;
  let to = target;
  spelledPrefix(s, place, prefix, to);
  to += prefix;
  for (let i = 0; i < targetLength; i++) octets[to++] = octets[rdata + i]!;
  const length = to - target;
  const at = s.at;
  if (at + 12 + length > s.limit) {
    s.truncated = true;
    return false;
  }
  view.setUint16(at, 0xc000 | place);
  view.setUint16(at + 2, typeCname);
  view.setUint16(at + 4, 1);
  view.setUint32(at + 6, words[found * 2 + rrsetTtlSeconds]!); // RFC 6672 §3.1: the DNAME's TTL
  view.setUint16(at + 10, length);
  for (let i = 0; i < length; i++) octets[at + 12 + i] = octets[target + i]!;
  s.at = at + 12 + length;
  s.answers++;
  if (s.type === typeCname || s.type === typeAny) return false;
  return follow(s, target, to, at + 12 - s.out);
}

/** The place in the message `skip` octets into the name at `place`, following its pointers. */
function placeInMessage(s: QueryState, place: number, skip: number): number {
  const { octets } = s;
  let at = s.out + place;
  let left = skip;
  for (;;) {
    const length = octets[at]!;
    if (length >= 0xc0) {
      at = s.out + (((length & 0x3f) << 8) | octets[at + 1]!);
      continue; // pointers lead backwards only: this ends
    }
    if (left === 0) return at - s.out;
    left -= length + 1;
    at += length + 1;
  }
}

/** Copies the first `count` octets of the name at `place` of the message, as it is spelled there. */
function spelledPrefix(s: QueryState, place: number, count: number, to: number): void {
  const { octets } = s;
  let at = s.out + place;
  let written = 0;
  while (written < count) {
    const length = octets[at]!;
    if (length >= 0xc0) {
      at = s.out + (((length & 0x3f) << 8) | octets[at + 1]!);
      continue;
    }
    for (let i = 0; i <= length; i++) octets[to + written++] = octets[at++]!;
  }
}

/** A referral (RFC 1034 §4.3.2 3.b): the NS RRset of the cut, its DS or the proof of none, and glue. */
function refer(s: QueryState, reference: number, version: number, cutLabels: number): void {
  writePendingProofs(s);
  const { words } = s;
  const found = findRrset(words, version, typeNs);
  const place = placeInMessage(s, s.ownerPlace, s.starts[s.labels - cutLabels]!);
  const start = s.at - s.out;
  const dnssecOk = s.dnssecOk;
  s.dnssecOk = false; // the parent does not sign the NS RRset of a cut (RFC 4035 §2.2)
  const count = writeRrset(s, found, place, reference);
  s.dnssecOk = dnssecOk;
  if (count === 0) {
    s.truncated = true;
    return;
  }
  s.authorities += count;
  const secure = (words[s.zone + zoneVersionFlags]! & (zoneFlagNsec | zoneFlagNsec3)) !== 0;
  if (dnssecOk && secure) {
    const ds = findRrset(words, version, typeDs);
    if (ds !== 0) {
      const written = writeRrset(s, ds, place, reference);
      if (written === 0) s.truncated = true;
      s.authorities += written;
    } else proveNoDs(s, reference, version, cutLabels);
  }
  if (!s.truncated) addGlue(s, found, start, reference);
}

/** Addresses of the name servers of a cut; those below the cut must be there or TC (RFC 9471 §3.1). */
function addGlue(s: QueryState, found: number, start: number, cut: number): void {
  const { words } = s;
  const count = words[found * 2 + rrsetCounts]! >>> 16;
  const entries = found * 2 + rrsetBody;
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < count; i++) {
      const target = words[entries + i * 2 + 1]!;
      const inDomain = isAtOrBelow(words, target, cut);
      if (inDomain !== (pass === 0)) continue; // what must be there comes first
      const place = start + words[entries + i * 2]!;
      if (!addAddresses(s, target, place > 0x3fff ? 0 : place) && inDomain) {
        s.truncated = true;
        return;
      }
    }
  }
}

/** Addresses of the name servers in the answer, as far as there is room. */
function addAdditional(s: QueryState, found: number, start: number): void {
  const { words } = s;
  writePendingProofs(s);
  const counts = words[found * 2 + rrsetCounts]!;
  const entries = found * 2 + rrsetBody;
  const most = Math.min(counts >>> 16, maxRemembered);
  for (let i = 0; i < most; i++) {
    const place = start + words[entries + i * 2]!;
    addAddresses(s, words[entries + i * 2 + 1]!, place > 0x3fff ? 0 : place);
  }
}

/** Writes the A and AAAA RRsets of a node, once; false if one did not fit. */
function addAddresses(s: QueryState, target: number, place: number): boolean {
  for (let i = 0; i < s.rememberedCount; i++) if (s.remembered[i] === target) return true;
  if (s.rememberedCount < maxRemembered) s.remembered[s.rememberedCount++] = target;
  const version = existing(s, target);
  if (version === 0) return true;
  let whole = true;
  for (let type = typeA; type <= typeAaaa; type += typeAaaa - typeA) {
    const found = findRrset(s.words, version, type);
    if (found === 0) continue;
    const count = writeRrset(s, found, place, target);
    if (count === 0) whole = false;
    s.additionals += count;
  }
  return whole;
}

function isAtOrBelow(words: Int32Array, reference: number, ancestor: number): boolean {
  const depth = words[ancestor * 2 + nodeInfo]! & 0xff00;
  let at = reference;
  while (at !== 0 && (words[at * 2 + nodeInfo]! & 0xff00) > depth) at = words[at * 2 + nodeParent]!;
  return at === ancestor;
}

/** The SOA of a negative answer, its TTL the negative one (RFC 2308 §3). */
export function writeSoa(s: QueryState): void {
  writePendingProofs(s);
  const { words, view } = s;
  const soa = words[s.zone + zoneVersionSoa]!;
  const start = s.at;
  const rootApex = (words[s.apex * 2 + nodeInfo]! & 0xff) <= 2;
  const count = writeRrset(s, soa, rootApex ? 0 : s.apexPlace, s.apex);
  if (count === 0) {
    s.truncated = true;
    return;
  }
  s.authorities += count;
  const ttl = words[s.zone + zoneVersionNegativeTtlSeconds]!;
  if (ttl === words[soa * 2 + rrsetTtlSeconds]) return;
  for (let at = start; at < s.at; ) {
    while (s.octets[at]! < 0xc0 && s.octets[at] !== 0) at += s.octets[at]! + 1;
    at += s.octets[at]! >= 0xc0 ? 2 : 1;
    view.setUint32(at + 4, ttl);
    at += 10 + view.getUint16(at + 8);
  }
}
