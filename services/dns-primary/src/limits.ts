/** What the primary takes at most, for docs/limits.md. */
import { againMs, gatherMs } from './catalog-making.ts';
import { maxCatalogPatterns, maxCatalogs } from './config.ts';
import { maxGitOutputOctets } from './git-mirror.ts';
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
