/**
 * What the main thread knows of the zones that the loader serves: which there are, what secondaries are
 * told of them, and the changes they went through lately.
 */
import { type Name, nameKey, parentName, parseName } from '@riad/dns/name';
import { decodeZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { MemoryHistory, type ZoneHistory } from '@riad/dns-server/zone-history/zone-history';
import type { ServedChange, ZoneNews } from '../loading/loader-messages.ts';

/** Octets of a record in a transfer, about. */
const recordOctets = 40;
/** Octets of changes that all zones together keep in memory; a restart reads them from the journal again. */
export const maxHistoriesOctets: number = 256 << 20;

type Zone = { readonly apexName: Name; news: ZoneNews; readonly history: MemoryHistory };

export class ServedZones {
  readonly #zones = new Map<string, Zone>();
  /** Changes of zones that have not been told of yet: the journal comes before the zones. */
  readonly #early = new Map<string, MemoryHistory>();
  #historyOctets = 0;

  get size(): number {
    return this.#zones.size;
  }

  all(): Iterable<{ readonly apexName: Name; readonly news: ZoneNews }> {
    return this.#zones.values();
  }

  /** The zone with just this name. */
  find(name: Name): { readonly apexName: Name; readonly news: ZoneNews } | undefined {
    return this.#zones.get(nameKey(name));
  }

  /** The zone that a name lies in: the deepest of those above it, or itself. */
  zoneOf(name: Name): { readonly apexName: Name; readonly news: ZoneNews } | undefined {
    for (let at: Name | undefined = name; at !== undefined; at = parentName(at)) {
      const zone = this.#zones.get(nameKey(at));
      if (zone !== undefined) return zone;
    }
    return undefined;
  }

  historyOf(name: Name): ZoneHistory | undefined {
    return this.#zones.get(nameKey(name))?.history;
  }

  /** Takes what the loader tells. Returns the zones that are there or different now, of them those that are new, and those that went. */
  changed(
    changes: readonly ServedChange[],
    news: readonly ZoneNews[],
  ): {
    readonly told: readonly Name[];
    readonly come: readonly Name[];
    readonly gone: readonly Name[];
  } {
    const come = news.flatMap((each) => this.#tell(each) ?? []);
    const gone: Name[] = [];
    for (const change of changes) {
      if (change.kind === 'confirmed') continue; // nothing changed
      const apexName = parseName(change.zone);
      if (change.kind === 'removed') {
        if (this.#remove(apexName)) gone.push(apexName);
      } else this.#remember(apexName, change);
    }
    return { told: news.map(({ zone }) => parseName(zone.name)), come, gone };
  }

  /** The zone's name if it was not known. */
  #tell(news: ZoneNews): Name | undefined {
    const apexName = parseName(news.zone.name);
    const key = nameKey(apexName);
    const known = this.#zones.get(key);
    if (known !== undefined) {
      known.news = news;
      return undefined;
    }
    const history = this.#early.get(key) ?? new MemoryHistory();
    this.#early.delete(key);
    this.#zones.set(key, { apexName, news, history });
    return apexName;
  }

  #remove(apexName: Name): boolean {
    const key = nameKey(apexName);
    const known = this.#zones.get(key)?.history ?? this.#early.get(key);
    this.#historyOctets -= known?.octets ?? 0;
    this.#early.delete(key);
    return this.#zones.delete(key);
  }

  #remember(apexName: Name, { change }: ServedChange): void {
    const key = nameKey(apexName);
    const zone = this.#zones.get(key);
    let history = zone?.history ?? this.#early.get(key);
    if (history === undefined) {
      history = new MemoryHistory();
      this.#early.set(key, history);
    }
    const before = history.octets;
    const decoded = change === undefined ? undefined : decodeZoneChange(change.slice()); // its octets stay in memory
    if (decoded?.ok !== true) history.clear();
    else {
      const records = zone?.news.zone.records ?? Number.MAX_SAFE_INTEGER;
      history.add(decoded.value, records * recordOctets);
    }
    this.#historyOctets += history.octets - before;
    if (this.#historyOctets > maxHistoriesOctets) this.#forget();
  }

  /** Secondaries of zones whose changes are forgotten get the whole zone. */
  #forget(): void {
    for (const { history } of this.#zones.values()) {
      if (this.#historyOctets <= maxHistoriesOctets / 2) return;
      this.#historyOctets -= history.octets;
      history.clear();
    }
  }
}
