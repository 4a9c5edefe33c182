/**
 * RFC 1034 §4.3.2 read aloud: the algorithm step by step in the RFC's own order, over plain lists, with
 * what later RFCs put into it (RFC 4592 wildcards, RFC 6672 §3.2 DNAME, RFC 2308 negative answers, RFC
 * 4035 §3.1 and RFC 5155 §7.2 proofs). It is slow, knows no wire form of an answer, and shares nothing
 * with the answering function that it judges.
 */
import { RecordTypeCode as Type } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import {
  ancestorName,
  appendName,
  equalNames,
  isSubdomain,
  labelCount,
  type Name,
  nameKey,
} from '@riad/dns/name';
import { nameError, noData, wildcardAnswer, wildcardBelow, wildcardNoData } from './denial.ts';
import { exists, type LiteralZone, recordsAt, rrset, signatures } from './zone.ts';

export type Asked = { readonly name: Name; readonly type: number; readonly dnssecOk: boolean };

export type Reading = {
  rcode: number;
  aa: boolean;
  readonly answer: ResourceRecord[];
  readonly authority: ResourceRecord[];
  readonly additional: ResourceRecord[];
};

/** Where the RFCs leave a choice; what Riad chooses stands beside it. */
export type Policy = {
  /** So many aliases are followed in one answer; RFC 1034 §3.6.2 sets no number. */
  readonly aliasesFollowed: number;
  /** ANY and RRSIG get one RRset and not all (RFC 8482 §4.1, §7): the first of the zone file. */
  readonly oneSetForAny: boolean;
  /**
   * A DNAME that leads to a name below itself makes names that only grow. It is followed once: who asked
   * sees that, and need not be told twenty times over.
   */
  readonly dnameIntoItselfOnce: boolean;
  /**
   * Step 6 leaves open what is useful: here the addresses of name servers, in referrals and where
   * NS was asked for. Those of MX, SRV and their like are not needed for the answer (RFC 2181 §5.4.1).
   */
  readonly additionalFor: 'name servers' | 'nothing';
};

export const riadPolicy: Policy = {
  aliasesFollowed: 20,
  oneSetForAny: true,
  dnameIntoItselfOnce: true,
  additionalFor: 'name servers',
};

const rcode = { nxdomain: 3, refused: 5, yxdomain: 6 } as const;
const any = 255;

/** `undefined`: done; else step 2 again, with this name. */
type Onwards = Name | undefined;

type Work = {
  readonly asked: Asked;
  readonly policy: Policy;
  readonly reading: Reading;
  /** Names that were aliases. */
  readonly passed: Set<string>;
  aliases: number;
};

export function readLiterally(
  zones: readonly LiteralZone[],
  asked: Asked,
  policy: Policy = riadPolicy,
): Reading {
  const reading: Reading = { rcode: 0, aa: false, answer: [], authority: [], additional: [] };
  const work: Work = { asked, policy, reading, passed: new Set(), aliases: 0 };
  // Step 1: recursion is not available here, so RA stays clear and step 2 follows.
  let name: Onwards = asked.name;
  while (name !== undefined && work.aliases <= policy.aliasesFollowed) {
    // Step 2: the zone that is the nearest ancestor of the name.
    const zone = nearestZone(zones, name, asked.type);
    if (zone === undefined) {
      // Step 4 has no cache to look into: what is not ours is refused, unless an alias led there.
      if (work.aliases === 0) reading.rcode = rcode.refused;
      break;
    }
    name = matchDown(work, zone, name); // step 3
  }
  return reading; // step 5 is recursion; step 6 was done where the name servers were found
}

function nearestZone(
  zones: readonly LiteralZone[],
  name: Name,
  type: number,
): LiteralZone | undefined {
  const holding = zones
    .filter(({ apex }) => isSubdomain(name, apex))
    .sort((a, b) => labelCount(b.apex) - labelCount(a.apex));
  // RFC 4035 §3.1.4.1: a DS belongs to the parent, if the parent is here too.
  if (type === Type.DS && holding.length > 1 && equalNames(holding[0]!.apex, name))
    return holding[1];
  return holding[0];
}

