/**
 * VTIMEZONEs for objects that name a zone and do not define it (RFC 7809 §3.1.4). Clients leave out the same
 * few, and each GET of such an object wants one again, so those that were made are remembered.
 */
import { type Component, parseDocument } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { generateTimeZone, stretchOf } from './generate.ts';
import type { Zone } from './zone.ts';

/** VTIMEZONEs made here that are kept, about 1 KiB each; all are forgotten at once beyond. */
export const maxMadeTimeZones = 200;
/** Names of IANA have 32 at most; longer ones are made each time, or they would decide how large the cache is. */
export const maxMadeNameCharacters = 100;

const made = new Map<string, Component>();

/**
 * For zones that are known by name alone: two of the same `id` are taken for one. The component is shared, and
 * must not be changed.
 */
export function knownTimeZone(zone: Zone, tzid: string, fromSeconds: number): Component {
  if (tzid.length > maxMadeNameCharacters) return generateTimeZone(zone, tzid, fromSeconds);
  // A time of the same stretch gives the same octets.
  const key = `${zone.id} ${stretchOf(zone, fromSeconds)} ${tzid}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const component = written(generateTimeZone(zone, tzid, fromSeconds));
  if (made.size >= maxMadeTimeZones) made.clear();
  made.set(key, component);
  return component;
}

/** The same read from octets, so that it is copied and not written each time. */
function written(component: Component): Component {
  const read = parseDocument(formatComponent(component), { syntax: 'icalendar' });
  return (read.ok ? read.value.components[0] : undefined) ?? component;
}
