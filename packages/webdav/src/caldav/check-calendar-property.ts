/** Properties of calendars that must be right to be kept: the two that name its time zone, which follow each other (RFC 7809 §5.2). */
import {
  formatTimeZoneDocument,
  readTimeZoneDocument,
} from '@riad/calendar/time-zone/time-zone-document';
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
  const read = readTimeZoneDocument(encodeUtf8(textOf(element)));
  if (!read.ok) {
    const [problem] = read.problems;
    return failed('C:valid-calendar-data', problem && { sentence: `${problem.message}.` });
  }
  // A zone of its own has no name that others would know.
  return [kept('calendar-timezone-id', read.standardId)];
}

/** RFC 7809 §3.1.5. */
function checkId(element: Element): readonly Consequence[] | DavError {
  const document = formatTimeZoneDocument(textOf(element).trim(), '-//Riad//Calendar//EN');
  if (document === undefined) return failed('C:valid-timezone');
  return [kept('calendar-timezone', decodeUtf8(document))];
}

function kept(name: string, text: string | undefined): Consequence {
  const xml =
    text === undefined
      ? undefined
      : `<C:${name} xmlns:C="${CALDAV}">${escapeText(text)}</C:${name}>`;
  return { namespace: CALDAV, name, xml };
}
