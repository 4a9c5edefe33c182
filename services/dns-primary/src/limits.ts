/** What the primary takes at most, for docs/limits.md. */
import { againMs, gatherMs } from './catalog-making.ts';
import { maxCatalogPatterns, maxCatalogs } from './config.ts';
import { maxGitOutputOctets } from './git-mirror.ts';
import {
  maxAuthors,
  maxListedChanges,
  maxListedCharacters,
  maxListedRecords,
} from './write-back/commit-text.ts';
import { maxSubfolderFiles, stableMs } from './zone-folder.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  stableMs: {
    value: stableMs,
    unit: 'ms that a file must not have changed before it is read',
    reason: 'Nobody’s half-written file is taken.',
  },
  maxSubfolderFiles: {
    value: maxSubfolderFiles,
    unit: 'files in subfolders that are watched',
    reason: 'Each costs a look every now and then.',
  },
  maxGitOutputOctets: {
    value: maxGitOutputOctets,
    unit: 'octets of what git lists',
    reason: 'The names of a million files.',
  },
  maxListedRecords: {
    value: maxListedRecords,
    unit: 'records of updates that a commit lists',
    reason: 'More would not be read; the difference of the file has them all.',
  },
  maxListedChanges: {
    value: maxListedChanges,
    unit: 'updates that a commit lists, each with who wanted it',
    reason: 'After a long time without the repository a hundred thousand may wait.',
  },
  maxListedCharacters: {
    value: maxListedCharacters,
    unit: 'characters of what a commit lists',
    reason: 'A single record may have 65,535 octets, and a commit takes no message over 1 MiB.',
  },
  maxAuthors: {
    value: maxAuthors,
    unit: 'keys and addresses that a commit names as authors',
    reason: 'Each is a line; the list of updates names them too.',
  },
  maxCatalogs: {
    value: maxCatalogs,
    unit: 'catalogs that are made',
    reason: 'Each is looked at whenever a zone comes or goes.',
  },
  maxCatalogPatterns: {
    value: maxCatalogPatterns,
    unit: 'patterns of members, or of a group, of a catalog',
    reason: 'Each is compared with each zone when zones come or go.',
  },
  catalogGatherMs: {
    value: gatherMs,
    unit: 'ms in which zones that come or go make one version of a catalog',
    reason:
      'A folder of many zones is no reason for as many versions; nobody waits for a tenth of a second.',
  },
  catalogAgainMs: {
    value: againMs,
    unit: 'ms until a catalog that could not be written is tried again',
    reason: 'A full disk is not emptied any sooner.',
  },
};
