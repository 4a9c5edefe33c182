/**
 * What a catalog that is made here says next (RFC 9432 §4): which of the zones are in it, under which
 * labels, with which serial, and what has to change for that. The catalog as it is served is all that is
 * remembered: its members keep their labels for as long as they are in it.
 *
 * Not here: when to look, and how the records come into the zone.
 */
import { equalNames, type Name, nameKey } from '@riad/dns/name';
import { nextSerial } from '@riad/dns/serial';
import { equalOctets } from '@riad/octets/ascii';
import { fitsPattern, type NamePattern } from '../access/name-pattern.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { type CatalogTimes, catalogRecords, memberRecords, uniqueLabel } from './make-catalog.ts';
import { type CatalogMember, maxCatalogMembers } from './read-catalog.ts';

/** Which zones a catalog has, as the operator has said. */
export type CatalogRules = {
  readonly apex: Name;
  /** A zone is a member when one of them matches. */
  readonly members: readonly NamePattern[];
  /** Group properties (§4.3.2), each with the members that have it. */
  readonly groups: readonly { readonly group: string; readonly zones: readonly NamePattern[] }[];
};

/** A version of a catalog; members by `nameKey`. */
export type CatalogVersion = {
  readonly serial: number;
  readonly members: ReadonlyMap<string, CatalogMember>;
};

export type NextCatalog =
  | { readonly kind: 'same' }
  | { readonly kind: 'too-many'; readonly members: number }
  | {
      readonly kind: 'next';
      readonly version: CatalogVersion;
      readonly removals: readonly ZoneRecord[];
      readonly additions: readonly ZoneRecord[];
      readonly joined: readonly Name[];
      readonly left: readonly Name[];
    };

export type CatalogSight = {
  /** What is served; undefined while the catalog was never made. */
  readonly before: CatalogVersion | undefined;
  /** All zones that could be members. */
  readonly zones: Iterable<Name>;
  /** Zones that were taken away since and are here again, by `nameKey`: no longer the same (§5.4). */
  readonly again: ReadonlySet<string>;
  /** Wall clock: the serial of the first version, so that a catalog whose state was lost goes on. */
  readonly wallSeconds: number;
};

/** As in the example of RFC 9432, appendix A: asked for each hour, and good for as long as can be said. */
export const catalogTimes: Omit<CatalogTimes, 'serial'> = {
  refresh: 3600,
  retry: 600,
  expire: 2_147_483_646,
};

/** `anew`: another version is to be made even if nothing in it is new. */
export function nextCatalog(
  rules: CatalogRules,
  sight: CatalogSight,
  anew: boolean,
  sha1: Sha1,
): NextCatalog {
  const { before, zones, again, wallSeconds } = sight;
  const serial = before === undefined ? Math.max(1, wallSeconds >>> 0) : nextSerial(before.serial);
  // Zones that join later are told from what they were before by the serial they join with; those of
  // the first version by none, so that they keep their labels should the state be lost.
  const incarnation = before === undefined ? 0 : serial;
  const members = new Map<string, CatalogMember>();
  for (const zone of zones) {
    if (!rules.members.some((pattern) => fitsPattern(pattern, zone))) continue;
    const key = nameKey(zone);
    const known = again.has(key) ? undefined : before?.members.get(key);
    const unique = known?.unique ?? uniqueLabel(zone, incarnation, sha1);
    members.set(key, { zone, unique, movesTo: undefined, groups: groupsOf(rules, zone) });
  }
  if (members.size > maxCatalogMembers) return { kind: 'too-many', members: members.size };
  const change = difference(rules.apex, before?.members ?? new Map(), members);
  if (before !== undefined && !anew && change.removals.length + change.additions.length === 0)
    return { kind: 'same' };
  return { kind: 'next', version: { serial, members }, ...change };
}

/** All records of a version, its SOA first. */
export function versionRecords(apex: Name, { serial, members }: CatalogVersion): ZoneRecord[] {
  return catalogRecords(apex, { ...catalogTimes, serial }, members.values());
}

function groupsOf({ groups }: CatalogRules, zone: Name): string[] {
  return groups
    .filter(({ zones }) => zones.some((pattern) => fitsPattern(pattern, zone)))
    .map(({ group }) => group)
    .sort();
}

type Difference = Pick<
  Extract<NextCatalog, { kind: 'next' }>,
  'removals' | 'additions' | 'joined' | 'left'
>;

function difference(
  apex: Name,
  before: ReadonlyMap<string, CatalogMember>,
  after: ReadonlyMap<string, CatalogMember>,
): Difference {
  const removals: ZoneRecord[] = [];
  const additions: ZoneRecord[] = [];
  const joined: Name[] = [];
  const left: Name[] = [];
  for (const [key, member] of after) {
    const known = before.get(key);
    const had = known === undefined ? [] : memberRecords(apex, known);
    const has = memberRecords(apex, member);
    removals.push(...had.filter((record) => !isIn(record, has)));
    additions.push(...has.filter((record) => !isIn(record, had)));
    if (known?.unique !== member.unique) joined.push(member.zone);
  }
  for (const [key, member] of before) {
    if (after.has(key)) continue;
    removals.push(...memberRecords(apex, member));
    left.push(member.zone);
  }
  return { removals, additions, joined, left };
}

function isIn({ owner, type, rdata }: ZoneRecord, records: readonly ZoneRecord[]): boolean {
  return records.some(
    (other) =>
      other.type === type && equalNames(other.owner, owner) && equalOctets(other.rdata, rdata),
  );
}
