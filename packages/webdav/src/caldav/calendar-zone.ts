/**
 * The time zone that dates and floating times are read in (RFC 4791 §7.3): the request’s, else the
 * calendar’s, else the server’s.
 */

import { ianaZone } from '@riad/calendar/time-zone/iana';
import { readTimeZoneDocument } from '@riad/calendar/time-zone/time-zone-document';
import { utc, type Zone } from '@riad/calendar/time-zone/zone';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { Context } from '../context.ts';
import { failed } from '../dav-error.ts';
import { elementOf } from '../properties/kept-element.ts';
import type { DeadProperty, Metadata } from '../storage/storage.ts';
import { childOf, type Element, textOf } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';

/** From `C:timezone` or `C:timezone-id` in a report; undefined without. */
export function requestedZone(root: Element): Zone | undefined {
  const document = childOf(root, CALDAV, 'timezone');
  if (document !== undefined) {
    const zone = zoneOfDocument(textOf(document));
    if (zone === undefined) throw failed('C:valid-calendar-data');
    return zone;
  }
  const id = childOf(root, CALDAV, 'timezone-id');
  if (id === undefined) return undefined;
  const zone = ianaZone(textOf(id).trim());
  if (zone === undefined) throw failed('C:valid-timezone'); // RFC 7809 §3.1.6
  return zone;
}

const zones = new WeakMap<Metadata, Zone>();

export function zoneOfCalendar(context: Context, metadata: Metadata): Zone {
  let zone = zones.get(metadata);
  if (zone === undefined) {
    zone = keptZone(metadata.properties) ?? ianaZone(context.engine.timeZone ?? '') ?? utc;
    zones.set(metadata, zone);
  }
  return zone;
}

function keptZone(properties: readonly DeadProperty[]): Zone | undefined {
  const id = keptText(properties, 'calendar-timezone-id');
  const byName = id === undefined ? undefined : ianaZone(id.trim());
  if (byName !== undefined) return byName;
  const document = keptText(properties, 'calendar-timezone');
  return document === undefined ? undefined : zoneOfDocument(document);
}

function keptText(properties: readonly DeadProperty[], wanted: string): string | undefined {
  const kept = properties.find(({ namespace, name }) => namespace === CALDAV && name === wanted);
  const element = kept && elementOf(kept);
  return element && textOf(element);
}

/** Of an iCalendar document with exactly one VTIMEZONE (§5.2.2). */
function zoneOfDocument(text: string): Zone | undefined {
  const read = readTimeZoneDocument(encodeUtf8(text));
  return read.ok ? read.zone : undefined;
}
