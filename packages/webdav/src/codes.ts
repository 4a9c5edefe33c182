/** Every precondition the engine gives in a `D:error`, by its qualified name, with its sentence. */
export const preconditions = {
  // RFC 4918 §16
  'D:cannot-modify-protected-property': 'The server keeps this property itself.',
  'D:lock-token-matches-request-uri': 'The lock with this token does not cover this resource.',
  'D:lock-token-submitted': 'The resource is locked, and the request does not carry the token.',
  'D:no-conflicting-lock': 'Somebody else has locked the resource.',
  'D:no-external-entities': 'Documents with a DOCTYPE or entities are not read.',
  'D:preserved-live-properties': 'A live property could not be kept.',
  'D:propfind-finite-depth': 'Depth: infinity is not served here; ask level by level.',
  // RFC 3253 §3.6, RFC 5689 §3.3
  'D:supported-report': 'This report is not served on this resource.',
  'D:valid-resourcetype': 'Collections of this type cannot be made here.',
  'D:resource-must-be-null': 'There is something at this URL already.',
  // RFC 4331 §6
  'D:quota-not-exceeded': 'The account has no room for this.',
  'D:sufficient-disk-space': 'The disk of the server is full.',
  // RFC 6578 §3
  'D:valid-sync-token':
    'The sync token is not one of this collection, or too old: begin with an empty one.',
  'D:sync-traversal-supported': 'Synchronisation does not descend into this collection.',
  'D:number-of-matches-within-limits': 'There is more than one answer may hold.',
  // RFC 3744 §7.1.1, §8.1.1
  'D:need-privileges': 'You may not do this here.',
  'D:no-ace-conflict': 'Two entries contradict each other.',
  'D:no-protected-ace-conflict': 'The owner’s rights cannot be taken away.',
  'D:no-inherited-ace-conflict': 'An entry contradicts one that is inherited.',
  'D:limited-number-of-aces': 'There are too many entries.',
  'D:deny-before-grant': 'Entries that deny must come before those that grant.',
  'D:grant-only': 'Entries that deny are not taken here.',
  'D:no-invert': 'Inverted entries are not taken here.',
  'D:no-abstract': 'This privilege cannot be granted by itself.',
  'D:not-supported-privilege': 'There is no such privilege here.',
  'D:missing-required-principal': 'An entry that must be there is missing.',
  'D:recognized-principal': 'There is no such user or group.',
  'D:allowed-principal': 'Rights cannot be given to this principal here.',
  // RFC 4791 §5.3, §7.8 to §7.10
  'C:calendar-collection-location-ok': 'A calendar must lie directly in a calendar home.',
  'C:supported-calendar-data': 'Calendars take text/calendar of version 2.0.',
  'C:valid-calendar-data': 'This is not valid iCalendar.',
  'C:valid-calendar-object-resource':
    'A calendar object has one UID, one kind of component and no METHOD.',
  'C:supported-calendar-component': 'This calendar does not take components of this kind.',
  'C:no-uid-conflict': 'Another object of this calendar has this UID.',
  'C:max-resource-size': 'The object is larger than calendars take.',
  'C:min-date-time': 'A time lies before the first that is taken.',
  'C:max-date-time': 'A time lies after the last that is taken.',
  'C:max-instances': 'The object recurs more often than calendars take.',
  'C:max-attendees-per-instance': 'The object has more attendees than calendars take.',
  'C:valid-filter': 'The filter is not a valid one.',
  'C:supported-filter': 'The filter asks for something that cannot be searched for.',
  'C:supported-collation': 'There is no such collation here.',
  'C:supported-rscale': 'Recurrences in this calendar scale cannot be worked out.',
  'C:valid-timezone': 'There is no time zone of this name.',
  // RFC 6352 §5.1, §6.3.2.1, §8.6
  'CR:addressbook-collection-location-ok': 'An address book must lie directly in its home.',
  'CR:supported-address-data': 'Address books take text/vcard of version 3.0 or 4.0.',
  'CR:supported-address-data-conversion': 'The card cannot be given in this version.',
  'CR:valid-address-data': 'This is not one valid vCard with a UID.',
  'CR:no-uid-conflict': 'Another card of this address book has this UID.',
  'CR:max-resource-size': 'The card is larger than address books take.',
  'CR:supported-filter': 'The filter asks for something that cannot be searched for.',
  'CR:supported-collation': 'There is no such collation here.',
  // Riad’s own, where no RFC has a name for it
  'R:name-reserved': 'Names with a tilde are those of shared collections.',
  'R:storage-refused': 'The storage does not take changes now.',
} as const;

export type Precondition = keyof typeof preconditions;

export const codes: Readonly<Record<string, string>> = preconditions;
