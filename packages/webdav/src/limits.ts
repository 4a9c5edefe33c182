/** What the calendar engine takes at most, for docs/limits.md. */
import { maxAces } from './acl/parse-acl.ts';
import { maxProxyHomes } from './acl/proxy.ts';
import { maxExpandedInstances, maxExpandedOctets } from './caldav/calendar-data.ts';
import { maxAttempts } from './handle.ts';
import { maxIfConditions } from './http/if-header.ts';
import { defaultLockSeconds, maxLockSeconds, maxLocks } from './locks/lock-table.ts';
import { maxLockOwnerOctets } from './methods/lock.ts';
import { chunkOctets, maxWholeOctets, maxWorkUnits } from './multistatus.ts';
import { maxSegmentOctets, maxSegments } from './path/url-path.ts';
import { maxPrincipalRecordCharacters } from './properties/principal-record.ts';
import { maxDeadProperties, maxPropertyOctets } from './properties/property-changes.ts';
import { maxRequestedProperties } from './properties/property-request.ts';
import { maxQuerySteps } from './reports/calendar-query.ts';
import { maxExpandDepth, maxExpandedResources } from './reports/expand-property.ts';
import { maxFreeBusyPeriods, maxFreeBusySeconds } from './reports/free-busy-query.ts';
import { maxMultigetHrefs } from './reports/multiget-members.ts';
import { maxPrincipalMatches } from './reports/principal-property-search.ts';
import { maxSyncChanges } from './reports/sync-collection.ts';
import { maxCopiedMembers, maxCopiedOctets } from './resources/copy-collection.ts';
import { maxGoals } from './resources/goal-states.ts';
import { maxListed } from './resources/list-folder.ts';
import { maxCollectionsInHome } from './resources/make-collection.ts';
import {
  maxAttendeesPerInstance,
  maxFileOctets,
  maxInstances,
  maxObjectOctets,
} from './resources/object-limits.ts';
import { maxSharedCollections, maxSharedRecordCharacters } from './sharing/shared-collections.ts';
import { maxListedMembers, maxListedPrincipals } from './tree/list-node.ts';
import { maxXmlDepth, maxXmlMarks, maxXmlNodes, xmlPieceOctets } from './xml/parse-xml.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxObjectOctets: {
    value: maxObjectOctets,
    unit: 'octets of a calendar or address object',
    reason:
      'A card with a camera’s photo, or an event with a document in it; all of it is read for each report.',
  },
  maxFileOctets: {
    value: maxFileOctets,
    unit: 'octets of a plain file',
    reason: 'It is held whole while it is written.',
  },
  maxInstances: {
    value: maxInstances,
    unit: 'instances of an object that has an end',
    reason: 'CALDAV:max-instances. Endless rules are worked out as far as they are asked for.',
  },
  maxAttendeesPerInstance: {
    value: maxAttendeesPerInstance,
    unit: 'attendees of an instance',
    reason: 'CALDAV:max-attendees-per-instance; more would be a mailing list.',
  },
  maxSegmentOctets: {
    value: maxSegmentOctets,
    unit: 'octets of a name in a path',
    reason: 'What file systems and git take.',
  },
  maxSegments: {
    value: maxSegments,
    unit: 'names in a path',
    reason: 'Each level is a look-up for access rights.',
  },
  maxXmlDepth: {
    value: maxXmlDepth,
    unit: 'elements in each other in a request',
    reason: 'Filters nest about ten deep, dead properties little more.',
  },
  maxXmlNodes: {
    value: maxXmlNodes,
    unit: 'elements, attributes and texts in a request',
    reason: 'A multiget of 10,000 hrefs has 30,000.',
  },
  maxXmlMarks: {
    value: maxXmlMarks,
    unit: '`<` in a request, counted before it is read',
    reason: 'Two for each node; so too many are refused before any is made.',
  },
  xmlPieceOctets: {
    value: xmlPieceOctets,
    unit: 'octets of the XML of a request that are read between two pauses',
    reason: 'Of the worst kind a millisecond.',
  },
  maxRequestedProperties: {
    value: maxRequestedProperties,
    unit: 'properties asked for at once',
    reason: 'Apple’s clients ask for some sixty.',
  },
  maxPropertyOctets: {
    value: maxPropertyOctets,
    unit: 'characters of a dead property',
    reason: 'A colour has ten, a time zone some thousand.',
  },
  maxDeadProperties: {
    value: maxDeadProperties,
    unit: 'dead properties of a resource',
    reason: 'Clients keep a handful; all are read with the resource.',
  },
  maxPrincipalRecordCharacters: {
    value: maxPrincipalRecordCharacters,
    unit: 'characters of all properties of a principal',
    reason: 'Settings of web clients have some thousand; all are read with the principal.',
  },
  maxAces: {
    value: maxAces,
    unit: 'access control entries of a resource',
    reason:
      'One for each member of a small organisation; all are looked at for requests of others.',
  },
  maxIfConditions: {
    value: maxIfConditions,
    unit: 'conditions in an If header',
    reason: 'Each may need a look-up; real ones have three.',
  },
  maxLocks: {
    value: maxLocks,
    unit: 'locks at a time',
    reason: 'All are looked through for a write while there is one; editors hold a handful.',
  },
  maxLockSeconds: {
    value: maxLockSeconds,
    unit: 'seconds of a lock without a refresh',
    reason: 'A forgotten one goes by itself.',
  },
  defaultLockSeconds: {
    value: defaultLockSeconds,
    unit: 'seconds of a lock that wishes for none',
    reason: 'Editors refresh theirs every few minutes.',
  },
  maxLockOwnerOctets: {
    value: maxLockOwnerOctets,
    unit: 'characters of a lock’s owner element',
    reason: 'It is a name and an address, shown to others who want the lock.',
  },
  maxMultigetHrefs: {
    value: maxMultigetHrefs,
    unit: 'hrefs of a multiget',
    reason: 'Clients ask for 10 to 50.',
  },
  maxSyncChanges: {
    value: maxSyncChanges,
    unit: 'changes in one answer to sync-collection',
    reason: 'The rest comes with the next token.',
  },
  maxQuerySteps: {
    value: maxQuerySteps,
    unit: 'steps of recurrence in one calendar-query',
    reason:
      'Each takes some tens of nanoseconds; objects that spend theirs in vain are given as if they matched.',
  },
  maxExpandedInstances: {
    value: maxExpandedInstances,
    unit: 'instances of one object that CALDAV:expand gives',
    reason: 'A rule by the second has as many in an hour and a half.',
  },
  maxExpandedOctets: {
    value: maxExpandedOctets,
    unit: 'octets of all that CALDAV:expand gives in one answer',
    reason: 'Many objects with many instances each would never come to an end.',
  },
  maxFreeBusySeconds: {
    value: maxFreeBusySeconds,
    unit: 'seconds of a free-busy-query',
    reason: 'Five years; each instance in it is worked out.',
  },
  maxFreeBusyPeriods: {
    value: maxFreeBusyPeriods,
    unit: 'busy times in one answer, before they are merged',
    reason: 'They are held in memory.',
  },
  maxExpandDepth: {
    value: maxExpandDepth,
    unit: 'properties in each other in expand-property',
    reason: 'A principal’s groups and their members are two.',
  },
  maxExpandedResources: {
    value: maxExpandedResources,
    unit: 'resources in an answer to expand-property',
    reason: 'Groups that contain each other’s members would go round until the depth ends it.',
  },
  maxPrincipalMatches: {
    value: maxPrincipalMatches,
    unit: 'principals that a search gives',
    reason: 'A search that finds more is one for the whole list.',
  },
  maxListedPrincipals: {
    value: maxListedPrincipals,
    unit: 'principals in a list or looked through in a search',
    reason: 'A small organisation, and ten times as many.',
  },
  maxProxyHomes: {
    value: maxProxyHomes,
    unit: 'homes looked at for whose proxy somebody is',
    reason: 'Each is a look-up, for a property that clients ask for once an hour.',
  },
  maxSharedCollections: {
    value: maxSharedCollections,
    unit: 'shared collections in a user’s home',
    reason: 'Their names stand in the home’s sync token.',
  },
  maxSharedRecordCharacters: {
    value: maxSharedRecordCharacters,
    unit: 'characters of what a user has set for shared collections',
    reason: 'It is read for each list of the home.',
  },
  maxCollectionsInHome: {
    value: maxCollectionsInHome,
    unit: 'calendars or address books of a user',
    reason: 'Clients ask each of them for changes, again and again.',
  },
  maxListedMembers: {
    value: maxListedMembers,
    unit: 'members in an answer to PROPFIND',
    reason: 'Larger collections are synchronised in pages.',
  },
  maxListed: {
    value: maxListed,
    unit: 'members on the page of a folder',
    reason: 'More would be read by nobody.',
  },
  maxCopiedMembers: {
    value: maxCopiedMembers,
    unit: 'members of a collection that is copied or moved',
    reason: 'All of it is one commit, held in memory until it is written.',
  },
  maxCopiedOctets: {
    value: maxCopiedOctets,
    unit: 'octets of a collection that is copied or moved',
    reason: 'The same, for large members.',
  },
  maxGoals: {
    value: maxGoals,
    unit: 'members changed by one undo or import',
    reason: 'The same again.',
  },
  chunkOctets: {
    value: chunkOctets,
    unit: 'octets of a piece of a long answer',
    reason: 'Two TLS records; each is a call of the system, and between two others get their turn.',
  },
  maxWholeOctets: {
    value: maxWholeOctets,
    unit: 'octets of a long answer that are kept until it is whole',
    reason: 'A hundred calendar objects; what leaves with its length leaves in one call.',
  },
  maxWorkUnits: {
    value: maxWorkUnits,
    unit: 'units of work between two pauses',
    reason: 'An element of a list is one, an event looked at is twenty: a few milliseconds.',
  },
  maxAttempts: {
    value: maxAttempts,
    unit: 'attempts at a change that others keep overtaking',
    reason: 'Each time another one has succeeded.',
  },
};
