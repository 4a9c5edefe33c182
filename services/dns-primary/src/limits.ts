/** What the primary takes at most, for docs/limits.md. */
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
};
