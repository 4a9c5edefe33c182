/**
 * CALDAV:calendar-timezone and CALDAV:timezone: a VCALENDAR with one VTIMEZONE (RFC 4791 §5.2.2), and
 * the same by name alone (RFC 7809 §3.1.5).
 */
import { type Problem, problem } from '../codes.ts';
import { makeComponent, parseDocument, propertyOf } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { makeLine } from '../syntax/content-line.ts';
import { encodeText } from '../values/text.ts';
import { generateTimeZone } from './generate.ts';
import { ianaZone } from './iana.ts';
import { resolveTimeZone } from './resolve.ts';
import { evaluateTimeZone } from './vtimezone.ts';
import { utc, type Zone } from './zone.ts';

export type TimeZoneDocument =
  | {
      readonly ok: true;
      readonly tzid: string;
      readonly zone: Zone;
      /** IANA's name, where the TZID is one or stands for one: CALDAV:calendar-timezone-id. */
      readonly standardId: string | undefined;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Total; what is refused is CALDAV:valid-calendar-data. */
export function readTimeZoneDocument(octets: Uint8Array): TimeZoneDocument {
  const parsed = parseDocument(octets, { syntax: 'icalendar' });
  if (!parsed.ok) return { ok: false, problems: parsed.error };
  const [calendar, another] = parsed.value.components;
  const [timeZone, second] = calendar?.components ?? [];
  if (
    calendar?.name !== 'VCALENDAR' ||
    another !== undefined ||
    timeZone?.name !== 'VTIMEZONE' ||
    second !== undefined
  ) {
    // RFC 4791 §5.2.2: exactly one VTIMEZONE, and nothing else.
    const detail = 'exactly one VTIMEZONE in a VCALENDAR is wanted';
    return { ok: false, problems: [problem('object.component', 1, 1, detail)] };
  }
  const tzid = propertyOf(timeZone, 'TZID')?.value.trim() ?? '';
  const evaluated = evaluateTimeZone(timeZone);
  if (!evaluated.ok && ianaZone(tzid) === undefined) {
    return { ok: false, problems: [evaluated.error] };
  }
  const { zone, by } = resolveTimeZone(tzid, calendar, utc);
  const standardId = by === 'vtimezone' ? undefined : ianaZone(zone.id)?.id;
  return { ok: true, tzid, zone, standardId };
}

/** Undefined if IANA has no zone of that name: CALDAV:valid-timezone. */
export function formatTimeZoneDocument(
  tzid: string,
  productId: string,
  fromSeconds: number = 0,
): Uint8Array | undefined {
  const zone = ianaZone(tzid);
  if (zone === undefined) return undefined;
  const head = [makeLine('VERSION', '2.0'), makeLine('PRODID', encodeText(productId))];
  const timeZone = generateTimeZone(zone, zone.id, fromSeconds);
  return formatComponent(makeComponent('VCALENDAR', head, [timeZone]));
}
