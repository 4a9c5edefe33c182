/**
 * Zones of the IANA database, from the data of `Temporal`. Temporal counts as pure here: what it says
 * of an instant and a zone depends on nothing but them and the tzdata release that runs. `Temporal.Now`
 * is never called. Its objects are slow in tight loops, so each zone becomes a table once.
 */
import { fixedZone, type Transitions, tableZone, type Zone } from './zone.ts';

/** Names nobody knows are remembered too, and forgotten all at once when there are so many. */
export const maxUnknownNames = 1000;

/** Bounded by the names that tzdata has, about 600. */
const known = new Map<string, Zone>();
const unknown = new Set<string>();

/** By name in any case; aliases such as `US/Eastern` count. Undefined if IANA has none of that name. */
export function ianaZone(name: string): Zone | undefined {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (unknown.has(name)) return undefined;
  const id = canonicalId(name);
  if (id === undefined) {
    if (unknown.size >= maxUnknownNames) unknown.clear();
    unknown.add(name);
    return undefined;
  }
  const zone = known.get(id) ?? makeZone(id);
  known.set(id, zone);
  // Other spellings are as many as anybody likes to send.
  if (name !== id && known.size < maxUnknownNames) known.set(name, zone);
  return zone;
}

function canonicalId(name: string): string | undefined {
  if (!/^[A-Za-z][\w+/-]{1,60}$/.test(name)) return undefined; // not +01:00, which Temporal knows too
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Before this, local mean time holds; what tzdata says of earlier centuries is all the same to it. */
const firstInstant = -5_000_000_000; // the year 1811

function makeZone(id: string): Zone {
  const zoned = (seconds: number): Temporal.ZonedDateTime =>
    new Temporal.ZonedDateTime(BigInt(seconds) * 1_000_000_000n, id);
  const offset = ({ offsetNanoseconds }: Temporal.ZonedDateTime): number =>
    Math.round(offsetNanoseconds / 1e9);
  const start = zoned(firstInstant);
  if (start.getTimeZoneTransition('next') === null) return fixedZone(id, offset(start));
  const extend = (until: number): Transitions => {
    const at: number[] = [];
    const offsets = [offset(start)];
    let next = start.getTimeZoneTransition('next');
    while (next !== null && next.epochMilliseconds / 1000 < until) {
      const changed = offset(next);
      if (changed !== offsets.at(-1)) {
        at.push(next.epochMilliseconds / 1000);
        offsets.push(changed);
      }
      next = next.getTimeZoneTransition('next');
    }
    return { at, offsets, until };
  };
  return tableZone(id, extend);
}
