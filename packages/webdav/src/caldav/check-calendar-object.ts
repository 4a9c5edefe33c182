/** Whether octets may become an object of a calendar (RFC 4791 §5.3.2.1), and what the index keeps of them. */
import type { CalendarObject } from '@riad/calendar/icalendar/calendar-object';
import {
  checkCalendarObject as check,
  type ObjectLimits,
} from '@riad/calendar/icalendar/validation';
import { parseDateTime } from '@riad/calendar/values/date-time';
import { failed } from '../dav-error.ts';
import { parseMediaType } from '../http/media-type.ts';
import {
  maxAttendeesPerInstance,
  maxDateTime,
  maxInstances,
  maxObjectOctets,
  minDateTime,
} from '../resources/object-limits.ts';
import type { Collection, Facts } from '../storage/storage.ts';

const limits: ObjectLimits = {
  maxResourceOctets: maxObjectOctets,
  maxInstances,
  maxAttendeesPerInstance,
  minSeconds: parseDateTime(minDateTime)!.localSeconds,
  maxSeconds: parseDateTime(maxDateTime)!.localSeconds,
};

export function checkCalendarObject(
  calendar: Pick<Collection, 'components'>,
  octets: Uint8Array,
  contentType: string | undefined,
): { readonly facts: Facts; readonly object: CalendarObject } {
  if (contentType !== undefined && !isCalendarType(contentType)) {
    throw failed('C:supported-calendar-data');
  }
  const checked = check(octets, limits);
  if (!checked.ok) {
    throw failed(`C:${checked.precondition}`, { sentence: checked.sentence });
  }
  const { facts, object } = checked;
  if (calendar.components !== undefined && !calendar.components.includes(facts.component)) {
    throw failed('C:supported-calendar-component', {
      sentence: `This calendar takes ${calendar.components.join(', ')}, not ${facts.component}.`,
    });
  }
  return { facts, object };
}

/** Clients that send no type, or none that says anything, send iCalendar all the same. */
function isCalendarType(contentType: string): boolean {
  const { type, parameters } = parseMediaType(contentType);
  if (type === 'application/octet-stream' || type === 'text/plain' || type === '') return true;
  return type === 'text/calendar' && (parameters.get('version') ?? '2.0') === '2.0';
}
