/**
 * Keeps the catalogs of riad.yaml in step with the zones that are served (RFC 9432). A catalog comes into
 * the zone image as a transfer does, so that all that holds for other zones holds for it: it is in the
 * journal and on disk before it is served, secondaries are told, and get the difference.
 *
 * What a secondary drops with its catalog is gone there: a catalog is changed only once the source has
 * been read, and never because a file cannot be.
 */
import { formatName, type Name, nameKey } from '@riad/dns/name';
import {
  type CatalogTransfer,
  catalogStep,
  wholeCatalog,
} from '@riad/dns-server/catalog/catalog-transfer';
import {
  type CatalogRules,
  type CatalogVersion,
  type NextCatalog,
  nextCatalog,
} from '@riad/dns-server/catalog/next-catalog';
import type { Sha1 } from '@riad/dns-server/zone-image/denial-index';
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { ZoneCommand, ZoneResult } from '@riad/name-server/loading/loader-messages';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';

/** Zones that come or go within so long of the first make one version. */
export const gatherMs = 100;
/** What the loader did not take is tried again after so long. */
export const againMs = 10_000;

export type CatalogMakingParts = {
  readonly rules: readonly CatalogRules[];
  readonly zones: ServedZones;
  readonly perform: (command: ZoneCommand) => Promise<ZoneResult>;
  /** What the source has is known, and each of its zones has been looked at. */
  readonly settled: () => boolean;
  /** The zone is not gone on purpose, though it may not be served. */
  readonly isKnown: (zone: string) => boolean;
  /** It was a catalog that is made no more. */
  readonly isAside: (zone: string) => boolean;
  /** The source has a file of the catalog's name. */
  readonly isTaken: (zone: string) => boolean;
  readonly wall: () => UnixSeconds;
  readonly sha1: Sha1;
  readonly log: Log;
};

type InForce = {
  readonly version: CatalogVersion | undefined;
  /** It cannot be changed in steps, and has to be given anew even if its members are the same. */
  readonly toReplace: boolean;
  readonly fromText: boolean;
};

export class CatalogMaking {
  readonly #parts: CatalogMakingParts;
  /** What is served of each catalog, as far as it was made or read since the start. */
  readonly #versions = new Map<string, CatalogVersion>();
  readonly #complaints = new Map<string, string>();
  /** Zones that went since the version in force was made, for each catalog, by `nameKey`. */
  readonly #gone = new Map<string, Set<string>>();
  #begun = false;
  /** A member is not served, and may turn out to be gone; or a catalog's name is taken. */
  #waits = false;
  #timer: NodeJS.Timeout | undefined;
  #making: Promise<void> = Promise.resolve();
  #stopped = false;
  #transfers = 0;

  constructor(parts: CatalogMakingParts) {
    this.#parts = parts;
  }

  get complaints(): readonly string[] {
    return [...this.#complaints.values()];
  }

  /** Zones have come or gone. */
  changed(gone: readonly Name[]): void {
    for (const { apex } of this.#parts.rules) {
      const name = formatName(apex);
      const set = this.#gone.get(name) ?? new Set();
      for (const zone of gone) set.add(nameKey(zone));
      this.#gone.set(name, set);
    }
    if (this.#begun) this.#soon(gatherMs);
  }

  /** The source has been looked at. */
  looked(): void {
    if (this.#begun ? !this.#waits : !this.#parts.settled()) return;
    this.#begun = true;
    this.#soon(gatherMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#making;
  }

  #soon(milliseconds: number): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#making = this.#making.then(() => this.#makeAll());
    }, milliseconds);
  }

