/**
 * Decides what becomes of each zone: what its source says goes to the loader, what the loader says is
 * remembered, reported and counted. A zone never goes away by accident.
 */

import type {
  ServedChange,
  ServedZone,
  UpdateCommand,
  ZoneCommand,
  ZoneNews,
  ZoneResult,
} from '@riad/name-server/loading/loader-messages';
import type { Log } from '@riad/runtime/logging/log';
import { CommandError, type Health } from '@riad/runtime/service';
import type { codes } from './codes.ts';
import { canonicalZone } from './zone-names.ts';

/** Faults of one file that are logged and shown; the rest would not be read. */
export const shownFaults = 20;

type ZoneState = {
  /** What is served; undefined while no good version was ever seen. */
  served: ServedZone | undefined;
  /** Why the source's present version is not what is served. */
  trouble:
    | {
        readonly kind: 'refused' | 'held' | 'missing' | 'set-aside';
        readonly sentences: readonly string[];
      }
    | undefined;
  path: string | undefined;
  loadedAt: string | undefined;
  warnings: number | undefined;
};

export type ZoneStatus = {
  readonly zone: string;
  readonly state: 'served' | 'serving-last-good' | 'not-served';
  readonly serial: number | undefined;
  readonly records: number | undefined;
  readonly names: number | undefined;
  readonly signed: string | undefined;
  readonly loadedAt: string | undefined;
  /** How many; undefined where they are not counted. */
  readonly warnings: number | undefined;
  readonly trouble: string | undefined;
  readonly sentences: readonly string[];
};

export class ZoneSupply {
  readonly #zones = new Map<string, ZoneState>();
  readonly #loader: (command: ZoneCommand | UpdateCommand) => Promise<ZoneResult>;
  readonly #log: Log;
  readonly #serials: 'auto' | 'file';
  #present: ReadonlySet<string> = new Set();
  #looked = false;
  /** Catalogs that are made here, and so have no files. */
  readonly #made: ReadonlySet<string>;
  #sourceTrouble: string | undefined;
  /** Makes the source tell about a zone again. */
  again: (zone: string) => void = () => {};
  readonly #frozen = new Set<string>();
  loads = { whole: 0, edited: 0, refused: 0, held: 0, updated: 0 };

  /** `serials`: who raises that of a zone that was edited. `made`: catalogs that are made of the zones. */
  constructor(
    loader: (command: ZoneCommand | UpdateCommand) => Promise<ZoneResult>,
    serials: 'auto' | 'file',
    log: Log,
    made: ReadonlySet<string> = new Set(),
  ) {
    this.#loader = loader;
    this.#serials = serials;
    this.#log = log;
    this.#made = made;
  }