/** Step 3: down from the apex, label by label. */
function matchDown(work: Work, zone: LiteralZone, name: Name): Onwards {
  const { type } = work.asked;
  for (let labels = labelCount(zone.apex); ; labels++) {
    const at = ancestorName(name, labels);
    const whole = labels === labelCount(name);
    // Step 3b: a match would take us out of the authoritative data. A DS is this side of the cut.
    const isCut = !equalNames(at, zone.apex) && rrset(zone, at, Type.NS).length > 0;
    if (isCut && !(whole && type === Type.DS)) {
      refer(work, zone, at);
      return undefined;
    }
    if (whole) return matched(work, zone, name, at, undefined); // step 3a
    // RFC 6672 §3.2, step 3c: a DNAME here takes all that is below.
    if (rrset(zone, at, Type.DNAME).length > 0) return redirected(work, zone, name, at);
    if (exists(zone, ancestorName(name, labels + 1))) continue;
    // Step 3c: a label is impossible, so `at` is the closest encloser (RFC 4592 §3.3.1).
    const wildcard = wildcardBelow(at);
    if (exists(zone, wildcard)) return matched(work, zone, name, wildcard, at);
    // No wildcard: the name does not exist, here or at the end of aliases (RFC 6604 §3).
    authoritative(work);
    work.reading.rcode = rcode.nxdomain;
    negative(work, zone);
    if (work.asked.dnssecOk) work.reading.authority.push(...nameError(zone, name, at));
    return undefined;
  }
}

/** AA speaks of the first name in the answer (RFC 1035 §4.1.1). */
function authoritative(work: Work): void {
  if (work.aliases === 0) work.reading.aa = true;
}

/** Step 3a, and the second half of 3c: `node` is the name itself or, below `encloser`, the wildcard for it. */
function matched(
  work: Work,
  zone: LiteralZone,
  name: Name,
  node: Name,
  encloser: Name | undefined,
): Onwards {
  const { asked, reading, policy } = work;
  const { type, dnssecOk } = asked;
  authoritative(work);
  const take = (records: readonly ResourceRecord[]): void => {
    reading.answer.push(...records.map((record) => ({ ...record, owner: name })));
    if (dnssecOk && encloser !== undefined)
      reading.authority.push(...wildcardAnswer(zone, name, encloser));
  };
  const aliases = rrset(zone, node, Type.CNAME);
  if (aliases.length > 0 && !matchesAlias(zone, node, type)) {
    if (work.passed.has(nameKey(name))) return undefined; // a circle: the whole of it was said
    work.passed.add(nameKey(name));
    take(signed(work, zone, node, Type.CNAME));
    work.aliases++;
    return aliases[0]!.rdata; // "change QNAME to the canonical name and go back to step 1"
  }
  const types = typesAsked(zone, node, type, policy);
  const records = types.flatMap((one) =>
    type === Type.RRSIG ? signatures(zone, node, one) : signed(work, zone, node, one),
  );
  if (records.length > 0) {
    take(records);
    if (type === Type.NS) addAddresses(work, zone, records);
    return undefined;
  }
  // RFC 2308 §2.2: the name exists, and has no such data.
  negative(work, zone);
  if (dnssecOk) {
    reading.authority.push(
      ...(encloser === undefined ? noData(zone, node) : wildcardNoData(zone, name, encloser)),
    );
  }
  return undefined;
}

/** Step 3a asks whether QTYPE matches CNAME; what may stand beside an alias is asked of its owner too (RFC 4035 §2.5). */
function matchesAlias(zone: LiteralZone, node: Name, type: number): boolean {
  if (type === any || type === Type.RRSIG) return true;
  return rrset(zone, node, type).length > 0;
}

