/** Properties of calendars (RFC 4791 §5.2, RFC 7809 §5, RFC 6638 §9.1); none is in `allprop`. */

import { supportedCalendars } from '@riad/calendar/recurrence/calendar-system';
import { calendarComponents } from '../caldav/calendar-components.ts';
import {
  maxAttendeesPerInstance,
  maxDateTime,
  maxInstances,
  maxObjectOctets,
  minDateTime,
} from '../resources/object-limits.ts';
import { isHome, type Node } from '../tree/node.ts';
import { absent, type LiveProperty } from './live-property.ts';

function isCalendar(node: Node): boolean {
  return node.type === 'collection' && node.resource.kind === 'calendar';
}

function limit(name: string, value: string | number): LiveProperty {
  return {
    name,
    write: (out, node) => {
      if (!isCalendar(node)) return false;
      out.raw(String(value));
      return true;
    },
  };
}

function components(names: readonly string[]): string {
  return names.map((name) => `<C:comp name="${name}"/>`).join('');
}

export const caldavProperties: readonly LiveProperty[] = [
  { name: 'C:calendar-description', kept: true, perUser: true, write: absent },
  { name: 'C:calendar-timezone', kept: true, write: absent },
  { name: 'C:calendar-timezone-id', kept: true, write: absent },
  {
    name: 'C:schedule-calendar-transp',
    kept: true,
    perUser: true,
    write: (out, node) => {
      if (!isCalendar(node)) return false;
      // What others share does not make its readers busy.
      const shared = node.type === 'collection' && node.alias !== undefined;
      out.raw(shared ? '<C:transparent/>' : '<C:opaque/>');
      return true;
    },
  },
  {
    name: 'C:supported-calendar-component-set',
    write: (out, node) => {
      if (node.type !== 'collection' || node.resource.kind !== 'calendar') return false;
      out.raw(components(node.resource.components ?? calendarComponents));
      return true;
    },
  },
  {
    // Apple’s: which sets a new calendar may have. Any; these two make its dialogues right.
    name: 'C:supported-calendar-component-sets',
    write: (out, node) => {
      if (node.type !== 'collection' || node.path[0] !== 'calendars' || !isHome(node.path)) {
        return false;
      }
      for (const name of ['VEVENT', 'VTODO']) {
        out.raw(
          `<C:supported-calendar-component-set>${components([name])}</C:supported-calendar-component-set>`,
        );
      }
      return true;
    },
  },
  {
    name: 'C:supported-calendar-data',
    write: (out, node) => {
      if (!isCalendar(node)) return false;
      out.raw('<C:calendar-data content-type="text/calendar" version="2.0"/>');
      return true;
    },
  },
  limit('C:max-resource-size', maxObjectOctets),
  limit('C:min-date-time', minDateTime),
  limit('C:max-date-time', maxDateTime),
  limit('C:max-instances', maxInstances),
  limit('C:max-attendees-per-instance', maxAttendeesPerInstance),
  {
    name: 'C:supported-collation-set',
    write: (out, node) => {
      if (!isCalendar(node)) return false;
      for (const collation of ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap']) {
        out.raw(`<C:supported-collation>${collation}</C:supported-collation>`);
      }
      return true;
    },
  },
  {
    // RFC 7529 §5: calendar scales that rules may name.
    name: 'C:supported-rscale-set',
    write: (out, node) => {
      if (!isCalendar(node)) return false;
      for (const scale of supportedCalendars) {
        out.raw(`<C:supported-rscale>${scale}</C:supported-rscale>`);
      }
      return true;
    },
  },
];
