/** What the service takes at most besides the engine, for docs/limits.md. */
import { maxLinkDays, maxLinksPerUser } from './links/public-links.ts';
import { maxImportOctets } from './memory/memory-api.ts';
import { maxTakenBackChanges } from './memory/taking-back.ts';
import { maxTimelineEntries } from './memory/timeline.ts';
import { maxZipEntries, maxZipOctets, maxZipRatio } from './memory/zip.ts';
import { maxMergedOctets } from './merged-object.ts';
import { maxRequestXmlOctets, maxStrangerXmlOctets } from './shell/dav-shell.ts';
import { maxExpressionDepth } from './takeover/s-expression.ts';
import {
  maxTakeoverObjects,
  maxTakeoverOctets,
  maxTakeoverSentences,
} from './takeover/take-over.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxRequestXmlOctets: {
    value: maxRequestXmlOctets,
    unit: 'octets of the XML of a request',
    reason: 'A multiget of 10,000 addresses has a fifth of it.',
  },
  maxStrangerXmlOctets: {
    value: maxStrangerXmlOctets,
    unit: 'octets of the same of who has not logged in',
    reason: 'A multiget of 1000 addresses in a public calendar; strangers send many at once.',
  },
  maxLinksPerUser: {
    value: maxLinksPerUser,
    unit: 'public links of a user',
    reason: 'Each is made by hand, and shown on one page.',
  },
  maxLinkDays: {
    value: maxLinkDays,
    unit: 'days that a public link is good for',
    reason: 'Longer is for ever, and forgotten.',
  },
  maxTimelineEntries: {
    value: maxTimelineEntries,
    unit: 'changes that are told at a time',
    reason: 'Each is compared with what was before it.',
  },
  maxMergedOctets: {
    value: maxMergedOctets,
    unit: 'octets of a version of an object that is merged',
    reason:
      'Three are taken apart while a commit waits, some 10 ms each. Of larger ones, one version stays.',
  },
  maxTakenBackChanges: {
    value: maxTakenBackChanges,
    unit: 'changes of one object that are taken back from among others',
    reason: 'Each is a merge. Of more, the object is put back whole, or left.',
  },
  maxImportOctets: {
    value: maxImportOctets,
    unit: 'octets of a file that is imported over HTTP',
    reason:
      'It is held in memory while it is looked into; a calendar of 10,000 events has a tenth.',
  },
  maxZipEntries: {
    value: maxZipEntries,
    unit: 'entries of a zip file that is imported',
    reason: 'As many objects as one change may have.',
  },
  maxZipOctets: {
    value: maxZipOctets,
    unit: 'octets that a zip file may unfold to',
    reason: 'They are in memory until all of it has been looked into.',
  },
  maxZipRatio: {
    value: maxZipRatio,
    unit: 'times its size that an entry of more than a mebioctet may unfold to',
    reason: 'Calendars come to some 50; zip bombs to a thousand.',
  },
  maxTakeoverObjects: {
    value: maxTakeoverObjects,
    unit: 'objects that are taken over in one commit',
    reason: 'A user with more gets several; the message of each has a line for every object.',
  },
  maxTakeoverOctets: {
    value: maxTakeoverOctets,
    unit: 'octets of objects that are taken over in one commit',
    reason: 'They are in memory, and pass the journal as one record.',
  },
  maxTakeoverSentences: {
    value: maxTakeoverSentences,
    unit: 'sentences of each list that a takeover tells',
    reason: 'More are counted; nobody reads them, and whoever mends the first ones begins anew.',
  },
  maxExpressionDepth: {
    value: maxExpressionDepth,
    unit: 'lists in one another in the properties of another server’s repository',
    reason: 'They nest about ten deep.',
  },
};
