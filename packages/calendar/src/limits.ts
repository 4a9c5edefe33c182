/** What this package takes at most, and what its caches hold. */
import { maxQuotedCharacters, maxSummaryCharacters } from './change/sentences.ts';
import { maxCsvRows } from './conversion/csv.ts';
import { maxRepeatedColumns } from './conversion/csv-contacts.ts';
import { defaultMaxComponents, defaultMaxProperties, maxBadLines } from './document/document.ts';
import { maxDepth } from './document/tree-builder.ts';
import { maxRepetitions } from './icalendar/alarms.ts';
import { defaultMaxInstances } from './icalendar/instances.ts';
import { maxAddressFilterConditions } from './query/address-filter.ts';
import { maxFilterConditions } from './query/calendar-filter-validity.ts';
import { maxSearchCharacters } from './query/collation.ts';
import { defaultMaxSteps } from './recurrence/budget.ts';
import { maxCachedYears } from './recurrence/calendar-system.ts';
import { stepsOfForeignYear } from './recurrence/periods.ts';
import { maxRules } from './recurrence/recurrence-set.ts';
import { maxListValues } from './recurrence/rule.ts';
import {
  defaultMaxDocumentOctets,
  defaultMaxLines,
  linesOfPiece,
  maxParameters,
  maxProblems,
} from './syntax/tokenizer.ts';
import { maxListedTransitions } from './time-zone/generate.ts';
import { maxUnknownNames } from './time-zone/iana.ts';
import { maxMadeNameCharacters, maxMadeTimeZones } from './time-zone/known-time-zone.ts';
import {
  maxCachedTimeZoneOctets,
  maxCachedTimeZones,
  maxTimeZonesOfObject,
} from './time-zone/resolve.ts';
import { maxObservances, maxTransitions, maxZoneSteps } from './time-zone/vtimezone.ts';
import { maxYear } from './values/civil.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxDocumentOctets: {
    value: defaultMaxDocumentOctets,
    unit: 'octets of a document',
    reason:
      'What an import of a whole calendar with pictures needs; a server sets less for one object.',
  },
  maxLines: {
    value: defaultMaxLines,
    unit: 'lines of a document',
    reason: '30 lines for each of 30,000 events.',
  },
  linesOfPiece: {
    value: linesOfPiece,
    unit: 'lines of a long file that are read between two pauses',
    reason: 'A third of a millisecond.',
  },
  maxProperties: {
    value: defaultMaxProperties,
    unit: 'properties of a document',
    reason: 'As many as lines: each has at least one.',
  },
  maxComponents: {
    value: defaultMaxComponents,
    unit: 'components of a document',
    reason: 'An import of 50,000 events with an alarm each.',
  },
  maxDepth: {
    value: maxDepth,
    unit: 'components in each other',
    reason: 'Four are known (RFC 9073); twice that.',
  },
  maxParameters: {
    value: maxParameters,
    unit: 'parameters of a line',
    reason: 'ATTENDEE has about ten; vCard allows a TYPE for each value.',
  },
  maxProblems: {
    value: maxProblems,
    unit: 'errors of a document that are told',
    reason: 'More than anybody reads at once.',
  },
  maxBadLines: {
    value: maxBadLines,
    unit: 'lines of an import that cannot be read',
    reason: 'A file with more is of another kind.',
  },
  maxListValues: {
    value: maxListValues,
    unit: 'values of one part of a rule',
    reason: 'BYYEARDAY has 366 meanings in each direction.',
  },
  maxYear: {
    value: maxYear,
    unit: 'is the last year',
    reason: 'RFC 5545 §3.3.4: a year has four digits.',
  },
  maxSteps: {
    value: defaultMaxSteps,
    unit: 'steps of one expansion',
    reason:
      'A daily event of 270 years fits. Beyond, the answer is that it is too much work, never a part of it.',
  },
  stepsOfForeignYear: {
    value: stepsOfForeignYear,
    unit: 'steps for a year of a calendar other than the Gregorian',
    reason: 'Its table takes about 60 µs to make; so 500 years fit into one expansion.',
  },
  maxInstances: {
    value: defaultMaxInstances,
    unit: 'instances in one list',
    reason: 'More than anybody looks at; each takes about 200 octets.',
  },
  maxRepetitions: {
    value: maxRepetitions,
    unit: 'repetitions of an alarm',
    reason: 'Every minute for a week.',
  },
  maxObservances: {
    value: maxObservances,
    unit: 'observances of a VTIMEZONE',
    reason: 'The longest history in tzdata has about 250 changes.',
  },
  maxTransitions: {
    value: maxTransitions,
    unit: 'changes of offset of a VTIMEZONE',
    reason: 'Two a year for 900 years, which Exchange’s begin with 1601 need.',
  },
  maxZoneSteps: {
    value: maxZoneSteps,
    unit: 'steps of the rules of a VTIMEZONE',
    reason: 'Each changes once a year, which takes about three.',
  },
  maxTimeZonesOfObject: {
    value: maxTimeZonesOfObject,
    unit: 'time zones of one object',
    reason: 'It has one or two. Further ones are read as unknown.',
  },
  maxRules: {
    value: maxRules,
    unit: 'recurrence rules of one component',
    reason: 'RFC 5545 §3.8.5.3: there should be one; old calendars have two or three.',
  },
  maxListedTransitions: {
    value: maxListedTransitions,
    unit: 'changes in a VTIMEZONE that is written',
    reason: 'Morocco has 130 until its rules end.',
  },
  maxUnknownNames: {
    value: maxUnknownNames,
    unit: 'names of zones that are remembered as unknown',
    reason: 'Asking the platform takes microseconds. Beyond, all are forgotten.',
  },
  maxCachedTimeZones: {
    value: maxCachedTimeZones,
    unit: 'evaluated VTIMEZONEs that are remembered',
    reason: 'Clients send the same few again and again. Beyond, all are forgotten.',
  },
  maxCachedTimeZoneOctets: {
    value: maxCachedTimeZoneOctets,
    unit: 'octets of a VTIMEZONE that is remembered',
    reason: 'Longer ones are rare, and would make the cache large.',
  },
  maxMadeTimeZones: {
    value: maxMadeTimeZones,
    unit: 'VTIMEZONEs made for objects without that are remembered',
    reason: 'About 1 KiB each; clients leave out the same few. Beyond, all are forgotten.',
  },
  maxMadeNameCharacters: {
    value: maxMadeNameCharacters,
    unit: 'characters of the name of a VTIMEZONE that is remembered',
    reason: 'Names of IANA have 32 at most; longer ones are made each time.',
  },
  maxCachedYears: {
    value: maxCachedYears,
    unit: 'years of each calendar that are remembered',
    reason: 'About 1 kB each. Beyond, all are forgotten.',
  },
  maxSearchCharacters: {
    value: maxSearchCharacters,
    unit: 'characters of a text that is searched for',
    reason: 'Longer ones could be made so that finding them takes their length at every place.',
  },
  maxFilterConditions: {
    value: maxFilterConditions,
    unit: 'conditions of a calendar filter',
    reason: 'It is held against each object of a calendar.',
  },
  maxAddressFilterConditions: {
    value: maxAddressFilterConditions,
    unit: 'conditions of an address book filter',
    reason: 'It is held against each card of a book.',
  },
  maxCsvRows: {
    value: maxCsvRows,
    unit: 'rows of a table',
    reason: 'As many as an import may have objects.',
  },
  maxRepeatedColumns: {
    value: maxRepeatedColumns,
    unit: 'telephones, mails and addresses in a row',
    reason: 'A table has so many columns; further ones are in the vCard.',
  },
  maxQuotedCharacters: {
    value: maxQuotedCharacters,
    unit: 'characters of a value in a sentence',
    reason: 'The rest is in the versions themselves.',
  },
  maxSummaryCharacters: {
    value: maxSummaryCharacters,
    unit: 'characters of a summary',
    reason: 'It is the first line of a commit message.',
  },
};
