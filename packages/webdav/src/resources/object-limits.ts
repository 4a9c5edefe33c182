/** What calendars and address books take at most, as their properties tell clients (RFC 4791 §5.2.5 to §5.2.9). */

/** A card with a photo of a camera, or an event with a document in it; all of it is read for each report. */
export const maxObjectOctets = 10_485_760;
/** A plain file is held whole while it is written. */
export const maxFileOctets = 67_108_864;
/** Instances of one object that a client may count on; endless rules are worked out as far as asked for. */
export const maxInstances = 10_000;
/** More would be a mailing list. */
export const maxAttendeesPerInstance = 1000;
/** The times that calendars can be asked about. */
export const minDateTime = '19000101T000000Z';
export const maxDateTime = '22000101T000000Z';
