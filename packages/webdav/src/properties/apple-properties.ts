/** What Apple’s clients keep on collections, and other clients have taken up. */
import { absent, type LiveProperty } from './live-property.ts';

export const appleProperties: readonly LiveProperty[] = [
  // `#RRGGBB` or `#RRGGBBAA`; kept as it was written.
  { name: 'ICAL:calendar-color', kept: true, perUser: true, write: absent },
  { name: 'ICAL:calendar-order', kept: true, perUser: true, write: absent },
];