  async #makeAll(): Promise<void> {
    this.#waits = false;
    for (const rules of this.#parts.rules) {
      if (this.#stopped) return;
      const catalog = formatName(rules.apex);
      try {
        await this.#make(catalog, rules);
      } catch (error) {
        if (this.#stopped) return;
        this.#parts.log.error('catalog not made', { catalog, error });
        this.#fail(catalog, (error as Error).message);
      }
    }
  }

  async #make(catalog: string, rules: CatalogRules): Promise<void> {
    const { wall, sha1, isTaken, log } = this.#parts;
    if (isTaken(catalog)) {
      this.#waits = true; // said where its file is looked at
      return;
    }
    const inForce = await this.#inForce(catalog, rules.apex);
    const again = new Set(this.#gone.get(catalog));
    const zones = this.#candidates(inForce.version);
    const sight = { before: inForce.version, zones, again, wallSeconds: wall() };
    const next = nextCatalog(rules, sight, inForce.toReplace, sha1);
    if (next.kind === 'too-many') {
      this.#complain(catalog, `${next.members} zones are more than a catalog may have`);
      return;
    }
    if (next.kind === 'next' && !(await this.#take(catalog, rules.apex, inForce, next))) return;
    for (const key of again) this.#gone.get(catalog)?.delete(key);
    this.#complaints.delete(catalog);
    if (next.kind !== 'next') return;
    const { version, joined, left } = next;
    log.info('catalog made', {
      catalog,
      serial: version.serial,
      members: version.members.size,
      joined: joined.length,
      left: left.length,
    });
  }

  /**
   * Zones that are served, and members that are not just now though the source still has them. Catalogs
   * that are made here, or were, are in none.
   */
  *#candidates(before: CatalogVersion | undefined): Generator<Name> {
    const { rules, zones, isKnown, isAside } = this.#parts;
    const catalogs = new Set(rules.map(({ apex }) => nameKey(apex)));
    for (const { apexName } of zones.all()) {
      if (!catalogs.has(nameKey(apexName)) && !isAside(formatName(apexName))) yield apexName;
    }
    for (const { zone } of before?.members.values() ?? []) {
      if (zones.find(zone) !== undefined || !isKnown(formatName(zone))) continue;
      this.#waits = true;
      yield zone;
    }
  }

  /** What is served. One that was loaded from a file goes on, with its members and its serial. */
  async #inForce(catalog: string, apex: Name): Promise<InForce> {
    const { zones, perform } = this.#parts;
    const made = this.#versions.get(catalog);
    if (made !== undefined) return { version: made, toReplace: false, fromText: false };
    const served = zones.find(apex);
    if (served === undefined) return { version: undefined, toReplace: false, fromText: false };
    const result = await perform({ type: 'catalog', zone: catalog });
    if (result.kind !== 'catalog') throw new Error('the loader did not say what the catalog has');
    const members = result.catalog?.ok === true ? result.catalog.members : new Map();
    const version = { serial: served.news.zone.serial, members };
    const { fromText } = result;
    return { version, toReplace: fromText || result.catalog?.ok !== true, fromText };
  }

  async #take(
    catalog: string,
    apex: Name,
    { version: before, toReplace, fromText }: InForce,
    next: Extract<NextCatalog, { kind: 'next' }>,
  ): Promise<boolean> {
    // What is kept of it as a text would be read again at the next start.
    if (fromText) await this.#parts.perform({ type: 'remove', zone: catalog });
    let fault: string | undefined = 'whole';
    if (before !== undefined && !toReplace)
      fault = await this.#transfer(catalogStep(apex, before.serial, next));
    // What is served may have been made by another version of this program: then all of it is given anew.
    if (fault !== undefined) fault = await this.#transfer(wholeCatalog(apex, next.version));
    if (fault === undefined) {
      this.#versions.set(catalog, next.version);
      return true;
    }
    this.#versions.delete(catalog);
    this.#parts.log.error('catalog not made', { catalog, reason: fault });
    this.#fail(catalog, fault);
    return false;
  }

  /** Why it was not taken, if it was not. */
  async #transfer({ request, messages }: CatalogTransfer): Promise<string | undefined> {
    const { perform, wall } = this.#parts;
    const transfer = ++this.#transfers;
    const start = { request, signed: undefined, style: 'chained', from: '' } as const;
    await perform({ type: 'transfer-begin', transfer, ...start });
    const result = await perform({
      type: 'transfer-messages',
      transfer,
      messages,
      wallSeconds: wall(),
    });
    const outcome = result.kind === 'transfer' ? result.outcome : undefined;
    if (outcome?.kind === 'zone' || outcome?.kind === 'changes') return undefined;
    if (outcome === undefined) await perform({ type: 'transfer-end', transfer });
    return outcome?.kind === 'fault' ? outcome.message : 'the loader did not take it';
  }

  #fail(catalog: string, sentence: string): void {
    this.#complain(catalog, sentence);
    this.#soon(againMs);
  }

  #complain(catalog: string, sentence: string): void {
    this.#complaints.set(catalog, `catalog ${catalog} is not up to date: ${sentence}`);
  }
}
