/** What may stand in riad.yaml for a service of type `dns-primary`. */
import { parseAbsolute, parseNamePattern } from '@riad/dns-server/access/name-pattern';
import { maxCatalogNameOctets } from '@riad/dns-server/catalog/catalog-limits';
import {
  accessDescription,
  addressListKey,
  notifyingKeys,
  queryKey,
} from '@riad/name-server/access/access-configuration';
import { answeringKeys } from '@riad/name-server/answering-configuration';
import {
  hookSecretFile,
  remotePaths,
  remoteRepository,
} from '@riad/runtime/configuration/remote-repository';
import type { AllowedPaths, FileCheck, Kept, Protocol } from '@riad/runtime/service';
import { z } from 'zod';

export const maxCatalogs = 64;
/** Of members, or of one group. */
export const maxCatalogPatterns = 1000;

export const title = 'an authoritative name server';
export const protocols: readonly Protocol[] = ['udp', 'tcp', 'tls'];

const zonePattern = z.string().superRefine((text, context) => {
  const pattern = parseNamePattern(text);
  if (typeof pattern === 'string') context.addIssue({ code: 'custom', message: pattern });
});
const zonePatterns = z.array(zonePattern).max(maxCatalogPatterns);

const catalog = z.strictObject({
  name: z
    .string()
    .refine((text) => {
      const name = parseAbsolute(text);
      return typeof name !== 'string' && name.length > 1 && name.length <= maxCatalogNameOctets;
    }, 'no name of a catalog: a domain name that leaves room for its members')
    .describe('The catalog zone; no zone file may have this name.'),
  members: zonePatterns
    .default(['*'])
    .describe(
      'Zones that are in it: `example.com`, `*.example.com` for all below one, `*` for all but catalogs.',
    ),
  groups: z
    .record(z.string().regex(/^[\x21-\x7e]{1,255}$/, 'no group: 1 to 255 characters'), zonePatterns)
    .default({})
    .describe(
      'Group properties: under the name of each the members that have it, as under `members`.',
    ),
});

export const schema = z.strictObject({
  zones: z
    .union([
      z.strictObject({
        folder: z.string().describe('Folder of zone files; each file is named as its zone is.'),
      }),
      z.strictObject({
        git: z
          .string()
          .describe(
            'Local git repository with the same files at its top; made, bare, where there is none.',
          ),
        branch: z.string().default('main').describe('Branch that is served.'),
        remote: remoteRepository.optional(),
        hookSecretFile: hookSecretFile.optional(),
      }),
    ])
    .describe('Where the zones come from.'),
  origin: z
    .enum(['zone', 'root'])
    .default('zone')
    .describe(
      'What names in zone and key files are relative to before any `$ORIGIN`: the zone (RFC 1035), or the root, as in repositories made for MirageOS.',
    ),
  serial: z
    .enum(['auto', 'file'])
    .default('auto')
    .describe(
      'Who raises the serial of a zone that was edited: the server where the file does not, or only the file.',
    ),
  access: z
    .strictObject({
      query: queryKey,
      notify: addressListKey.describe('Who may tell, unsigned, that the source has changed.'),
      transfer: addressListKey.describe('Who may have whole zones without a key.'),
      update: addressListKey.describe('Who may change zones without a key; better nobody.'),
    })
    .prefault({})
    .describe(accessDescription),
  ...notifyingKeys,
  catalogs: z
    .array(catalog)
    .max(maxCatalogs)
    .refine(
      (catalogs) =>
        new Set(catalogs.map(({ name }) => name.toLowerCase().replace(/\.$/, ''))).size ===
        catalogs.length,
      'two catalogs of one name',
    )
    .default([])
    .describe(
      'Catalog zones (RFC 9432) that are made of the zones served here, for secondaries to follow.',
    ),
  writeBack: z
    .boolean()
    .default(true)
    .describe(
      'Write into the zone files what updates have changed, and serials that were raised; commented and laid out as they are.',
    ),
  ...answeringKeys,
});

export type DnsPrimaryConfig = z.infer<typeof schema>;

export function udpShards(config: DnsPrimaryConfig): number {
  return config.workers;
}

export function paths(config: DnsPrimaryConfig): AllowedPaths {
  const { zones } = config;
  const source = 'folder' in zones ? zones.folder : zones.git;
  const { remote, hookSecretFile } = 'git' in zones ? zones : {};
  const { read, write } = remotePaths(remote, hookSecretFile);
  return {
    read: [
      source,
      ...read,
      ...(config.cookieSecretFile === undefined ? [] : [config.cookieSecretFile]),
    ],
    write: config.writeBack ? [source, ...write] : [],
  };
}

/** A snapshot of the image is made again from texts and journal, and is as large as all of them. */
export function kept({ zones }: DnsPrimaryConfig): Kept {
  return {
    derived: ['zones.snapshot'],
    folders: 'folder' in zones ? { zones: zones.folder } : {},
    repositories: 'git' in zones ? { zones: zones.git } : {},
  };
}

/** Reads the zones as the service would; the code that does is loaded only for this. */
export async function check(
  { zones, origin, catalogs }: DnsPrimaryConfig,
  resolvePath: (path: string) => string,
): Promise<FileCheck> {
  const rootOrigin = origin === 'root';
  const { checkFolder, checkRepository } = await import('./source-check.ts');
  const { catalogNames, catalogRules } = await import('./catalog-rules.ts');
  const made = catalogNames(catalogRules(catalogs));
  return 'folder' in zones
    ? checkFolder(resolvePath(zones.folder), rootOrigin, made)
    : checkRepository(resolvePath(zones.git), zones.branch, rootOrigin, made);
}
