/**
 * Which zones are kept, and from whom: those of riad.yaml, of catalogs, in the names of keys, and those
 * that NOTIFY brought. Only riad.yaml, a catalog, or an order takes one away; a key that is missing may be a
 * mistake, and its zones stay until they expire.
 */
import type { Name } from '@riad/dns/name';
import type { KeyRing } from '@riad/dns-server/access/key-ring';
import type { CatalogMember } from '@riad/dns-server/catalog/read-catalog';
import { timesOfSoa } from '@riad/dns-server/secondary/refresh-times';
import {
  factsOfTransfer,
  type Primary,
  type SecondaryFacts,
} from '@riad/dns-server/secondary/secondary-zone';
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { ServedChange } from '@riad/name-server/loading/loader-messages';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { DnsSecondaryConfig } from './config.ts';
import type { Copies } from './copies.ts';
import type { CopyRecord, CopyRecords } from './copy-records.ts';
import type { ConfiguredPrimary, Reach } from './reach.ts';
import { canonicalText, nameOf, textOf } from './zone-name.ts';

export type ZoneChoiceParts = {
  readonly config: DnsSecondaryConfig;
  readonly ring: () => KeyRing;
  readonly reach: Reach;
  readonly records: CopyRecords;
  readonly copies: Copies;
  readonly zones: ServedZones;
  readonly log: Log;
};

type Confirmed = {
  readonly serial: number;
  readonly expireSeconds: number | undefined;
  readonly at: UnixSeconds;
};

export class ZoneChoice {
  readonly #parts: ZoneChoiceParts;
  /** Zones of riad.yaml, catalogs among them, with the primaries that stand there. */
  readonly #configured: ReadonlyMap<string, readonly ConfiguredPrimary[]>;
  /** Who has the members of each catalog. */
  readonly #memberPrimaries: ReadonlyMap<string, readonly ConfiguredPrimary[]>;
  /** When a primary last gave each zone, as the journal says. */
  readonly #confirmed = new Map<string, Confirmed>();

