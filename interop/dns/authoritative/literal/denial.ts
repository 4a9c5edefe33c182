/**
 * Which NSEC (RFC 4035 §3.1.3) or NSEC3 records (RFC 5155 §7.2) prove what a zone does not have. Every
 * record is looked for by trying all of them.
 */
import { createHash } from 'node:crypto';
import { RecordTypeCode as Type } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import {
  ancestorName,
  appendName,
  canonicalName,
  compareNames,
  equalNames,
  labelCount,
  labelsOf,
  type Name,
  parentName,
  parseName,
} from '@riad/dns/name';
import { nsec3param } from '@riad/dns/rdata/nsec3param';
import { compareOctets } from '@riad/octets/ascii';
import { parseBase32hex } from '@riad/octets/base32hex';
import { Reader } from '@riad/octets/reader';
import { type LiteralZone, rrset, signatures } from './zone.ts';

const star = parseName('*.');

type Chain = {
  /** The record of the name itself, if it has one. */
  matching(name: Name): ResourceRecord | undefined;
  /** The record whose span the name lies in. */
  covering(name: Name): ResourceRecord;
};

/** NXDOMAIN; `encloser` is the closest encloser of `name`. */
export function nameError(zone: LiteralZone, name: Name, encloser: Name): ResourceRecord[] {
  return prove(
    zone,
    // RFC 4035 §3.1.3.2: no such name, and no wildcard for it.
    (nsec) => [nsec.covering(name), nsec.covering(wildcardBelow(encloser))],
    (nsec3) => {
      // RFC 5155 §7.2.2
      const proof = closestEncloser(nsec3, zone, name);
      return [...proof.records, nsec3.covering(wildcardBelow(proof.encloser))];
    },
  );
}

/** The name exists and has no such type. */
export function noData(zone: LiteralZone, name: Name): ResourceRecord[] {
  return prove(
    zone,
    // RFC 4035 §3.1.3.1; an empty non-terminal lies in the span of the name before it.
    (nsec) => [nsec.matching(name) ?? nsec.covering(name)],
    (nsec3) => {
      const own = nsec3.matching(name); // RFC 5155 §7.2.3
      // RFC 5155 §7.2.4: left out by opt-out, so is an empty non-terminal above nothing else.
      return own === undefined ? closestEncloser(nsec3, zone, name).records : [own];
    },
  );
}

/** A wildcard answered: the name itself does not exist. */
export function wildcardAnswer(zone: LiteralZone, name: Name, encloser: Name): ResourceRecord[] {
  return prove(
    zone,
    (nsec) => [nsec.covering(name)], // RFC 4035 §3.1.3.3
    (nsec3) => [nsec3.covering(nextCloser(name, encloser))], // RFC 5155 §7.2.6
  );
}

/** A wildcard stands for the name and has no such type. */
export function wildcardNoData(zone: LiteralZone, name: Name, encloser: Name): ResourceRecord[] {
  const wildcard = wildcardBelow(encloser);
  return prove(
    zone,
    // RFC 4035 §3.1.3.4; the wildcard may be an empty non-terminal too.
    (nsec) => [nsec.covering(name), nsec.matching(wildcard) ?? nsec.covering(wildcard)],
    (nsec3) => {
      // RFC 5155 §7.2.5
      const own = nsec3.matching(wildcard);
      return [...closestEncloser(nsec3, zone, name).records, ...(own === undefined ? [] : [own])];
    },
  );
}

/** RFC 5155 §7.2.1: the closest ancestor that has a record, and what covers the name one label longer. */
function closestEncloser(
  nsec3: Chain,
  zone: LiteralZone,
  name: Name,
): { encloser: Name; records: ResourceRecord[] } {
  for (let encloser = parentName(name)!; ; encloser = parentName(encloser)!) {
    const own = nsec3.matching(encloser);
    if (own !== undefined)
      return { encloser, records: [own, nsec3.covering(nextCloser(name, encloser))] };
    if (equalNames(encloser, zone.apex)) throw new Error('the apex has no NSEC3');
  }
}

function nextCloser(name: Name, encloser: Name): Name {
  return ancestorName(name, labelCount(encloser) + 1);
}

export function wildcardBelow(encloser: Name): Name {
  return appendName(star, encloser) ?? star;
}

/** The records of whichever chain the zone has, with their signatures; none if it has none. */
function prove(
  zone: LiteralZone,
  withNsec: (chain: Chain) => ResourceRecord[],
  withNsec3: (chain: Chain) => ResourceRecord[],
): ResourceRecord[] {
  const [parameters] = rrset(zone, zone.apex, Type.NSEC3PARAM);
  const proof =
    parameters !== undefined
      ? withNsec3(nsec3Chain(zone, parameters.rdata))
      : rrset(zone, zone.apex, Type.NSEC).length > 0
        ? withNsec(nsecChain(zone))
        : [];
  return proof.flatMap((record) => [record, ...signatures(zone, record.owner, record.type)]);
}

function all(zone: LiteralZone, type: number): ResourceRecord[] {
  return [...zone.records.values()].flat().filter((record) => record.type === type);
}

function nsecChain(zone: LiteralZone): Chain {
  const records = all(zone, Type.NSEC);
  return {
    matching: (name) => records.find(({ owner }) => equalNames(owner, name)),
    covering: (name) => {
      const before = records.filter(({ owner }) => compareNames(owner, name) <= 0);
      return greatest(before, (a, b) => compareNames(a.owner, b.owner));
    },
  };
}

function nsec3Chain(zone: LiteralZone, parameters: Uint8Array): Chain {
  const { iterations, salt } = nsec3param.decode(new Reader(parameters));
  const hashed = all(zone, Type.NSEC3).map((record) => ({
    record,
    hash: parseBase32hex(String.fromCharCode(...labelsOf(record.owner)[0]!)),
  }));
  const hashOf = (name: Name): Uint8Array => {
    // RFC 5155 §5
    let hash: Uint8Array = canonicalName(name);
    for (let i = 0; i <= iterations; i++)
      hash = createHash('sha1').update(hash).update(salt).digest();
    return hash;
  };
  return {
    matching: (name) => {
      const sought = hashOf(name);
      return hashed.find(({ hash }) => compareOctets(hash, sought) === 0)?.record;
    },
    covering: (name) => {
      const sought = hashOf(name);
      const before = hashed.filter(({ hash }) => compareOctets(hash, sought) <= 0);
      // Before the first hash lies the span of the last (RFC 5155 §3.1.7).
      return greatest(before.length > 0 ? before : hashed, (a, b) => compareOctets(a.hash, b.hash))
        .record;
    },
  };
}

function greatest<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Item {
  return items.reduce((a, b) => (compare(a, b) >= 0 ? a : b));
}
