/**
 * The changes a zone went through lately, for IXFR (RFC 1995 §5). Interface and an implementation in
 * memory; where changes are kept on disk, it is filled from there at the start.
 */
import { condense, type ZoneChange } from './zone-change.ts';

export interface ZoneHistory {
  /**
   * All that happened from the version with this serial to the one in force, as one change; undefined
   * when that is not known, or not worth sending.
   */
  since(serial: number): ZoneChange | undefined;
}

export type HistoryLimits = {
  readonly maxChanges: number;
  /** Together, as `octetsOfChange` counts them. */
  readonly maxOctets: number;
};

/** For a zone that a busy service changes each minute, two days. */
export const maxHistoryChanges = 4096;
/** Some 100,000 records: more takes longer to condense than a transfer may keep others waiting. */
export const maxHistoryOctets: number = 8 << 20;
/** Serials whose answer is kept: secondaries mostly ask from the same few. */
const maxRemembered = 8;

export class MemoryHistory implements ZoneHistory {
  readonly #limits: HistoryLimits;
  /** Oldest first, from `#first` on; each begins where the one before it ended. */
  #changes: (ZoneChange | undefined)[] = [];
  /** Those before it are forgotten; they leave the list when they are half of it. */
  #first = 0;
  #octets = 0;
  readonly #remembered = new Map<number, ZoneChange>();

  constructor(
    limits: HistoryLimits = { maxChanges: maxHistoryChanges, maxOctets: maxHistoryOctets },
  ) {
    this.#limits = limits;
  }

  get changes(): number {
    return this.#changes.length - this.#first;
  }

  get octets(): number {
    return this.#octets;
  }

  /**
   * Takes the change that was just committed. `zoneOctets`: about how many octets a transfer of the
   * whole zone has; older changes that together have more are forgotten, since sending them is no gain
   * (RFC 1995 §5). A change that does not follow the one before it makes all of those useless.
   */
  add(change: ZoneChange, zoneOctets: number): void {
    this.#remembered.clear();
    const last = this.#changes.at(-1);
    if (last !== undefined && last.toSerial !== change.fromSerial) this.clear();
    this.#changes.push(change);
    this.#octets += octetsOfChange(change);
    const most = Math.min(this.#limits.maxOctets, zoneOctets);
    while (this.changes > 0 && (this.#octets > most || this.changes > this.#limits.maxChanges)) {
      this.#octets -= octetsOfChange(this.#changes[this.#first]!);
      this.#changes[this.#first++] = undefined;
    }
    if (this.#first * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#first);
    this.#first = 0;
  }

  /** Forgets everything, as when the zone was replaced by one that is not known to follow from it. */
  clear(): void {
    this.#changes = [];
    this.#first = 0;
    this.#octets = 0;
    this.#remembered.clear();
  }

  since(serial: number): ZoneChange | undefined {
    const known = this.#remembered.get(serial);
    if (known !== undefined) return known;
    // From the newest on: should a serial come twice, it is the later one that was meant.
    const from = this.#changes.findLastIndex((change) => change?.fromSerial === serial);
    if (from === -1) return undefined;
    const change = condense(this.#changes.slice(from) as ZoneChange[]);
    if (this.#remembered.size === maxRemembered) {
      this.#remembered.delete(this.#remembered.keys().next().value!);
    }
    this.#remembered.set(serial, change);
    return change;
  }
}

/** What the records of a change have on the wire without compression, and that much is about kept. */
export function octetsOfChange({ removals, additions }: ZoneChange): number {
  let octets = 0;
  for (const { owner, rdata } of removals) octets += owner.length + 10 + rdata.length;
  for (const { owner, rdata } of additions) octets += owner.length + 10 + rdata.length;
  return octets;
}
