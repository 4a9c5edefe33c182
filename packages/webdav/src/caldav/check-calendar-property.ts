/** Properties of calendars that must be right to be kept: the two that name its time zone, which follow each other (RFC 7809 §5.2). */
import { makeComponent, propertyOf } from '@riad/calendar/document/document';
import { formatComponent } from '@riad/calendar/document/serialise';
import { checkTimeZoneDocument } from '@riad/calendar/icalendar/validation';
import { makeLine } from '@riad/calendar/syntax/content-line';
import { generateTimeZone } from '@riad/calendar/time-zone/generate';
import { ianaZone } from '@riad/calendar/time-zone/iana';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { type DavError, failed } from '../dav-error.ts';
import { type Element, is, textOf } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { escapeText } from '../xml/serialize-element.ts';

/** Another property that is set or, without `xml`, removed along with one. */
export type Consequence = {
  readonly namespace: string;
  readonly name: string;
  readonly xml: string | undefined;
};

export function checkCalendarProperty(
  type: 'set' | 'remove',
  element: Element,
): readonly Consequence[] | DavError {
  if (is(element, CALDAV, 'calendar-timezone')) {
    return type === 'remove' ? [kept('calendar-timezone-id', undefined)] : checkDocument(element);
  }
  if (is(element, CALDAV, 'calendar-timezone-id')) {
    return type === 'remove' ? [kept('calendar-timezone', undefined)] : checkId(element);
  }
  return [];
}

/** RFC 4791 §5.2.10. */
function checkDocument(element: Element): readonly Consequence[] | DavError {
  const checked = checkTimeZoneDocument(encodeUtf8(textOf(element)));
  if (!checked.ok) return failed('C:valid-calendar-data', { sentence: checked.sentence });
  const tzid = propertyOf(checked.timeZone, 'TZID')?.value.trim() ?? '';
  // A zone of its own has no name that others would know.
  return [kept('calendar-timezone-id', ianaZone(tzid) === undefined ? undefined : tzid)];
}

/** RFC 7809 §3.1.5. */
function checkId(element: Element): readonly Consequence[] | DavError {
  const tzid = textOf(element).trim();
  const zone = ianaZone(tzid);
  if (zone === undefined) return failed('C:valid-timezone');
  const header = [makeLine('VERSION', '2.0'), makeLine('PRODID', '-//Riad//Calendar//EN')];
  const document = makeComponent('VCALENDAR', header, [generateTimeZone(zone, tzid, 0)]);
  return [kept('calendar-timezone', decodeUtf8(formatComponent(document)))];
}

function kept(name: string, text: string | undefined): Consequence {
  const xml =
    text === undefined
      ? undefined
      : `<C:${name} xmlns:C="${CALDAV}">${escapeText(text)}</C:${name}>`;
  return { namespace: CALDAV, name, xml };
}