  constructor(parts: ZoneChoiceParts) {
    this.#parts = parts;
    const { zones, catalogs } = parts.config;
    this.#configured = new Map(
      [...zones, ...catalogs].map(({ name, primaries }) => [canonicalText(name), primaries]),
    );
    this.#memberPrimaries = new Map(
      catalogs.map(({ name, primaries, memberPrimaries }) => [
        canonicalText(name),
        memberPrimaries.length > 0 ? memberPrimaries : primaries,
      ]),
    );
  }

  get catalogs(): readonly string[] {
    return [...this.#memberPrimaries.keys()];
  }

  /** What the journal tells at the start. */
  history(changes: readonly ServedChange[]): void {
    for (const { zone, confirmed, author } of changes) {
      if (confirmed === undefined) continue;
      this.#confirmed.set(zone, { ...confirmed, at: author.timeSeconds as UnixSeconds });
    }
  }

  /** Begins to keep all that is to be kept, and ends what is not. */
  begin(): void {
    const { records, zones, copies, log } = this.#parts;
    for (const zone of this.#configured.keys()) this.#keep(zone, { origin: 'configured' });
    for (const zone of this.#ofKeys()) this.#keep(zone, { origin: 'key' });
    for (const zone of records.zones()) {
      const record = records.get(zone)!;
      const wanted =
        record.origin === 'catalog'
          ? this.#memberPrimaries.has(record.catalog ?? '')
          : record.origin !== 'configured';
      if (wanted) this.#keep(zone, record);
    }
    for (const zone of records.zones()) {
      if (copies.stateOf(nameOf(zone)) !== undefined) continue;
      log.info('zone is not wanted any more', { zone });
      void copies.remove(nameOf(zone));
    }
    for (const { apexName } of [...zones.all()]) {
      if (copies.stateOf(apexName) !== undefined) continue;
      // Nothing says why it is here. Only where that was lost may it stay, for as long as it is good.
      if (records.damaged) this.#keep(textOf(apexName), { origin: 'key' });
      else void copies.remove(apexName);
    }
  }

  /** Keys came or went: other zones, other primaries. */
  keysChanged(): void {
    const { records, copies } = this.#parts;
    for (const zone of this.#ofKeys()) this.#keep(zone, { origin: 'key' });
    for (const zone of records.zones()) {
      const name = nameOf(zone);
      copies.primaries(name, this.#primariesOf(name, records.get(zone)!));
    }
  }

  /** A catalog has this member now. */
  keepMember(catalog: string, member: CatalogMember): void {
    this.#keep(textOf(member.zone), memberRecord(catalog, member));
  }

  /** A zone that is here has other properties, or came over from another catalog. */
  changeMember(catalog: string, member: CatalogMember): void {
    const { records, copies } = this.#parts;
    const zone = textOf(member.zone);
    const facts = records.get(zone)?.facts;
    const record = { ...memberRecord(catalog, member), ...(facts === undefined ? {} : { facts }) };
    records.put(zone, record);
    copies.primaries(member.zone, this.#primariesOf(member.zone, record));
    copies.expect(member.zone);
  }

  /** Where a zone stands that an order would remove; undefined if nothing would bring it back at once. */
  wantedBy(zone: string): string | undefined {
    if (this.#configured.has(zone)) return 'it stands in riad.yaml';
    const record = this.#parts.records.get(zone);
    if (record?.origin === 'catalog') return `it is in the catalog ${record.catalog}`;
    return this.#ofKeys().has(zone) ? 'it stands in the name of a key' : undefined;
  }

  #keep(zone: string, record: CopyRecord): void {
    const { copies, log } = this.#parts;
    const name = nameOf(zone);
    if (copies.stateOf(name) !== undefined) return;
    const facts = this.#factsOf(zone);
    copies.add(name, record, this.#primariesOf(name, record), facts);
    if (copies.stateOf(name) === undefined)
      log.error('zone is not kept: there are too many', { zone });
  }

  /** Zones that have a key with a primary of their own. */
  #ofKeys(): Set<string> {
    const zones = new Set<string>();
    for (const { grant } of this.#parts.ring().keys())
      if (grant?.peers !== undefined && grant.zone.length > 1) zones.add(textOf(grant.zone));
    return zones;
  }

  #primariesOf(zone: Name, record: CopyRecord): Primary[] {
    const { reach } = this.#parts;
    const entries =
      this.#configured.get(textOf(zone)) ??
      (record.origin === 'catalog' ? this.#memberPrimaries.get(record.catalog ?? '') : undefined) ??
      [];
    if (entries.length > 0) return reach.configured(zone, entries);
    const ofKeys = reach.ofKeys(zone);
    if (ofKeys.length > 0) return ofKeys;
    return (record.primaries ?? []).map((primary) => reach.known(primary));
  }

  /**
   * What is known of the copy in force. What was written down may be older than the copy, after a crash;
   * then the journal knows when it came. Where nobody knows, it has expired.
   */
  #factsOf(zone: string): SecondaryFacts | undefined {
    const { zones, records } = this.#parts;
    const served = zones.find(nameOf(zone));
    if (served === undefined) return undefined;
    const soa = timesOfSoa(served.news.soa.rdata);
    const written = records.get(zone)?.facts;
    const journalled = this.#confirmed.get(zone);
    const fits = written?.serial === soa.serial ? written : undefined;
    if (journalled?.serial === soa.serial && journalled.at > (fits?.confirmedAt ?? -1))
      return factsOfTransfer(soa, journalled.expireSeconds, journalled.at);
    return fits ?? factsOfTransfer(soa, 0, 0 as UnixSeconds);
  }
}

function memberRecord(catalog: string, member: CatalogMember): CopyRecord {
  const { unique, groups, movesTo } = member;
  const properties = {
    unique,
    groups,
    ...(movesTo === undefined ? {} : { movesTo: textOf(movesTo) }),
  };
  return { origin: 'catalog', catalog, member: properties };
}

/** What `applyCatalog` compares with, by `nameKey`. */
export function memberOf(zone: Name, record: CopyRecord): CatalogMember | undefined {
  const { member } = record;
  if (member === undefined) return undefined;
  const { unique, groups, movesTo } = member;
  return { zone, unique, groups, movesTo: movesTo === undefined ? undefined : nameOf(movesTo) };
}
