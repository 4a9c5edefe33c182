/** Follows catalog zones (RFC 9432 §5): zones come and go with them, and only those that came from them. */
import { nameKey } from '@riad/dns/name';
import { applyCatalog, type KeptZone } from '@riad/dns-server/catalog/apply-catalog';
import type { ZoneCommand, ZoneResult } from '@riad/name-server/loading/loader-messages';
import type { Log } from '@riad/runtime/logging/log';
import type { Copies } from './copies.ts';
import type { CopyRecords } from './copy-records.ts';
import { memberOf, type ZoneChoice } from './zone-choice.ts';
import { nameOf, textOf } from './zone-name.ts';

export type CatalogsParts = {
  readonly choice: ZoneChoice;
  readonly copies: Copies;
  readonly records: CopyRecords;
  readonly perform: (command: ZoneCommand) => Promise<ZoneResult>;
  readonly log: Log;
};

export class Catalogs {
  readonly #parts: CatalogsParts;
  readonly #complaints = new Map<string, string>();
  /** One at a time: a zone may go from one to another. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: CatalogsParts) {
    this.#parts = parts;
  }

  get complaints(): readonly string[] {
    return [...this.#complaints.values()];
  }

  /** A new version of a zone is served, or of all at the start. */
  changed(zone: string): void {
    if (!this.#parts.choice.catalogs.includes(zone)) return;
    const failed = (error: unknown): void =>
      this.#parts.log.error('a catalog could not be followed', { catalog: zone, error });
    this.#last = this.#last.then(() => this.#follow(zone)).catch(failed);
  }

  async #follow(catalog: string): Promise<void> {
    const { choice, copies, perform, log } = this.#parts;
    const result = await perform({ type: 'catalog', zone: catalog });
    if (result.kind !== 'catalog' || result.catalog === undefined) return;
    if (!result.catalog.ok) {
      // §4.2: one that is broken changes nothing.
      const { code, message } = result.catalog;
      log.error('catalog not followed', { catalog, code, reason: message });
      this.#complaints.set(catalog, `catalog ${catalog}: ${message}`);
      return;
    }
    this.#complaints.delete(catalog);
    const { members } = result.catalog;
    const step = applyCatalog(nameOf(catalog), members, this.#kept());
    for (const zone of step.remove) {
      log.info('zone left its catalog', { catalog, zone: textOf(zone) });
      await copies.remove(zone);
    }
    for (const member of step.reset) {
      log.info('zone starts afresh', { catalog, zone: textOf(member.zone) });
      await copies.remove(member.zone);
      choice.keepMember(catalog, member);
    }
    for (const member of step.add) choice.keepMember(catalog, member);
    for (const member of [...step.takeOver, ...step.change]) choice.changeMember(catalog, member);
    for (const zone of step.clash)
      log.warn('zone in a catalog is here from elsewhere', { catalog, zone: textOf(zone) });
    const added = step.add.length;
    if (added > 0) log.info('zones came with a catalog', { catalog, added });
  }

  #kept(): Map<string, KeptZone> {
    const { records } = this.#parts;
    return new Map(
      records.zones().map((text) => {
        const zone = nameOf(text);
        const record = records.get(text)!;
        const catalog = record.catalog === undefined ? undefined : nameOf(record.catalog);
        const byNotify = record.origin === 'notify';
        return [nameKey(zone), { zone, catalog, byNotify, member: memberOf(zone, record) }];
      }),
    );
  }
}
