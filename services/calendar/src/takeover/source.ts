/** The servers that can be taken over, and what is to be known of each beside its folder. */
import { readFileSync } from 'node:fs';
import { CommandError } from '@riad/runtime/service';
import type { Household } from './household.ts';
import { type HtpasswdEncryption, htpasswdEncryptions } from './htpasswd.ts';
import { readRadicale } from './radicale.ts';
import {
  type Rights,
  type RightsType,
  rightsOfFile,
  rightsOfType,
  rightsTypes,
} from './radicale-rights.ts';
import { readRobur } from './robur.ts';
import { sentenceOf } from './source-error.ts';
import { readXandikos } from './xandikos.ts';

export const sourceKinds = ['robur', 'radicale', 'xandikos'] as const;
export type SourceKind = (typeof sourceKinds)[number];

export type SourceOptions = {
  readonly branch?: string | undefined;
  readonly htpasswd?: string | undefined;
  readonly htpasswdEncryption?: string | undefined;
  /** A type of Radicale’s, or a file. */
  readonly rights?: string | undefined;
  readonly owner?: string | undefined;
  /** `OLD=NEW`. */
  readonly rename?: readonly string[] | undefined;
};

export function isSourceKind(text: string): text is SourceKind {
  return sourceKinds.some((kind) => kind === text);
}

/** What the source has, read and not changed. Nothing is read before the first item is asked for. */
export function openSource(kind: SourceKind, folder: string, options: SourceOptions): Household {
  const { owner, branch } = options;
  const renamed = new Map(
    (options.rename ?? []).map((pair): [string, string] => {
      const at = pair.lastIndexOf('=');
      if (at <= 0) throw new CommandError(`--rename ${pair}: OLD=NEW is wanted`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const shared = { folder, owner, renamed };
  switch (kind) {
    case 'robur':
      return readRobur({ ...shared, branch });
    case 'radicale':
      return readRadicale({
        ...shared,
        htpasswd: htpasswdOf(options),
        rights: rightsOf(options.rights ?? 'owner_only'),
      });
    case 'xandikos':
      return readXandikos({ ...shared, htpasswd: htpasswdOf(options) });
  }
}

function htpasswdOf({
  htpasswd,
  htpasswdEncryption = 'autodetect',
}: SourceOptions): { file: string; encryption: HtpasswdEncryption } | undefined {
  const encryption = htpasswdEncryptions.find((one) => one === htpasswdEncryption);
  if (encryption === undefined)
    throw new CommandError(`--htpasswd-encryption is one of ${htpasswdEncryptions.join(', ')}`);
  return htpasswd === undefined ? undefined : { file: htpasswd, encryption };
}

function rightsOf(said: string): Rights {
  if (rightsTypes.some((type) => type === said)) return rightsOfType(said as RightsType);
  try {
    return rightsOfFile(readFileSync(said, 'utf8'));
  } catch (error) {
    throw new CommandError(`${said}: ${sentenceOf(error)}`);
  }
}
