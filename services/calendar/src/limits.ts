/** What the service takes at most besides the engine, for docs/limits.md. */
import { maxLinkDays, maxLinksPerUser } from './links/public-links.ts';
import { maxImportOctets } from './memory/memory-api.ts';
import { maxTimelineEntries } from './memory/timeline.ts';
import { maxRequestXmlOctets } from './shell/dav-shell.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxRequestXmlOctets: {
    value: maxRequestXmlOctets,
    unit: 'octets of the XML of a request',
    reason: 'A multiget of 10,000 addresses has a fifth of it.',
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
  maxImportOctets: {
    value: maxImportOctets,
    unit: 'octets of a file that is imported over HTTP',
    reason:
      'It is held in memory while it is looked into; a calendar of 10,000 events has a tenth.',
  },
};
