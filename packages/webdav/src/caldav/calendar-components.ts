/** Kinds of components a calendar may hold as objects (RFC 4791 §5.2.3, RFC 7953); VTIMEZONE goes along with any. */
export const calendarComponents = [
  'VEVENT',
  'VTODO',
  'VJOURNAL',
  'VFREEBUSY',
  'VAVAILABILITY',
] as const;