/** Which types at the node answer the question. */
function typesAsked(zone: LiteralZone, node: Name, type: number, policy: Policy): number[] {
  if (type !== any && type !== Type.RRSIG) return [type];
  const owned = recordsAt(zone, node).map((record) => record.type);
  const types = [...new Set(owned)].filter(
    (one) => one !== Type.RRSIG && (type === any || signatures(zone, node, one).length > 0),
  );
  return policy.oneSetForAny ? types.slice(0, 1) : types;
}

/** Step 3b: copy the NS RRs of the subzone into the authority section, addresses into the additional. */
function refer(work: Work, zone: LiteralZone, cut: Name): void {
  const { asked, reading } = work;
  const servers = rrset(zone, cut, Type.NS); // not signed on this side (RFC 4035 §2.2)
  reading.authority.push(...servers);
  if (asked.dnssecOk) {
    // RFC 4035 §3.1.4: the DS RRset, or the proof that there is none.
    const ds = isSigned(zone) ? signed(work, zone, cut, Type.DS) : [];
    reading.authority.push(...(ds.length > 0 ? ds : noData(zone, cut)));
  }
  addAddresses(work, zone, servers);
}

/** RFC 6672 §3.2: the DNAME, a CNAME made from it, and on with the new name. */
function redirected(work: Work, zone: LiteralZone, name: Name, owner: Name): Onwards {
  const { asked, reading, policy } = work;
  const [dname] = rrset(zone, owner, Type.DNAME);
  authoritative(work);
  const intoItself = isSubdomain(dname!.rdata, owner) && reading.answer.includes(dname!);
  if (intoItself && policy.dnameIntoItselfOnce) return undefined;
  if (work.passed.has(nameKey(name))) return undefined; // a circle: the whole of it was said
  work.passed.add(nameKey(name));
  reading.answer.push(...signed(work, zone, owner, Type.DNAME));
  work.aliases++;
  const prefix = name.slice(0, name.length - owner.length + 1);
  prefix[prefix.length - 1] = 0;
  const target = appendName(prefix, dname!.rdata);
  if (target === undefined) {
    reading.rcode = rcode.yxdomain; // RFC 6672 §2.2: too long a name
    return undefined;
  }
  reading.answer.push({ ...dname!, owner: name, type: Type.CNAME, rdata: target }); // RFC 6672 §3.1: with its TTL
  // The CNAME that was made is what was asked for, or one set of all (RFC 6672 §3.2).
  return asked.type === Type.CNAME || asked.type === any ? undefined : target;
}

/** RFC 2308 §3: the SOA, with the smaller of its TTL and its MINIMUM field. */
function negative(work: Work, zone: LiteralZone): void {
  const [soa] = rrset(zone, zone.apex, Type.SOA);
  const { rdata } = soa!;
  const minimum = new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 4);
  const ttlSeconds = Math.min(soa!.ttlSeconds, minimum);
  const records = signed(work, zone, zone.apex, Type.SOA);
  work.reading.authority.push(...records.map((record) => ({ ...record, ttlSeconds })));
}

/** Step 6, and the glue of step 3b: what addresses this zone has of the name servers. */
function addAddresses(work: Work, zone: LiteralZone, records: readonly ResourceRecord[]): void {
  if (work.policy.additionalFor === 'nothing') return;
  for (const { type, rdata } of records) {
    if (type !== Type.NS) continue;
    for (const address of [Type.A, Type.AAAA])
      work.reading.additional.push(...signed(work, zone, rdata, address));
  }
}

/** An RRset, with its signatures if they were asked for (RFC 4035 §3.1.1). */
function signed(work: Work, zone: LiteralZone, owner: Name, type: number): ResourceRecord[] {
  const records = rrset(zone, owner, type);
  return work.asked.dnssecOk ? [...records, ...signatures(zone, owner, type)] : records;
}

function isSigned(zone: LiteralZone): boolean {
  return (
    rrset(zone, zone.apex, Type.NSEC).length > 0 ||
    rrset(zone, zone.apex, Type.NSEC3PARAM).length > 0
  );
}
