/**
 * From a TZID to a zone: a name that IANA knows means the rules of today, for embedded copies are often
 * old; then the VTIMEZONE in the object; then names that others give to zones of IANA; at last the
 * zone of the calendar, with a note.
 */

import { textFromOctets } from '@riad/octets/ascii';
import { type Problem, problem } from '../codes.ts';
import { type Component, propertyOf } from '../document/document.ts';
import { octetsOf } from '../document/serialise.ts';
import type { CalendarTime } from '../values/date-time.ts';
import { parseUtcOffset } from '../values/utc-offset.ts';
import { ianaZone } from './iana.ts';
import { evaluateTimeZone } from './vtimezone.ts';
import { windowsZone } from './windows-names.ts';
import { fixedZone, utc, type Zone } from './zone.ts';

/** What a TZID turned out to be. */
export type Resolution = {
  readonly zone: Zone;
  readonly by: 'iana' | 'other-name' | 'vtimezone' | 'fallback';
  /** Why, for all but `iana`. */
  readonly note: Problem | undefined;
};

/** Zones of one object. Dates and floating times are not its business. */
export type ZoneResolver = {
  resolve(tzid: string): Resolution;
  zoneOf(tzid: string): Zone;
};

/** An event has one or two; one that names more of them is up to no good. */
export const maxTimeZonesOfObject = 30;

/** `calendar` is the VCALENDAR that the TZIDs stand in. TZIDs beyond the limit are read as unknown. */
export function makeZoneResolver(calendar: Component | undefined, fallback: Zone): ZoneResolver {
  // The TZID asked about last is asked about next, and objects rarely have two.
  const found = new Map<string, Resolution>();
  const resolve = (tzid: string): Resolution => {
    const known = found.get(tzid);
    if (known !== undefined) return known;
    if (found.size >= maxTimeZonesOfObject) return unknownTimeZone(tzid, 0, fallback);
    const resolution = resolveTimeZone(tzid, calendar, fallback);
    found.set(tzid, resolution);
    return resolution;
  };
  return { resolve, zoneOf: (tzid) => resolve(tzid).zone };
}

export function resolveTimeZone(
  tzid: string,
  calendar: Component | undefined,
  fallback: Zone,
): Resolution {
  const name = tzid.trim();
  const iana = ianaZone(name);
  if (iana !== undefined) return { zone: iana, by: 'iana', note: undefined };
  const embedded = calendar?.components.find(
    (component) =>
      component.name === 'VTIMEZONE' && propertyOf(component, 'TZID')?.value.trim() === name,
  );
  const line = embedded?.begin?.line ?? 0;
  const other = otherName(name);
  if (other !== undefined) {
    const note = problem('tolerated.zone-name', line, 0, `${name} is ${other.id}`);
    return { zone: other, by: 'other-name', note };
  }
  const own = embedded === undefined ? undefined : evaluated(embedded);
  if (own !== undefined) return { zone: own, by: 'vtimezone', note: undefined };
  const offset = offsetName(name);
  if (offset !== undefined) {
    const note = problem('tolerated.zone-name', line, 0, `${name} is ${offset.id}`);
    return { zone: offset, by: 'other-name', note };
  }
  const hint = embedded === undefined ? undefined : locationOf(embedded);
  if (hint !== undefined) {
    const note = problem('tolerated.zone-name', line, 0, `${name} is ${hint.id}`);
    return { zone: hint, by: 'other-name', note };
  }
  return unknownTimeZone(name, line, fallback);
}

function unknownTimeZone(name: string, line: number, fallback: Zone): Resolution {
  const note = problem('tolerated.zone-unknown', line, 0, `${name}; ${fallback.id} is used`);
  return { zone: fallback, by: 'fallback', note };
}

/** Names of Windows, and prefixed names. */
function otherName(name: string): Zone | undefined {
  const unquoted = name.replace(/^"(.*)"$/, '$1').trim();
  if (unquoted !== name && unquoted !== '') {
    const plain = ianaZone(unquoted);
    if (plain !== undefined) return plain;
  }
  const windows = windowsZone(unquoted);
  if (windows !== undefined) return ianaZone(windows);
  if (unquoted.includes('/')) {
    // /freeassociation.sourceforge.net/Europe/Berlin, /mozilla.org/20071231_1/Europe/Berlin
    const segments = unquoted.split('/').filter((segment) => segment !== '');
    for (const count of [3, 2]) {
      const last = segments.length > count ? segments.slice(-count).join('/') : undefined;
      const zone = last === undefined ? undefined : ianaZone(last);
      if (zone !== undefined) return zone;
    }
  }
  return undefined;
}

/** `GMT+0100`, `UTC-5`, `Z`. */
function offsetName(name: string): Zone | undefined {
  const offset = /^(?:GMT|UTC|Z)?\s*([+-]\d\d?:?\d\d|[+-]\d\d?)$/i.exec(name)?.[1];
  if (offset !== undefined) {
    const digits = offset.slice(1).replace(':', '');
    const padded = digits.length <= 2 ? `${digits.padStart(2, '0')}00` : digits.padStart(4, '0');
    const seconds = parseUtcOffset(`${offset[0]}${padded}`);
    if (seconds !== undefined) return fixedZone(`${offset[0]}${padded}`, seconds);
  }
  return /^(?:Z|Zulu|UTC0|GMT0)$/i.test(name) ? utc : undefined;
}

function locationOf(component: Component): Zone | undefined {
  const value =
    propertyOf(component, 'X-LIC-LOCATION')?.value ?? propertyOf(component, 'TZID-ALIAS-OF')?.value; // RFC 7808 §7.2
  return value === undefined ? undefined : ianaZone(value.trim());
}

/** VTIMEZONEs whose tables are kept, by their text; all are forgotten at once beyond. */
export const maxCachedTimeZones = 200;
/** Longer ones are evaluated each time: they are rare, and a cache of them would be large. */
export const maxCachedTimeZoneOctets = 8192;

const evaluations = new Map<string, Zone | undefined>();

/** Undefined if it cannot be evaluated. Remembers by the text of the component. */
export function evaluated(component: Component): Zone | undefined {
  const octets = octetsOf(component);
  const key =
    octets === undefined || octets.length > maxCachedTimeZoneOctets
      ? undefined
      : textFromOctets(octets);
  if (key !== undefined && evaluations.has(key)) return evaluations.get(key);
  const result = evaluateTimeZone(component);
  const zone = result.ok ? result.value : undefined;
  if (key !== undefined) {
    if (evaluations.size >= maxCachedTimeZones) evaluations.clear();
    evaluations.set(key, zone);
  }
  return zone;
}

/** What instants are counted in: the zones of an object, and one for dates and floating times. */
export type Clock = {
  readonly zones: ZoneResolver;
  /** RFC 4791 §7.3: of the request, else of the calendar. */
  readonly floating: Zone;
};

export function zoneOfTime(time: CalendarTime, clock: Clock): Zone {
  if (time.kind === 'utc') return utc;
  return time.tzid === undefined ? clock.floating : clock.zones.zoneOf(time.tzid);
}

/** Seconds since 1970-01-01T00:00:00Z. */
export function instantOf(time: CalendarTime, clock: Clock): number {
  if (time.kind === 'utc') return time.localSeconds;
  return zoneOfTime(time, clock).instantOf(time.localSeconds);
}
