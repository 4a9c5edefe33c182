/**
 * What a time zone is to the rest of this package: offsets from UTC, and instants for local times by
 * the rules of RFC 5545 §3.3.5. Seconds throughout; instants count from 1970-01-01T00:00:00Z.
 */
import { daysPer400Years, secondsPerDay } from '../values/civil.ts';

export type Zone = {
  /** IANA's name, `UTC`, `+0100`, or the TZID of an embedded VTIMEZONE. */
  readonly id: string;
  /** Seconds east of UTC at an instant. */
  offsetAt(seconds: number): number;
  /**
   * The instant of a local time. One that does not exist is read with the offset before the gap
   * (02:30 becomes 03:30), one that exists twice is the first of the two (§3.3.5).
   */
  instantOf(localSeconds: number): number;
  /** The first change of offset after an instant; undefined if none follows before the year 2100. */
  nextTransition(seconds: number): number | undefined;
};

export function fixedZone(id: string, offsetSeconds: number): Zone {
  return {
    id,
    offsetAt: () => offsetSeconds,
    instantOf: (localSeconds) => localSeconds - offsetSeconds,
    nextTransition: () => undefined,
  };
}

export const utc: Zone = fixedZone('UTC', 0);

export type Transitions = {
  /** Instants, going up, at which a new offset begins. */
  readonly at: readonly number[];
  /** One more than `at`: the first holds before all of them. */
  readonly offsets: readonly number[];
  /** Later instants are not in the table. */
  readonly until: number;
};

const cycleSeconds = daysPer400Years * secondsPerDay;
/** Tables reach to this year at first; nearly everything asked about lies before. */
export const firstHorizon = 4_102_444_800; // 2100-01-01T00:00:00Z
/** And if need be so far that 400 years of the last rules are in them, which then repeat. */
export const lastHorizon: number = firstHorizon + cycleSeconds;

/** `extend` gives the table up to an instant; it is called twice at most. */
export function tableZone(id: string, extend: (until: number) => Transitions): Zone {
  let table: Transitions | undefined;
  // Where the last answer was found: neighbours in time ask one after the other.
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  let offset = 0;

  const look = (seconds: number): number => {
    if (seconds >= from && seconds < to) return offset;
    let wanted = seconds;
    if (wanted >= lastHorizon) {
      wanted -= (Math.floor((wanted - lastHorizon) / cycleSeconds) + 1) * cycleSeconds;
    }
    if (table === undefined || wanted >= table.until) {
      table = extend(wanted < firstHorizon ? firstHorizon : lastHorizon);
    }
    const { at, offsets } = table;
    const index = firstAfter(at, wanted);
    const found = offsets[index]!;
    if (wanted === seconds) {
      from = index === 0 ? Number.NEGATIVE_INFINITY : at[index - 1]!;
      to = index === at.length ? table.until : at[index]!;
      offset = found;
    }
    return found;
  };

  return {
    id,
    offsetAt: look,
    instantOf: (localSeconds) => {
      // Offsets change rarely: what holds a day before and a day after decides.
      const before = look(localSeconds - secondsPerDay);
      const after = look(localSeconds + secondsPerDay);
      if (before === after) {
        // Two changes within two days happen (Morocco's are weeks apart, Egypt's were days).
        const plain = localSeconds - before;
        if (look(plain) === before) return plain;
      }
      const early = localSeconds - before;
      if (look(early) === before) return early; // the first of two, or the only one
      const late = localSeconds - after;
      if (look(late) === after) return late;
      return early; // in a gap: the offset before it
    },
    nextTransition: (seconds) => {
      if (seconds >= firstHorizon) return undefined;
      if (table === undefined) look(seconds);
      const { at } = table!;
      const found = at[firstAfter(at, seconds)];
      return found === undefined || found >= firstHorizon ? undefined : found;
    },
  };
}

/** Index of the first that is greater; the length if there is none. */
function firstAfter(at: readonly number[], seconds: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle]! <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}
