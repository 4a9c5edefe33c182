/**
 * What a version of a catalog means for the zones that are kept here (RFC 9432 §5). Only a zone that came
 * from a catalog goes with it; one that is there already, from elsewhere, stays as it is.
 */
import { equalNames, type Name } from '@riad/dns/name';
import type { CatalogMember } from './read-catalog.ts';

/** A zone that is kept here, by whatever way it came. */
export type KeptZone = {
  readonly zone: Name;
  /** The catalog it came from; undefined for one that is configured, or that NOTIFY brought. */
  readonly catalog: Name | undefined;
  /** NOTIFY brought it, and nobody has named it here: that was only quicker than the catalog. */
  readonly byNotify: boolean;
  /** What that catalog said of it. */
  readonly member: CatalogMember | undefined;
};

export type CatalogStep = {
  readonly add: readonly CatalogMember[];
  /** Zones that left the catalog: they go with all that is known of them (§5.3). */
  readonly remove: readonly Name[];
  /** The same zone with another label of its own: it starts afresh (§5.4). */
  readonly reset: readonly CatalogMember[];
  /** Zones that another catalog gave over (§4.3.1), or that NOTIFY brought: they stay as they are. */
  readonly takeOver: readonly CatalogMember[];
  /** Properties changed, and nothing else. */
  readonly change: readonly CatalogMember[];
  /** Zones that are here from elsewhere, and so are left alone (§5.2). */
  readonly clash: readonly Name[];
};

/**
 * `kept`: every zone here, by `nameKey`. `members`: what the catalog has now; an empty map when the
 * catalog itself is not consumed any more.
 */
export function applyCatalog(
  catalog: Name,
  members: ReadonlyMap<string, CatalogMember>,
  kept: ReadonlyMap<string, KeptZone>,
): CatalogStep {
  const add: CatalogMember[] = [];
  const remove: Name[] = [];
  const reset: CatalogMember[] = [];
  const takeOver: CatalogMember[] = [];
  const change: CatalogMember[] = [];
  const clash: Name[] = [];
  for (const [key, member] of members) {
    const present = kept.get(key);
    if (present === undefined) add.push(member);
    else if (present.byNotify) takeOver.push(member);
    else if (present.catalog !== undefined && equalNames(present.catalog, catalog)) {
      if (present.member?.unique !== member.unique) reset.push(member);
      else if (!sameProperties(present.member, member)) change.push(member);
    } else if (
      present.member?.movesTo !== undefined &&
      equalNames(present.member.movesTo, catalog)
    ) {
      // §4.3.1: with the same label the zone keeps its state, with another it starts afresh.
      (present.member.unique === member.unique ? takeOver : reset).push(member);
    } else clash.push(member.zone);
  }
  for (const [key, { zone, catalog: from }] of kept) {
    if (from !== undefined && equalNames(from, catalog) && !members.has(key)) remove.push(zone);
  }
  return { add, remove, reset, takeOver, change, clash };
}

function sameProperties(a: CatalogMember, b: CatalogMember): boolean {
  const sameMove =
    a.movesTo === undefined || b.movesTo === undefined
      ? a.movesTo === b.movesTo
      : equalNames(a.movesTo, b.movesTo);
  return (
    sameMove &&
    a.groups.length === b.groups.length &&
    a.groups.every((group, i) => group === b.groups[i])
  );
}
