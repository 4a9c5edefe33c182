/** What the index keeps of objects that are there already: those of people’s own commits, or of older rules. */
import { checkCalendarObject } from '@riad/calendar/icalendar/validation';
import { checkAddressObject } from '@riad/calendar/vcard/validation';
import type { Describe, ValidateObject } from '@riad/calendar-store/options';

/** None but memory: what is there is there. */
const unlimited = {
  maxResourceOctets: 1 << 30,
  maxInstances: Number.POSITIVE_INFINITY, // also what cannot be counted
  maxAttendeesPerInstance: Number.MAX_SAFE_INTEGER,
  minSeconds: Number.MIN_SAFE_INTEGER,
  maxSeconds: Number.MAX_SAFE_INTEGER,
};

export const describeObject: Describe = (octets, kind) => {
  if (kind === 'folder') return undefined;
  const checked =
    kind === 'calendar'
      ? checkCalendarObject(octets, unlimited)
      : checkAddressObject(octets, unlimited);
  return checked.ok ? checked.facts : undefined;
};

/** Somebody else’s commits are held to the same rules, each object alone. */
export const validateObject: ValidateObject = (path, octets) => {
  const [area] = path;
  if (area !== 'calendars' && area !== 'addressbooks') return undefined;
  const checked =
    area === 'calendars'
      ? checkCalendarObject(octets, unlimited)
      : checkAddressObject(octets, unlimited);
  return checked.ok ? undefined : checked.sentence;
};