  /** Zones that are served from the state folder before any source has been looked at. */
  restored(zones: readonly ServedZone[]): void {
    for (const zone of zones) {
      this.#zones.set(zone.name, {
        served: zone,
        trouble: undefined,
        path: undefined,
        loadedAt: undefined,
        warnings: undefined,
      });
    }
  }

  /** Catalogs that are made here take no updates. Resolves when all are known to be such. */
  async fixMade(): Promise<void> {
    const because =
      'the zone is a catalog that is made of the zones served here, and changes with them';
    const fixed = [...this.#made].map((zone) => this.#loader({ type: 'freeze', zone, because }));
    await Promise.all(fixed);
  }

  /** A catalog that was made here, and that riad.yaml names no more: kept, and not given out. */
  async setAside(zone: string): Promise<void> {
    const sentence = `a catalog of this name was made here, and riad.yaml names it no more: it is kept and not given out, and secondaries that follow it keep their zones; name it under catalogs again, or: riad zone remove ${zone}`;
    this.#stateOf(zone).trouble = { kind: 'set-aside', sentences: [sentence] };
    this.#log.warn('catalog set aside', { zone, reason: sentence });
    await this.#loader({ type: 'withhold', zone, withheld: true });
    await this.#loader({ type: 'freeze', zone, because: 'the zone is not served' });
  }

  isAside(zone: string): boolean {
    return this.#zones.get(zone)?.trouble?.kind === 'set-aside';
  }

  /** Which of several files is meant nobody can tell: none is taken. */
  ambiguous(zone: string, paths: readonly string[]): void {
    this.#refuse(zone, `several files are this zone, and none is taken: ${paths.join(', ')}`);
  }

  #refuse(zone: string, sentence: string, code?: keyof typeof codes): void {
    this.#stateOf(zone).trouble = { kind: 'refused', sentences: [sentence] };
    this.loads.refused++;
    const fault = code === undefined ? {} : { code };
    this.#log.error('zone refused', { zone, ...fault, faults: [sentence] });
  }

  async changed(zone: string, path: string, confirmed: boolean = false): Promise<void> {
    if (this.#made.has(zone)) {
      this.#refuse(zone, nameTaken(path), 'catalog.name-taken');
      return;
    }
    const aside = this.isAside(zone);
    const result = await this.#loader({ type: 'load', zone, path, confirmed });
    const state = this.#stateOf(zone);
    state.path = path;
    this.#take(zone, state, result);
    // A file of its name has taken its place: it is a zone like others now.
    if (aside && result.kind === 'served') {
      await this.#loader({ type: 'withhold', zone, withheld: false });
      await this.#loader({ type: 'freeze', zone, because: undefined });
    }
  }

  #stateOf(zone: string): ZoneState {
    let state = this.#zones.get(zone);
    if (state === undefined) {
      state = {
        served: undefined,
        trouble: undefined,
        path: undefined,
        loadedAt: undefined,
        warnings: undefined,
      };
      this.#zones.set(zone, state);
    }
    return state;
  }

  #take(zone: string, state: ZoneState, result: ZoneResult): void {
    switch (result.kind) {
      case 'unchanged':
        state.served = result.zone;
        state.trouble = undefined;
        break;
      case 'served':
        this.loads[result.how]++;
        this.#warnOfSerial(zone, state.served, result.zone);
        state.served = result.zone;
        state.trouble = undefined;
        state.loadedAt = new Date().toISOString();
        this.#log.info('zone served', {
          zone,
          serial: result.zone.serial,
          records: result.zone.records,
          how: result.how,
          milliseconds: result.milliseconds,
        });
        for (const warning of result.warnings.slice(0, shownFaults))
          this.#log.warn('zone file warning', { zone, at: where(warning) });
        break;
      case 'held': {
        this.loads.held++;
        const sentence = `the new version takes away ${result.lostRecords} of ${result.ofRecords} records; if that is meant: riad zone confirm ${zone}`;
        state.trouble = { kind: 'held', sentences: [sentence] };
        this.#log.error('zone held', { zone, reason: sentence });
        break;
      }
      case 'refused': {
        this.loads.refused++;
        const sentences = result.faults.slice(0, shownFaults).map(where);
        state.trouble = { kind: 'refused', sentences };
        this.#log.error('zone refused', {
          zone,
          faults: sentences,
          serving: state.served === undefined ? 'nothing' : 'the last good version',
        });
        break;
      }
      default:
        break;
    }
  }

  /** RFC 1982 §3.2: secondaries take nothing whose serial is not newer. */
  #warnOfSerial(zone: string, before: ServedZone | undefined, after: ServedZone): void {
    if (this.#serials === 'auto') return;
    if (before === undefined || ((after.serial - before.serial) | 0) > 0) return;
    const serials = { zone, before: before.serial, after: after.serial };
    if (before.serial === after.serial)
      this.#log.warn('zone changed but not its serial: secondaries will not notice', serials);
    else this.#log.warn('zone serial went backwards: secondaries will not take it', serials);
  }

  /** Changes that did not come from the source: updates, and what they made of the zones. */
  changedElsewhere(changes: readonly ServedChange[], news: readonly ZoneNews[]): void {
    const updated = new Set<string>();
    for (const { kind, zone } of changes) {
      if (kind !== 'update') continue;
      this.loads.updated++;
      updated.add(zone);
    }
    for (const { zone } of news) {
      const made = this.#made.has(zone.name);
      const state = made ? this.#stateOf(zone.name) : this.#zones.get(zone.name);
      if (state !== undefined && (made || updated.has(zone.name))) state.served = zone;
    }
  }

  /** Whether the source was read, and each of its zones has been served or refused since. */
  get settled(): boolean {
    if (!this.#looked) return false;
    for (const zone of this.#present) {
      const state = this.#zones.get(zone);
      if (state?.served === undefined && state?.trouble === undefined) return false;
    }
    return true;
  }

  /** Whether a zone is served or has a file; after `remove` neither. */
  isKnown(zone: string): boolean {
    return this.#zones.has(zone);
  }

  hasFile(zone: string): boolean {
    return this.#present.has(zone);
  }

  /** The file that a zone was last read from. */
  pathOf(zone: string): string | undefined {
    return this.#zones.get(zone)?.path;
  }

  /** Resolves when updates of the zone are refused. */
  async freeze(zone: string): Promise<void> {
    this.#frozen.add(zone);
    const because =
      'the zone is frozen, so that its file can be edited in peace; riad zone thaw ends that';
    if (!this.#made.has(zone)) await this.#loader({ type: 'freeze', zone, because });
  }

  /** Whether it was frozen. */
  async thaw(zone: string): Promise<boolean> {
    const frozen = this.#frozen.delete(zone);
    if (frozen && !this.#made.has(zone))
      await this.#loader({ type: 'freeze', zone, because: undefined });
    return frozen;
  }

  /** What a zone in force was found to have that is hardly meant. */
  warned(zone: string, count: number, first: string | undefined): void {
    const state = this.#zones.get(zone);
    if (state === undefined) return;
    if (count > 0 && state.warnings !== count)
      this.#log.warn('zone check warns', { zone, warnings: count, first, all: 'riad zone check' });
    state.warnings = count;
  }

  /** What the source has now; a zone whose file is gone is a fault, not a removal. */
  present(zones: ReadonlySet<string>): void {
    this.#present = zones;
    this.#looked = true;
    this.#sourceTrouble = undefined;
    for (const [zone, state] of this.#zones) {
      if (this.#made.has(zone)) {
        if (!zones.has(zone)) state.trouble = undefined;
        continue;
      }
      if (zones.has(zone)) {
        if (state.trouble?.kind === 'missing') state.trouble = undefined;
        continue;
      }
      if (state.trouble?.kind === 'missing' || state.trouble?.kind === 'set-aside') continue;
      if (state.served === undefined) {
        this.#zones.delete(zone); // never was served, and its file is gone: nothing is left to say
        continue;
      }
      const sentence = `the zone's file is gone; the last good version is served until: riad zone remove ${zone}`;
      state.trouble = { kind: 'missing', sentences: [sentence] };
      this.#log.error('zone file missing', { zone, reason: sentence });
    }
  }

  unreadable(error: Error): void {
    if (this.#sourceTrouble === error.message) return;
    this.#sourceTrouble = error.message;
    this.#log.error('zones cannot be read: serving what is known', { error });
  }

  /** Takes a zone out, on purpose. A catalog that is made here stays: only a file of its name went. */
  async remove(zone: string): Promise<boolean> {
    if (this.#made.has(zone)) return false;
    const result = await this.#loader({ type: 'remove', zone });
    const known = this.#zones.delete(zone);
    if (result.kind === 'removed') this.#log.info('zone removed', { zone });
    return result.kind === 'removed' || known;
  }

  health(): Health {
    const complaints = this.status()
      // What riad.yaml says is no fault.
      .filter(({ trouble }) => trouble !== undefined && trouble !== 'set-aside')
      .flatMap((zone) =>
        zone.sentences.map((sentence) => `zone ${zone.zone} ${zone.trouble}: ${sentence}`),
      );
    if (this.#sourceTrouble !== undefined)
      complaints.unshift(`zones cannot be read: ${this.#sourceTrouble}`);
    return complaints.length === 0 ? { healthy: true } : { healthy: false, complaints };
  }

  status(): ZoneStatus[] {
    return [...this.#zones]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([zone, { served, trouble, loadedAt, warnings }]) => ({
        zone,
        state:
          served === undefined || trouble?.kind === 'set-aside'
            ? 'not-served'
            : trouble === undefined
              ? 'served'
              : 'serving-last-good',
        serial: served?.serial,
        records: served?.records,
        names: served?.names,
        signed: served?.signed,
        loadedAt,
        warnings,
        trouble: trouble?.kind,
        sentences: trouble?.sentences ?? [],
      }));
  }

  readonly commands = {
    'zone-confirm': async (input: unknown): Promise<unknown> => {
      const zone = zoneOf(input);
      const state = this.#zones.get(zone);
      if (state?.trouble?.kind !== 'held' || state.path === undefined)
        throw new CommandError(`${zone}: no version of this zone waits for a confirmation`);
      await this.changed(zone, state.path, true);
      return this.status().find((status) => status.zone === zone);
    },
    'zone-remove': async (input: unknown): Promise<unknown> => {
      const zone = zoneOf(input);
      if (this.#present.has(zone))
        throw new CommandError(`${zone}: its file is still there; take the file away first`);
      if (this.#made.has(zone))
        throw new CommandError(
          `${zone}: it stands under catalogs in riad.yaml; take it away there`,
        );
      if (!(await this.remove(zone)))
        throw new CommandError(`${zone}: no such zone is served here`);
      return { removed: zone };
    },
    'zone-reload': async (input: unknown): Promise<unknown> => {
      const zone = zoneOf(input);
      if (!this.#present.has(zone))
        throw new CommandError(`${zone}: there is no file for this zone`);
      this.again(zone);
      return { reloading: zone };
    },
    'zone-status': async (input: unknown): Promise<unknown> => {
      const wanted = (input as { zone?: unknown } | null)?.zone;
      if (wanted === undefined) return { zones: this.status() };
      const zone = zoneOf(input);
      const status = this.status().find((each) => each.zone === zone);
      if (status === undefined) throw new CommandError(`${zone}: no such zone is known here`);
      return status;
    },
  };
}

/** The zone that a command is about. */
export function zoneOf(input: unknown): string {
  const zone = (input as { zone?: unknown } | null)?.zone;
  if (typeof zone !== 'string') throw new CommandError('say which zone: {"zone": "example.com"}');
  try {
    return canonicalZone(zone);
  } catch (error) {
    throw new CommandError(`${zone}: ${(error as Error).message}`);
  }
}

/** What to do about a file that has the name of a catalog. */
export function nameTaken(path: string): string {
  return `${path}: a catalog of this name is made of the zones (catalogs in riad.yaml), so that the file is not read and the catalog not changed; take the file away, or name the catalog otherwise`;
}

function where(fault: { file: string; line: number; column: number; message: string }): string {
  return fault.line === 0
    ? `${fault.file}: ${fault.message}`
    : `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`;
}
